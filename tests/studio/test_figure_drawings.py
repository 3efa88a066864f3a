"""Graphs, charts, timelines, number lines, scales, statements and formulas as they are drawn."""

from __future__ import annotations

import io
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from pydantic import TypeAdapter, ValidationError

from tests.kit.typeset_slides import drawn_parts, text_boxes, type_sizes
from video_assets.studio.core.errors import DoesNotFit
from video_assets.studio.core.frame_layout import plan_layout
from video_assets.studio.core.settings import PresenterPlace
from video_assets.studio.lesson.diagrams import Diagram
from video_assets.studio.lesson.script import Slide, SlideLook
from video_assets.studio.pictures.provider import PictureRequest, SlideStyle
from video_assets.studio.slides.parts import parts_of
from video_assets.studio.slides.themes import load_theme

from .test_slides import PAINTER, PLACES, SIZES, THEMES

DIAGRAMS: TypeAdapter[Any] = TypeAdapter(Diagram)
LANDSCAPE = (1280, 720)

USUAL: dict[str, dict[str, Any]] = {
    "graph": {
        "kind": "graph",
        "x": {"label": "V_DS", "unit": "V"},
        "y": {"label": "I_D", "unit": "mA"},
        "curves": [{"name": "Drain current", "shape": "saturating"}, {"name": "Leakage", "shape": "flat"}],
        "regions": [{"name": "triode", "from": 0, "to": 0.35}, {"name": "saturation", "from": 0.35, "to": 1}],
    },
    "bar": {
        "kind": "chart",
        "type": "bar",
        "categories": ["Spring", "Summer", "Autumn"],
        "series": [{"name": "Rain", "values": [20, 5, 14]}, {"name": "Snow", "values": [8, -2, 3]}],
        "unit": "mm of water",
    },
    "line": {
        "kind": "chart",
        "type": "line",
        "categories": ["1950", "1970", "1990", "2010"],
        "series": [{"name": "Laws", "values": [40, 70, 120, 300]}, {"name": "Courts", "values": [30, 65, 60, 90]}],
    },
    "scatter": {
        "kind": "chart",
        "type": "scatter",
        "categories": ["150", "160.5", "171", "183"],
        "series": [{"name": "Girls", "values": [45, 52, 60, 66]}, {"name": "Boys", "values": [47, 57, 66, 79]}],
        "x_label": "Height in cm",
        "y_label": "Mass",
        "unit": "kg",
    },
    "pie": {
        "kind": "chart",
        "type": "pie",
        "categories": ["Nitrogen", "Oxygen", "Other gases"],
        "series": [{"values": [78, 21, 1]}],
        "unit": "%",
    },
    "timeline": {
        "kind": "timeline",
        "events": [
            {"when": "1947", "what": "Transistor"},
            {"when": "1958", "what": "Integrated circuit"},
            {"when": "1971", "what": "Microprocessor"},
            {"when": "2007", "what": "Smartphone"},
        ],
    },
    "number-line": {
        "kind": "number-line",
        "from": -5,
        "to": 5,
        "marks": [{"at": -3, "label": "three below"}, {"at": 2.5, "label": "here"}, {"at": 3, "label": "and here"}],
    },
    "scale": {
        "kind": "scale",
        "steps": [
            {"value": "Thousand", "label": "17 minutes"},
            {"value": "Million", "label": "12 days"},
            {"value": "Billion", "label": "32 years"},
        ],
        "between": "× 1000",
    },
    "quotation": {"kind": "quotation", "text": "Tell me what you eat, and I tell you what you are.", "by": "Savarin"},
    "number": {"kind": "number", "value": "100,000", "what": "heartbeats a day", "compare": "forty million a year"},
    "terms": {
        "kind": "terms",
        "equation": r"P(A \mid B) = \frac{P(B \mid A) P(A)}{P(B)}",
        "terms": [
            {"symbol": r"P(A \mid B)", "name": "posterior"},
            {"symbol": r"P(B \mid A)", "name": "likelihood"},
            {"symbol": "P(A)", "name": "prior"},
            {"symbol": "P(B)", "name": "evidence"},
        ],
    },
    "derivation": {
        "kind": "derivation",
        "steps": [
            {"equation": "x^2 + 10x = 39", "reason": "the puzzle"},
            {"equation": "x^2 + 10x + 25 = 64", "reason": "add 25 on both sides"},
            {"equation": "(x+5)^2 = 64", "reason": "a perfect square"},
            {"equation": r"\Rightarrow x = 3"},
        ],
    },
}
"""What a lesson usually shows. It has room in every format, beside every presenter."""

SMALL: dict[str, dict[str, Any]] = {
    "graph": {"kind": "graph", "x": {"label": "t"}, "y": {"label": "x"}, "curves": [{"shape": "wave"}]},
    "bar": {"kind": "chart", "type": "bar", "categories": ["a"], "series": [{"values": [1]}]},
    "line": {"kind": "chart", "type": "line", "categories": ["a", "b"], "series": [{"values": [1, 2]}]},
    "scatter": {"kind": "chart", "type": "scatter", "categories": ["1", "2"], "series": [{"values": [3, 3]}]},
    "pie": {"kind": "chart", "type": "pie", "categories": ["all", "none"], "series": [{"values": [2, 0]}]},
    "timeline": {"kind": "timeline", "events": [{"when": "1", "what": "a"}, {"when": "2", "what": "b"}]},
    "number-line": {"kind": "number-line", "from": 0, "to": 1, "marks": [{"at": 1}]},
    "scale": {"kind": "scale", "steps": [{"value": "1"}, {"value": "2"}]},
    "quotation": {"kind": "quotation", "text": "So."},
    "number": {"kind": "number", "value": "7", "what": "days"},
    "terms": {"kind": "terms", "equation": "x", "terms": [{"symbol": "x", "name": "it"}]},
    "derivation": {"kind": "derivation", "steps": [{"equation": "a"}, {"equation": "b"}]},
}

HOURS = [str(hour) for hour in range(24)]
LONG = "Something important that takes a while to tell"
LARGE: dict[str, dict[str, Any]] = {
    "graph": {
        "kind": "graph",
        "x": {"label": "Time since the beginning", "unit": "hours", "ticks": ["0", "6", "12", "18", "24"]},
        "y": {"label": "Population", "unit": "million cells", "ticks": ["0", "1", "2", "3", "4"]},
        "curves": [
            {"name": f"{shape} culture", "shape": shape} for shape in ("s", "exponential", "flat", "decay", "peak")
        ],
        "regions": [{"name": f"phase {n}", "from": n / 4, "to": (n + 1) / 4} for n in range(4)],
    },
    "bar": {
        "kind": "chart",
        "type": "bar",
        "categories": HOURS,
        "series": [{"values": [(7 * n) % 17 + 1 for n in range(24)]}],
        "x_label": "Hour of the day",
    },
    "line": {
        "kind": "chart",
        "type": "line",
        "categories": HOURS,
        "series": [{"name": f"Sensor {k}", "values": [k * 5 + (3 * n) % 7 for n in range(24)]} for k in range(4)],
        "unit": "°C",
    },
    "scatter": {
        "kind": "chart",
        "type": "scatter",
        "categories": HOURS,
        "series": [{"name": f"Group {k}", "values": [k * 5 + (3 * n) % 7 for n in range(24)]} for k in range(4)],
    },
    "pie": {
        "kind": "chart",
        "type": "pie",
        "categories": [f"Item {n}" for n in range(12)],
        "series": [{"values": [n % 5 + 1 for n in range(12)]}],
    },
    "timeline": {"kind": "timeline", "events": [{"when": str(1900 + 15 * n), "what": LONG} for n in range(8)]},
    "number-line": {
        "kind": "number-line",
        "from": 0,
        "to": 40,
        "marks": [{"at": 10 + 1.3 * n, "label": f"mark number {n}"} for n in range(8)],
    },
    "scale": {
        "kind": "scale",
        "steps": [{"value": f"10^{3 * n} m", "label": "a long way"} for n in range(8)],
        "between": "× 1000",
    },
    "quotation": {"kind": "quotation", "text": f"{LONG}. " * 6, "by": "Somebody with a long name"},
    "number": {"kind": "number", "value": "299 792 458 m/s", "what": LONG, "compare": LONG},
    "terms": {
        "kind": "terms",
        "equation": "F = a + b + c + d + e + f + g",
        "terms": [{"symbol": symbol, "name": "voltage from gate to source"} for symbol in "Fabcdefg"],
    },
    "derivation": {
        "kind": "derivation",
        "steps": [{"equation": f"x^{n} + {n}x = {n * n}", "reason": "because it follows"} for n in range(8)],
    },
}
CONTENTS = {"small": SMALL, "usual": USUAL, "large": LARGE}
FORMULAS = ("terms", "derivation")


def _slide(data: dict[str, Any], bullets: tuple[str, ...] = ()) -> Slide:
    return Slide(layout="diagram", title="A title", diagram=DIAGRAMS.validate_python(data), bullets=bullets)


def _request(
    slide: Slide,
    size: tuple[int, int] = LANDSCAPE,
    place: PresenterPlace = "corner",
    theme: str = "paper",
    language: str = "en",
    looks: tuple[SlideLook, ...] = (),
) -> PictureRequest:
    stage = plan_layout(*size, place)
    return PictureRequest(slide=slide, stage=stage, look=SlideStyle(theme=theme), language=language, looks=looks)


def _states(request: PictureRequest) -> list[NDArray[np.int16]]:
    found = []
    for png in PAINTER.paint_states(request, {}):
        with Image.open(io.BytesIO(png)) as picture:
            found.append(np.asarray(picture).astype(np.int16))
    return found


def _ink(request: PictureRequest) -> NDArray[np.bool_]:
    """The pixels that the slide paints on its empty background."""
    empty = request.model_copy(update={"slide": Slide(layout="statement", statement="·")})
    return np.abs(_states(request)[0] - _states(empty)[0]).max(axis=2) > 12


ROOMS = list(itertools.product(SIZES, PLACES))
ROOMS_AND_CONTENTS = [
    (size, place, contents)
    for number, (size, place) in enumerate(ROOMS)
    for contents in ("usual", ("small", "large")[number % 2])
]


@pytest.mark.parametrize(("size", "place", "contents"), ROOMS_AND_CONTENTS, ids=str)
def test_figures_stay_inside_and_keep_off_the_presenter(
    size: tuple[int, int], place: PresenterPlace, contents: str
) -> None:
    """A learner would lose the end of an axis at the edge of the frame or behind the presenter."""
    start = (SIZES.index(size) + PLACES.index(place)) % len(THEMES)
    themes = itertools.cycle(THEMES[start:] + THEMES[:start])
    shown = 0
    for theme, (kind, data) in zip(themes, CONTENTS[contents].items(), strict=False):
        request = _request(_slide(data), size, place, theme)
        try:
            ink = _ink(request)
        except DoesNotFit as error:
            assert contents == "large", f"{kind} does not fit"
            assert error.place.startswith("/diagram/"), kind
            continue
        shown += 1
        content, clear = request.stage.content, request.stage.keep_clear
        assert ink.sum() > 500, kind
        inside = np.zeros_like(ink)
        inside[content.y - 2 : content.y + content.height + 2, content.x - 2 : content.x + content.width + 2] = True
        assert not (ink & ~inside).any(), f"{kind} leaves the safe area"
        if clear:
            assert not ink[clear.y : clear.y + clear.height, clear.x : clear.x + clear.width].any(), kind
    assert shown >= len(CONTENTS[contents]) / 2


@pytest.mark.parametrize("kind", USUAL)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_texts_keep_off_each_other_and_are_legible(size: tuple[int, int], kind: str) -> None:
    """A learner would read two labels as one, or none from the back of the room."""
    theme = THEMES[(SIZES.index(size) + list(USUAL).index(kind)) % len(THEMES)]
    for contents in CONTENTS.values():
        request = _request(_slide(contents[kind], bullets=("One thing to see",)), size, "corner", theme)
        try:
            boxes = text_boxes(request)
        except RuntimeError as error:  # Typst's own error; the painter's tests hold its translation
            assert "does-not-fit|/diagram/" in str(error)
            continue
        # An index may touch its letter, and a bound its integral.
        most = 8 if kind in FORMULAS else 4
        for one, other in itertools.combinations(boxes, 2):
            assert min(one.overlap(other)) <= most, (kind, one, other)
        sizes = type_sizes(request)
        if kind not in FORMULAS:
            assert all(pixels >= 16 * 0.68 - 1e-6 for pixels, _ in sizes)
            assert all(pixels >= 16 - 1e-6 for pixels, text in sizes if text not in {"DS", "D"})


@pytest.mark.parametrize("kind", USUAL)
def test_each_part_is_drawn_once_and_marked(kind: str) -> None:
    """A learner would hear of a curve that never appears, or not see which one is spoken about."""
    for contents, theme in zip(CONTENTS.values(), THEMES, strict=True):
        slide = _slide(contents[kind])
        ids = tuple(part.id for part in parts_of(slide))
        assert sorted(drawn_parts(_request(slide, theme=theme))) == sorted(ids)
    slide = _slide(USUAL[kind])
    ids = tuple(part.id for part in parts_of(slide))
    hidden = [SlideLook(shown=tuple(other for other in ids if other != one)) for one in ids]
    marked = [SlideLook(shown=ids, marked=(one,)) for one in ids]
    whole, *states = _states(_request(slide, looks=(*hidden, *marked)))
    for one, without, lit in zip(ids, states[: len(ids)], states[len(ids) :], strict=True):
        assert (np.abs(without - whole).max(axis=2) > 12).sum() > 30, f"{one} shows nothing"
        assert (np.abs(lit - whole).max(axis=2) > 12).sum() > 30, f"{one} is not marked"


WORDS = {
    "de": "Donaudampfschifffahrtsgesellschaft",
    "zh": "光合作用把光能变成化学能",
    "hi": "प्रकाश संश्लेषण की दर",
    "ar": "سرعة الضوء في الفراغ",
}


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_words_of_other_scripts_and_long_ones_have_room(size: tuple[int, int], language: str) -> None:
    """A class in Berlin, Shanghai, Delhi or Cairo would see words cut or laid over each other."""
    word = WORDS[language]
    figures: tuple[dict[str, Any], ...] = (
        USUAL["graph"] | {"x": {"label": word}, "regions": [], "curves": [{"name": word, "shape": "rising"}]},
        {"kind": "chart", "type": "bar", "categories": [word, "a"], "series": [{"values": [3, 1]}], "unit": "€"},
        {"kind": "chart", "type": "pie", "categories": [word, "a"], "series": [{"values": [3, 1]}], "unit": "%"},
        {"kind": "timeline", "events": [{"when": "1900", "what": word}, {"when": "2000", "what": word}]},
        {"kind": "number-line", "from": 0, "to": 9, "marks": [{"at": 1, "label": word}, {"at": 2, "label": word}]},
        {"kind": "scale", "steps": [{"value": word}, {"value": "10^9", "label": word}]},
        {"kind": "quotation", "text": word, "by": word},
        {"kind": "terms", "equation": "F = m a", "terms": [{"symbol": "m", "name": word}]},
    )
    for number, data in enumerate(figures):
        request = _request(_slide(data), size, "corner", THEMES[number % 3], language)
        ink, content = _ink(request), request.stage.content
        rows, columns = np.nonzero(ink)
        assert columns.min() >= content.x - 2, data["kind"]
        assert columns.max() < content.x + content.width + 2, data["kind"]
        assert rows.max() < content.y + content.height + 2, data["kind"]
        assert all(min(a.overlap(b)) <= 6 for a, b in itertools.combinations(text_boxes(request), 2)), data["kind"]


def test_a_timeline_runs_as_its_language_is_read() -> None:
    """An Arabic reader would read history backwards; axes of graphs stay as mathematics has them."""
    events = {"kind": "timeline", "events": [{"when": "1", "what": "m" * 9}, {"when": "2", "what": "i"}]}
    first = SlideLook(shown=("events/0",))
    middles = {}
    for language in ("en", "ar"):
        none, one = _states(_request(_slide(events), language=language, looks=(SlideLook(), first)))[1:]
        middles[language] = np.nonzero((none != one).any(axis=2))[1].mean()
    assert middles["en"] < 500 < middles["ar"]


# Numbers ------------------------------------------------------------------------------------------------------------


def _colour_mask(picture: NDArray[np.int16], colour: str) -> NDArray[np.bool_]:
    channels = [int(colour[n : n + 2], 16) for n in (1, 3, 5)]
    return np.abs(picture - np.array(channels)).max(axis=2) <= 10


@pytest.mark.parametrize("values", [(2, 5, 8), (7.5, 1, 0.25), (-4, 3, 6)], ids=str)
@pytest.mark.parametrize("size", [(1280, 720), (720, 1280)], ids=str)
def test_bars_are_as_long_as_their_numbers(values: tuple[float, ...], size: tuple[int, int]) -> None:
    """A learner would compare lengths that lie."""
    data = {"kind": "chart", "type": "bar", "categories": ["a", "b", "c"], "series": [{"values": values}]}
    slide = _slide(data)
    ids = [part.id for part in parts_of(slide)]
    looks = tuple(SlideLook(shown=(one,)) for one in ids)
    _, *states = _states(_request(slide, size, "absent", "signal", looks=looks))
    lengths = []
    for state in states:
        rows, columns = np.nonzero(_colour_mask(state, load_theme("signal").colours.second))
        lengths.append((np.ptp(rows) if size[0] > size[1] else np.ptp(columns)) + 1)
    ratios = np.array(lengths) / max(lengths)
    expected = np.abs(values) / max(np.abs(values))
    assert ratios == pytest.approx(expected, abs=0.015)


@pytest.mark.parametrize("values", [(78, 21, 1), (1, 1, 2), (5, 0, 3)], ids=str)
def test_pieces_of_a_pie_are_as_large_as_their_numbers(values: tuple[float, ...]) -> None:
    """A learner would see a quarter as a third."""
    data = {"kind": "chart", "type": "pie", "categories": ["a", "b", "c"], "series": [{"values": values}]}
    slide = _slide(data)
    ids = [part.id for part in parts_of(slide)]
    looks = (SlideLook(), *(SlideLook(shown=(one,)) for one in ids))
    _, empty, *states = _states(_request(slide, LANDSCAPE, "absent", "paper", looks=looks))
    areas = []
    for state in states:
        ink = np.abs(state - empty).max(axis=2) > 4
        # Opened by a square of seven pixels: letters and arms are thinner than pieces.
        thick = _eroded(ink, 9)
        areas.append(float(thick.sum()))
    whole = sum(areas)
    measured = np.array(areas) / whole
    assert measured == pytest.approx(np.array(values) / sum(values), abs=0.03)


def _eroded(mask: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """The pixels whose neighbours within `width` to the right and below are all in `mask`."""
    found = mask.copy()
    for axis in (0, 1):
        grown = found.copy()
        for step in range(1, width):
            grown &= np.roll(found, -step, axis=axis)
        found = grown
    return found


def test_curves_run_through_their_points() -> None:
    """A learner would read a wrong value off the graph."""
    points = [[0, 0], [1, 10], [2, 40], [4, 20]]
    data = {
        "kind": "graph",
        "x": {"label": "t", "ticks": ["0", "1", "2", "3", "4"]},
        "y": {"label": "v", "ticks": ["0", "20", "40"]},
        "curves": [{"shape": "points", "points": points}],
    }
    slide = _slide(data)
    axes, curve = ("x", "y"), ("curves/0",)
    looks = (SlideLook(), SlideLook(shown=axes), SlideLook(shown=curve))
    _, empty, _, drawn = _states(_request(slide, LANDSCAPE, "absent", "signal", looks=looks))
    rows, columns = np.nonzero(np.abs(drawn - empty).max(axis=2) > 60)
    # Its points are the ends of the ink, beyond which only half a marker reaches.
    left, right, top, bottom = columns.min() + 7, columns.max() - 7, rows.min() + 7, rows.max() - 7
    ink = set(zip(rows.tolist(), columns.tolist(), strict=True))
    for x, y in points:
        column, row = round(left + (right - left) * x / 4), round(bottom - (bottom - top) * y / 40)
        near = ((row + a, column + b) for a in range(-3, 4) for b in range(-3, 4))
        assert any(pixel in ink for pixel in near), (x, y)


# Generated contents -------------------------------------------------------------------------------------------------

TEXTS = st.text(st.sampled_from("abcdefgh     ijklmnopqrstuvwxyzäöü光合作用"), min_size=1, max_size=40).filter(
    lambda text: text.strip() == text and "  " not in text
)
NUMBERS = st.one_of(st.integers(-(10**6), 10**9).map(float), st.floats(-1e4, 1e4).map(lambda x: round(x, 3)))


@st.composite
def _charts(draw: st.DrawFn) -> dict[str, Any]:
    count, many = draw(st.integers(1, 24)), draw(st.integers(1, 4))
    kind = draw(st.sampled_from(("bar", "line", "pie", "scatter")))
    names = [str(draw(st.integers(-99, 99))) if kind == "scatter" else draw(TEXTS) for _ in range(count)]
    number = NUMBERS.map(abs) if kind == "pie" else NUMBERS
    rows = range(1 if kind == "pie" else many)
    series = [{"name": draw(TEXTS), "values": [draw(number) for _ in range(count)]} for _ in rows]
    return {
        "kind": "chart",
        "type": kind,
        "categories": names,
        "series": series,
        "unit": draw(st.sampled_from(("", "%", "mm"))),
    }


@st.composite
def _graphs(draw: st.DrawFn) -> dict[str, Any]:
    shapes = ("rising", "falling", "exponential", "decay", "saturating", "s", "step", "peak", "valley", "wave", "flat")
    point = st.tuples(NUMBERS, NUMBERS)
    by_points = st.lists(point, min_size=2, max_size=9).map(lambda points: {"shape": "points", "points": points})
    curve = st.one_of(st.sampled_from(shapes).map(lambda shape: {"shape": shape}), by_points)
    curves = [draw(curve) | {"name": draw(TEXTS)} for _ in range(draw(st.integers(1, 5)))]
    start = draw(st.integers(0, 8)) / 10
    regions = [{"name": draw(TEXTS), "from": start, "to": start + 0.2}] if draw(st.booleans()) else []
    axes = {axis: {"label": draw(TEXTS), "unit": draw(st.sampled_from(("", "kg")))} for axis in ("x", "y")}
    return {"kind": "graph", "curves": curves, "regions": regions, **axes}


@st.composite
def _lines(draw: st.DrawFn) -> dict[str, Any]:
    end = draw(st.sampled_from((1.0, 10.0, 1000.0)))
    places = draw(st.lists(st.floats(0, 1), min_size=1, max_size=8))
    marks = [{"at": round(place * end, 3), "label": draw(TEXTS)} for place in places]
    return {"kind": "number-line", "from": 0, "to": end, "step": end / 10, "marks": marks}


@settings(max_examples=30, deadline=None)
@given(
    data=st.one_of(_charts(), _graphs(), _lines()),
    size=st.sampled_from(SIZES),
    place=st.sampled_from(PLACES),
    theme=st.sampled_from(THEMES),
)
def test_generated_figures_are_whole_or_refused_with_their_place(
    data: dict[str, Any], size: tuple[int, int], place: PresenterPlace, theme: str
) -> None:
    """An author would get a slide with labels over each other, or an error that names nothing."""
    try:
        request = _request(_slide(data), size, place, theme)
    except ValidationError:
        return
    try:
        ink = _ink(request)
    except DoesNotFit as error:
        assert error.place.startswith("/diagram/")
        return
    content = request.stage.content
    rows, columns = np.nonzero(ink)
    assert rows.max() < content.y + content.height + 2
    assert columns.min() >= content.x - 2
    assert columns.max() < content.x + content.width + 2
    boxes = text_boxes(request)
    assert all(min(a.overlap(b)) <= 4 for a, b in itertools.combinations(boxes, 2))
