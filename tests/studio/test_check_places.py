"""What `check` finds after a lesson was read stands at its true line and column, whatever escapes are before it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from resources.pictures.slides import SlidePictures
from video_assets.studio.core.errors import Problem
from video_assets.studio.core.settings import DEFAULTS
from video_assets.studio.lesson.reader import read_lesson
from video_assets.studio.preflight.lesson_check import problems_of
from video_assets.studio.preflight.slide_check import SlideCheck

FONTS = Path(__file__).parents[2] / "data" / "fonts"
SLIDES = SlideCheck(DEFAULTS, SlidePictures(FONTS, system_fonts=False))
_BAD = "\uf8ff\ue000\U000f0000\U0010fffd"
"""Private-use characters: no language has a word for them, and no font a glyph."""
_GOOD = ("the ", "gate ", "opens, ", "naïve ", '"so" ', "one/two ", "Ω ", "x² ")


class WrittenText(NamedTuple):
    """A text as the inside of a JSON string, and the offsets in it of the characters that are wrong."""

    json: str
    bad: tuple[int, ...]


@st.composite
def _written(draw: st.DrawFn, good: tuple[str, ...]) -> WrittenText:
    parts = draw(st.lists(st.sampled_from((*good, *_BAD)), min_size=1, max_size=14))
    inside, bad = "Now ", []
    for character in "".join(parts) + "it ends.":
        if character in _BAD:
            bad.append(len(inside))
        inside += draw(st.sampled_from(_spellings(character)))
    return WrittenText(inside, tuple(bad))


def _spellings(character: str) -> list[str]:
    """The ways to write a character in JSON."""
    halves = character.encode("utf-16-be")
    units = [halves[at : at + 2].hex() for at in range(0, len(halves), 2)]
    escaped = ["".join(f"\\u{unit}" for unit in units), "".join(f"\\u{unit.upper()}" for unit in units)]
    plain = json.dumps(character, ensure_ascii=False)[1:-1]
    return [plain, plain, *escaped, "\\/" if character == "/" else plain]


@st.composite
def _lessons(draw: st.DrawFn, key: str) -> tuple[str, tuple[int, ...]]:
    """The text of a lesson file whose sections have a text under `key`, and the offsets of what is wrong in it."""
    gap = st.sampled_from(("", " ", "\n", "\r\n  ", "\n\n\t"))
    file, bad = '{"sections":', []
    good = (*_GOOD, "\n") if key == "content" else _GOOD
    for number, text in enumerate(draw(st.lists(_written(good), min_size=1, max_size=3))):
        file += draw(gap) + ("," if number else "[") + draw(gap) + "{" + draw(gap)
        file += f'"id": "s{number}",{draw(gap)}' + ("" if key == "content" else '"content": "A whole sentence.",')
        file += f'"{key}":{draw(gap)}' + ('["One", "' if key == "bullets" else '"')
        bad += [len(file) + offset for offset in text.bad]
        file += text.json + ('"]' if key == "bullets" else '"') + draw(gap) + "}"
    return file + draw(gap) + "]}\n", tuple(bad)


def _place(file: str, offset: int) -> tuple[int, int]:
    """Line and column, counted in the simplest way."""
    before = file[:offset].replace("\r\n", "\n")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _checked(file: str, slides: SlideCheck | None) -> tuple[Problem, ...]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lesson.json"
        path.write_bytes(file.encode("utf-8"))
        return problems_of("lesson.json", read_lesson(path), {}, slides)


@given(lesson=_lessons("content"))
@settings(max_examples=150, deadline=None)
def test_every_unreadable_character_has_its_place(lesson: tuple[str, tuple[int, ...]]) -> None:
    """An author would look for an invisible character in the wrong line, and find one after the other."""
    file, bad = lesson
    found = [problem for problem in _checked(file, None) if problem.code == "unspeakable"]
    assert [(problem.line, problem.column) for problem in found] == [_place(file, offset) for offset in bad]
    assert all(problem.pointer.endswith("/content") for problem in found)


@given(lesson=_lessons("bullets"))
@settings(max_examples=60, deadline=None)
def test_every_character_without_a_glyph_has_its_place(lesson: tuple[str, tuple[int, ...]]) -> None:
    """An author would wait for the pictures of half a film to learn that one point of a list cannot be drawn."""
    file, bad = lesson
    found = [problem for problem in _checked(file, SLIDES) if problem.code == "no-glyph"]
    assert [(problem.line, problem.column) for problem in found] == [_place(file, offset) for offset in bad]
    assert all(problem.pointer.endswith("/bullets/1") for problem in found)


def test_both_names_of_the_narration_are_located() -> None:
    """An author who writes `narration` would be told of a place in a key that the lesson does not have."""
    (problem,) = _checked('{"sections": [{"narration": "A \uf8ff stands here."}]}', None)
    assert (problem.line, problem.column, problem.pointer) == (1, 32, "/sections/0/narration")


def test_a_derived_slide_is_located_in_the_text_that_it_comes_from() -> None:
    """An author would look for a label on the slide that the lesson's file does not contain."""
    section = '{"content": "The lamp is lit by it.", "image_description": "A lamp labelled \'a\ue000\'."}'
    (problem,) = _checked(f'{{"sections": [\n{section}]}}', SLIDES)
    assert (problem.line, problem.code) == (2, "no-glyph")
    assert section[problem.column - 1] == "\ue000"


def test_a_character_on_a_card_is_located() -> None:
    """A film would fail at its last picture, because of a name on the end card."""
    (problem,) = _checked('{"sections": [{"content": "A lamp is lit."}],\n "author": "Ada \ue000"}', SLIDES)
    assert (problem.line, problem.column, problem.pointer) == (2, 17, "/author")


def test_a_doubtful_reading_is_a_warning_at_its_place() -> None:
    """A class would hear January for May, and nobody would have been warned."""
    file = '{"sections": [{"content": "\\u00c9t\\u00e9: *so*, on 01/05/2024 and [02/05/2024|the second of May]."}]}'
    (problem,) = _checked(file, None)
    assert (problem.severity, problem.code) == ("warning", "doubtful-reading")
    assert file[problem.column - 1 :].startswith("01/05/2024")
    assert "January" in problem.message
    assert "May 1" in problem.remedy


def test_pasted_markup_is_a_warning_at_its_place() -> None:
    """An author would not see that a tag of a web page is in the narration, until a viewer reads its name."""
    file = '{"sections": [{"content": "It is\\nwritten <zzz> here, \\u00e0 la carte."}]}'
    found = _checked(file, None)
    assert [problem.severity for problem in found] == ["warning"]
    assert file[found[0].column - 1 :].startswith("<zzz>")
