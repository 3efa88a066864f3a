"""The layout of a frame in whole pixels: the area of the slide's content and the presenter's box.

The typesetter of slides and the composer of clips share it. Does not belong here: drawing.
"""

from __future__ import annotations

from .settings import PresenterPlace
from .values import FrozenModel


class Box(FrozenModel):
    """A rectangle in pixels from the frame's top left corner. All four numbers are even, as 4:2:0 chroma requires."""

    x: int
    y: int
    width: int
    height: int


class FrameLayout(FrozenModel):
    """The frame, the part of it for the slide's content, and the presenter's box (None if there is no presenter)."""

    width_px: int
    height_px: int
    content: Box
    """Content must stay inside this box. It excludes the safe margins of 5 %."""
    keep_clear: Box | None
    """A corner of `content` that content must flow around or end above; None if nothing overlaps it."""
    presenter: Box | None


def _even(value: float) -> int:
    return int(value) // 2 * 2


def _box(x: float, y: float, width: float, height: float) -> Box:
    return Box(x=_even(x), y=_even(y), width=_even(width), height=_even(height))


def plan_layout(width_px: int, height_px: int, place: PresenterPlace) -> FrameLayout:
    """The layout of a frame of `width_px` x `height_px` with a presenter at `place`.

    corner: a square at the bottom right with a side of a third of the frame's short edge, at a distance from the edges.
    side: a panel at the right (landscape and square) or the bottom (portrait), 30 % of the frame. full: about the upper
    half for the presenter, the lower half for the slide. absent: the whole frame for the slide. Content keeps safe
    margins of 5 % at every edge of the frame.
    """
    plan = {"corner": _corner, "side": _side, "full": _full}.get(place)
    margin_x, margin_y = _even(width_px * 0.05), _even(height_px * 0.05)
    inner = _box(margin_x, margin_y, width_px - 2 * margin_x, height_px - 2 * margin_y)
    if plan is None:
        return FrameLayout(width_px=width_px, height_px=height_px, content=inner, keep_clear=None, presenter=None)
    return plan(width_px, height_px, inner)


def _corner(width_px: int, height_px: int, inner: Box) -> FrameLayout:
    short = min(width_px, height_px)
    side, edge = _even(short / 3), _even(short * 0.025)
    box = _box(width_px - side - edge, height_px - side - edge, side, side)
    return FrameLayout(width_px=width_px, height_px=height_px, content=inner, keep_clear=box, presenter=box)


def _side(width_px: int, height_px: int, inner: Box) -> FrameLayout:
    if width_px >= height_px:
        panel = _even(width_px * 0.30)
        content = _box(inner.x, inner.y, width_px - panel - 1.5 * inner.x - inner.x * 0.25, inner.height)
        box = _box(width_px - panel, 0, panel, height_px)
    else:
        panel = _even(height_px * 0.30)
        content = _box(inner.x, inner.y, inner.width, height_px - panel - 1.5 * inner.y)
        box = _box(0, height_px - panel, width_px, panel)
    return FrameLayout(width_px=width_px, height_px=height_px, content=content, keep_clear=None, presenter=box)


def _full(width_px: int, height_px: int, inner: Box) -> FrameLayout:
    # A wide slide has its title at the side. A square or tall slide needs more height for it.
    upper = _even(height_px * (0.52 if width_px > 1.2 * height_px else 0.42))
    gap = _even(min(width_px, height_px) * 0.035)
    content = _box(inner.x, upper + gap, inner.width, inner.y + inner.height - upper - gap)
    box = _box(0, 0, width_px, upper)
    return FrameLayout(width_px=width_px, height_px=height_px, content=content, keep_clear=None, presenter=box)
