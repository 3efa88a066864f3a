"""One lesson that meets a defect of ours: it is named in one message, and all the others are made."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from jobs.lessons import sensor as lesson_sensor
from jobs.lessons.changes import KnownFile
from jobs.lessons.contents import faults_in_words, read_entry
from jobs.lessons.find_lessons import add_lessons
from jobs.lessons.nightly_check import catch_up
from jobs.lessons.render_requests import read_requests
from jobs.lessons.sensor import tick_message
from resources.lesson_check import LessonCheck
from resources.lesson_folder import LessonFolder
from tests.instances import instance_in
from tests.kit.house import House
from tests.kit.watch import Watch
from video_assets.project_paths import ProjectPaths
from video_assets.studio.lesson import validation as lesson_faults
from video_assets.studio.preflight import lesson_check as rehearsal

_DEFECT = """
import video_assets.studio.slides.equations.latex_to_typst as equations
sound = equations.typeset_latex
def typeset_latex(latex, place="/equation"):
    if latex == "DEFECT":
        raise RecursionError("maximum recursion depth exceeded")
    return sound(latex, place)
equations.typeset_latex = typeset_latex
"""
"""What Python does at its start in the command's processes: our code with an error in it."""


@pytest.fixture
def folder(house: House) -> Path:
    """Two sound lessons around one that meets the defect."""
    house.write([house.lamp], "first")
    house.write([{"content": "A defect.", "equation": "DEFECT"}], "second")
    house.write([house.lamp], "third")
    (house.root / "sitecustomize.py").write_text(_DEFECT)
    return house.lessons


def _run(house: House, *arguments: str):
    path = os.pathsep.join([str(house.root), house.environment["PYTHONPATH"]])
    return house.run(*arguments, PYTHONPATH=path)


@pytest.mark.parametrize(
    "command",
    [
        ("check",),
        ("explain",),
        ("render", "--storyboard"),
        pytest.param(("render", "--changed"), marks=pytest.mark.slow),
    ],
)
def test_a_defect_is_one_message_and_the_others_go_on(house: House, folder: Path, command: tuple[str, ...]) -> None:
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


def test_who_wants_it_is_shown_the_traceback(house: House, folder: Path) -> None:
    """Whoever reports the defect would have nothing to report."""
    ended = _run(house, "--verbose", "check", "data/lessons/second.json")
    assert ended.code == 2
    assert "Traceback" in ended.err
    assert "RecursionError" in ended.err


def _broken(*_arguments: object) -> None:
    raise RecursionError("maximum recursion depth exceeded")


def test_the_nightly_look_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every night's work would end at the same lesson."""
    house.write([house.lamp], "first")
    house.write([{"content": "A defect.", "equation": "DEFECT"}], "second")
    monkeypatch.setenv("LESSONREEL_ROOT", str(house.root))
    monkeypatch.setenv("LESSONREEL_STATE", str(house.state))
    monkeypatch.setattr(rehearsal, "typeset_latex", _broken)
    lesson_source = LessonFolder(house.lessons, house.state / "elsewhere", house.root / "data" / "project.toml")
    result = catch_up.execute_in_process(resources={"lesson_source": lesson_source})
    assert result.success
    (output,) = [event for event in result.all_node_events if event.is_successful_output]
    told = {name: value.value for name, value in output.step_output_data.metadata.items()}
    assert set(read_requests(house.state).reasons) == {"first"}
    assert told["refused"] == 1
    assert "internal error" in str(told["why"])


def test_the_sensor_and_the_list_of_lessons_go_on(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file dropped beside the defective one would never become a film."""
    path = house.write([{"content": "A defect."}], "second")
    monkeypatch.setattr(lesson_faults, "markup_problems", _broken)
    checks = LessonCheck(ProjectPaths(house.root, house.state))
    assert "internal error" in faults_in_words(checks, house.lessons, path.name, "second")
    monkeypatch.setattr("jobs.lessons.contents.named_files", _broken)
    entry = KnownFile("second", "signature")
    monkeypatch.setattr("jobs.lessons.contents.signature_of", lambda _path: "signature")
    assert read_entry(house.lessons, path.name, entry).content, "its run shall say what is wrong"
    lesson_source = LessonFolder(house.lessons, house.state / "elsewhere", house.root / "data" / "project.toml")
    with instance_in(tmp_path / "instance") as instance:
        assert isinstance(instance, dg.DagsterInstance)
        assert add_lessons(instance, lesson_source).keys == ("second",)


_PLACES = {
    "key": "jobs.lessons.tick.lesson_key",
    "reading": "jobs.lessons.contents.named_files",
    "looking whether it is made": "jobs.lessons.tick.film_is_of",
    "checking": "resources.lesson_check.read_lesson",
    "bringing its film back": "video_assets.studio.film.bundle.restore",
    "its request": "jobs.lessons.sensor._priority",
}
"""What a tick of the sensor does with each lesson."""
_QUICK_PLACES = ("key", "reading")
"""A tick that meets any other of them is as long, and is a slow test."""


def _broken_for_one(sound: Callable[..., Any]) -> Callable[..., Any]:
    def broken(*arguments: Any) -> Any:
        if "defective" in repr(arguments):
            raise RecursionError("maximum recursion depth exceeded")
        return sound(*arguments)

    return broken


@pytest.mark.parametrize(
    "place", [place if place in _QUICK_PLACES else pytest.param(place, marks=pytest.mark.slow) for place in _PLACES]
)
def test_a_whole_tick_goes_on(watch: Watch, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """A folder of fifty lessons would get no film at all for the one that meets an error of ours, wherever that is."""
    names = [f"lesson-{number}" for number in range(9)]
    for name in [*names[:5], "defective", *names[5:]]:
        watch.write(f"{name}.json", watch.lesson(f"Words of {name}.", equation="x"))
    module, _, name = _PLACES[place].rpartition(".")
    sound = getattr(importlib.import_module(module), name)
    monkeypatch.setattr(f"{module}.{name}", _broken_for_one(sound))
    monkeypatch.setattr("jobs.lessons.tick.READING_SECONDS", 60.0)
    monkeypatch.setattr("jobs.lessons.tick.DECIDING_SECONDS", 60.0)
    told: list[str] = []
    monkeypatch.setattr(lesson_sensor, "tick_message", lambda tick: told.append(tick_message(tick)) or told[-1])
    made = watch.ticks(8)
    assert set(made) >= set(names)
    assert len(made) == len(set(made)), "a lesson is asked for once"
    if place != "reading":  # there its run says what is wrong
        assert any(each.count("An internal error of lessonreel: RecursionError") == 1 for each in told), told
        assert all(each.count("An internal error") <= 1 for each in told), told


def test_a_film_that_cannot_be_put_away_stands_in_nobodys_way(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """One lesson that was deleted would keep a whole archive from being watched; and it must be put away later."""
    watch.project('[archive]\ndeleted = "retire"\n')
    for name in ("defective", "old", "other"):
        watch.write(f"{name}.json")
    assert set(watch.settle()) == {"defective", "old", "other"}
    with monkeypatch.context() as patch:
        patch.setattr("video_assets.studio.film.bundle.archive", _broken_for_one(lambda *_: None))
        for name in ("defective", "old"):
            (watch.lessons / f"{name}.json").unlink()
        watch.write("new.json")
        assert watch.settle() == ["new"]
        assert watch.partitions() == {"defective", "new", "other"}
        assert "internal error" in watch.told[-1]
    watch.settle()
    assert watch.partitions() == {"new", "other"}


def test_the_list_of_films_stands_in_nobodys_way(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """No film would be made for an error of ours in a page that only shows them."""
    monkeypatch.setattr("jobs.lessons.sensor.note_tick", _broken)
    watch.write("first.json")
    assert watch.settle() == ["first"]
