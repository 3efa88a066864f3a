"""What every runtime of the network gives: maps of a face, and mouths of what is heard.

    generator.py            torch: GPUs, and CPUs
    openvino_generator.py   OpenVINO: CPUs, faster

Belongs here: the interface and the arithmetic between it and pixels, which all runtimes share. Does not belong here:
the layers (`layers.py`), or how frames become batches (`lanes.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from video_assets.studio.core.errors import MediaError

from .mel import BANDS, WINDOW_COLUMNS

Precision = Literal["float32", "float16", "bfloat16"]

FACE_PX = 96
MOUTH_ROWS, MOUTH_COLUMNS = 48, 96
"""The lower half of a face, which is all that is made."""


class DeviceFull(MediaError):
    """The device's memory does not hold a batch."""


class FaceFeatures(NamedTuple):
    """What the decoder sees of a face at each size, for each of its pictures; computed once per presenter."""

    pictures: int
    by_rise: tuple[Any, ...]
    """Arrays of the runtime, pictures x channels x height x width or pictures x height x width x channels."""


class Generator(ABC):
    """The network on one device. Every batch has the size `batch`, the last one padded: the same windows and maps at
    the same places give the same bytes, whatever is computed beside them.
    """

    batch: int
    device: str
    """As a person would name it: the processor's or the card's name."""
    precision: Precision
    runtime: str
    """Which library computes, with its version."""
    psnr_db: float | None = None
    """How near 16 bits come to float32 on this device, where they passed the gate (`precision.py`)."""

    @abstractmethod
    def maps(self, faces: NDArray[np.uint8]) -> FaceFeatures:
        """The maps of faces: count x 96 x 96 x 3, red, green, blue."""

    def mouths(
        self,
        windows: NDArray[np.float32],
        maps: FaceFeatures,
        which: Sequence[int],
        places: Sequence[int] | None = None,
    ) -> NDArray[np.uint8]:
        """The lower half of the face that says each window: count x 48 x 96 x 3, red, green, blue.

        `windows` is count x 80 x 16; `which` names for each window the picture of the face, `places` where it is
        computed: at `place % batch` of a batch (by default one after the other). Raises DeviceFull.
        """
        at = np.arange(len(windows)) if places is None else np.asarray(places)
        whole = -(-(int(at.max(initial=-1)) + 1) // self.batch) * self.batch
        heard, seen = np.zeros((whole, 1, BANDS, WINDOW_COLUMNS), np.float32), np.zeros(whole, np.int64)
        heard[at, 0], seen[at] = windows, which
        return self._whole_batches(heard, maps, seen)[at]

    @property
    def at_once(self) -> int:
        """How many frames it works on best, where there are so many: some batches in a row."""
        return self.batch

    def halve_batch(self) -> None:
        """Halve the batch: the device's memory does not hold this one."""
        self.batch = max(1, self.batch // 2)

    @abstractmethod
    def _whole_batches(
        self, windows: NDArray[np.float32], maps: FaceFeatures, which: NDArray[np.int64]
    ) -> NDArray[np.uint8]:
        """Some full batches: count x 1 x 80 x 16 -> count x 48 x 96 x 3. Raises DeviceFull."""


def encoder_inputs(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Faces as the face's encoder takes them: count x 6 x 96 x 96, blue, green, red from 0 to 1.

    First the picture to be made, its lower half black, then the picture to go by: for us the same one.
    """
    by_channel = faces[..., ::-1].transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
    masked = by_channel.copy()
    masked[:, :, FACE_PX - MOUTH_ROWS :] = 0
    return np.ascontiguousarray(np.concatenate([masked, by_channel], axis=1))
