"""Generated diagrams of relations: drawn whole, or refused with the place of something in them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from video_assets.studio.core.errors import DoesNotFit
from video_assets.studio.core.settings import PresenterPlace
from video_assets.studio.slides.flow_layers import layers_of
from video_assets.studio.slides.flow_ranks import feedback_of

from .relation_contents import NAMES, Content
from .test_relation_drawings import check_places, relation_request
from .test_slides import PLACES, SIZES, THEMES

WORDS = {language: st.sampled_from(names) for language, names in NAMES.items()}
LANGUAGE = st.sampled_from(tuple(NAMES))


def _texts(language: str) -> st.SearchStrategy[str]:
    return st.lists(WORDS[language], min_size=1, max_size=4).map(lambda words: "".join(f" {w}" for w in words).strip())


@st.composite
def _flows(draw: st.DrawFn, text: st.SearchStrategy[str]) -> Content:
    nodes = draw(st.lists(text, min_size=1, max_size=8, unique=True))
    end = st.sampled_from(nodes)
    link = st.fixed_dictionaries({"from": end, "to": end}, optional={"label": text})
    return {"kind": "flow", "nodes": nodes, "links": draw(st.lists(link, max_size=10))}


@st.composite
def _grids(draw: st.DrawFn, text: st.SearchStrategy[str]) -> Content:
    columns, rows = (draw(st.lists(text, min_size=2, max_size=4)) for _ in range(2))
    cells = [[draw(st.one_of(text, st.just(""))) for _ in columns] for _ in rows]
    titles = {key: draw(text) for key in ("column_title", "row_title") if draw(st.booleans())}
    return {"kind": "matrix", "columns": columns, "rows": rows, "cells": cells, **titles}


def _contents(language: str) -> st.SearchStrategy[tuple[str, Content]]:
    text = _texts(language)
    few = st.lists(text, max_size=5)
    branch: st.SearchStrategy[Any] = st.recursive(
        st.fixed_dictionaries({"name": text}),
        lambda inner: st.fixed_dictionaries({"name": text, "children": st.lists(inner, max_size=4)}),
        max_leaves=8,
    )
    named = st.fixed_dictionaries({"name": text}, optional={"note": text})
    part = {
        "cycle": st.fixed_dictionaries({"steps": st.lists(text, min_size=2, max_size=8)}, optional={"centre": text}),
        "comparison": st.fixed_dictionaries(
            {
                "sides": st.lists(st.fixed_dictionaries({"title": text, "points": few}), min_size=2, max_size=3),
                "relation": st.sampled_from(("versus", "before-after")),
            }
        ),
        "layers": st.fixed_dictionaries(
            {"layers": st.lists(named, min_size=2, max_size=9), "look": st.sampled_from(("stack", "section"))}
        ),
        "hierarchy": st.fixed_dictionaries({"root": branch}),
        "parts": st.fixed_dictionaries({"figure": text, "parts": st.lists(named, min_size=2, max_size=8)}),
        "sets": st.fixed_dictionaries(
            {
                "sets": st.lists(st.fixed_dictionaries({"name": text, "items": few}), min_size=2, max_size=3),
                "shared": st.lists(text, max_size=4),
                "arrangement": st.sampled_from(("overlap", "nested", "apart")),
            }
        ),
    }
    kinds = [each.map(lambda data, kind=kind: {"kind": kind, **data}) for kind, each in part.items()]
    return st.tuples(st.just(language), st.one_of(*kinds, _flows(text), _grids(text)))


@settings(max_examples=40, deadline=None)
@given(
    written=LANGUAGE.flatmap(_contents),
    size=st.sampled_from(SIZES),
    place=st.sampled_from(PLACES),
    theme=st.sampled_from(THEMES),
)
def test_generated_relations_are_whole_or_refused_with_their_place(
    written: tuple[str, Content], size: tuple[int, int], place: PresenterPlace, theme: str
) -> None:
    """An author would get boxes over each other, or an error that names nothing to shorten."""
    language, data = written
    try:
        request = relation_request(data, size, place, theme, language)
    except ValidationError:
        return
    try:
        check_places(request)
    except DoesNotFit as error:
        assert error.place.startswith("/diagram/")


ARROWS = st.integers(1, 8).flatmap(
    lambda count: st.tuples(
        st.just(count), st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=12)
    )
)


@given(flow=ARROWS, labelled=st.lists(st.booleans(), min_size=12, max_size=12))
def test_arrows_pass_every_layer_between_their_boxes_at_a_place_of_their_own(
    flow: tuple[int, list[tuple[int, int]]], labelled: list[bool]
) -> None:
    """A learner would see an arrow run through a box, or a label without an arrow."""
    count, arrows = flow
    layers = layers_of(count, arrows, labelled[: len(arrows)])
    items = [item for layer in layers for item in layer.items]
    assert sorted(item.node for item in items if item.node is not None) == list(range(count))
    layer_of = {item.node: n for n, layer in enumerate(layers) for item in layer.items if item.node is not None}
    for number, ((start, end), back) in enumerate(zip(arrows, feedback_of(count, arrows), strict=True)):
        passed = [n for n, layer in enumerate(layers) if any(item.link == number for item in layer.items)]
        assert passed == ([] if back else list(range(layer_of[start] + 1, layer_of[end])))
        assert sum(number in layer.labels for layer in layers) == (labelled[number] and not back)


def test_layers_are_ordered_so_that_fewer_arrows_cross() -> None:
    """A learner would have to follow two arrows through a crossing that need not be there."""
    first, second = layers_of(4, [(0, 3), (1, 2)], [False, False])
    ends = {0: 3, 1: 2}
    assert [ends[item.node] for item in first.items if item.node is not None] == [item.node for item in second.items]


@pytest.mark.parametrize("count", [1, 5])
def test_a_flow_without_arrows_is_one_layer(count: int) -> None:
    """An author of unconnected boxes would get an error instead of a slide."""
    (layer,) = layers_of(count, [], [])
    assert len(layer.items) == count
