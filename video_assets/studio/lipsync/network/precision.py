"""The quality test that decides whether a device may compute in 16 bits, which is several times faster.

float16 has three more bits of precision than bfloat16 and is eight times as exact. bfloat16 has the range of float32,
and float16 could overflow. The test measures both with the actual weights.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from video_assets.studio.storage.filesystem import FileSystem, atomic_write

from .mel import BANDS, WINDOW_COLUMNS
from .runtime import FACE_PX, Generator, Precision

GATE_DB = 40.0
"""PSNR against float32 that 16 bits must reach: a root mean square error of 2.5 levels of 255. The encoding of the film
causes about the same error."""
_PROBES = 64

OpenAs = Callable[[Precision], Generator]


def passes_quality_test(open_as: OpenAs, candidates: Sequence[Precision], notes: Path) -> Generator:
    """A generator in the first of `candidates` that passes the test on this device, else in float32.

    The file `notes` keeps the measurements by device, runtime and precision, so that each is measured only once.
    """
    exact: NDArray[np.uint8] | None = None
    known = _read(notes)
    for candidate in candidates:
        generator = open_as(candidate)
        where = f"{generator.device}, {generator.runtime}, {candidate}"
        if where not in known:
            exact = _probed(open_as("float32")) if exact is None else exact
            known[where] = round(psnr_db(exact, _probed(generator)), 1)
            atomic_write(notes, json.dumps(known, indent=1, sort_keys=True).encode(), filesystem=FileSystem())
        if known[where] >= GATE_DB:
            generator.psnr_db = known[where]
            return generator
    return open_as("float32")


def psnr_db(picture: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio of two pictures (or stacks) of one shape, at most 99 (equal)."""
    error = np.mean((picture.astype(np.float64) - other.astype(np.float64)) ** 2)
    return 99.0 if error == 0 else min(99.0, float(10 * np.log10(255**2 / error)))


def _probed(generator: Generator) -> NDArray[np.uint8]:
    """The result of a generator for windows and faces that cover the range of sounds and photos."""
    random = np.random.Generator(np.random.PCG64(20))
    windows = random.uniform(-4, 4, (_PROBES, BANDS, WINDOW_COLUMNS)).astype(np.float32)
    windows[: _PROBES // 2] = np.sort(windows[: _PROBES // 2], axis=2)  # sounds that swell, as speech does
    faces = random.integers(0, 256, (2, FACE_PX, FACE_PX, 3), dtype=np.uint8)
    faces[1] = np.linspace(40, 220, FACE_PX, dtype=np.uint8)[:, None, None]
    return generator.mouths(windows, generator.maps(faces), [index % 2 for index in range(_PROBES)])


def _read(notes: Path) -> dict[str, float]:
    try:
        return dict(json.loads(notes.read_bytes()))
    except (FileNotFoundError, ValueError):
        return {}
