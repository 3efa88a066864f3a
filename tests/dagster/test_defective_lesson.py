"""One lesson that meets a defect of ours: it is named in one message, and all the others are made."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg
import pytest

from jobs.catch_up import catch_up
from jobs.due import collect
from jobs.find_lessons import add_lessons
from jobs.lesson_changes import Entry
from jobs.lesson_contents import faults_in_words, read_entry
from resources.lesson_check import LessonCheck
from resources.lesson_folder import LessonFolder
from tests.instances import instance_in
from video_assets.checkout import Checkout
from video_assets.studio import lesson_faults, rehearsal

_DEFECT = """
import video_assets.studio.equations as equations
sound = equations.typeset_latex
def typeset_latex(latex, place="/equation"):
    if latex == "DEFECT":
        raise RecursionError("maximum recursion depth exceeded")
    return sound(latex, place)
equations.typeset_latex = typeset_latex
"""
"""What Python does at its start in the command's processes: our code with an error in it."""


@pytest.fixture
def folder(house) -> Path:
    """Two sound lessons around one that meets the defect."""
    house.write([house.lamp], "first")
    house.write([{"content": "A defect.", "equation": "DEFECT"}], "second")
    house.write([house.lamp], "third")
    (house.root / "sitecustomize.py").write_text(_DEFECT)
    return house.lessons


def _run(house, *arguments: str):
    path = os.pathsep.join([str(house.root), house.environment["PYTHONPATH"]])
    return house.run(*arguments, PYTHONPATH=path)


@pytest.mark.parametrize("command", [("check",), ("explain",), ("render", "--storyboard"), ("render", "--changed")])
def test_a_defect_is_one_message_and_the_others_go_on(house, folder: Path, command: tuple[str, ...]) -> None:
    """A school with a thousand lessons would get no film at all for one equation that nobody foresaw."""
    more = ("--storyboard",) if command == ("render", "--changed") else ()
    ended = _run(house, *command, "data/lessons", *more, *(house.small if command[0] == "render" else ()))
    told = ended.out + ended.err
    assert ended.code == 2, ended
    assert told.count("second.json: error: An internal error of lessonreel: RecursionError") == 1, ended
    assert "Traceback" not in told
    assert "Traceback" in (house.state / "internal-errors.log").read_text()
    if command[0] == "explain":
        assert "first: " in ended.out
        assert "third: " in ended.out
    if command[0] == "render":
        assert sorted(path.name for path in house.root.rglob("*.storyboard.*")) or "first" in ended.out
        assert "third" in ended.out


def test_who_wants_it_is_shown_the_traceback(house, folder: Path) -> None:
    """Whoever reports the defect would have nothing to report."""
    ended = _run(house, "--verbose", "check", "data/lessons/second.json")
    assert ended.code == 2
    assert "Traceback" in ended.err
    assert "RecursionError" in ended.err


def _broken(*_arguments: object) -> None:
    raise RecursionError("maximum recursion depth exceeded")


def test_the_nightly_look_goes_on(house, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every night's work would end at the same lesson."""
    house.write([house.lamp], "first")
    house.write([{"content": "A defect.", "equation": "DEFECT"}], "second")
    monkeypatch.setenv("LESSONREEL_ROOT", str(house.root))
    monkeypatch.setenv("LESSONREEL_STATE", str(house.state))
    monkeypatch.setattr(rehearsal, "typeset_latex", _broken)
    shelf = LessonFolder(house.lessons, house.state / "elsewhere", house.root / "data" / "project.toml")
    result = catch_up.execute_in_process(resources={"shelf": shelf})
    assert result.success
    (output,) = [event for event in result.all_node_events if event.is_successful_output]
    told = {name: value.value for name, value in output.step_output_data.metadata.items()}
    assert set(collect(house.state).reasons) == {"first"}
    assert told["refused"] == 1
    assert "internal error" in told["why"]


def test_the_sensor_and_the_list_of_lessons_go_on(house, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file dropped beside the defective one would never become a film."""
    path = house.write([{"content": "A defect."}], "second")
    monkeypatch.setattr(lesson_faults, "markup_faults", _broken)
    checks = LessonCheck(Checkout(house.root, house.state))
    assert "internal error" in faults_in_words(checks, house.lessons, path.name, "second")
    monkeypatch.setattr("jobs.lesson_contents.named_files", _broken)
    entry = Entry("second", "signature")
    monkeypatch.setattr("jobs.lesson_contents.signature_of", lambda _path: "signature")
    assert read_entry(house.lessons, path.name, entry).content, "its run shall say what is wrong"
    shelf = LessonFolder(house.lessons, house.state / "elsewhere", house.root / "data" / "project.toml")
    with instance_in(tmp_path / "instance") as instance:
        assert isinstance(instance, dg.DagsterInstance)
        assert add_lessons(instance, shelf).keys == ("second",)
