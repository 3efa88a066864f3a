"""Decoding pictures from the store to arrays.

Does not belong here: pictures from outside, which have to be checked first (`normalise`).
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from video_assets.studio.core.errors import MediaError
from video_assets.studio.core.lazy_import import lazy_import

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_import("numpy")


def decode_picture(data: bytes) -> NDArray[np.uint8]:
    """A PNG or JPEG as an RGB array of height x width x 3. Raises MediaError if it does not decode completely."""
    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as picture:
            return np.asarray(picture.convert("RGB"))
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise MediaError(
            f"A picture of {len(data)} bytes does not decode: {error}.", remedy="Make the section's picture again."
        ) from error
