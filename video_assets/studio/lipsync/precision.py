"""Whether a device may compute in bfloat16: several times faster, and only where nobody sees the difference.

Belongs here: the gate, and the note of what was measured. Does not belong here: which devices could (`devices.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from video_assets.studio.disk import Disk, write_whole

from .mel import BANDS, WINDOW_COLUMNS
from .network import FACE_PX, Generator, Precision

GATE_DB = 40.0
"""PSNR that bfloat16 must reach against float32: an error of 2.5 levels of 255 at the root of the mean square, where
the film's own encoding has about as much."""
_PROBES = 64

OpenAs = Callable[[Precision], Generator]


def gated(open_as: OpenAs, notes: Path) -> Generator:
    """A generator in bfloat16 where that passes the gate on this device, else in float32.

    What was measured is kept in the file `notes`, by device and runtime, so that only the first time has to measure.
    """
    fast = open_as("bfloat16")
    where = f"{fast.device}, {fast.runtime}"
    known = _read(notes)
    if where not in known:
        known[where] = round(psnr_db(_probed(open_as("float32")), _probed(fast)), 1)
        write_whole(notes, json.dumps(known, indent=1, sort_keys=True).encode(), disk=Disk())
    chosen = fast if known[where] >= GATE_DB else open_as("float32")
    chosen.bfloat16_psnr_db = known[where]
    return chosen


def psnr_db(picture: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio of two pictures (or stacks) of one shape, at most 99 (equal)."""
    error = np.mean((picture.astype(np.float64) - other.astype(np.float64)) ** 2)
    return 99.0 if error == 0 else min(99.0, float(10 * np.log10(255**2 / error)))


def _probed(generator: Generator) -> NDArray[np.uint8]:
    """What a generator makes of windows and faces that cover all that a sound and a photo can be."""
    throw = np.random.Generator(np.random.PCG64(20))
    windows = throw.uniform(-4, 4, (_PROBES, BANDS, WINDOW_COLUMNS)).astype(np.float32)
    windows[: _PROBES // 2] = np.sort(windows[: _PROBES // 2], axis=2)  # sounds that swell, as speech does
    faces = throw.integers(0, 256, (2, FACE_PX, FACE_PX, 3), dtype=np.uint8)
    faces[1] = np.linspace(40, 220, FACE_PX, dtype=np.uint8)[:, None, None]
    return generator.mouths(windows, generator.maps(faces), [index % 2 for index in range(_PROBES)])


def _read(notes: Path) -> dict[str, float]:
    try:
        return dict(json.loads(notes.read_bytes()))
    except (FileNotFoundError, ValueError):
        return {}
