"""Files of weights: reads the published checkpoints safely, checks and folds them, and keeps a copy that loads quickly.

The user supplies the checkpoint, because its licence (research, no commercial use) does not allow this project to ship
it. It is a `.pth` (a dictionary with the state of the optimizer; keys begin with `module.`) or TorchScript. Neither is
unpickled without restrictions, because an untrusted checkpoint could run code.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.storage.filesystem import FileSystem, atomic_write

from .layers import COLOURS, FACE, LAST, LAST_SAID, RISES, SOUND, Layer

FORM = "1"
"""Format of the folded copy. Increment it when the format changes."""
_SMALLEST_BYTES = 100_000_000
"""36.3 million numbers of 4 bytes are 145 MB."""
_HEADER_BYTES = 8

Weights = Mapping[str, NDArray[np.float32]]
"""Folded weights by name, as `layers.py` names them."""


class Folded(NamedTuple):
    """A folded copy: its path, and the SHA-256 of its checkpoint."""

    path: Path
    source: str


def folded(checkpoint: Path, folder: Path) -> Folded:
    """The folded copy of a checkpoint in `folder`. It is made if it is missing or the checkpoint has changed.

    Making it needs torch and takes seconds. Raises SettingInvalid when the file is missing or is not the published
    network.
    """
    source = checkpoint_digest(checkpoint, folder)
    path = _copy_of(checkpoint, folder)
    metadata = _metadata_of(path)
    if metadata.get("source") != source or metadata.get("form") != FORM:
        _keep(fold(read_checkpoint(checkpoint)), path, _about(checkpoint, source))
    return Folded(path, source)


def checkpoint_digest(checkpoint: Path, folder: Path) -> str:
    """SHA-256 of a checkpoint. If size and time match the header of its folded copy, the file is not read again.

    Raises SettingInvalid when the file cannot be a checkpoint: it is missing, short, or a web page.
    """
    size, time_ns = _checked_status(checkpoint)
    metadata = _metadata_of(_copy_of(checkpoint, folder))
    if metadata.get("bytes") == str(size) and metadata.get("time_ns") == str(time_ns):
        return metadata["source"]
    with checkpoint.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_weights(path: Path) -> Weights:
    """The folded weights in a file from `folded`, mapped and not copied."""
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  it is not a mapping


def read_checkpoint(checkpoint: Path) -> dict[str, Any]:
    """The state dictionary (name -> torch tensor) of a published checkpoint of either form, keys and shapes checked.

    Raises SettingInvalid, which says what the file is and what to do.
    """
    _checked_status(checkpoint)
    state = {name.removeprefix("module."): tensor for name, tensor in _state(checkpoint).items()}
    wrong = list(_differences(state))
    if wrong:
        raise SettingInvalid(
            f"{checkpoint.name} is not Wav2Lip's generator: {'; '.join(wrong[:3])}"
            + (f"; and {len(wrong) - 3} more." if len(wrong) > 3 else "."),
            remedy="Take wav2lip.pth or wav2lip_gan.pth of the 96-pixel network, not a discriminator or SyncNet.",
        )
    return state


def fold(state: Mapping[str, Any]) -> dict[str, NDArray[np.float32]]:
    """Folds batch norms into their convolutions and splits the first layers of the decoder into `said` and `seen`.

    `state` comes from `read_checkpoint`. Computed in double precision and rounded once.
    """
    weights: dict[str, NDArray[np.float32]] = {}
    for layer in (*(layer for block in FACE for layer in block), *SOUND, *_residuals()):
        weight, bias = _fold(state, layer.name, outputs_axis=0)
        weights |= {f"{layer.name}.weight": weight, f"{layer.name}.bias": bias}
    for rise in RISES:
        weight, bias = _fold(state, rise.name, outputs_axis=1)
        weights |= _parted(rise.name, weight, bias, rise.said, inputs_axis=0)
    weights |= _parted(LAST, *_fold(state, LAST, outputs_axis=0), LAST_SAID, inputs_axis=1)
    weights |= {f"{COLOURS}.{part}": state[f"{COLOURS}.{part}"].float().numpy() for part in ("weight", "bias")}
    return weights


def _residuals() -> Iterator[Layer]:
    return (layer for rise in RISES for layer in rise.residuals)


_EPSILON = 1e-5
"""The epsilon of torch.nn.BatchNorm2d."""


def _fold(state: Mapping[str, Any], name: str, *, outputs_axis: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weight and bias of conv then norm: w' = w s, b' = (b - mean) s + beta with s = gamma / sqrt(var + epsilon)."""

    def part(of: str) -> NDArray[np.float64]:
        return state[f"{name}.conv_block.{of}"].double().numpy()

    scale = part("1.weight") / np.sqrt(part("1.running_var") + _EPSILON)
    shape = [1, 1, 1, 1]
    shape[outputs_axis] = -1
    weight = part("0.weight") * scale.reshape(shape)
    bias = (part("0.bias") - part("1.running_mean")) * scale + part("1.bias")
    return weight.astype(np.float32), bias.astype(np.float32)


def _parted(
    name: str, weight: NDArray[np.float32], bias: NDArray[np.float32], said: int, *, inputs_axis: int
) -> dict[str, NDArray[np.float32]]:
    halves = np.split(weight, [said], axis=inputs_axis)
    return {f"{name}.said": halves[0], f"{name}.seen": halves[1], f"{name}.bias": bias}


def _copy_of(checkpoint: Path, folder: Path) -> Path:
    return folder / f"{checkpoint.stem}.folded.safetensors"


def _about(checkpoint: Path, source: str) -> dict[str, str]:
    status = checkpoint.stat()
    return {"form": FORM, "source": source, "bytes": str(status.st_size), "time_ns": str(status.st_mtime_ns)}


def _keep(weights: Mapping[str, NDArray[np.float32]], path: Path, about: dict[str, str]) -> None:
    from safetensors.numpy import save

    path.parent.mkdir(parents=True, exist_ok=True)
    whole = {name: np.ascontiguousarray(weight) for name, weight in weights.items()}
    atomic_write(path, save(whole, metadata=about), filesystem=FileSystem())


def _metadata_of(path: Path) -> dict[str, str]:
    """The metadata of a folded copy; empty if the copy is missing or incomplete, so that it is made again.

    The header of a safetensors file is JSON after its length (8 bytes).
    """
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(_HEADER_BYTES), "little")
            header = json.loads(file.read(min(length, 1 << 24)))
            about = header.pop("__metadata__", {})
            ends = max(entry["data_offsets"][1] for entry in header.values())
            whole = os.fstat(file.fileno()).st_size == _HEADER_BYTES + length + ends
    except (FileNotFoundError, ValueError):
        return {}
    return about if whole else {}


def _checked_status(checkpoint: Path) -> tuple[int, int]:
    """Size and time of a file that may be a checkpoint. Raises SettingInvalid if it cannot be one."""
    try:
        status, head = checkpoint.stat(), _head(checkpoint)
    except OSError as error:
        raise SettingInvalid(
            f"There are no weights at {checkpoint.name}: {os.strerror(error.errno or 0)}.",
            remedy="Put the checkpoint into data/weights; docs/lip-sync.md says where it is published.",
        ) from error
    if head.lstrip()[:1] == b"<":
        raise SettingInvalid(
            f"{checkpoint.name} is a web page, not weights: the download gave its page instead of the file.",
            remedy="Download it again in a browser and look at its size: 416 MB, or 139 MB as TorchScript.",
        )
    if status.st_size < _SMALLEST_BYTES:
        raise SettingInvalid(
            f"{checkpoint.name} has {status.st_size:,} bytes; the weights alone are 145 million.",
            remedy="It is truncated, or it is another file. Download it again.",
        )
    return status.st_size, status.st_mtime_ns


def _head(checkpoint: Path) -> bytes:
    with checkpoint.open("rb") as file:
        return file.read(256)


def _state(checkpoint: Path) -> Mapping[str, Any]:
    import torch

    try:
        found = torch.load(checkpoint, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        return _script_state(checkpoint, error)
    state = found.get("state_dict", found) if isinstance(found, dict) else None
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise SettingInvalid(
            f"{checkpoint.name} holds {type(found).__name__} instead of a dictionary of weights.",
            remedy="Take the published wav2lip.pth or wav2lip_gan.pth.",
        )
    return state


def _script_state(checkpoint: Path, refused: Exception) -> Mapping[str, Any]:
    """The state of a TorchScript file. Loading it runs none of its code."""
    import torch

    try:
        return torch.jit.load(checkpoint, map_location="cpu").state_dict()
    except (RuntimeError, ValueError, pickle.UnpicklingError) as error:
        raise SettingInvalid(
            f"{checkpoint.name} cannot be read, neither as a dictionary of weights ({_line(refused)}) nor as "
            f"TorchScript ({_line(error)}).",
            remedy="It may have been cut off: compare its size and download it again.",
        ) from error


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]


def _differences(state: Mapping[str, Any]) -> Iterator[str]:
    import torch

    from .model import Wav2Lip

    with torch.device("meta"):
        wanted = {name: tuple(value.shape) for name, value in Wav2Lip().state_dict().items()}
    yield from (f"{name} is missing" for name in wanted if name not in state)
    yield from (f"{name} does not belong to it" for name in state if name not in wanted)
    for name in wanted.keys() & state.keys():
        if tuple(state[name].shape) != wanted[name]:
            yield f"{name} is {tuple(state[name].shape)} instead of {wanted[name]}"
        elif not bool(torch.isfinite(state[name]).all()):
            yield f"{name} holds values that are not finite"
