"""Where things stand in the frame: the slide's free area and the presenter's box.

Belongs here: geometry in whole pixels, shared by the slide's typesetter (what to keep clear) and the composer (where
to paste). Does not belong here: drawing anything.
"""

from __future__ import annotations

from .settings import PresenterPlace
from .values import FrozenModel


class Box(FrozenModel):
    """A rectangle in pixels from the frame's top left. All four are even, as 4:2:0 chroma needs."""

    x: int
    y: int
    width: int
    height: int


class FrameLayout(FrozenModel):
    """The frame, the part of it where a slide may put content, and the presenter's box (None when absent)."""

    width_px: int
    height_px: int
    content: Box
    """Content must stay inside this box (the 5 % safe margins are already taken off)."""
    keep_clear: Box | None
    """A corner of `content` that content must flow around or end above; None when nothing overlaps it."""
    presenter: Box | None


def _even(value: float) -> int:
    return int(value) // 2 * 2


def _box(x: float, y: float, width: float, height: float) -> Box:
    return Box(x=_even(x), y=_even(y), width=_even(width), height=_even(height))


def plan_layout(width_px: int, height_px: int, place: PresenterPlace) -> FrameLayout:
    """The stage of a frame of `width_px` x `height_px` for a presenter at `place`.

    corner: a square of a third of the short edge, bottom right, inside the frame's edge. side: a panel over the right
    third (landscape and square) or the bottom third (portrait). full: the presenter has about the upper half, the
    slide the lower. absent: the slide has the frame. The 5 % safe margins are kept at every edge of the frame.
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
    # A wide slide stands with its title at the side; a square or tall one needs more height for it.
    upper = _even(height_px * (0.52 if width_px > 1.2 * height_px else 0.42))
    gap = _even(min(width_px, height_px) * 0.035)
    content = _box(inner.x, upper + gap, inner.width, inner.y + inner.height - upper - gap)
    box = _box(0, 0, width_px, upper)
    return FrameLayout(width_px=width_px, height_px=height_px, content=content, keep_clear=None, presenter=box)
