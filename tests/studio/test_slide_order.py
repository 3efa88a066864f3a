"""Slides that are never empty nor full of gaps while their parts appear."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from video_assets.studio.lesson.diagrams import Diagram
from video_assets.studio.lesson.model import Table
from video_assets.studio.lesson.script import Slide

from .test_slide_cues import Cued, bullets, drawn

DIAGRAMS: TypeAdapter[Any] = TypeAdapter(Diagram)
NAMES = ("Ember", "Quartz", "Willow", "Harbour")
LATE = "Hello and welcome to this long introduction, in which nothing is named for quite a while. Then come {}."
BASES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "parts": ({"kind": "parts", "figure": "Ship", "parts": [{"name": "Mast"}, {"name": "Keel"}]}, ("figure",)),
    "cycle": ({"kind": "cycle", "steps": ["Mast", "Keel", "Sail"], "centre": "Ship"}, ("centre",)),
    "hierarchy": (
        {"kind": "hierarchy", "root": {"name": "Ship", "children": [{"name": "Mast"}, {"name": "Keel"}]}},
        ("root",),
    ),
    "graph": (
        {"kind": "graph", "x": {"label": "Mast"}, "y": {"label": "Keel"}, "curves": [{"shape": "rising"}]},
        ("x", "y"),
    ),
    "terms": (
        {
            "kind": "terms",
            "equation": "a = b",
            "terms": [{"symbol": "a", "name": "Mast"}, {"symbol": "b", "name": "Keel"}],
        },
        ("equation",),
    ),
}


@given(st.permutations(NAMES))
def test_rows_appear_from_the_top(order: list[str]) -> None:
    """A learner would look at a single row among empty stripes."""
    table = Table(header=("Name", "n"), rows=tuple((name, str(n)) for n, name in enumerate(NAMES)))
    told = Cued(Slide(layout="table", table=table), " ".join(f"Here we look at {name} for a while." for name in order))
    tokens = [told.token_of(f"rows/{n}") for n in range(len(NAMES))]
    assert tokens == sorted(tokens)
    assert all(
        told.token_of(f"rows/{NAMES.index(name)}") <= told.words.tokens.index(_word(told, name)) for name in order
    )


def _word(told: Cued, name: str) -> Any:
    return next(token for token in told.words.tokens if token.shown.strip(".") == name)


def test_bullets_keep_the_order_of_the_narration() -> None:
    """A learner would read an answer before the question, if points came in the order of the slide."""
    told = Cued(bullets("Quartz", "Ember"), "First we look at Ember. Then, much later, we turn to Quartz.")
    assert told.token_of("bullets/1") < told.token_of("bullets/0")


@pytest.mark.parametrize("kind", BASES)
def test_a_diagram_is_never_an_empty_slide(kind: str) -> None:
    """A learner would look at a title for seconds, and think that the picture is missing."""
    data, bases = BASES[kind]
    told = Cued(drawn(DIAGRAMS.validate_python(data)), LATE.format("the mast and the keel"))
    assert all(told.token_of(base) <= 0 for base in bases)


def test_a_base_that_is_spoken_of_at_once_appears_then() -> None:
    """A learner would see the whole picture before the first word of it."""
    told = Cued(drawn(DIAGRAMS.validate_python(BASES["hierarchy"][0])), "Every ship has a mast, and a keel below.")
    assert told.word_of("root") == "ship"


def test_an_author_may_keep_a_slide_empty() -> None:
    """An author who says when the figure appears would see it earlier."""
    told = Cued(drawn(DIAGRAMS.validate_python(BASES["parts"][0])), LATE.format("[show 1] the mast and the keel"))
    assert told.token_of("figure") > 0
