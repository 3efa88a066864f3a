"""Legible figures: in every state, no text lies on another, and each stands out from what is painted behind it."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.kit.typeset_slides import InkBox, text_boxes_of_states
from video_assets.studio.core.settings import PresenterPlace
from video_assets.studio.lesson.script import Slide, SlideLook
from video_assets.studio.pictures.provider import PictureRequest
from video_assets.studio.slides.parts import parts_of
from video_assets.studio.slides.themes import CONTRAST_FLOOR, contrast, load_theme

from .test_figure_drawings import DIAGRAMS, FORMULAS, USUAL
from .test_figure_drawings import _request as request_of  # pyright: ignore[reportPrivateUsage]
from .test_slides import PAINTER, PLACES, SIZES, THEMES

ROOMS = list(itertools.product(SIZES, PLACES))
INKS = ("text", "muted", "accent", "second", "third")


def _in_all_states(kind: str, size: tuple[int, int], place: PresenterPlace, theme: str) -> PictureRequest:
    slide = Slide(layout="diagram", title="A title", diagram=DIAGRAMS.validate_python(USUAL[kind]))
    ids = tuple(part.id for part in parts_of(slide))
    looks = tuple(SlideLook(shown=ids, marked=marked) for marked in (*((one,) for one in ids), ids))
    return request_of(slide, size, place, theme, looks=looks)


def _luminances(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    shares = pixels / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return linear @ np.array((0.2126, 0.7152, 0.0722))


def _painted_contrast(picture: NDArray[np.uint8], box: InkBox) -> float:
    """The contrast of a text to its ground: the usual pixel at the edge of its box, and the one that differs most."""
    left, top = max(0, int(box.left) - 2), max(0, int(box.top) - 2)
    light = _luminances(picture[top : int(box.bottom) + 3, left : int(box.right) + 3])
    ground = float(np.median(np.concatenate((light[0], light[-1], light[:, 0], light[:, -1]))))
    return max(
        (max(ground, ink) + 0.05) / (min(ground, ink) + 0.05) for ink in (float(light.min()), float(light.max()))
    )


@pytest.mark.parametrize("kind", USUAL)
def test_no_state_of_a_figure_hides_a_text(kind: str) -> None:
    """A learner with weak sight could not read a label in the moment in which it is spoken about."""
    first = list(USUAL).index(kind)
    for number in range(first, first + len(ROOMS), 4):
        (size, place), theme = ROOMS[number % len(ROOMS)], THEMES[number % len(THEMES)]
        request = _in_all_states(kind, size, place, theme)
        pictures = [np.asarray(Image.open(io.BytesIO(png)).convert("RGB")) for png in PAINTER.paint_states(request, {})]
        for picture, boxes in zip(pictures, text_boxes_of_states(request), strict=True):
            most = 8 if kind in FORMULAS else 4
            for one, other in itertools.combinations(boxes, 2):
                assert min(one.overlap(other)) <= most, (size, place, theme, one, other)
            # Of a dot, a minus or a thin bar, no pixel may have the whole colour.
            for box in boxes:
                if box.bottom - box.top >= 8 and box.right - box.left >= 3:
                    assert _painted_contrast(picture, box) >= CONTRAST_FLOOR, (size, place, theme, box)


@pytest.mark.parametrize("name", THEMES)
def test_colours_of_series_are_legible_as_text(name: str) -> None:
    """A learner with weak sight could not read the name of a curve, which has the curve's colour (WCAG 2.2 AA)."""
    colours = load_theme(name).colours
    for ink, ground in itertools.product(INKS, ("paper", "card", "mark")):
        found = contrast(getattr(colours, ink), getattr(colours, ground))
        assert found >= CONTRAST_FLOOR, f"{ink} on {ground}"
