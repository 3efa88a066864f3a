"""The lessons in `data/lessons`: what a newcomer sees first, and what other parts are measured with."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from video_assets.studio.lesson.model import Lesson, Section
from video_assets.studio.lesson.reader import read_lesson
from video_assets.studio.slides.phrases.formulas import formulas
from video_assets.studio.slides.slide_plan import (
    described_labels,
    plan_slide,
    title_slide,
)
from video_assets.studio.slides.titles import MOST_TITLE_CHARACTERS
from video_assets.studio.slides.visible_text import visible_of

FOLDER = Path(__file__).parents[2] / "data" / "lessons"
FILES = sorted(FOLDER.glob("*.json"))
FEWEST_WORDS, MOST_WORDS = 44, 107

each_lesson = pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])


def _read(file: Path) -> Lesson:
    read = read_lesson(file)
    assert read.problems == ()
    assert read.lesson is not None
    return read.lesson


def _words(section: Section) -> int:
    return sum(any(character.isalnum() for character in word) for word in visible_of(section).text.split())


def test_the_samples_are_there() -> None:
    """A newcomer would miss the lesson in their own subject or language, and the bench its lesson."""
    assert {file.stem for file in FILES} >= {
        "welcome",
        "mosfet",
        "quadratics",
        "binary-search",
        "photosynthese",
        "monsoon",
    }


@each_lesson
def test_a_sample_reads_without_error_or_warning(file: Path) -> None:
    """A newcomer's first command would answer with complaints about a file that is not theirs."""
    lesson = _read(file)
    assert title_slide(lesson).title == lesson.title


@each_lesson
def test_sections_are_as_long_as_a_thought(file: Path) -> None:
    """A learner would look at one slide for minutes, or at ten in one."""
    for section in _read(file).sections:
        assert FEWEST_WORDS <= _words(section) <= MOST_WORDS, section.id


@each_lesson
def test_every_slide_has_a_title_and_keeps_the_limits(file: Path) -> None:
    """A learner would see an empty slide, or the narration as a wall of text."""
    lesson = _read(file)
    for section in lesson.sections:
        title, slide = plan_slide(section, language=lesson.language)
        assert title == slide.title
        assert 0 < len(title) <= MOST_TITLE_CHARACTERS
        assert slide.alt
        if slide.layout in ("labels", "statement"):
            labels = described_labels(section.image_description)
            spoken = [text for text in (slide.statement, *slide.bullets) if text not in labels and not formulas(text)]
            assert 0 < sum(map(len, spoken)) <= len(visible_of(section).text) / 4
            assert len(spoken) <= 4


@each_lesson
def test_chapters_of_a_sample_have_names_of_their_own(file: Path) -> None:
    """A learner could not tell two chapters apart in the player's list."""
    lesson = _read(file)
    titles = [plan_slide(section, language=lesson.language)[0] for section in lesson.sections]
    assert len(set(titles)) == len(titles)


def test_the_bare_lesson_is_bare_and_five_minutes_long() -> None:
    """The bench would measure something else than what authors of the bare format get."""
    written = json.loads((FOLDER / "mosfet.json").read_text("utf-8"))
    assert set(written) == {"sections"}
    assert {key for section in written["sections"] for key in section} == {"image_description", "content"}
    assert len(written["sections"]) == 10
    assert 720 <= sum(map(_words, _read(FOLDER / "mosfet.json").sections)) <= 800
    text = " ".join(section["content"] for section in written["sections"])
    assert all(sign in text for sign in ("—", "*", "V_DS", "(V_GS > V_T)", "λ", "½", "²"))


def test_the_welcome_lesson_is_short_and_shows_what_there_is() -> None:
    """Who tries the demo would wait long, or not see what a lesson can hold."""
    lesson = _read(FOLDER / "welcome.json")
    slides = [plan_slide(section, language=lesson.language)[1] for section in lesson.sections]
    assert {"diagram", "bullets", "table"} <= {slide.layout for slide in slides}
    assert {"terms", "parts"} <= {slide.diagram.kind for slide in slides if slide.diagram}
    assert 150 <= sum(map(_words, lesson.sections)) <= 200


def test_the_samples_cover_languages_themes_and_kinds_of_slides() -> None:
    """A theme, language or kind of slide that no sample uses could break without anybody seeing it."""
    lessons = [_read(file) for file in FILES]
    assert {lesson.language for lesson in lessons} >= {"en", "de", "hi"}
    assert {lesson.settings.get("theme") for lesson in lessons} >= {"chalk", "paper", "signal"}
    assert len({lesson.settings.get("presenter") for lesson in lessons}) > 1
    shown = {
        plan_slide(section, language=lesson.language)[1].layout for lesson in lessons for section in lesson.sections
    }
    assert shown >= {"bullets", "equation", "code", "table", "labels", "diagram"}


@pytest.mark.parametrize("name", ["linear_search", "binary_search", "contains"])
def test_the_code_that_a_sample_teaches_is_right(name: str) -> None:
    """A learner would type in a program with a bug."""
    lesson = _read(FOLDER / "binary-search.json")
    listings = [section.show.code.text for section in lesson.sections if section.show.code]
    source = next(text for text in listings if re.search(rf"def {name}\(", text))
    functions: dict[str, object] = {}
    exec(compile(source, "lesson", "exec"), functions)  # the repository's own text
    search = functions[name]
    assert callable(search)
    for length in range(9):
        items = [2 * number for number in range(length)]
        for target in range(-1, 2 * length + 1):
            place = items.index(target) if target in items else None
            assert search(items, target) == (target in items if name == "contains" else place)
