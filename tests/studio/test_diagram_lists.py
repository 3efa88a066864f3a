"""Derived diagrams without room: their parts as a list, and what says so."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from tests.kit.studio import SMALL, Studio
from tests.kit.typeset_slides import drawn_parts, text_boxes, type_sizes
from video_assets.studio.core.errors import SectionsFailed
from video_assets.studio.core.settings import PresenterPlace, Settings
from video_assets.studio.lesson.reader import read_lesson
from video_assets.studio.preflight.lesson_check import problems_of
from video_assets.studio.preflight.slide_check import SlideCheck
from video_assets.studio.slides.diagram_list import diagram_list

from .test_figure_drawings import CONTENTS, DIAGRAMS, _request, _slide
from .test_slides import PAINTER, SIZES, THEMES

THINGS = (
    "Summer grass",
    "River water",
    "Winter wood",
    "Mountain stone",
    "Old copper",
    "Yellow sand",
    "Sea salt",
    "Clay",
)
STEPS = [f"{thing} is gathered, counted and put away" for thing in THINGS]
CYCLE = {
    "id": "round",
    "title": "Round and round",
    "content": "Everything is gathered and put away again. Then it begins anew.",
    "image_description": f"A circular diagram, a cycle with the steps {', '.join(f'“{step}”' for step in STEPS)}.",
}
RELATIONS: dict[str, dict[str, Any]] = {
    "flow": {"kind": "flow", "nodes": STEPS},
    "cycle": {"kind": "cycle", "steps": STEPS, "centre": "Store"},
    "comparison": {"kind": "comparison", "sides": [{"title": name, "points": STEPS[:3]} for name in THINGS[:3]]},
    "layers": {"kind": "layers", "layers": [{"name": step, "note": "a note"} for step in STEPS]},
    "hierarchy": {"kind": "hierarchy", "root": {"name": "All", "children": [{"name": step} for step in STEPS[:6]]}},
    "parts": {"kind": "parts", "figure": "Store", "parts": [{"name": step, "note": "a note"} for step in STEPS]},
    "sets": {"kind": "sets", "sets": [{"name": name, "items": STEPS[:2]} for name in THINGS[:3]], "shared": STEPS[:2]},
    "matrix": {"kind": "matrix", "rows": THINGS[:3], "columns": THINGS[3:6], "cells": [THINGS[:3]] * 3},
}
KINDS = {**CONTENTS["usual"], **RELATIONS}
"""No larger than what is derived from a description (`arrangement`)."""


def _listed(data: dict[str, Any]) -> Any:
    return _slide(data).model_copy(update={"layout": "diagram-list"})


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_fits_as_a_list(kind: str) -> None:
    """A teacher would get no film from a description that asks for more than a slide holds."""
    # Beside a full presenter there is no diagram (`presenter_place_for`).
    places: tuple[PresenterPlace, ...] = ("corner", "side", "absent")
    for number, size in enumerate(SIZES, list(KINDS).index(kind)):
        place = places[number % len(places)]
        request = _request(_listed(KINDS[kind]), size, place, THEMES[number // 3 % 3])
        boxes, content = text_boxes(request), request.stage.content
        for one, other in itertools.combinations(boxes, 2):
            assert min(one.overlap(other)) <= (8 if kind in ("terms", "derivation") else 4), (size, place, one, other)
        assert all(box.right <= content.x + content.width + 2 for box in boxes), (size, place)
        assert all(box.bottom <= content.y + content.height + 2 for box in boxes), (size, place)
        if kind not in ("terms", "derivation", "graph"):
            assert all(pixels >= 16 - 1e-6 for pixels, _ in type_sizes(request))


@pytest.mark.parametrize("kind", KINDS)
def test_the_list_has_the_parts_of_the_diagram(kind: str) -> None:
    """A learner would hear of a part that never appears, because its state was planned for the diagram."""
    diagram = DIAGRAMS.validate_python(KINDS[kind])
    listed = diagram_list(diagram, "en")
    told = {part.id for part in diagram.parts() if part.texts and not part.id.startswith("links/")}
    assert {part.id for part in listed} == told
    assert sorted(drawn_parts(_request(_listed(KINDS[kind])))) == sorted(told)


def test_a_chart_as_a_list_keeps_its_numbers() -> None:
    """A learner would see the names of the bars without what the chart is about."""
    texts = [part.text for part in diagram_list(DIAGRAMS.validate_python(KINDS["pie"]), "de")]
    assert texts == ["Nitrogen: 78\u00a0%", "Oxygen: 21\u00a0%", "Other gases: 1\u00a0%"]
    line = diagram_list(DIAGRAMS.validate_python(KINDS["line"]), "en")[0].text
    assert line == "Laws (1950: 40; 1970: 70; 1990: 120; 2010: 300)"


def test_a_derived_diagram_without_room_is_a_list_and_says_so(studio: Studio) -> None:
    """A teacher would get no film of a bare lesson, or not learn that a cycle is shown as a list."""
    studio.write([CYCLE, studio.lamp])
    made = studio.make()
    entry = made.pictures.manifest.sections[0]
    assert entry.listed
    assert not made.pictures.manifest.sections[1].listed
    assert made.pictures.rows[1].facts["layout"] == "diagram-list"
    assert len(entry.states) == len({str(cue.look) for cue in made.script.manifest.sections[0].cues})
    film = studio.finish(made)
    told = json.loads((film.folder / "manifest.json").read_text("utf-8"))["sections"][0]["picture"]
    assert (told["derived"], told["layout"], told["listed"]) == ("cycle", "diagram-list", True)
    assert studio.make().counts == (0, 0, 0)


def test_an_authors_diagram_without_room_is_refused(studio: Studio) -> None:
    """An author would find a list in the film where the lesson says cycle."""
    described = {key: value for key, value in CYCLE.items() if key != "image_description"}
    studio.write([{**described, "diagram": RELATIONS["cycle"]}])
    with pytest.raises(SectionsFailed, match="too large"):
        studio.make()


def test_check_says_which_diagram_becomes_a_list(tmp_path: Path) -> None:
    """A teacher would see it only in the finished film."""
    path = tmp_path / "lesson.json"
    path.write_text(json.dumps({"title": "Store", "sections": [CYCLE]}), "utf-8")
    check = SlideCheck(Settings.model_validate(SMALL), PAINTER)
    problems = problems_of(path.name, read_lesson(path), {}, check)
    found = [each for each in problems if each.code == "diagram-as-list"]
    assert [(each.severity, each.pointer) for each in found] == [("warning", "/sections/0")]
    assert "cycle" in found[0].message
