"""Composes a slide and the patches of a presenter into the frames of a clip, as input planes of an encoder.

It converts RGB to BT.709 limited-range 4:2:0, draws patches with their transparency, and reuses everything that does
not change between frames.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from video_assets.studio.core.errors import MediaError
from video_assets.studio.core.frame_layout import Box

# ITU-R BT.709-6, items 3.2 to 3.5, for 8-bit limited range: Y = 16 + 219 E'y, C = 128 + 224 E'c. As integers scaled by
# 2**16, because integer arithmetic gives the same picture on every machine.
_SCALE_BITS = 16
_KR, _KG, _KB = 0.2126, 0.7152, 0.0722
_LUMA = (_KR * 219 / 255, _KG * 219 / 255, _KB * 219 / 255)
_BLUE = (-_KR / 1.8556 * 224 / 255, -_KG / 1.8556 * 224 / 255, 0.5 * 224 / 255)
_RED = (0.5 * 224 / 255, -_KG / 1.5748 * 224 / 255, -_KB / 1.5748 * 224 / 255)

# Composed patches that are kept per clip. This limits memory when the presenter fills a large frame.
_CACHE_BYTES = 96 * 2**20


class Planes(NamedTuple):
    """A picture as limited-range BT.709 4:2:0: luma at full size, colour differences at half width and height."""

    luma: NDArray[np.uint8]
    blue: NDArray[np.uint8]
    red: NDArray[np.uint8]


class SlideChange(NamedTuple):
    """Another state of the slide: from frame `start` on it fades in, and in frame `start + frames` it is there.

    0 frames are a cut. `slide()` gives its picture, which is not kept, because a clip may have dozens of states.
    """

    start: int
    frames: int
    slide: Callable[[], NDArray[np.uint8]]


class Shot(NamedTuple):
    """The pictures of a clip: a slide (RGB, height x width x 3), and in frame i the patch `keys[i]` in `box`.

    `patch(key)` is RGBA with straight alpha, box height x box width x 4. Equal keys mean equal patches. Without a box
    only the slide is shown, and `keys` only gives the number of frames. The slide has other states later: `changes`, in
    order of time. Each of them is complete when the next one starts.
    """

    slide: NDArray[np.uint8]
    box: Box | None
    keys: tuple[str, ...]
    patch: Callable[[str], NDArray[np.uint8]]
    changes: tuple[SlideChange, ...] = ()


def still_shot(slide: NDArray[np.uint8], frames: int) -> Shot:
    """A shot of `frames` frames with only the slide, for example a title card."""
    return Shot(slide, None, ("",) * frames, _no_patch)


def to_planes(rgb: NDArray[np.uint8]) -> Planes:
    """Convert an RGB picture (even height and width, x 3) to BT.709 limited range, chroma sited left as in H.264."""
    _require(rgb.dtype == np.uint8 and rgb.ndim == 3 and rgb.shape[2] == 3, f"a picture is {rgb.dtype} {rgb.shape}")
    _require(rgb.shape[0] % 2 == 0 and rgb.shape[1] % 2 == 0, f"a picture is {rgb.shape[1]}x{rgb.shape[0]}, not even")
    return _convert(np.concatenate((rgb[:, :1], rgb), axis=1))


def lay_over(below: NDArray[np.uint8], patch: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`patch` (RGBA, straight alpha) over `below` (RGB, same size), rounded to nearest."""
    alpha = patch[..., 3:].astype(np.uint16)
    mixed = patch[..., :3] * alpha + below * (255 - alpha) + 128
    # Division by 255, rounded, exact for 0..65535 (Blinn, "Three Wrongs Make a Right", 1995).
    return ((mixed + (mixed >> 8)) >> 8).astype(np.uint8)


def with_still(slide: NDArray[np.uint8], box: Box, still: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The slide with `still` (RGBA, straight alpha, of the size of the box) drawn over it in `box`, as a new array."""
    _require(still.shape == (box.height, box.width, 4), f"a still of {still.shape} for the box {box}")
    laid = slide.copy()
    rows = laid[box.y : box.y + box.height, box.x : box.x + box.width]
    rows[:] = lay_over(rows, still)
    return laid


class Composer:
    """The frames of one shot. Converts the slide and each distinct patch once, and of a change only what it changes.

    One thread at a time.
    """

    def __init__(self, shot: Shot) -> None:
        height, width = shot.slide.shape[:2]
        self.width_px, self.height_px = width, height
        self._shot = shot
        self._planes = to_planes(shot.slide)
        self._steps = tuple(fade_steps(shot))
        if shot.box is not None:
            box = shot.box
            inside = min(box.x, box.y) >= 0 and box.x + box.width <= width and box.y + box.height <= height
            _require(inside, f"the presenter's box {box} leaves a frame of {width}x{height}")
            _require(all(side % 2 == 0 for side in (box.x, box.y, box.width, box.height)), f"odd sides in {box}")
            kept = max(2, _CACHE_BYTES // (box.width * box.height * 3 // 2))
            self._patch_planes = lru_cache(maxsize=kept)(lambda key, under: self._compose(box, key, under))

    def frames(self, start: int, stop: int) -> Iterator[av.VideoFrame]:
        """Frames `start` to `stop` (exclusive), with `pts` counting from 0.

        It yields the same frame object repeatedly. The object is written only where the picture changes, and only if no
        other reference to it is left.
        """
        frame = _blank_frame(self.width_px, self.height_px)
        paste_planes(frame, self._planes, 0, 0)
        shown: tuple[str, int] | None = None
        written = 0
        for index in range(start, stop):
            written, steps = self._due(written, index)
            if steps:
                frame.make_writable()
            for step in steps:
                paste_planes(frame, step.planes(), step.change.area.x, step.change.area.y)
            if self._shot.box is not None:
                key = (self._shot.keys[index], self._state_under_box(written))
                if key != shown or any(step.change.over_box for step in steps):
                    frame.make_writable()
                    paste_planes(frame, self._patch_planes(*key), self._shot.box.x, self._shot.box.y)
                    shown = key
            frame.pts = index - start
            yield frame

    def _due(self, written: int, index: int) -> tuple[int, tuple[FadeStep, ...]]:
        """The number of steps up to frame `index`, and those of them after the first `written` that it needs.

        Of each change it needs only the last step.
        """
        due = bisect_right(self._steps, index, key=lambda step: step.frame)
        return due, tuple({step.change.number: step for step in self._steps[written:due]}.values())

    def _state_under_box(self, written: int) -> int:
        """The number of the last of the first `written` steps that lies under the box; -1 if there is none."""
        return next((number for number in reversed(range(written)) if self._steps[number].change.under_box), -1)

    def _compose(self, box: Box, key: str, under: int) -> Planes:
        patch = self._shot.patch(key)
        expected = (box.height, box.width, 4)
        _require(patch.shape == expected and patch.dtype == np.uint8, f"patch {key!r} is {patch.shape}, not {expected}")
        slide = self._shot.slide if under < 0 else self._steps[under].slide()
        rows = slide[box.y : box.y + box.height]
        # The column left of the box contributes to the first column of chroma (left siting reaches one pixel further).
        left = rows[:, max(box.x - 1, 0) : max(box.x, 1)]
        return _convert(np.concatenate((left, lay_over(rows[:, box.x : box.x + box.width], patch)), axis=1))


class FadeChange(NamedTuple):
    """Where a change changes the slide."""

    number: int
    """Its number in the shot."""
    area: Box
    over_box: bool
    """Whether the area covers some of the presenter's box, so that the presenter is to be drawn again."""
    under_box: bool
    """Whether the slide changes under the presenter's box, or next to it."""


class FadeStep(NamedTuple):
    """What is written in one frame of a fade: the planes of the rectangle that changes."""

    frame: int
    change: FadeChange
    planes: Callable[[], Planes]
    slide: Callable[[], NDArray[np.uint8]]
    """The whole slide in this frame."""


def fade_steps(shot: Shot) -> Iterator[FadeStep]:
    """The steps of all changes of a shot, in order of time. A change without a difference has none."""
    before, before_slide = shot.slide, lambda: shot.slide
    for number, change in enumerate(shot.changes):
        after = change.slide()
        _require(after.shape == before.shape, f"a state of {after.shape} after one of {before.shape}")
        area = _changed_area(before, after)
        if area is not None:
            both = _planes_in(before, area), _planes_in(after, area)
            under_box = shot.box is not None and _changes_under(before, after, shot.box)
            place = FadeChange(number, area, over_box=_touches(area, shot.box), under_box=under_box)
            yield from _fade(place, both, change, before_slide)
        before, before_slide = after, change.slide


def _fade(
    where: FadeChange, both: tuple[Planes, Planes], change: SlideChange, before: Callable[[], NDArray[np.uint8]]
) -> Iterator[FadeStep]:
    """The steps from the first of `both` to the second. `before` gives the whole slide as it was before."""
    for number in range(1, change.frames + 2):
        planes = partial(_mixed_planes, *both, number, change.frames + 1)
        slide = partial(_mixed_slide, before, change.slide, number, change.frames + 1)
        yield FadeStep(change.start + number - 1, where, planes, slide)


def _mixed_planes(old: Planes, new: Planes, part: int, whole: int) -> Planes:
    return Planes(*(_blend(one, other, part, whole) for one, other in zip(old, new, strict=True)))


def _mixed_slide(
    before: Callable[[], NDArray[np.uint8]], after: Callable[[], NDArray[np.uint8]], part: int, whole: int
) -> NDArray[np.uint8]:
    return _blend(before(), after(), part, whole)


def _blend(one: NDArray[np.uint8], other: NDArray[np.uint8], part: int, whole: int) -> NDArray[np.uint8]:
    """`part` of `whole` of the way from `one` to `other`, rounded to nearest."""
    if part == whole:
        return other
    mixed = one.astype(np.uint16) * (whole - part) + other.astype(np.uint16) * part + whole // 2
    return (mixed // whole).astype(np.uint8)


def _changed_area(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> Box | None:
    """The rectangle, with even sides, outside of which both pictures give the same planes; None for equal pictures."""
    differs = (one != other).any(axis=2)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not len(rows):
        return None
    y, bottom = int(rows[0]) // 2 * 2, int(rows[-1]) // 2 * 2 + 2
    # A chroma sample takes in one pixel to its left and one to its right.
    x, right = int(columns[0]) // 2 * 2, min((int(columns[-1]) + 1) // 2 * 2 + 2, one.shape[1])
    return Box(x=x, y=y, width=right - x, height=bottom - y)


def _planes_in(slide: NDArray[np.uint8], area: Box) -> Planes:
    rows = slide[area.y : area.y + area.height]
    left = rows[:, max(area.x - 1, 0) : max(area.x, 1)]
    return _convert(np.concatenate((left, rows[:, area.x : area.x + area.width]), axis=1))


def _touches(area: Box, box: Box | None) -> bool:
    if box is None:
        return False
    across = area.x < box.x + box.width + 2 and box.x < area.x + area.width + 2
    return across and area.y < box.y + box.height and box.y < area.y + area.height


def _changes_under(one: NDArray[np.uint8], other: NDArray[np.uint8], box: Box) -> bool:
    area = np.s_[box.y : box.y + box.height, max(box.x - 1, 0) : box.x + box.width]
    return not np.array_equal(one[area], other[area])


def _convert(padded: NDArray[np.uint8]) -> Planes:
    """Planes of a picture that has one extra column at its left."""
    wide = padded.astype(np.int32)
    rows = wide[0::2] + wide[1::2]
    # Chroma sits on the even luma columns: 1-2-1 across, the mean of two rows down, a total weight of 8 samples.
    around = rows[:, 0:-1:2] + 2 * rows[:, 1::2] + rows[:, 2::2]
    return Planes(
        _mix(wide[:, 1:], _LUMA, 16, _SCALE_BITS),
        _mix(around, _BLUE, 128, _SCALE_BITS + 3),
        _mix(around, _RED, 128, _SCALE_BITS + 3),
    )


def _mix(rgb: NDArray[np.int32], weights: tuple[float, ...], offset: int, bits: int) -> NDArray[np.uint8]:
    red, green, blue = (round(weight * 2**_SCALE_BITS) for weight in weights)
    total = rgb[..., 0] * red + rgb[..., 1] * green + rgb[..., 2] * blue
    total += (offset << bits) + (1 << (bits - 1))
    return (total >> bits).astype(np.uint8)


def _blank_frame(width_px: int, height_px: int) -> av.VideoFrame:
    frame = av.VideoFrame(width_px, height_px, "yuv420p")
    frame.colorspace = 1  # BT.709
    frame.color_range = 1  # limited ("MPEG")
    return frame


def paste_planes(frame: av.VideoFrame, planes: Planes, x: int, y: int) -> None:
    """Write `planes` into a frame whose buffers are its own, with the top left corner at even `x` and `y`."""
    for target, source, shift in zip(frame.planes, planes, (0, 1, 1), strict=True):
        lines = np.frombuffer(memoryview(target), dtype=np.uint8).reshape(-1, target.line_size)
        height, width = source.shape
        lines[y >> shift : (y >> shift) + height, x >> shift : (x >> shift) + width] = source


def _no_patch(key: str) -> NDArray[np.uint8]:
    raise MediaError(f"A shot without a presenter was asked for the patch {key!r}.")


def _require(holds: bool, found: str) -> None:
    if not holds:
        raise MediaError(
            f"Composing a clip: {found}.", remedy="Hand in 8-bit pictures of the frame's or box's even size."
        )
