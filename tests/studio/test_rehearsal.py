"""What a lesson would fail at later is found from its text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.kit.house import House
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


def test_the_commands_refuse_what_the_pictures_would_refuse(tmp_path: Path) -> None:
    """An author would pay for the voice of a lesson, and then learn that one listing is twice too long."""
    house = House(tmp_path / "house", bare=True)
    path = house.write([{"content": "This program is long.", "code": "\n".join(f"x{n} = {n} * 2" for n in range(60))}])
    for command in ("check", "render"):
        ended = house.ask(command, path)
        assert ended.code == 2
        assert "2.1 times too large" in ended.out + ended.err
        assert "/sections/0/code" in ended.out + ended.err
    assert not house.videos.exists()


def test_a_render_may_choose_a_frame_in_which_a_slide_has_no_room(tmp_path: Path) -> None:
    """An author would be told that a lesson is sound, for a frame that is not the one of the film."""
    house = House(tmp_path / "house", bare=True)
    path = house.write([{"content": "This is all of it.", "bullets": ["A point that is rather long. " * 12] * 4}])
    assert house.ask("check", path).code == 0
    ended = house.ask("render", path, "--set", "presenter_place=full")
    assert (ended.code, "too large" in ended.err) == (2, True)


def test_text_that_the_lessons_own_level_forbids_is_found(tmp_path: Path) -> None:
    """An author who chose the strict level would learn of an unfinished sentence in the middle of a render."""
    house = House(tmp_path / "house", bare=True)
    narration = "The gate sits on a thin layer of glass, and no current flows through it because"
    for level, code in (("lenient", 0), ("moderate", 2), ("strict", 2)):
        path = house.write([{"content": narration}], settings={"text_check": level})
        ended = house.ask("check", path)
        assert (ended.code, "has no end" in ended.out) == (code, code == 2)


def test_a_logo_of_the_project_is_checked(tmp_path: Path) -> None:
    """Every lesson of a school would fail in its first step, after a check that found nothing."""
    house = House(tmp_path / "house", bare=True)
    (house.root / "data" / "project.toml").write_text('[settings]\nlogo = "school.png"\n')
    ended = house.ask("check", house.write([{"content": "A lamp is lit today."}]))
    assert (ended.code, "school.png" in ended.out) == (2, True)
