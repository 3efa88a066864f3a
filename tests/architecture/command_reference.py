"""Writes docs/commands.md from the command's own parser: `python -m tests.architecture.command_reference`.

A test compares the page with the parser, so that the page cannot fall behind.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from video_assets.cli.parser import argument_parser

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
_HEAD = """# Commands

`lessonreel COMMAND --help` prints the same. Exit codes: 0 done, 1 something failed, 2 a lesson or the usage is wrong,
130 interrupted. Written by `python -m tests.architecture.command_reference`; do not edit it by hand.
"""


def command_reference() -> str:
    """The page as Markdown."""
    parser = argument_parser()
    sections = [_section(command, text) for command, text in _commands(parser)]
    return "\n".join([_HEAD, _section(parser, parser.description or "", heading="For all commands"), *sections])


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[argparse.ArgumentParser, str]]:
    """Every command that can be run, with its one-line help."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {each.dest: each.help or "" for each in action._choices_actions}
            for name, command in action.choices.items():
                inner = list(_commands(command))
                yield from inner or [(command, helps.get(name, ""))]


def _section(command: argparse.ArgumentParser, text: str, heading: str = "") -> str:
    rows = [row for action in command._actions if (row := _row(action))]
    table = ["| argument | meaning |", "| --- | --- |", *rows, ""] if rows else []
    title, sentence = heading or f"`{command.prog}`", f"{text[:1].upper()}{text[1:].rstrip('.')}."
    return "\n".join([f"## {title}", "", sentence, "", *table])


def _row(action: argparse.Action) -> str:
    if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):
        return ""
    names = ", ".join(action.option_strings) or str(action.metavar or action.dest)
    values = " or ".join(map(str, action.choices)) if action.choices else ""
    metavar = f" {action.metavar}" if action.option_strings and isinstance(action.metavar, str) else ""
    meaning = "; ".join(part for part in ((action.help or "").replace("|", "\\|").replace("<", "\\<"), values) if part)
    return f"| `{names}{metavar}` | {meaning} |".replace("TOPIC|NOTES", "TOPIC\\|NOTES")


if __name__ == "__main__":
    PAGE.write_text(command_reference(), encoding="utf-8")
