"""Which file a key means: for people who name files as they like, and for links and previews that must not break."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.lesson_folder import LessonFolder
from video_assets.partitions import PREVIEW, lesson_key
from video_assets.studio.core.errors import SettingInvalid, StudioError
from video_assets.studio.lesson.project import ProjectFile


@pytest.fixture
def lesson_source(tmp_path: Path) -> LessonFolder:
    """A lesson source over an empty folder."""
    (tmp_path / "lessons").mkdir()
    return LessonFolder(tmp_path / "lessons", tmp_path / "elsewhere", tmp_path / "project.toml")


def _file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    return path


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("welcome.json", "welcome"),
        ("Ohm's Law, part 1.json", "ohm-s-law-part-1"),
        ("physics/Ohm's Law.json", "physics-ohm-s-law"),
        ("Énergie solaire.json", "energie-solaire"),
        ("version 1.2.json", "version-1-2"),
        ("光合作用.json", "u5149u5408u4f5cu7528"),
        ("--draft--.json", "draft"),
        ("!!!.json", "lesson"),
        ("a__b--c.json", "a-b-c"),
    ],
)
def test_a_key_is_made_of_the_name(path: str, key: str):
    """Dagster's UI would take apart a name with a comma, and a link to a lesson would break with every version."""
    assert lesson_key(PurePosixPath(path)) == key


@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_any_name_gives_a_key_that_dagster_takes(name: str):
    """A teacher's file would be refused for how it is called."""
    key = lesson_key(PurePosixPath("x") / f"{name}.json")
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key)
    assert PREVIEW not in key


def test_a_key_leads_back_to_its_file(lesson_source: LessonFolder, tmp_path: Path):
    """A run from the UI would read another lesson than its partition says."""
    path = _file(tmp_path / "lessons" / "Physics" / "Ohm's Law.json")
    assert lesson_source.key_of(path) == "physics-ohm-s-law"
    assert lesson_source.path_of("physics-ohm-s-law") == path
    assert lesson_source.path_of("physics-ohm-s-law--draft") == path
    assert lesson_source.path_of("physics-ohm-s-law--section-one--two") == path


def test_a_file_elsewhere_is_remembered(lesson_source: LessonFolder, tmp_path: Path):
    """A step, which knows only the key, would not find the file that the command was given."""
    path = _file(tmp_path / "my files" / "Maßeinheiten.json")
    key = lesson_source.key_of(path)
    again = LessonFolder(tmp_path / "lessons", tmp_path / "elsewhere", tmp_path / "project.toml")
    assert again.path_of(key) == path


def test_two_files_elsewhere_of_one_name_are_refused(lesson_source: LessonFolder, tmp_path: Path):
    """One teacher's film would take the place of another's."""
    first, second = _file(tmp_path / "one" / "tides.json"), _file(tmp_path / "two" / "Tides.json")
    lesson_source.key_of(first)
    with pytest.raises(StudioError, match=r"same key 'tides'\. Rename one of them"):
        lesson_source.key_of(second)
    first.unlink()
    assert lesson_source.key_of(second) == "tides", "the other is gone: the name is free again"


def test_two_files_of_the_folder_with_one_key_are_refused(lesson_source: LessonFolder, tmp_path: Path):
    """It would be chance which of them a run makes."""
    _file(tmp_path / "lessons" / "a b.json")
    path = _file(tmp_path / "lessons" / "a-b.json")
    with pytest.raises(StudioError, match=r"a b\.json and a-b\.json"):
        lesson_source.key_of(path)


def test_a_lesson_that_is_gone_is_named(lesson_source: LessonFolder):
    """Somebody who deleted a lesson would see a traceback when its partition is run."""
    with pytest.raises(StudioError, match=r"'gone'.*Put the file back.*Catalog › lesson.*Delete partitions"):
        lesson_source.path_of("gone")


def test_a_mistyped_key_gets_the_nearest_one(lesson_source: LessonFolder, tmp_path: Path):
    """A teacher who mistypes a key would be told to put back a file that is there."""
    _file(tmp_path / "lessons" / "tides.json")
    with pytest.raises(StudioError, match=r'Did you mean "tides"\? Else put the file back'):
        lesson_source.path_of("tidse")


def test_hidden_files_are_no_lessons(lesson_source: LessonFolder, tmp_path: Path):
    """What an editor keeps beside a file would be made into a film."""
    _file(tmp_path / "lessons" / ".tides.json.swp.json")
    _file(tmp_path / "lessons" / ".git" / "x.json")
    assert lesson_source.files() == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("theme = ", "not TOML"),
        ("[setting]\n", r"unknown table \[setting\]"),
        ("\xff", "project.toml:1: this is not UTF-8"),
    ],
)
def test_a_wrong_project_file_says_what_is_wrong(lesson_source: LessonFolder, tmp_path: Path, text: str, said: str):
    """A school's settings would be ignored without a word."""
    (tmp_path / "project.toml").write_text(text, encoding="latin-1")
    with pytest.raises(SettingInvalid, match=said):
        lesson_source.project()


def test_a_project_without_a_file_has_no_settings(lesson_source: LessonFolder):
    """A fresh clone would ask for a file that nobody needs."""
    assert lesson_source.project() == ProjectFile(settings={}, pronunciations={})
