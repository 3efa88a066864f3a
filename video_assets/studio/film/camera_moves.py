"""The camera's move over the picture of a section, from what the store keeps of the picture."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from video_assets.studio.media.camera import MOST_ZOOM, ZOOM_PER_SECOND, Move, zoom_of
from video_assets.studio.pictures.decode import decode_picture
from video_assets.studio.pipeline.manifests import MovingEntry
from video_assets.studio.storage.store import Store


def camera_inputs(moving: MovingEntry | None) -> dict[str, str]:
    """The inputs of a clip's recipe for its camera. A still picture adds none."""
    return {"moving": moving.picture.id, "moving_coverage": moving.coverage.id} if moving else {}


def camera_in_recipe(moving: MovingEntry | None) -> dict[str, Any]:
    """The parameters of a clip's recipe for its camera. A still picture adds none."""
    if moving is None:
        return {}
    rates = {"most_zoom": str(MOST_ZOOM), "zoom_per_second": str(ZOOM_PER_SECOND)}
    return {"camera": {"at": [moving.x_px, moving.y_px], "focus": list(moving.focus_px), **rates}}


def camera_move(moving: MovingEntry | None, frames: int, rate: Fraction, store: Store) -> Move | None:
    """The move over the picture in a clip of `frames` frames; None for a still picture."""
    if moving is None:
        return None
    picture = decode_picture(store.read(moving.picture.id))
    coverage = np.ascontiguousarray(decode_picture(store.read(moving.coverage.id))[..., 0])
    focus = (Fraction(moving.focus_px[0]), Fraction(moving.focus_px[1]))
    return Move(moving.x_px, moving.y_px, picture, coverage, focus, frames, zoom_of(frames, rate))
