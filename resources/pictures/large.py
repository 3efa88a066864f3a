"""Large pictures of an author, made smaller before a slide shows them, and few of them at a time.

A picture of 50 megapixels takes 200 MB when it is decoded, and Typst holds it several times over. A slide shows two to
eight megapixels of it. So one that is much larger than its slide is reduced by a whole number first, never below the
size at which it is shown, and what is decoded at the same time is bounded by pixels, over all threads of the process.
Belongs here: that. Does not belong here: which pictures are taken at all (`lesson_files.py`), or where they stand.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageOps

from video_assets.studio.lesson_files import PictureSize, picture_size

LARGE_PX = 12_000_000
"""Up to here a picture is handed on as it is."""
_AT_ONCE_PX = 24_000_000
_INDEXED = {"P": "RGBA", "1": "L"}
_MODES = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", *_INDEXED})


class PixelBudget:
    """A semaphore weighted by pixels: whoever decodes waits until there is room for it."""

    def __init__(self, pixels: int) -> None:
        self._most = pixels
        self._taken = 0
        self._changed = threading.Condition()

    @contextmanager
    def claimed(self, pixels: int) -> Iterator[None]:
        """Room for a picture of so many pixels; one that is larger than the whole budget is decoded alone."""
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


BUDGET = PixelBudget(_AT_ONCE_PX)


def pixels_of(data: bytes) -> int:
    """How many pixels the picture has, by its header; 0 for what is no PNG, JPEG or WebP."""
    size = picture_size(data)
    return size.width_px * size.height_px if isinstance(size, PictureSize) else 0


def reduced(data: bytes, width_px: int, height_px: int) -> bytes:
    """`data`, or a PNG of it that is smaller by a whole number and not smaller than it is shown within the size given.

    Only pictures of more than LARGE_PX are reduced. The same picture and size give the same bytes.
    """
    if pixels_of(data) <= LARGE_PX:
        return data
    with BUDGET.claimed(pixels_of(data)), Image.open(io.BytesIO(data)) as picture:
        factor = int(max(picture.width / width_px, picture.height / height_px))
        if factor < 2 or picture.mode not in _MODES:
            return data
        picture.draft("RGB", (picture.width // factor, picture.height // factor))  # JPEG is reduced while it is read
        left = max(1, int(max(picture.width / width_px, picture.height / height_px)))
        profile = picture.info.get("icc_profile")
        if picture.mode in _INDEXED:  # others are reduced first: a converted copy takes as much memory again
            small = picture.convert(_INDEXED[picture.mode]).reduce(left)
        else:
            small = picture.reduce(left).convert("RGB" if picture.mode == "CMYK" else picture.mode)
        small = ImageOps.exif_transpose(small)
        out = io.BytesIO()
        small.save(out, "PNG", compress_level=1, icc_profile=profile)
    return out.getvalue()
