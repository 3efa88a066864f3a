"""Pictures that stand inside a page.

Belongs here: making them small enough. Does not belong here: where they come from.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from video_assets.studio.manifests import ClipManifest
from video_assets.studio.media.probe import decode_frame
from video_assets.studio.store import Store

_WIDTH_PX = 960
_SMALL_WIDTH_PX = 480
_MANY = 60
"""With more pictures than this each is smaller, so that a page of a long lesson opens quickly."""
_QUALITY = 62
_SAMPLE_WIDTH_PX = 640
_SAMPLE_FRAME = 10
"""Of the body of a clip: the presenter speaks by then."""


class Picture(NamedTuple):
    """A WebP file and its size."""

    data: bytes
    width_px: int
    height_px: int


def sample_frame(clips: ClipManifest, store: Store) -> bytes:
    """A frame of a clip as it was encoded, as WebP of at most 640 px: of the first section with a presenter who speaks,
    else of the first. Raises StoreError, MediaError.
    """
    clip = next((clip for clip in clips.sections if clip.lips), clips.sections[0])
    body = clip.parts[len(clip.parts) // 2]
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        file.write(store.read(body.part.id))
        file.flush()
        rgb = decode_frame(Path(file.name), min(_SAMPLE_FRAME, body.frames - 1))
    return webp(rgb, most_px=_SAMPLE_WIDTH_PX).data


def width_in_page(pictures: int) -> int:
    """How wide, at most, each of so many pictures of a page is, in pixels."""
    return _WIDTH_PX if pictures <= _MANY else _SMALL_WIDTH_PX


def webp(rgb: NDArray[np.uint8], most_px: int = _WIDTH_PX) -> Picture:
    """An RGB frame (height x width x 3), at most `most_px` wide, never enlarged."""
    image = Image.fromarray(rgb)
    width = min(image.width, most_px)
    height = max(1, round(image.height * width / image.width))
    if width < image.width:
        image = image.resize(
            (width, height), Image.Resampling.BOX if image.width >= 2 * width else Image.Resampling.BICUBIC
        )
    out = io.BytesIO()
    image.save(out, "WEBP", quality=_QUALITY, method=2)
    return Picture(out.getvalue(), width, height)
