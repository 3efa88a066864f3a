"""The face of a presenter as input of an engine: upright pictures, and the box of the face in each.

Does not belong here: detection of a face in a picture (`resources/presenters/face_finder.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from video_assets.studio.core.errors import MediaError
from video_assets.studio.core.values import canonical_json
from video_assets.studio.media.pictures import decode_pictures
from video_assets.studio.presenter.provider import LipOptions

from .engine import Face, FaceBox, Picture

PHOTO_TYPES = ("JPEG", "PNG", "WEBP")
LONGEST_PHOTO_PX, LONGEST_LOOP_PX = 4096, 960
"""A loop is held in memory completely, so its pictures are smaller."""
LONGEST_LOOP_SECONDS = 12
_LARGEST_PIXELS = 64_000_000
_SMOOTHED_OVER = 5
"""Number of pictures in the mean: the current one and those after it, as in the published script."""
_SMALLEST_FACE_PX = 16


class Pads(NamedTuple):
    """Pixels added to a face's box. The published script adds 10 below, so that the chin is inside."""

    top: int = 0
    bottom: int = 10
    left: int = 0
    right: int = 0


def is_photo(data: bytes) -> bool:
    """Whether a file is a still picture of a supported type."""
    return data[:3] == b"\xff\xd8\xff" or data[:8] == b"\x89PNG\r\n\x1a\n" or data[8:12] == b"WEBP"


def read_pictures(data: bytes, rate: Fraction) -> tuple[Picture, ...]:
    """A photo (one picture), or a video of at most 12 s as its pictures at `rate`. Raises MediaError."""
    if is_photo(data):
        return (_photo(data),)
    pictures = tuple(decode_pictures(data, rate, LONGEST_LOOP_SECONDS, LONGEST_LOOP_PX))
    if not pictures:
        raise MediaError("A presenter's video holds no picture.", remedy="Export it again, as MP4 say.")
    return pictures


def _photo(data: bytes) -> Picture:
    """The photo, upright by its EXIF orientation. Transparent parts become light grey."""
    try:
        with Image.open(BytesIO(data), formats=PHOTO_TYPES) as picture:
            if picture.width * picture.height > _LARGEST_PIXELS:
                raise MediaError(
                    f"A photo of {picture.width} x {picture.height} pixels is larger than 64 million.",
                    remedy="Scale it down: a face is shown some hundreds of pixels high.",
                )
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise MediaError(
            f"A photo of {len(data)} bytes does not decode: {error}.", remedy="Save it again as JPEG or PNG."
        ) from error
    upright.thumbnail((LONGEST_PHOTO_PX, LONGEST_PHOTO_PX), Image.Resampling.LANCZOS)
    ground = Image.new("RGBA", upright.size, (236, 236, 236, 255))
    return np.asarray(Image.alpha_composite(ground, upright).convert("RGB"))


def make_face(
    file: bytes, pictures: Sequence[Picture], found: Sequence[FaceBox], pads: Pads, options: LipOptions
) -> Face:
    """The face of pictures in which it was found at `found` (one box each, or one for all), pads not yet added.

    Raises MediaError when a box lies outside its picture or is too small to be a face.
    """
    boxes = list(found) * (len(pictures) if len(found) == 1 else 1)
    padded = [_padded(box, pads, picture) for box, picture in zip(boxes, pictures, strict=True)]
    if options.smooth_face:
        padded = smoothed(padded)
    factor = options.resize_factor
    reduced = tuple(_reduced(picture, factor) for picture in pictures)
    kept = tuple(FaceBox(*(side // factor for side in box)) for box in padded)
    for box in kept:
        if min(box.right - box.left, box.bottom - box.top) < _SMALLEST_FACE_PX:
            raise MediaError(
                f"A face of {box.right - box.left} x {box.bottom - box.top} pixels is too small to be shown speaking.",
                remedy="Take a larger picture, a smaller resize_factor, or another box.",
            )
    shaped = {"boxes": [list(box) for box in kept], "factor": factor, "pictures": len(reduced)}
    digest = hashlib.sha256(file + canonical_json(shaped)).hexdigest()
    return Face(reduced, kept, digest, file)


def _padded(box: FaceBox, pads: Pads, picture: Picture) -> FaceBox:
    height, width = picture.shape[:2]
    if not (0 <= box.left < box.right <= width and 0 <= box.top < box.bottom <= height):
        raise MediaError(
            f"The face's box {tuple(box)} does not lie in a picture of {width} x {height} pixels.",
            remedy="Boxes are [left, top, right, bottom] in pixels of the upright picture.",
        )
    return FaceBox(
        max(0, box.left - pads.left),
        max(0, box.top - pads.top),
        min(width, box.right + pads.right),
        min(height, box.bottom + pads.bottom),
    )


def smoothed(boxes: Sequence[FaceBox]) -> list[FaceBox]:
    """Each box as the mean of itself and the four after it; at the end, the mean of the last five."""
    last = max(0, len(boxes) - _SMOOTHED_OVER)
    runs = (boxes[min(index, last) : min(index, last) + _SMOOTHED_OVER] for index in range(len(boxes)))
    return [FaceBox(*(round(sum(sides) / len(sides)) for sides in zip(*run, strict=True))) for run in runs]


def _reduced(picture: Picture, factor: int) -> Picture:
    if factor == 1:
        return picture
    height, width = (side // factor * factor for side in picture.shape[:2])
    return np.asarray(Image.fromarray(picture[:height, :width]).reduce(factor))


def ping_pong(pictures: int, frames: int) -> tuple[int, ...]:
    """The picture of each frame: forwards and backwards through the loop, starting and ending with the first picture.

    Neighbouring frames show the same or neighbouring pictures, so that nothing jumps, also between two sections.
    """
    if pictures == 1:
        return (0,) * frames
    there_and_back = 2 * (pictures - 1)
    steps = (min(frame, frames - 1 - frame) % there_and_back for frame in range(frames))
    return tuple(min(step, there_and_back - step) for step in steps)
