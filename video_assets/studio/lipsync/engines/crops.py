"""Crops the box of a face from its pictures, as square input of the network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from video_assets.studio.lipsync.engine import Face


def crops(face: Face, side_px: int) -> NDArray[np.uint8]:
    """The box of each picture, scaled to `side_px` x `side_px` (proportions may change): count x side x side x 3."""
    size = (side_px, side_px)
    return np.stack(
        [
            np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR, box=box))
            for picture, box in zip(face.pictures, face.boxes, strict=True)
        ]
    )
