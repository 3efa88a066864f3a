"""README and docs: their command lines parse, and every option and setting is described."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.architecture.command_reference import PAGE, command_reference, contexts
from video_assets.cli.command_line import lessonreel
from video_assets.cli.commands.reporting import ReportingCommand
from video_assets.studio.core.settings import PROFILES, SETTING_NAMES

ROOT = Path(__file__).parents[2]
DOCUMENTS = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
TEXT = "\n".join(path.read_text("utf-8") for path in DOCUMENTS)
_PLACEHOLDER = re.compile(r"…|\.\.\.|\[|<|COMMAND")


def _command_lines() -> Iterator[tuple[str, str]]:
    """The document and the arguments of each `lessonreel` command line in a code block or in backticks."""
    for path in DOCUMENTS:
        text = path.read_text("utf-8")
        blocks = re.findall(r"```(?:bash|sh|console|text)?\n(.*?)```", text, re.DOTALL)
        lines = [
            line.strip().removeprefix("$ ") for block in blocks for line in re.sub(r"\\\n\s*", " ", block).split("\n")
        ]
        lines += re.findall(r"`([^`\n]+)`", text)
        for line in lines:
            found = re.match(r"(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?lessonreel (?P<arguments>.+)", line)
            if found and not _PLACEHOLDER.search(found["arguments"]):
                yield path.name, found["arguments"].split("  #")[0].split(" # ")[0]


LINES = sorted(set(_command_lines()))


def _names_only_a_command(arguments: list[str]) -> bool:
    """Whether the arguments are the name of a command in running text, without what it would need."""
    return not any(each.startswith("-") for each in arguments) and len(arguments) <= 2


@pytest.mark.parametrize(("document", "line"), LINES, ids=[f"{document}: {line}" for document, line in LINES])
def test_command_lines_parse(document: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newcomer would copy a command line from the documentation and be refused."""
    arguments = shlex.split(line)
    known = {context.command_path.partition(" ")[2] for context in contexts()}
    if _names_only_a_command(arguments) and " ".join(arguments) in known:
        return
    monkeypatch.setattr(ReportingCommand, "invoke", lambda command, context: 0)  # the command line is parsed, not run
    try:
        with lessonreel.make_context("lessonreel", arguments) as context:
            lessonreel.invoke(context)
    except click.exceptions.Exit:  # --help
        return
    except click.MissingParameter:  # running text names an option, without what the command also needs
        return
    except click.UsageError as error:
        pytest.fail(f"{document}: {line}\n{error.format_message()}")


def test_there_are_command_lines() -> None:
    """A pattern that finds nothing would let every wrong command line pass."""
    assert len(LINES) > 20


def test_every_option_is_documented() -> None:
    """A user would not find an option that solves their problem."""
    commands = [lessonreel, *(context.command for context in contexts())]
    options = {name for command in commands for param in command.params for name in param.opts}
    missing = {name for name in options if name.startswith("--") and not re.search(rf"{name}(?![\w-])", TEXT)}
    assert missing == set()


def test_every_setting_and_profile_is_documented() -> None:
    """A course maker would not find a setting, or what it does."""
    assert {name for name in (*SETTING_NAMES, *PROFILES) if f"`{name}`" not in TEXT} == set()


def test_the_reference_of_commands_is_current() -> None:
    """A user would look up an option that has changed. `python -m tests.architecture.command_reference` writes it."""
    assert PAGE.read_text("utf-8") == command_reference()
