"""Composes a slide and the patches of a presenter into the frames of a clip, as input planes of an encoder.

It converts RGB to BT.709 limited-range 4:2:0, draws patches with their transparency, and reuses everything that does
not change between frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
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


class Shot(NamedTuple):
    """The pictures of a clip: a slide (RGB, height x width x 3), and in frame i the patch `keys[i]` in `box`.

    `patch(key)` is RGBA with straight alpha, box height x box width x 4. Equal keys mean equal patches. Without a box
    only the slide is shown, and `keys` only gives the number of frames.
    """

    slide: NDArray[np.uint8]
    box: Box | None
    keys: tuple[str, ...]
    patch: Callable[[str], NDArray[np.uint8]]


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
    """The frames of one shot. Converts the slide once and each distinct patch once. One thread at a time."""

    def __init__(self, shot: Shot) -> None:
        height, width = shot.slide.shape[:2]
        self.width_px, self.height_px = width, height
        self._shot = shot
        self._slide = to_planes(shot.slide)
        if shot.box is not None:
            box = shot.box
            inside = min(box.x, box.y) >= 0 and box.x + box.width <= width and box.y + box.height <= height
            _require(inside, f"the presenter's box {box} leaves a frame of {width}x{height}")
            _require(all(side % 2 == 0 for side in (box.x, box.y, box.width, box.height)), f"odd sides in {box}")
            kept = max(2, _CACHE_BYTES // (box.width * box.height * 3 // 2))
            self._patch_planes = lru_cache(maxsize=kept)(lambda key: self._compose(box, key))

    def frames(self, start: int, stop: int) -> Iterator[av.VideoFrame]:
        """Frames `start` to `stop` (exclusive), with `pts` counting from 0.

        It yields the same frame object repeatedly. The object is written only where the picture changes, and only if no
        other reference to it is left.
        """
        frame = _blank_frame(self.width_px, self.height_px)
        _paste(frame, self._slide, 0, 0)
        shown: str | None = None
        for index in range(start, stop):
            key = self._shot.keys[index]
            if self._shot.box is not None and key != shown:
                frame.make_writable()
                _paste(frame, self._patch_planes(key), self._shot.box.x, self._shot.box.y)
                shown = key
            frame.pts = index - start
            yield frame

    def _compose(self, box: Box, key: str) -> Planes:
        patch = self._shot.patch(key)
        expected = (box.height, box.width, 4)
        _require(patch.shape == expected and patch.dtype == np.uint8, f"patch {key!r} is {patch.shape}, not {expected}")
        rows = self._shot.slide[box.y : box.y + box.height]
        # The column left of the box contributes to the first column of chroma (left siting reaches one pixel further).
        left = rows[:, max(box.x - 1, 0) : max(box.x, 1)]
        return _convert(np.concatenate((left, lay_over(rows[:, box.x : box.x + box.width], patch)), axis=1))


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


def _paste(frame: av.VideoFrame, planes: Planes, x: int, y: int) -> None:
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
