"""What a lesson would fail at later is found from its text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from video_assets.studio.lesson.reader import read_lesson
from video_assets.studio.preflight.lesson_check import dry_check


@pytest.mark.parametrize(
    ("section", "code", "pointer"),
    [
        ({"content": "All is well.", "equation": r"\frac{a}{"}, "equation", "/sections/1/equation"),
        ({"content": "All is well.", "code": "x = 1", "equation": "x = 1"}, "slide", "/sections/1"),
        ({"content": "A sign \uf8ff that nobody can say."}, "unspeakable", "/sections/1"),
    ],
)
def test_what_a_render_would_refuse_is_known_before(
    tmp_path: Path, section: dict[str, str], code: str, pointer: str
) -> None:
    """An author would wait for half a film to learn of a brace that is missing."""
    path = tmp_path / "lesson.json"
    path.write_text(json.dumps({"sections": [{"content": "This one is fine."}, section]}))
    (problem,) = dry_check("lesson.json", read_lesson(path), {})
    assert (problem.code, problem.severity, problem.line) == (code, "error", 1)
    assert problem.pointer.startswith(pointer)
    assert problem.message
    assert problem.remedy


def test_a_sound_lesson_passes(tmp_path: Path) -> None:
    """An author would mend what is not broken."""
    path = tmp_path / "lesson.json"
    path.write_text(json.dumps({"sections": [{"content": "It falls at 9.8 m/s².", "equation": "g = 9.8"}]}))
    assert dry_check("lesson.json", read_lesson(path), {}) == ()
