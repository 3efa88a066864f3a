"""The visuals that writing providers give: a lesson would get a diagram that nobody can draw, or lose a good one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import TypeAdapter

from video_assets.studio.core.errors import InvalidResponse
from video_assets.studio.lesson.diagrams import Diagram
from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.validation import format_problems
from video_assets.studio.writing.provider import SectionText, merge_text, missing_text, read_text
from video_assets.studio.writing.visuals import VisualKind, VisualText, diagram_data, diagram_of

DIAGRAM: TypeAdapter[Any] = TypeAdapter(Diagram)
NARRATION = "The leaf takes water from the soil and light from the sun, and makes sugar of both of them."


def visual(kind: str, *items: tuple[Any, ...], **fields: Any) -> VisualText:
    keys = ("text", "note", "group", "value")
    listed = [dict(zip(keys, item, strict=False)) for item in items]
    return VisualText.model_validate({"kind": kind, "items": listed, **fields})


GIVEN: dict[str, tuple[VisualText, dict[str, Any]]] = {
    "flow": (visual("flow", ("Water",), ("Leaf",), ("Sugar",)), {"nodes": ["Water", "Leaf", "Sugar"]}),
    "flow with links": (
        visual("flow", ("Sun",), ("Leaf",), links=[{"start": "Sun", "end": "Leaf", "label": "light"}]),
        {"nodes": ["Sun", "Leaf"], "links": [{"from": "Sun", "to": "Leaf", "label": "light"}]},
    ),
    "cycle": (visual("cycle", ("Rain",), ("River",), centre="Water"), {"steps": ["Rain", "River"], "centre": "Water"}),
    "comparison": (
        visual("comparison", ("fast", "", "CPU"), ("many", "", "GPU"), ("few", "", "CPU")),
        {"sides": [{"title": "CPU", "points": ["fast", "few"]}, {"title": "GPU", "points": ["many"]}]},
    ),
    "layers": (
        visual("layers", ("Crust", "thin"), ("Mantle",)),
        {"layers": [{"name": "Crust", "note": "thin"}, {"name": "Mantle"}]},
    ),
    "hierarchy": (
        visual("hierarchy", ("Animals",), ("Birds", "", "Animals"), ("Owls", "", "Birds")),
        {"root": {"name": "Animals", "children": [{"name": "Birds", "children": [{"name": "Owls"}]}]}},
    ),
    "parts": (visual("parts", ("Gate", "opens"), ("Drain",), centre="MOSFET"), {"figure": "MOSFET"}),
    "sets": (visual("sets", ("2", "", "Even"), ("3", "", "Odd"), ("0", "", "both")), {"shared": ["0"]}),
    "graph": (
        visual("graph", ("Speed", "Rising"), x_label="Time", y_label="Speed"),
        {"curves": [{"name": "Speed", "shape": "rising"}]},
    ),
    "bar chart": (
        visual("bar chart", ("A", "", "", 3), ("B", "", "", 4), unit="%"),
        {"type": "bar", "categories": ["A", "B"], "unit": "%"},
    ),
    "pie chart": (visual("pie chart", ("A", "", "", 3), ("B", "", "", 4)), {"series": [{"values": [3.0, 4.0]}]}),
    "timeline": (
        visual("timeline", ("Transistor", "1947"), ("Chip", "1958")),
        {"events": [{"when": "1947", "what": "Transistor"}, {"when": "1958", "what": "Chip"}]},
    ),
    "scale": (
        visual("scale", ("1 mm", "ant"), ("1 m",)),
        {"steps": [{"value": "1 mm", "label": "ant"}, {"value": "1 m"}]},
    ),
    "number": (visual("number", ("42", "answers")), {"value": "42", "what": "answers"}),
    "quotation": (
        visual("quotation", ("I think, therefore I am.", "Descartes")),
        {"text": "I think, therefore I am.", "by": "Descartes"},
    ),
    "terms": (
        visual("terms", ("F = m a",), ("F", "force")),
        {"equation": "F = m a", "terms": [{"symbol": "F", "name": "force"}]},
    ),
    "derivation": (
        visual("derivation", ("a = b",), ("a + 1 = b + 1", "add 1")),
        {"steps": [{"equation": "a = b"}, {"equation": "a + 1 = b + 1", "reason": "add 1"}]},
    ),
}


@pytest.mark.parametrize("name", GIVEN)
def test_a_visual_becomes_the_diagram_that_an_author_would_write(name: str) -> None:
    """A written lesson would show prose where the writer asked for a drawing, or a file that `check` refuses."""
    given, expected = GIVEN[name]
    data = diagram_data(given)
    assert data is not None
    assert {key: data[key] for key in expected} == expected
    assert diagram_of(given) == DIAGRAM.validate_python(data)
    assert not format_problems({"sections": [{"content": NARRATION, "diagram": data}]})


def test_every_kind_is_tried() -> None:
    """A kind that is offered to writers and drawn by nobody."""
    assert {given.kind for given, _ in GIVEN.values()} | {"picture", "line chart"} == set(VisualKind.__args__)


@pytest.mark.parametrize(
    "broken",
    [
        visual("flow"),
        visual("flow", ("A",), links=[{"start": "A", "end": "B"}]),
        visual("comparison", ("A", "", "One")),
        visual("graph", ("Speed", "wobbly"), x_label="t", y_label="v"),
        visual("hierarchy"),
        visual("timeline", ("Transistor", ""), ("Chip", "1958")),
        visual("pie chart", ("A", "", "", -1), ("B", "", "", 4)),
        visual("parts", ("A",), ("B",)),
        visual("hierarchy", ("A",), ("B", "", "B")),
    ],
    ids=lambda visual: visual.kind,
)
def test_a_visual_that_cannot_be_drawn_is_refused(broken: VisualText) -> None:
    """The answer would be kept, paid for, and fail later in another stage."""
    answer = SectionText(title="Leaf", narration=NARRATION, visual=broken)
    with pytest.raises(InvalidResponse, match="cannot be drawn"):
        read_text(answer.model_dump_json().encode(), SectionText, "writer")


def test_answers_from_before_there_were_visuals_stay_good() -> None:
    """An upgrade would pay for every written lesson again."""
    text = read_text(json.dumps({"title": "Leaf", "narration": NARRATION}).encode(), SectionText, "writer")
    assert diagram_of(text.visual) is None


def test_a_section_without_anything_to_show_gets_the_diagram() -> None:
    """A section of an archive that has only its text would stay without a drawing."""
    section = Section(id="leaf", pointer="", line=1, narration=NARRATION)
    wanted = missing_text(section)
    assert wanted is not None
    text = SectionText(title="Leaf", narration=NARRATION, visual=GIVEN["flow"][0])
    assert merge_text(wanted, text).show.diagram == diagram_of(GIVEN["flow"][0])
