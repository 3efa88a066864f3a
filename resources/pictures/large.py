"""Scales an author's large pictures down before they are placed on a slide, and limits how many are decoded at once.

A picture of 50 megapixels takes 200 MB when decoded, and Typst keeps several copies of it. A slide shows two to eight
megapixels. So a picture that is much larger than its slide is scaled down by an integer factor, never below the size at
which it is shown. The pixels decoded at one time are limited, over all threads of the process.

Does not belong here: which pictures are accepted (`lesson/files.py`), or their place on the slide.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageOps

from video_assets.studio.lesson.files import PictureSize, picture_size

LARGE_PX = 12_000_000
"""Pictures with at most this many pixels are not changed."""
_DECODED_AT_ONCE_PX = 24_000_000
_INDEXED = {"P": "RGBA", "1": "L"}
_MODES = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", *_INDEXED})


class PixelBudget:
    """A semaphore weighted by pixels. Thread-safe."""

    def __init__(self, pixels: int) -> None:
        self._most = pixels
        self._taken = 0
        self._changed = threading.Condition()

    @contextmanager
    def reserve(self, pixels: int) -> Iterator[None]:
        """Wait for room for `pixels`, and hold it inside the block. A picture above the budget is decoded alone."""
        wanted = min(pixels, self._most)
        with self._changed:
            self._changed.wait_for(lambda: self._taken + wanted <= self._most)
            self._taken += wanted
        try:
            yield
        finally:
            with self._changed:
                self._taken -= wanted
                self._changed.notify_all()


BUDGET = PixelBudget(_DECODED_AT_ONCE_PX)


def pixels_of(data: bytes) -> int:
    """Number of pixels, from the header; 0 if `data` is no PNG, JPEG or WebP."""
    size = picture_size(data)
    return size.width_px * size.height_px if isinstance(size, PictureSize) else 0


def downscale(data: bytes, width_px: int, height_px: int) -> bytes:
    """`data`, or a PNG of it scaled down by an integer factor, but not below its size inside `width_px` x `height_px`.

    Only pictures of more than LARGE_PX are scaled down. The result is deterministic.
    """
    if pixels_of(data) <= LARGE_PX:
        return data
    with BUDGET.reserve(pixels_of(data)), Image.open(io.BytesIO(data)) as picture:
        factor = int(max(picture.width / width_px, picture.height / height_px))
        if factor < 2 or picture.mode not in _MODES:
            return data
        picture.draft("RGB", (picture.width // factor, picture.height // factor))  # JPEG is scaled while it is decoded
        left = max(1, int(max(picture.width / width_px, picture.height / height_px)))
        profile = picture.info.get("icc_profile")
        if (
            picture.mode in _INDEXED
        ):  # the others are scaled before they are converted: a converted copy takes as much memory again
            small = picture.convert(_INDEXED[picture.mode]).reduce(left)
        else:
            small = picture.reduce(left).convert("RGB" if picture.mode == "CMYK" else picture.mode)
        small = ImageOps.exif_transpose(small)
        out = io.BytesIO()
        small.save(out, "PNG", compress_level=1, icc_profile=profile)
    return out.getvalue()
