"""Writes docs/commands.md from the declarations of the commands: `python -m tests.architecture.command_reference`.

A test compares the page with the declarations, so that the page cannot fall behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from video_assets.cli.command_line import lessonreel

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
_HEAD = """# Commands

`lessonreel COMMAND --help` prints the same. Exit codes: 0 done, 1 something failed, 2 a lesson or the usage is wrong,
130 interrupted. Written by `python -m tests.architecture.command_reference`; do not edit it by hand.

Bash completes commands, options and choices after `eval "$(_LESSONREEL_COMPLETE=bash_source lessonreel)"`.
"""


def command_reference() -> str:
    """The page as Markdown."""
    sections = [_section(context) for context in contexts() if not isinstance(context.command, click.Group)]
    return "\n".join([_HEAD, _section(_root(), heading="For all commands"), *sections])


def contexts(parent: click.Context | None = None) -> Iterator[click.Context]:
    """The context of each command and group below `parent`; by default, of all commands. Groups come first."""
    parent = parent or _root()
    assert isinstance(parent.command, click.Group)
    for name, command in parent.command.commands.items():
        context = click.Context(command, info_name=name, parent=parent)
        yield context
        if isinstance(command, click.Group):
            yield from contexts(context)


def _root() -> click.Context:
    # With the settings of the group: a command keeps the first help option that it is asked for.
    return click.Context(lessonreel, info_name=lessonreel.name, **lessonreel.context_settings)


def _section(context: click.Context, heading: str = "") -> str:
    rows = [_row(context, param) for param in context.command.params]
    table = ["| argument | meaning |", "| --- | --- |", *rows, ""] if rows else []
    text = context.command.short_help or context.command.help or ""
    sentence = f"{text[:1].upper()}{text[1:].rstrip('.')}."
    return "\n".join([f"## {heading or f'`{context.command_path}`'}", "", sentence, "", *table])


def _row(context: click.Context, param: click.Parameter) -> str:
    takes_value = isinstance(param, click.Option) and not param.is_flag
    names = ", ".join(param.opts) if isinstance(param, click.Option) else ""
    metavar = param.make_metavar(context) if takes_value or not names else ""
    meaning = (param.help or "").replace("|", "\\|").replace("<", "\\<")
    argument = f"{names} {metavar}".strip().replace("|", "\\|")
    return f"| `{argument}` | {meaning} |"


if __name__ == "__main__":
    PAGE.write_text(command_reference(), encoding="utf-8")
