"""The stage: safe margins, and a presenter that stands on nothing."""

from __future__ import annotations

import pytest

from video_assets.studio.core.frame_layout import Box, FrameLayout, plan_layout
from video_assets.studio.core.settings import PresenterPlace

SIZES = [(1280, 720), (1920, 1080), (720, 1280), (1080, 1080), (640, 360), (854, 480)]
PLACES: list[PresenterPlace] = ["corner", "side", "full", "absent"]


def _inside(inner: Box, outer: Box) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


def _apart(one: Box, other: Box) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    return beside or one.y + one.height <= other.y or other.y + other.height <= one.y


def _stages() -> list[FrameLayout]:
    return [plan_layout(width, height, place) for width, height in SIZES for place in PLACES]


@pytest.mark.parametrize("stage", _stages(), ids=str)
def test_content_keeps_the_safe_margins(stage: FrameLayout) -> None:
    """A learner whose player or phone cuts the edges would lose words."""
    x, y = int(stage.width_px * 0.05) // 2 * 2, int(stage.height_px * 0.05) // 2 * 2
    assert _inside(stage.content, Box(x=x, y=y, width=stage.width_px - 2 * x, height=stage.height_px - 2 * y))


@pytest.mark.parametrize("stage", _stages(), ids=str)
def test_presenter_and_content_are_apart(stage: FrameLayout) -> None:
    """A learner would see the presenter's head in front of the formula."""
    if stage.presenter is None:
        assert stage.keep_clear is None
        return
    assert _inside(stage.presenter, Box(x=0, y=0, width=stage.width_px, height=stage.height_px))
    assert stage.keep_clear == stage.presenter or _apart(stage.presenter, stage.content)


@pytest.mark.parametrize("stage", _stages(), ids=str)
def test_boxes_are_even(stage: FrameLayout) -> None:
    """The composer, which pastes in 4:2:0, would smear the presenter's edge by half a pixel."""
    for box in filter(None, (stage.content, stage.keep_clear, stage.presenter)):
        assert all(value % 2 == 0 and value >= 0 for value in box.model_dump().values())
