"""Where things stand in the frame: the slide's free area and the presenter's box.

Belongs here: geometry in whole pixels, shared by the slide's typesetter (what to keep clear) and the composer (where
to paste). Does not belong here: drawing anything.
"""

from __future__ import annotations

from .records import Frozen
from .settings import PresenterPlace


class Box(Frozen):
    """A rectangle in pixels from the frame's top left. All four are even, as 4:2:0 chroma needs."""

    x: int
    y: int
    width: int
    height: int


class Stage(Frozen):
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


def plan_stage(width_px: int, height_px: int, place: PresenterPlace) -> Stage:
    """The stage of a frame of `width_px` x `height_px` for a presenter at `place`.

    corner: a square of a third of the short edge, bottom right, inside the safe margin. side: a panel over the right
    third (landscape and square) or the bottom third (portrait). full: the presenter fills the upper part and the
    slide becomes a lower third. absent: the slide has the frame.
    """
    short = min(width_px, height_px)
    margin_x, margin_y = _even(width_px * 0.05), _even(height_px * 0.05)
    inner = Box(x=margin_x, y=margin_y, width=width_px - 2 * margin_x, height=height_px - 2 * margin_y)
    if place == "absent":
        return Stage(width_px=width_px, height_px=height_px, content=inner, keep_clear=None, presenter=None)
    if place == "corner":
        side = _even(short / 3)
        edge = _even(short * 0.025)
        box = Box(x=width_px - side - edge, y=height_px - side - edge, width=side, height=side)
        return Stage(width_px=width_px, height_px=height_px, content=inner, keep_clear=box, presenter=box)
    if place == "side" and width_px >= height_px:
        panel = _even(width_px * 0.30)
        content = Box(x=margin_x, y=margin_y, width=_even(width_px - panel - 1.5 * margin_x), height=inner.height)
        box = Box(x=width_px - panel, y=0, width=panel, height=height_px)
        return Stage(width_px=width_px, height_px=height_px, content=content, keep_clear=None, presenter=box)
    if place == "side":
        panel = _even(height_px * 0.30)
        content = Box(x=margin_x, y=margin_y, width=inner.width, height=_even(height_px - panel - 1.5 * margin_y))
        box = Box(x=0, y=height_px - panel, width=width_px, height=panel)
        return Stage(width_px=width_px, height_px=height_px, content=content, keep_clear=None, presenter=box)
    third = _even(height_px * 0.26)
    content = Box(x=margin_x, y=height_px - third - margin_y // 2 // 2 * 2, width=inner.width, height=third - margin_y // 2 // 2 * 2)
    box = Box(x=0, y=0, width=width_px, height=height_px - third - margin_y)
    return Stage(width_px=width_px, height_px=height_px, content=content, keep_clear=None, presenter=box)
