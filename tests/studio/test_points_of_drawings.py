"""The points of a slide with a drawing: they share the room with it, whatever its format and its presenter."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from PIL import Image

from tests.kit.typeset_slides import text_boxes, type_sizes
from video_assets.studio.core.errors import DoesNotFit
from video_assets.studio.lesson.script import Slide, SlideLook
from video_assets.studio.pictures.provider import PictureRequest
from video_assets.studio.slides.parts import parts_of

from .test_figure_drawings import DIAGRAMS, FORMULAS, USUAL
from .test_figure_drawings import _request as request_of  # pyright: ignore[reportPrivateUsage]
from .test_slides import PAINTER, PLACES, SIZES, THEMES

POINTS = {
    "two": ("One thing to see", "A second thing to see"),
    "three clauses": (
        "The first clause says what a learner can see in this picture",
        "A second clause tells why the line runs as it does",
        "The third one names what follows from it for later work",
    ),
}
TWO, CLAUSES = POINTS.values()


def _slide(kind: str, points: tuple[str, ...]) -> Slide:
    return Slide(layout="diagram", title="A title", diagram=DIAGRAMS.validate_python(USUAL[kind]), bullets=points)


def _outside(request: PictureRequest) -> int:
    """The painted pixels outside the area of the content, or on the presenter."""
    empty = request.model_copy(update={"slide": Slide(layout="statement", statement="·")})
    drawn, ground = (np.asarray(Image.open(io.BytesIO(PAINTER.paint(one, {})))).astype(int) for one in (request, empty))
    ink = np.abs(drawn - ground).max(axis=2) > 12
    content, clear = request.stage.content, request.stage.keep_clear
    rest = ink.copy()
    rest[content.y - 2 : content.y + content.height + 2, content.x - 2 : content.x + content.width + 2] = False
    covered = ink[clear.y : clear.y + clear.height, clear.x : clear.x + clear.width].sum() if clear else 0
    return int(rest.sum() + covered)


@pytest.mark.parametrize("points", POINTS.values(), ids=POINTS)
@pytest.mark.parametrize("kind", USUAL)
def test_a_figure_is_drawn_with_its_points_beside_a_presenter_who_fills_half_the_frame(
    kind: str, points: tuple[str, ...]
) -> None:
    """An author's lesson would be refused because its presenter leaves half of the frame."""
    for number, size in enumerate(SIZES):
        theme = THEMES[(number + list(USUAL).index(kind)) % len(THEMES)]
        request = request_of(_slide(kind, points), size, "full", theme)
        try:
            outside = _outside(request)
        except DoesNotFit as error:
            pytest.fail(f"{kind} with points in {size} and {theme} is refused: {error}")
        assert outside == 0, (size, theme)


@pytest.mark.parametrize("kind", USUAL)
def test_figure_and_points_keep_off_each_other_in_every_place(kind: str) -> None:
    """A learner would read a point through the drawing, or type that is too small for the back of the room."""
    for number, size in enumerate(SIZES):
        turn = number + list(USUAL).index(kind)
        place = PLACES[turn % len(PLACES)]
        request = request_of(_slide(kind, CLAUSES), size, place, THEMES[turn % len(THEMES)])
        assert _outside(request) == 0, (size, place)
        most = 8 if kind in FORMULAS else 4
        for one, other in itertools.combinations(text_boxes(request), 2):
            assert min(one.overlap(other)) <= most, (size, place, one, other)
        if kind not in FORMULAS:
            assert min(pixels for pixels, text in type_sizes(request) if text not in {"DS", "D"}) >= 16 - 1e-6


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_two_points_have_type_of_at_least_twenty_pixels(size: tuple[int, int]) -> None:
    """A class would have to read small points beside a drawing that has room to give."""
    for kind, place in itertools.product(("bar", "timeline", "number"), ("corner", "side", "absent")):
        sizes = type_sizes(request_of(_slide(kind, TWO), size, place))
        assert min(pixels for pixels, text in sizes if "thing" in text) >= 20 * 0.95, (kind, place)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_column_of_points_stands_where_reading_ends(language: str) -> None:
    """A reader would meet the points before the drawing that they explain."""
    word = "ملاحظة" if language == "ar" else "remark"
    slide = _slide("bar", (f"{word} {word} {word} {word}", f"{word} {word}", f"{word} {word} {word}"))
    others = tuple(part.id for part in parts_of(slide) if not part.id.startswith("bullets/"))
    request = request_of(slide, (1280, 720), "full", language=language, looks=(SlideLook(shown=others),))
    whole, bare = (np.asarray(Image.open(io.BytesIO(png))).astype(int) for png in PAINTER.paint_states(request, {}))
    (columns,) = np.nonzero((np.abs(whole - bare).max(axis=2) > 12).any(axis=0))
    (drawing,) = np.nonzero((np.abs(bare[400:] - bare[400, 900]).max(axis=2) > 60).sum(axis=0) > 60)
    middle_px = drawing.mean()
    assert columns.max() < middle_px if language == "ar" else columns.min() > middle_px


def test_points_that_leave_no_room_are_named() -> None:
    """An author would be told that the drawing is too large, and would shorten the wrong text."""
    points = tuple(f"{number} {'many words that say very little ' * 6}" for number in range(8))
    with pytest.raises(DoesNotFit) as caught:
        PAINTER.paint(request_of(_slide("bar", points), (1280, 720), "full"), {})
    assert caught.value.place.startswith("/bullets/")
