"""Every file in the lessons folder becomes a partition, and nothing else happens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from jobs.lessons.find_lessons import add_lessons, find_lessons, summary
from resources.lesson_folder import LessonFolder
from tests.instances import instance_in


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    home = tmp_path / "home"
    home.mkdir()
    with instance_in(home) as made:
        yield made


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    folder = tmp_path / "lessons"
    (folder / "Physics").mkdir(parents=True)
    for name in ("welcome.json", "Physics/Ohm's Law.json", ".draft.json", "notes.txt"):
        (folder / name).write_text("not even JSON")
    return folder


def _lesson_source(lessons: Path) -> LessonFolder:
    return LessonFolder(lessons, lessons.parent / "register", lessons.parent / "project.toml")


def test_each_file_is_selectable_even_a_broken_one(instance: dg.DagsterInstance, lessons: Path) -> None:
    """A teacher whose file has a slip of the pen would not find it in the UI, and never read what is wrong with it."""
    found = add_lessons(instance, _lesson_source(lessons))
    assert found.added == ("physics-ohm-s-law", "welcome")
    assert sorted(instance.get_dynamic_partitions("lessons")) == ["physics-ohm-s-law", "welcome"]


def test_a_later_look_adds_only_what_is_new(instance: dg.DagsterInstance, lessons: Path) -> None:
    """A teacher would lose the history of a lesson whose file is away for a moment, or of a preview."""
    add_lessons(instance, _lesson_source(lessons))
    instance.add_dynamic_partitions("lessons", ["welcome--draft"])
    (lessons / "welcome.json").rename(lessons / "optics.json")
    found = add_lessons(instance, _lesson_source(lessons))
    assert found.added == ("optics",)
    assert {"welcome", "welcome--draft", "optics"} <= set(instance.get_dynamic_partitions("lessons"))
    assert summary(found) == "2 lessons, new: optics."


def test_a_clash_of_names_holds_up_nobody_else(instance: dg.DagsterInstance, lessons: Path) -> None:
    """A class would miss all its lessons because two files of one of them have nearly the same name."""
    (lessons / "Physics/Ohms-Law.json").write_text("")
    (lessons / "physics-ohms law.json").write_text("")
    found = add_lessons(instance, _lesson_source(lessons))
    assert "welcome" in found.added
    assert "physics-ohms-law" not in instance.get_dynamic_partitions("lessons")
    assert len(found.refused) == 1 and "Rename one of them" in found.refused[0]


def test_the_job_does_it_from_the_ui(instance: dg.DagsterInstance, lessons: Path) -> None:
    """A teacher who added a file while the UI runs would have to guess its key."""
    lesson_source = _lesson_source(lessons)
    result = find_lessons.execute_in_process(instance=instance, resources={"lesson_source": lesson_source})
    assert result.success
    assert instance.has_dynamic_partition("lessons", "welcome")


def test_an_empty_folder_is_no_error(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """A user who starts with an empty folder would be met by a traceback."""
    assert summary(add_lessons(instance, _lesson_source(tmp_path / "none"))) == "0 lessons, none is new."
