"""The interface of every runtime of the network: it gives maps of a face, and mouths for windows of sound.

torch_generator.py      torch: GPUs, and CPUs
openvino_generator.py   OpenVINO: CPUs, faster
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
"""The lower half of a face. The network makes only this half."""


class DeviceFull(MediaError):
    """A batch does not fit into the memory of the device."""


class FaceFeatures(NamedTuple):
    """The maps of a face at each size, for each of its pictures. Computed once per presenter."""

    pictures: int
    by_rise: tuple[Any, ...]
    """Arrays of the runtime: pictures x channels x height x width or pictures x height x width x channels."""


class Generator(ABC):
    """The network on one device. Every batch has the size `batch`; the last one is padded.

    The same windows and maps at the same places give the same bytes, whatever the other frames of the batch are.
    """

    batch: int
    device: str
    """Name of the processor or graphics card."""
    precision: Precision
    runtime: str
    """Name and version of the library."""
    psnr_db: float | None = None
    """PSNR of 16 bits against float32 on this device, if they passed the quality test (`precision.py`)."""

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
        """The lower half of the face for each window: count x 48 x 96 x 3, red, green, blue.

        `windows` is count x 80 x 16. `which` gives for each window the picture of the face. `places` gives its place:
        index `place % batch` of a batch (by default one after the other). Raises DeviceFull.
        """
        at = np.arange(len(windows)) if places is None else np.asarray(places)
        whole = -(-(int(at.max(initial=-1)) + 1) // self.batch) * self.batch
        heard, seen = np.zeros((whole, 1, BANDS, WINDOW_COLUMNS), np.float32), np.zeros(whole, np.int64)
        heard[at, 0], seen[at] = windows, which
        return self._whole_batches(heard, maps, seen)[at]

    @property
    def at_once(self) -> int:
        """The best number of frames per call: some batches in a row."""
        return self.batch

    def halve_batch(self) -> None:
        """Halve the batch, because this one does not fit into the memory of the device."""
        self.batch = max(1, self.batch // 2)

    @abstractmethod
    def _whole_batches(
        self, windows: NDArray[np.float32], maps: FaceFeatures, which: NDArray[np.int64]
    ) -> NDArray[np.uint8]:
        """Compute some full batches: count x 1 x 80 x 16 -> count x 48 x 96 x 3. Raises DeviceFull."""


def encoder_inputs(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Faces as input of the face's encoder: count x 6 x 96 x 96, blue, green, red from 0 to 1.

    First the target picture with a black lower half, then the reference picture. Here both are the same picture.
    """
    by_channel = faces[..., ::-1].transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
    masked = by_channel.copy()
    masked[:, :, FACE_PX - MOUTH_ROWS :] = 0
    return np.ascontiguousarray(np.concatenate([masked, by_channel], axis=1))
