"""A slow pan and zoom over the picture of a slide: the frames of a clip, with the picture enlarged a little in each.

Only the rectangle of the picture is resampled. What stands over it (a title, rounded corners, the presenter) stays.
Does not belong here: which pictures move (`stages/section_image.py`), or composing the frames (`compose.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from video_assets.studio.core.errors import MediaError
from video_assets.studio.core.frame_layout import Box

from .compose import Planes, Shot, paste_planes, to_planes

MOST_ZOOM = Fraction(8, 100)
"""How much a picture is enlarged at most. So at most 7.4 % of its width and of its height leave its rectangle."""
ZOOM_PER_SECOND = Fraction(1, 100)
"""The mean rate at which a picture is enlarged in a clip too short for MOST_ZOOM."""


class Move(NamedTuple):
    """A camera's move over one picture, from the whole picture to a part of it around `focus`, in `frames` frames."""

    x_px: int
    y_px: int
    """The place of the picture in the frame; both are even."""
    picture: NDArray[np.uint8]
    """RGB, of even height and width, without anything over it."""
    coverage: NDArray[np.uint8]
    """How much of each pixel shows the picture, 0 to 255; the rest is what stands over it."""
    focus: tuple[Fraction, Fraction]
    """The point that keeps its place, in pixels of `picture`."""
    frames: int
    zoom: Fraction
    """By how much the picture is enlarged in the last frame."""

    @property
    def area(self) -> Box:
        """The rectangle of the frame that is resampled."""
        height, width = self.coverage.shape
        return Box(x=self.x_px, y=self.y_px, width=width, height=height)


def zoom_of(frames: int, rate: Fraction) -> Fraction:
    """By how much a picture is enlarged in a clip of this length."""
    return min(MOST_ZOOM, ZOOM_PER_SECOND * frames / rate)


def scale_at(index: int, frames: int, zoom: Fraction) -> Fraction:
    """The enlargement in frame `index` of `frames`: 1 in the first, `1 + zoom` in the last, smooth at both ends.

    It is exact, and never decreases.
    """
    share = Fraction(index, max(frames - 1, 1))
    return 1 + zoom * share * share * (3 - 2 * share)


def seen_rectangle(
    width_px: int, height_px: int, focus: tuple[Fraction, Fraction], scale: Fraction
) -> tuple[Fraction, Fraction, Fraction, Fraction]:
    """The part of a picture that fills its rectangle at `scale`: left, top, right, bottom. `focus` is in it."""
    x, y = focus
    return x - x / scale, y - y / scale, x + (width_px - x) / scale, y + (height_px - y) / scale


def moved_frames(frames: Iterable[av.VideoFrame], start: int, move: Move, shot: Shot) -> Iterator[av.VideoFrame]:
    """The composed `frames` of a shot, with the picture moved. The first of them has the index `start`.

    It yields the same frame object repeatedly, as `Composer.frames` does.
    """
    mover = _Mover(move, shot)
    shown: av.VideoFrame | None = None
    for index, frame in enumerate(frames, start):
        if shown is None:
            shown = _like(frame)
        shown.make_writable()
        below = _planes_of(frame)
        paste_planes(shown, below, 0, 0)
        paste_planes(shown, mover.planes(index, below), move.x_px, move.y_px)
        shown.pts = frame.pts
        yield shown


class _Mover:
    def __init__(self, move: Move, shot: Shot) -> None:
        _require_even(move)
        self._move, self._shot = move, shot
        self._still = to_planes(move.picture)
        self._sources = tuple(Image.fromarray(plane) for plane in self._still)
        self._coverage = _subsampled(move.coverage)
        self._weights = lru_cache(maxsize=16)(self._weights_under)
        overlap = shot.box is not None and _overlap(move.area, shot.box)
        self._under = shot.box if overlap else None

    def planes(self, index: int, below: Planes) -> Planes:
        """The planes of the area in frame `index`, whose planes without the move are `below`."""
        scale = scale_at(index, self._move.frames, self._move.zoom)
        weights = self._weights(self._shot.keys[index] if self._under else "")
        moved: list[NDArray[np.uint8]] = []
        for number, (source, still, weight) in enumerate(zip(self._sources, self._still, weights, strict=True)):
            box = self._seen(source, scale, chroma=number > 0)
            there = np.asarray(source.resize(source.size, Image.Resampling.BICUBIC, box=box)).astype(np.int32)
            y, x = (side >> (number > 0) for side in (self._move.y_px, self._move.x_px))
            height, width = still.shape
            change = (there - still) * weight
            # Rounded to nearest, away from zero: no change stays no change.
            result = below[number][y : y + height, x : x + width] + np.sign(change) * ((np.abs(change) + 127) // 255)
            moved.append(np.clip(result, 0, 255).astype(np.uint8))
        return Planes(*moved)

    def _seen(self, source: Image.Image, scale: Fraction, *, chroma: bool) -> tuple[float, float, float, float]:
        x, y = self._move.focus
        # A chroma sample stands at the left of its two luma pixels, between its two rows.
        if chroma:
            x, y = (x + Fraction(1, 2)) / 2, y / 2
        left, top, right, bottom = seen_rectangle(*source.size, (x, y), scale)
        return float(max(left, Fraction(0))), float(top), float(min(right, Fraction(source.width))), float(bottom)

    def _weights_under(self, key: str) -> tuple[NDArray[np.int32], ...]:
        """How much of each sample of the three planes shows the picture, under the presenter's patch `key`."""
        box, area = self._under, self._move.area
        if box is None:
            return self._coverage
        free = np.full((area.height, area.width), 255, np.int32)
        top, bottom = max(area.y, box.y), min(area.y + area.height, box.y + box.height)
        left, right = max(area.x, box.x), min(area.x + area.width, box.x + box.width)
        over = self._shot.patch(key)[top - box.y : bottom - box.y, left - box.x : right - box.x, 3]
        free[top - area.y : bottom - area.y, left - area.x : right - area.x] -= over
        return _subsampled((self._move.coverage * free + 127) // 255)


def _subsampled(coverage: NDArray[np.generic]) -> tuple[NDArray[np.int32], ...]:
    """Weights for luma and both chroma planes."""
    wide = coverage.astype(np.int32)
    chroma = (wide[0::2, 0::2] + wide[1::2, 0::2] + wide[0::2, 1::2] + wide[1::2, 1::2] + 2) // 4
    return wide, chroma, chroma


def _overlap(one: Box, other: Box) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height


def _planes_of(frame: av.VideoFrame) -> Planes:
    def plane(number: int) -> NDArray[np.uint8]:
        found = frame.planes[number]
        return np.frombuffer(memoryview(found), np.uint8).reshape(-1, found.line_size)[: found.height, : found.width]

    return Planes(plane(0), plane(1), plane(2))


def _like(frame: av.VideoFrame) -> av.VideoFrame:
    made = av.VideoFrame(frame.width, frame.height, "yuv420p")
    made.colorspace, made.color_range = frame.colorspace, frame.color_range
    return made


def _require_even(move: Move) -> None:
    height, width = move.coverage.shape
    if move.picture.shape != (height, width, 3) or any(side % 2 for side in (height, width, move.x_px, move.y_px)):
        raise MediaError(
            f"A picture that moves is {move.picture.shape} at {move.x_px},{move.y_px}, with a coverage of "
            f"{move.coverage.shape}.",
            remedy="Hand in a picture and a coverage of one even size, at an even place.",
        )
