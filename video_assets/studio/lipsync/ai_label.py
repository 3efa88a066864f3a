"""The visible mark of a synthetic face that looks real: the letters AI in a corner of the presenter's picture.

Two letters instead of a sentence are readable in every language of a lesson, and at a height of 240 pixels. The EU AI
Act (Article 50) requires that viewers are informed. The full sentence is in the film's tags and in the manifest. Does
not belong here: the machine-readable mark (`media/marks.py`).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from video_assets.studio.core.frame_layout import Box
from video_assets.studio.presenter.provider import Patch

_HEIGHT = 0.085
"""Height of the badge as a share of the shorter side of the picture."""
_SMALLEST_PX = 20
_GROUND, _LETTERS = (18, 22, 30), (255, 255, 255)
_OPACITY = 225
_SMOOTH = 4


def stamp(patch: Patch, box: Box) -> Patch:
    """`patch` (of the size of `box`) with the badge: at the lower edge of a medallion, else at the lower right."""
    badge = _badge(max(_SMALLEST_PX, round(min(box.width, box.height) * _HEIGHT)))
    height, width = badge.shape[:2]
    edge = round(min(box.width, box.height) * 0.035)
    left = (box.width - width) // 2 if box.width == box.height else box.width - width - edge
    top = box.height - height - edge
    out = patch.copy()
    under = out[top : top + height, left : left + width]
    share = badge[..., 3:].astype(np.float32) / 255
    under[..., :3] = np.rint(under[..., :3] * (1 - share) + badge[..., :3] * share)
    under[..., 3] = np.maximum(under[..., 3], badge[..., 3])
    return out


@lru_cache(maxsize=8)
def _badge(height_px: int) -> NDArray[np.uint8]:
    height, width = height_px * _SMOOTH, round(height_px * 1.7) * _SMOOTH
    large = Image.new("RGBA", (width, height), (*_GROUND, 0))
    draw = ImageDraw.Draw(large)
    draw.rounded_rectangle((0, 0, width - 1, height - 1), height // 3, fill=(*_GROUND, _OPACITY))
    font = ImageFont.load_default(size=height * 0.72)
    draw.text((width / 2, height / 2), "AI", font=font, fill=(*_LETTERS, 255), anchor="mm")
    return np.asarray(large.reduce(_SMOOTH))
