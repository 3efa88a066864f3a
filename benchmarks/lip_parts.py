"""What each part of the network's fast form brings: the parts come one after the other, in one run, on the CPU or GPU.

Run `python -m benchmarks.lip_parts [--batch N] [--frames N] [--rounds N]`. Each row has all that those above it have.
Prints frames per second, the median of the rounds' ratios to the first row, and the largest difference in levels.
Asserts nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from video_assets.studio.lipsync.network import layers
from video_assets.studio.lipsync.network import torch_generator as generator
from video_assets.studio.lipsync.network.model import LOWER_ROWS, Wav2Lip
from video_assets.studio.lipsync.network.runtime import encoder_inputs
from video_assets.studio.lipsync.network.torch_generator import TorchGenerator
from video_assets.studio.lipsync.network.weights import fold

from .lips import ALLOCATOR, seeded_subject
from .seeded_weights import calibrated_state

Mouths = NDArray[np.uint8]
Make = Callable[[NDArray[np.float32]], Mouths]
Result = TypeVar("Result")


def _network() -> Wav2Lip:
    network = Wav2Lip()
    network.load_state_dict(calibrated_state())
    return network.eval()


def _folded(network: Wav2Lip) -> Wav2Lip:
    """Batch norms folded into the convolutions before them."""
    for module in network.modules():
        block = getattr(module, "conv_block", None)
        if isinstance(block, nn.Sequential):
            conv, norm = block[0], block[1]
            transposed = isinstance(conv, nn.ConvTranspose2d)
            block[0] = fuse_conv_bn_eval(conv, norm, transpose=transposed)  # type: ignore[type-var]  # takes both
            block[1] = nn.Identity()
    return network


def _whole(network: Wav2Lip, face: Tensor, batch: int, *, by_pixel: bool = False) -> Make:
    layout = torch.channels_last if by_pixel else torch.contiguous_format

    def make(windows: NDArray[np.float32]) -> Mouths:
        made = []
        for first in range(0, len(windows), batch):
            heard = torch.from_numpy(windows[first : first + batch, None]).to(face.device)
            seen = face.expand(len(heard), -1, -1, -1).contiguous(memory_format=layout)
            made.append(_levels(network(heard.contiguous(memory_format=layout), seen)))
        return np.concatenate(made)

    return make


def _face_once(network: Wav2Lip, face: Tensor, batch: int) -> Make:
    """The face's encoder runs once; its outputs are still concatenated and convolved for every frame."""
    encoded: list[Tensor] = []
    x = face.contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        for block in network.face_encoder_blocks:
            x = block(x)
            encoded.append(x)

    def make(windows: NDArray[np.float32]) -> Mouths:
        made = []
        for first in range(0, len(windows), batch):
            heard = torch.from_numpy(windows[first : first + batch, None]).to(face.device)
            y = network.audio_encoder(heard.contiguous(memory_format=torch.channels_last))
            for block, seen in zip(network.face_decoder_blocks, reversed(encoded), strict=True):
                y = torch.cat((block(y), seen.expand(len(heard), -1, -1, -1)), dim=1)
            made.append(_levels(network.output_block(y)))
        return np.concatenate(made)

    return make


def _levels(output: Tensor) -> Mouths:
    levels = (output * 255).round().to(torch.uint8).cpu().numpy()
    return levels[:, ::-1, 96 - LOWER_ROWS :].transpose(0, 2, 3, 1)


def _fast(face: NDArray[np.uint8], device: str, batch: int, *, whole_picture: bool) -> Make:
    """The generator; with the whole picture computed, and its lower half taken, or only what that needs."""
    made = TorchGenerator(fold(calibrated_state()), device, "float32", batch, graphed=False)
    rises = tuple(rise._replace(leave_in=0, leave_out=0, first_row=0) for rise in layers.RISES)
    rows = (rises, 0, 0, 0) if whole_picture else (layers.RISES, *_ROWS)
    maps = _with_rows(rows, lambda: made.maps(face))

    def make(windows: NDArray[np.float32]) -> Mouths:
        mouths = _with_rows(rows, lambda: made.mouths(windows, maps, [0] * len(windows)))
        return mouths[:, -LOWER_ROWS:]

    return make


_ROWS = (layers.LAST_LEAVE_IN, layers.LAST_FIRST_ROW, layers.COLOURS_LEAVE_IN)


def _with_rows(rows: tuple[object, ...], work: Callable[[], Result]) -> Result:
    """Run `work` with the generator leaving out other rows."""
    names = ("RISES", "LAST_LEAVE_IN", "LAST_FIRST_ROW", "COLOURS_LEAVE_IN")
    before = [getattr(generator, name) for name in names]
    for name, value in zip(names, rows, strict=True):
        setattr(generator, name, value)
    try:
        return work()
    finally:
        for name, value in zip(names, before, strict=True):
            setattr(generator, name, value)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lip_parts", description=__doc__)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--frames", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    device = "cuda:0" if torch.cuda.is_available() else "cpu"
    subject = seeded_subject(options.frames)
    face = torch.from_numpy(encoder_inputs(subject.face)).to(device)
    folded = _folded(_network()).to(device)
    by_pixel = _folded(_network()).to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    parts: dict[str, Make] = {
        "plain": _whole(_network().to(device), face, options.batch),
        "batch norms folded": _whole(folded, face, options.batch),
        "channels last": _whole(by_pixel, face, options.batch, by_pixel=True),
        "face's encoder once": _face_once(by_pixel, face, options.batch),
        "face's halves of the decoder once": _fast(subject.face, device, options.batch, whole_picture=True),
        "only the lower half": _fast(subject.face, device, options.batch, whole_picture=False),
    }
    with torch.inference_mode():
        made = {name: make(subject.windows).astype(np.int16) for name, make in parts.items()}
        rounds = [{name: _speed(make, subject.windows) for name, make in parts.items()} for _ in range(options.rounds)]
    print("| with | frames/s | x plain | levels, at most |\n|---|---|---|---|")
    for name in parts:
        ratio = median(each[name] / each["plain"] for each in rounds)
        levels = int(np.abs(made[name] - made["plain"]).max())
        print(f"| {name} | {max(each[name] for each in rounds):,.1f} | {ratio:.2f} | {levels} |")


def _speed(make: Make, windows: NDArray[np.float32]) -> float:
    started = time.perf_counter()
    make(windows)
    return len(windows) / (time.perf_counter() - started)


if __name__ == "__main__":
    if not ALLOCATOR.items() <= os.environ.items():
        command = [sys.executable, "-m", "benchmarks.lip_parts", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, **ALLOCATOR})
    main()
