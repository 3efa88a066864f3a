"""Finds the face in a presenter's pictures, once, with OpenCV's YuNet and a model file of the user.

The boxes that were found are kept. Does not belong here: their use (`video_assets/studio/lipsync/face.py`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.lipsync.engine import FaceBox, Picture
from video_assets.studio.storage.filesystem import FileSystem, atomic_write

_MODELS = "*yunet*.onnx"
_SCORE, _OVERLAP, _CANDIDATES = 0.7, 0.3, 50
_LONGEST_GAP = 5
"""The most pictures in a row without a face: such a gap of the detector is filled from both sides."""
_BY_HAND = "Write box = [left, top, right, bottom] under [face] in its presenter.toml"


class FaceDetector:
    """Finds faces with a model in the folder `weights`, and keeps the boxes in the folder `kept`."""

    def __init__(self, weights: Path, kept: Path) -> None:
        self._weights = weights
        self._kept = kept

    def identity(self, presenter: str) -> str:
        """The detector's part of a recipe: the model's digest. Raises SettingInvalid if there is no model."""
        return sha256(self._model(presenter).read_bytes()).hexdigest()

    def boxes(self, presenter: str, digest: str, pictures: Sequence[Picture]) -> tuple[FaceBox, ...]:
        """The box of the largest face in each picture; `digest` names the pictures.

        Raises SettingInvalid if the detector is missing, or a picture shows no face.
        """
        note = self._kept / f"{digest[:32]}-{self.identity(presenter)[:16]}.json"
        if note.exists():
            return tuple(FaceBox(*box) for box in json.loads(note.read_bytes()))
        found = bridged(self._detected(presenter, pictures))
        missing = [index for index, box in enumerate(found) if box is None]
        if missing:
            which = "the picture" if len(pictures) == 1 else f"{len(missing)} of {len(pictures)} pictures"
            raise SettingInvalid(
                f"No face was found in {which} of the presenter {presenter!r}"
                + ("." if len(pictures) == 1 else f" (the first is number {missing[0] + 1})."),
                remedy=f"Take one that shows a whole face from the front. Or: {_BY_HAND.lower()}.",
            )
        boxes = tuple(box for box in found if box is not None)
        self._kept.mkdir(parents=True, exist_ok=True)
        atomic_write(note, json.dumps([list(box) for box in boxes]).encode(), filesystem=FileSystem())
        return boxes

    def _model(self, presenter: str) -> Path:
        models = sorted(self._weights.glob(_MODELS))
        if not find_spec("cv2") or not models:
            lacks = "OpenCV is not installed" if models else f"no {_MODELS} lies in data/{self._weights.name}"
            raise SettingInvalid(
                f"Where the face of the presenter {presenter!r} is cannot be found out: {lacks}.",
                remedy=f"{_BY_HAND}; or bring OpenCV's YuNet model, and install with the extra [faces].",
            )
        return models[-1]

    def _detected(self, presenter: str, pictures: Sequence[Picture]) -> list[FaceBox | None]:
        import cv2

        height, width = pictures[0].shape[:2]
        model = str(self._model(presenter))
        detector = cv2.FaceDetectorYN.create(model, "", (width, height), _SCORE, _OVERLAP, _CANDIDATES)
        return [_largest(detector.detect(picture[..., ::-1].copy())[1], picture) for picture in pictures]


def _largest(faces: Any, picture: Picture) -> FaceBox | None:
    """The box of YuNet's rows (left, top, width, height, ten of landmarks, score), inside the picture."""
    if faces is None or len(faces) == 0:
        return None
    left, top, across, down = max((row[:4] for row in faces), key=lambda box: float(box[2]) * float(box[3]))
    height, width = picture.shape[:2]
    box = FaceBox(max(0, int(left)), max(0, int(top)), min(width, int(left + across)), min(height, int(top + down)))
    return box if box.left < box.right and box.top < box.bottom else None


def bridged(found: Sequence[FaceBox | None]) -> list[FaceBox | None]:
    """The boxes with short gaps filled: linearly between two boxes, at the ends with the nearest box."""
    known = [(index, box) for index, box in enumerate(found) if box is not None]
    if not known:
        return list(found)
    filled: list[FaceBox | None] = list(found)
    ends = [(max(-1, known[0][0] - _LONGEST_GAP - 1), known[0][1])], [(known[-1][0] + _LONGEST_GAP + 1, known[-1][1])]
    for (before, one), (after, other) in pairwise([*ends[0], *known, *ends[1]]):
        if after - before <= _LONGEST_GAP + 1:
            for index in range(max(0, before + 1), min(after, len(found))):
                filled[index] = _between(one, other, (index - before) / (after - before))
    return filled


def _between(one: FaceBox, other: FaceBox, share: float) -> FaceBox:
    return FaceBox(*(round(a + (b - a) * share) for a, b in zip(one, other, strict=True)))
