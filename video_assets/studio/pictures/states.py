"""The states of a slide as small pictures: of each state only the rectangle in which it differs from the whole slide.

Does not belong here: which states there are (`slides`), or when they are shown (`film`).
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from video_assets.studio.core.errors import MediaError

from .decode import decode_picture


class StatePatch(NamedTuple):
    """The rectangle of a state that differs from the whole slide, as PNG, and its place."""

    x_px: int
    y_px: int
    png: bytes


def state_patch(whole: NDArray[np.uint8], state: NDArray[np.uint8]) -> StatePatch:
    """The patch that makes `state` of `whole`; both are RGB of one size. Equal pictures give one pixel."""
    if whole.shape != state.shape:
        raise MediaError(
            f"A state of a slide is {state.shape[1]}x{state.shape[0]}, the slide {whole.shape[1]}x{whole.shape[0]}.",
            remedy="Paint all states of a slide in one size.",
        )
    differs = (whole != state).any(axis=2)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    y, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 1)
    x, right = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 1)
    out = BytesIO()
    Image.fromarray(state[y:bottom, x:right]).save(out, "PNG", compress_level=2)
    return StatePatch(x, y, out.getvalue())


def with_patch(whole: NDArray[np.uint8], patch: StatePatch) -> NDArray[np.uint8]:
    """The state of a slide, as a new array. Raises MediaError for a patch that leaves the slide."""
    pixels = decode_picture(patch.png)
    height, width = pixels.shape[:2]
    if patch.y_px + height > whole.shape[0] or patch.x_px + width > whole.shape[1]:
        raise MediaError(
            f"A patch of {width}x{height} at {patch.x_px},{patch.y_px} leaves a slide of "
            f"{whole.shape[1]}x{whole.shape[0]}.",
            remedy="Make the section's picture again.",
        )
    state = whole.copy()
    state[patch.y_px : patch.y_px + height, patch.x_px : patch.x_px + width] = pixels
    return state


def patches_of(pictures: Sequence[bytes]) -> tuple[StatePatch, ...]:
    """The patches of the states in `pictures`, of which the first is the whole slide."""
    if len(pictures) == 1:
        return ()
    whole = decode_picture(pictures[0])
    return tuple(state_patch(whole, decode_picture(picture)) for picture in pictures[1:])
