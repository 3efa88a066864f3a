"""Faults in diagrams: an author would get a message without place or remedy, or a slide that cannot be drawn."""

from __future__ import annotations

from typing import Any

import pytest

from video_assets.studio.lesson.diagram_validation import _KINDS as KINDS
from video_assets.studio.lesson.validation import format_problems

FLOW = {"kind": "flow", "nodes": ["A", "B"]}
NUMBER_LINE = {"kind": "number-line", "from": 0, "to": 10, "marks": [{"at": 5}]}

FAULTS: dict[str, tuple[Any, str, tuple[Any, ...], str]] = {
    "null": (None, "wrong-type", (), "Leave the key out"),
    "a list": ([], "wrong-type", (), '"kind": "flow"'),
    "no kind": ({}, "missing-key", (), "flow, cycle"),
    "misspelt kind": ({"kind": "flo"}, "unknown-value", ("kind",), 'Did you mean "flow"?'),
    "a number as kind": ({"kind": 3}, "unknown-value", ("kind",), "Allowed is flow"),
    "nothing in it": ({"kind": "flow"}, "missing-key", (), "Add it"),
    "no nodes": ({"kind": "flow", "nodes": []}, "too-short", ("nodes",), "Add entries"),
    "a number as node": ({"kind": "flow", "nodes": ["A", 3]}, "wrong-type", ("nodes", 1), "double quotes"),
    "an empty node": ({"kind": "flow", "nodes": ["A", " "]}, "empty-text", ("nodes", 1), "leave the key out"),
    "too many nodes": ({"kind": "flow", "nodes": ["A"] * 20}, "too-long", ("nodes",), "divide the section"),
    "misspelt key": (FLOW | {"link": []}, "unknown-key", ("link",), 'Did you mean "links"?'),
    "misspelt inner key": (
        FLOW | {"links": [{"from": "A", "to": "B", "lable": "x"}]},
        "unknown-key",
        ("links", 0, "lable"),
        'Did you mean "label"?',
    ),
    "an arrow to nothing": (FLOW | {"links": [{"from": "A", "to": "C"}]}, "unknown-node", (), "one of the nodes"),
    "an arrow twice": (FLOW | {"links": [{"from": "A", "to": "B"}] * 2}, "repeated-arrow", (), "different labels"),
    "half an arrow": (FLOW | {"links": [{"from": "A"}]}, "missing-key", ("links", 0), "Add it"),
    "no such shape": (
        {"kind": "graph", "x": {"label": "t"}, "y": {"label": "v"}, "curves": [{"shape": "risin"}]},
        "unknown-value",
        ("curves", 0, "shape"),
        '"rising"',
    ),
    "a step of nothing": (NUMBER_LINE | {"step": 0}, "out-of-range", ("step",), "more than 0"),
    "a text as number": (NUMBER_LINE | {"to": "10"}, "wrong-type", ("to",), "without quotes"),
    "not a number": (NUMBER_LINE | {"to": float("nan")}, "out-of-range", ("to",), "such as 1.5"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_diagram_gets_one_message_with_place_and_remedy(name: str) -> None:
    """An author would have to guess what is wrong, or where."""
    diagram, code, path, remedy = FAULTS[name]
    (problem,) = format_problems({"sections": [{"content": "Hello there.", "diagram": diagram}]})
    assert (problem.code, problem.path) == (code, ("sections", 0, "diagram", *path))
    assert remedy in problem.remedy


def test_a_faulty_entry_is_not_also_reported_as_missing() -> None:
    """An author would look for a second fault that does not exist."""
    series = [{"values": ["1"]}]
    diagram = {"kind": "chart", "type": "bar", "categories": ["a"], "series": series}
    (problem,) = format_problems({"sections": [{"content": "Hello there.", "diagram": diagram}]})
    assert problem.path == ("sections", 0, "diagram", "series", 0, "values", 0)


def test_every_kind_has_a_name_of_its_own() -> None:
    """Two kinds with one name: the second could never be written."""
    assert len(KINDS) == 17
    assert all(model.model_fields["kind"].annotation for model in KINDS.values())
