"""A checkpoint for the lips' network, seeded instead of trained, and what tests of lips share.

Only fixtures that a test asks for by name; nothing here happens by itself. Everything lies in the session's folder:
a checkpoint is 145 MB, and is folded once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.kit.session import shared_folder
from video_assets.studio.storage.locks import file_lock

GOLDEN = Path(__file__).parent / "studio" / "golden" / "wav2lip"


@pytest.fixture(scope="session")
def seeded_state() -> dict[str, Any]:
    """The state dictionary (name -> torch tensor) that the reference was computed with."""
    from benchmarks.seeded_weights import seeded_state

    return seeded_state()


@pytest.fixture(scope="session")
def calibrated_state(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The same with layers that pass on variety, as a trained network's do: other windows, clearly other mouths.

    Calibrated once for all of pytest's workers.
    """
    import torch

    from benchmarks.seeded_weights import calibrated_state

    path = shared_folder(tmp_path_factory) / "calibrated.pt"
    with file_lock(path.with_suffix(".lock")):
        if not path.exists():
            torch.save(calibrated_state(), path.with_suffix(".part"))
            path.with_suffix(".part").replace(path)
    return torch.load(path, weights_only=True)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory, calibrated_state: dict[str, Any]) -> Path:
    """A checkpoint as published, of the calibrated state, alone in its folder."""
    from benchmarks.seeded_weights import write_checkpoint

    return write_checkpoint(tmp_path_factory.mktemp("weights") / "wav2lip.pth", calibrated_state)


@pytest.fixture(scope="session")
def folded_weights(checkpoint: Path) -> Path:
    """The folded copy of it, in the same folder."""
    from video_assets.studio.lipsync.network.weights import folded

    return folded(checkpoint, checkpoint.parent).path


@pytest.fixture(scope="session")
def reference() -> dict[str, NDArray[np.float32]]:
    """What the published network makes of the seeded weights: output, audio_embedding; and wav with its mel."""
    with np.load(GOLDEN / "reference.npz") as file:
        return {name: file[name] for name in file.files}
