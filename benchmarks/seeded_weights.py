"""Weights for the network that nobody trained: for benchmarks and tests, as the published ones may not be shipped.

They follow from each tensor's name, so that any machine has the same. Speed and exactness do not depend on what a
network learned; how its lips look does, and nothing here says anything about that.
"""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import numpy as np
import torch

from video_assets.studio.lipsync.network.model import Wav2Lip


def seeded_state() -> dict[str, torch.Tensor]:
    """The state dictionary: normal numbers from PCG64 seeded with the name's CRC-32, scaled to keep a layer's size."""
    with torch.device("meta"):
        shapes = {name: tuple(value.shape) for name, value in Wav2Lip().state_dict().items()}
    return {name: _seeded(name, shape) for name, shape in shapes.items()}


def _seeded(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    if name.endswith("num_batches_tracked"):
        return torch.tensor(0)
    z = np.random.Generator(np.random.PCG64(crc32(name.encode()))).standard_normal(shape).astype(np.float32)
    if name.endswith("running_var"):
        values = 1 + 0.1 * np.abs(z)
    elif name.endswith("conv_block.1.weight"):
        values = 1 + 0.1 * z
    elif len(shape) == 1:
        values = 0.1 * z
    else:
        values = z * np.sqrt(1 / np.prod(shape[1:]))
    return torch.from_numpy(np.asarray(values, np.float32))


def calibrated_state() -> dict[str, torch.Tensor]:
    """The seeded state with every batch norm set to what flows through it, and a last layer that uses all levels.

    As in a trained network each layer then passes on variety, so that other windows and other faces give pictures that
    clearly differ, and an error of rounding is as large as it would be there.
    """
    network = Wav2Lip()
    network.load_state_dict(seeded_state())
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.reset_running_stats()
            layer.momentum = None  # the plain mean over what is seen from here on
    with torch.inference_mode():
        network.train()(*_variety())
        levels = network.eval()(*_variety()).logit()  # what the last layer gives, before its sigmoid
        state = network.state_dict()
        state["output_block.1.weight"] *= 1.5 / levels.std()
    return state


def _variety() -> tuple[torch.Tensor, torch.Tensor]:
    throw = np.random.Generator(np.random.PCG64(1))
    mel = np.clip(throw.normal(-1, 2, (32, 1, 80, 1)) + throw.normal(0, 1, (32, 1, 80, 16)), -4, 4)
    smooth = throw.uniform(0, 1, (32, 3, 12, 12)).repeat(8, axis=2).repeat(8, axis=3)
    masked = smooth.copy()
    masked[:, :, 48:] = 0
    return torch.from_numpy(mel).float(), torch.from_numpy(np.concatenate([masked, smooth], axis=1)).float()


def write_checkpoint(path: Path, state: dict[str, torch.Tensor]) -> Path:
    """Write `state` as the published `.pth` files have it: keys with `module.`, beside an optimizer's state."""
    named = {f"module.{name}": value for name, value in state.items()}
    torch.save({"state_dict": named, "optimizer": {"state": {}}, "global_step": 1, "global_epoch": 1}, path)
    return path
