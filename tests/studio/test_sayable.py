"""What a voice cannot read is found before anything is made."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from resources.lesson_check import LessonCheck
from resources.provider_names import providers_of
from tests.kit import espeak_letters
from video_assets.project_paths import ProjectPaths
from video_assets.studio.choices.precedence import RunOverrides
from video_assets.studio.core.errors import LessonInvalid, Problem
from video_assets.studio.lesson.project import read_project
from video_assets.studio.stages.lesson import snapshot


def _written(folder: Path, language: str, *contents: str, **keys: object) -> Path:
    path = folder / "lesson.json"
    sections = [{"content": content} for content in contents]
    path.write_text(
        json.dumps({"language": language, "sections": sections, **keys}),
        encoding="utf-8",
    )
    return path


def _unspeakable(path: Path, paths: ProjectPaths) -> list[Problem]:
    return [each for each in LessonCheck(paths).problems(path, "lesson") if each.code == "unspeakable"]


@pytest.mark.parametrize(
    ("language", "content", "letters"),
    [
        ("ja", "植物は光合成をします。", "植物光合成"),
        ("ja", "これは[漢字|かんじ]と水です。", "水"),
        ("ko", "물은 水입니다.", "水"),
        ("ru", "Это Ѣ и ꙮ.", "Ѣꙮ"),
        ("sw", "Hii ni Жук.", "Жук"),
    ],
)
def test_letters_that_the_voice_would_spell_are_a_problem(
    tmp_path: Path, language: str, content: str, letters: str
) -> None:
    """A class would hear "Chinese letter, Chinese letter" for every kanji, in a film that is reported as good."""
    path = _written(tmp_path, language, content)
    paths = ProjectPaths(tmp_path, tmp_path / "state")
    (problem,) = _unspeakable(path, paths)
    assert f"letters {letters} of" in problem.message
    assert problem.remedy
    shutil.copytree("data/presenters", paths.presenters, dirs_exist_ok=True)
    with pytest.raises(LessonInvalid, match="cannot read the letters"):
        snapshot("lesson", path, read_project(paths.project_file), {}, RunOverrides(), providers=providers_of(paths))


@pytest.mark.parametrize(
    ("language", "content"),
    [
        ("ja", "しょくぶつは ひかりを つかいます。"),
        ("ja", "[植物|しょくぶつ]は いきています。"),
        ("zh", "植物进行光合作用。"),
        ("en", "The letter λ, naïve café, Nguyễn."),
        ("pt", "O senhor Nguyễn ensina."),
        ("ru", "Объект и ёж."),
        ("ar", "محمد رسول."),
    ],
)
def test_what_the_voice_reads_is_no_problem(tmp_path: Path, language: str, content: str) -> None:
    """An author would have to rewrite a lesson that was good."""
    path = _written(tmp_path, language, content)
    assert _unspeakable(path, ProjectPaths(tmp_path, tmp_path / "state")) == []


def test_a_pronunciation_replaces_what_the_voice_cannot_read(tmp_path: Path) -> None:
    """The remedy that the message names would not help."""
    path = _written(tmp_path, "ja", "水は いのちです。", pronunciations={"水": "みず"})
    assert _unspeakable(path, ProjectPaths(tmp_path, tmp_path / "state")) == []


def test_the_table_of_letters_is_what_the_voice_does() -> None:
    """After a new version of the library, good lessons would be refused or bad ones spoken.

    `python -m tests.kit.espeak_letters` renews the table.
    """
    command = [sys.executable, "-m", "tests.kit.espeak_letters", "--print"]
    asked = subprocess.run(command, check=True, capture_output=True, text=True)
    assert asked.stdout == espeak_letters.TABLE.read_text(encoding="utf-8")
