"""The command line: what is accepted, what is refused, and what the commands receive."""

from __future__ import annotations

import dataclasses
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from tests.kit.house import House
from video_assets.cli import main
from video_assets.cli.command_line import lessonreel
from video_assets.cli.commands.explain import explain_command
from video_assets.cli.commands.lipsync import lipsync_command
from video_assets.cli.commands.new import new_command
from video_assets.cli.commands.render import render_command
from video_assets.cli.commands.stats import stats_command
from video_assets.cli.explain import ExplainOptions
from video_assets.cli.lipsync import LipsyncOptions
from video_assets.cli.new import NewOptions
from video_assets.cli.planning import RenderOptions
from video_assets.cli.stats import StatsOptions


def _parameters(command: click.Command, line: str) -> dict[str, Any]:
    group = lessonreel.make_context("lessonreel", [command.name or ""])
    return command.make_context(command.name, shlex.split(line), parent=group).params


def test_the_options_of_a_command_are_the_fields_of_its_value() -> None:
    """A teacher would read a traceback, because an option was added to the command line and not to its work."""
    for command, fields, others in (
        (
            render_command,
            {field.name for field in dataclasses.fields(RenderOptions)} - {"budget"},
            "files every estimate",
        ),
        (explain_command, {field.name for field in dataclasses.fields(ExplainOptions)}, "files"),
        (new_command, {*NewOptions._fields}, ""),
        (lipsync_command, {*LipsyncOptions._fields}, ""),
        (stats_command, {*StatsOptions._fields}, ""),
    ):
        assert {parameter.name for parameter in command.params} == {*fields, *others.split()}, command.name


@pytest.mark.parametrize(
    ("line", "reset", "files"),
    [
        ("a.json", (), ["a.json"]),
        ("a.json --reset", ("all",), ["a.json"]),
        ("a.json --reset theme", ("theme",), ["a.json"]),
        ("a.json --reset=theme --reset voice", ("theme", "voice"), ["a.json"]),
        ("--reset --draft a.json", ("all",), ["a.json"]),
        ("--reset -- a.json", ("all",), ["a.json"]),
        ("--reset theme a.json --reset", ("theme", "all"), ["a.json"]),
        ("--reset a.json b.json", ("a.json",), ["b.json"]),
        ("a.json --reset=", ("",), ["a.json"]),
    ],
)
def test_reset_has_an_optional_key(line: str, reset: tuple[str, ...], files: list[str]) -> None:
    """A teacher's choices would be forgotten that should be kept, or the reverse."""
    parameters = _parameters(render_command, line)
    assert parameters["reset"] == reset
    assert parameters["files"] == tuple(map(Path, files))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("render", "Missing argument 'FILE...'"),
        ("render a.json --all --changed", "--all and --changed cannot be used together"),
        ("render a.json --failed --changed", "--changed and --failed cannot be used together"),
        ("render a.json --section lamp --storyboard", "--section and --storyboard cannot be used together"),
        ("explain a.json --section lamp --draft", "--section and --draft cannot be used together"),
        ("stats --run 1234 --lesson tiny", "--run and --lesson cannot be used together"),
        ("render a.json --output", "Option '--output' requires an argument"),
        ("render a.json --output --draft", "Option '--output' requires an argument, not '--draft'"),
        ("render --reset a.json", "Missing argument 'FILE...'"),
        ("render a.json --at-once 0", "0 is not in the range"),
        ("render a.json --at-once two", "'two' is not a valid whole number"),
        ("render a.json --prof draft", "--profile"),
        ("new Volcanoes --sections 201", "201 is not in the range"),
        ("new Volcanoes --batch 4", "'4' is not one of"),
        ("check a.json --format xml", "'xml' is not one of"),
        ("lipsync a.wav b.png", "Missing option '-o'"),
        ("rendr a.json", "render'"),
        ("themes --verbose", "No such option"),
        ("store", "quarantine"),
        ("--verbose", "Missing command"),
    ],
)
def test_wrong_usage_is_an_error_of_usage(line: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A script would go on after a command that did nothing, or a teacher would not read what is wrong."""
    assert main(shlex.split(line)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("--section= --draft a.json", {"section": "", "draft": True}),
        ("--draft --draft a.json", {"draft": True}),
        ("a.json --max-cost -5", {"max_cost": "-5"}),
        ("--output=--draft a.json", {"output": Path("--draft"), "draft": False}),
        ("-- --draft", {"files": (Path("--draft"),), "draft": False}),
        ("- a.json", {"files": (Path("-"), Path("a.json"))}),
        ("--set theme=paper a.json --set=crf=30", {"assignments": ("theme=paper", "crf=30")}),
    ],
)
def test_values_are_taken_as_they_are_written(line: str, expected: dict[str, Any]) -> None:
    """A script that passes an empty variable or a file with an unusual name would be refused."""
    assert expected.items() <= _parameters(render_command, line).items()


def test_a_draft_has_its_own_profile_unless_another_is_chosen() -> None:
    """An author would wait for a full-size draft, or get a small one in spite of `--profile`."""
    assert RenderOptions(draft=True).overrides.profile == "draft"
    assert RenderOptions(draft=True, profile="enhanced").overrides.profile == "enhanced"
    assert RenderOptions().overrides.profile == ""


def test_a_file_may_have_any_name(house: House) -> None:
    """A teacher with files from an old computer could not check them: their names are not UTF-8."""
    lesson = house.write([house.lamp])
    name = os.fsdecode(b"na\xefve.json")
    lesson.rename(lesson.with_name(name))
    ended = house.run("check", f"data/lessons/{name}")
    assert (ended.code, ended.err) == (0, "")
    missing = house.run("check", os.fsdecode(b"missing\xef.json"))
    assert missing.code == 2
    assert "Traceback" not in missing.err


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    """A newcomer would not learn what a command does, or what an option means."""
    for name in ("", *lessonreel.commands, "store status", "store verify", "store gc"):
        assert main([*name.split(), "--help"]) == 0
        out, err = capsys.readouterr()
        assert out.startswith(f"Usage: {f'lessonreel {name}'.strip()} ")
        assert err == ""
        assert main([*name.split(), "-h"]) == 0
        assert capsys.readouterr().out == out


def test_help_into_a_closed_pipe_is_quiet(house: House) -> None:
    """A user of `lessonreel render --help | head -1` would read a traceback."""
    read, write = os.pipe()
    os.close(read)
    with house.started("render", "--help", stdout=write) as process:
        os.close(write)
        _, err = process.communicate()
    assert (process.returncode, err) == (1, "")


def test_a_shell_completes_commands_options_and_choices() -> None:
    """A user who follows docs/commands.md would press Tab in vain."""
    for words, expected in (
        ("lessonreel rend", "render"),
        ("lessonreel store ver", "verify"),
        ("lessonreel render --at", "--at-once"),
        ("lessonreel check --format j", "json"),
    ):
        completion = {
            "_LESSONREEL_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        }
        ended = subprocess.run(
            [sys.executable, "-m", "video_assets.cli"],
            env={**os.environ, **completion},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ended.stdout == f"plain,{expected}\n"
