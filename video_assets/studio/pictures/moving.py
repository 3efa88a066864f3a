"""The picture of a slide alone, and where it is seen, for a camera that moves over it.

Does not belong here: the move (`media/camera.py`).
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image, ImageOps

from video_assets.studio.core.lazy_import import lazy_import

from .decode import decode_picture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    # `check` names this module, and decodes no picture.
    np = lazy_import("numpy")

PAGES = ("alone", "white", "black")
"""How the slide is painted for `moving_picture_of`: nothing over its picture, then a white and a black picture."""


class MovingPicture(NamedTuple):
    """The part of the frame in which a slide's picture is seen. Its place and its size are even."""

    x_px: int
    y_px: int
    png: bytes
    """The picture, without anything over it."""
    coverage_png: bytes
    """How much of each pixel shows the picture, as grey."""
    focus_x_px: int
    focus_y_px: int
    """What matters most, from the top left corner of this part."""


def moving_picture_of(
    alone: bytes, white: bytes, black: bytes, file: bytes, focus: tuple[float, float] | None
) -> MovingPicture | None:
    """What a camera moves over, from the slide painted as in PAGES and the picture's `file`.

    None if the picture is not seen.
    """
    pages = [decode_picture(page) for page in (alone, white, black)]
    coverage = (pages[1].astype(np.int16) - pages[2]).max(axis=2).clip(0, 255).astype(np.uint8)
    rows, columns = np.flatnonzero(coverage.any(axis=1)), np.flatnonzero(coverage.any(axis=0))
    if not len(rows):
        return None
    y, bottom = int(rows[0]) // 2 * 2, int(rows[-1]) // 2 * 2 + 2
    x, right = int(columns[0]) // 2 * 2, int(columns[-1]) // 2 * 2 + 2
    seen = np.s_[y:bottom, x:right]
    at = _focus_px(file, (right - x, bottom - y), focus or (0.5, 0.5))
    return MovingPicture(x, y, _png(pages[0][seen]), _png(coverage[seen]), *at)


def _focus_px(file: bytes, size: tuple[int, int], focus: tuple[float, float]) -> tuple[int, int]:
    """The place of `focus` in a picture that covers a rectangle of `size`, with its middle in the middle of it."""
    with Image.open(BytesIO(file)) as picture:
        natural = ImageOps.exif_transpose(picture).size if picture.getexif().get(0x0112, 1) > 1 else picture.size
    scale = max(side / own for side, own in zip(size, natural, strict=True))
    middles = (side / 2 + (share - 0.5) * own * scale for side, own, share in zip(size, natural, focus, strict=True))
    x, y = (min(max(round(middle), 0), side) for middle, side in zip(middles, size, strict=True))
    return x, y


def _png(pixels: NDArray[np.uint8]) -> bytes:
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=2)
    return out.getvalue()
