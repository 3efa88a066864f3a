"""README and docs: their command lines parse, and every option and setting is described."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.command_reference import PAGE, command_reference
from video_assets.cli.parser import argument_parser
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


def _parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from _parsers(each)


def _names_only_a_command(arguments: list[str]) -> bool:
    """Whether the arguments are the name of a command in running text, without what it would need."""
    return not any(each.startswith("-") for each in arguments) and len(arguments) <= 2


@pytest.mark.parametrize(("document", "line"), LINES, ids=[f"{document}: {line}" for document, line in LINES])
def test_command_lines_parse(document: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A newcomer would copy a command line from the documentation and be refused."""
    arguments = shlex.split(line)
    known = {name for parser in _parsers(argument_parser()) for name in [parser.prog.partition(" ")[2]]}
    if _names_only_a_command(arguments) and " ".join(arguments) in known:
        return
    try:
        argument_parser().parse_args(arguments)
    except SystemExit as ended:
        said = capsys.readouterr().err.strip().rpartition("\n")[2]
        if ended.code and "the following arguments are required" not in said:
            pytest.fail(f"{document}: {line}\n{said}")


def test_there_are_command_lines() -> None:
    """A pattern that finds nothing would let every wrong command line pass."""
    assert len(LINES) > 20


def test_every_option_is_documented() -> None:
    """A user would not find an option that solves their problem."""
    options = {
        name for parser in _parsers(argument_parser()) for action in parser._actions for name in action.option_strings
    }
    missing = {name for name in options if name.startswith("--") and not re.search(rf"{name}(?![\w-])", TEXT)}
    assert missing - {"--help"} == set()


def test_every_setting_and_profile_is_documented() -> None:
    """A course maker would not find a setting, or what it does."""
    assert {name for name in (*SETTING_NAMES, *PROFILES) if f"`{name}`" not in TEXT} == set()


def test_the_reference_of_commands_is_current() -> None:
    """A user would look up an option that has changed. `python -m tests.architecture.command_reference` writes it."""
    assert PAGE.read_text("utf-8") == command_reference()
