"""Pictures that are embedded in a page, as WebP of limited width."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from video_assets.studio.media.probe import decode_frame
from video_assets.studio.pipeline.manifests import ClipManifest
from video_assets.studio.storage.store import Store

_WIDTH_PX = 960
_SMALL_WIDTH_PX = 480
_MANY = 60
"""Pages with more pictures use the small width, so that the page of a long lesson loads quickly."""
_QUALITY = 62
_SAMPLE_WIDTH_PX = 640
_SAMPLE_FRAME = 10
"""Frame index in the body of a clip. The presenter speaks by then."""


class Picture(NamedTuple):
    """A WebP file and its size."""

    data: bytes
    width_px: int
    height_px: int


def sample_frame(clips: ClipManifest, store: Store) -> bytes:
    """A frame of an encoded clip, as WebP at most 640 px wide. Raises StoreError, MediaError.

    The clip is that of the first section with a speaking presenter, else that of the first section.
    """
    clip = next((clip for clip in clips.sections if clip.lips), clips.sections[0])
    body = clip.parts[len(clip.parts) // 2]
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        file.write(store.read(body.part.id))
        file.flush()
        rgb = decode_frame(Path(file.name), min(_SAMPLE_FRAME, body.frames - 1))
    return webp(rgb, most_px=_SAMPLE_WIDTH_PX).data


def width_in_page(pictures: int) -> int:
    """The maximum width, in pixels, of each picture on a page with that many `pictures`."""
    return _WIDTH_PX if pictures <= _MANY else _SMALL_WIDTH_PX


def webp(rgb: NDArray[np.uint8], most_px: int = _WIDTH_PX) -> Picture:
    """An RGB frame (height x width x 3) as WebP, scaled down to at most `most_px` wide, never up."""
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
