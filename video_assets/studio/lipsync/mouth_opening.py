"""How far a mouth is open, read off its pictures: for lips that a network or a program made, where nobody knows it.

Belongs here: that estimate. Does not belong here: what is concluded from it (`studio/presenter/visemes.py`,
`studio/film/checks.py`).

An open mouth is dark inside. Of the middle of a mouth's picture, the share that is much darker than the skin around it
follows the opening; what is dark all the time (a beard, a shadow, lips at rest) is the clip's own zero. Tried on drawn
faces of four skins: correlation with the true opening 0.9 or more (tests/studio/test_lip_measure.py). It says *when* a
mouth opens; how far it tells roughly, as teeth are light.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .engine import FaceBox, Picture

_ROWS, _COLUMNS = slice(8, 44), slice(20, 76)
"""Of 48 x 96: where a mouth is when the box is brow to chin."""
_DARK = 0.6
"""Share of the skin's brightness under which it is dark."""
_LEAST = 0.004
"""A mouth whose dark share varies less than this does not move."""


def openings(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How far each mouth is open, from 0 (as closed as any of them) to 1 (as open as any); 0 for all that do not move.

    `pictures` are count x height x width x 3, lower halves of faces.
    """
    dark = np.array([_dark_share(picture) for picture in pictures])
    low, high = np.percentile(dark, (5, 95)) if len(dark) else (0.0, 0.0)
    if high - low < _LEAST:
        return np.zeros(len(dark))
    return np.clip((dark - low) / (high - low), 0, 1)


def lower_half(picture: Picture, face: FaceBox) -> Picture:
    """The lower half of a face, 48 x 96."""
    box = (face.left, (face.top + face.bottom) / 2, face.right, face.bottom)
    return np.asarray(Image.fromarray(picture).resize((96, 48), Image.Resampling.BOX, box=box))


def _dark_share(picture: Picture) -> float:
    scaled = picture if picture.shape[:2] == (48, 96) else np.asarray(Image.fromarray(picture).resize((96, 48)))
    # Rec. 601 luma, in integers.
    luma = (scaled.astype(np.int32) @ np.array([299, 587, 114])) // 1000
    skin = np.percentile(luma, 75)
    return float((luma[_ROWS, _COLUMNS] < _DARK * skin).mean())
