"""The pictures of a face as the network takes them: its box, made square.

Belongs here: that. Does not belong here: where the box is (`face.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from video_assets.studio.lipsync.engine import Face


def crops(face: Face, side_px: int) -> NDArray[np.uint8]:
    """Each picture's box, scaled to `side_px` x `side_px` whatever its shape: count x side x side x 3."""
    size = (side_px, side_px)
    return np.stack(
        [
            np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR, box=box))
            for picture, box in zip(face.pictures, face.boxes, strict=True)
        ]
    )
