"""The fast form of the network (`layers.py`) in torch, on a GPU or a CPU.

Does not belong here: how frames become batches (`batching.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from .layers import COLOURS, COLOURS_LEAVE_IN, FACE, LAST, LAST_FIRST_ROW, LAST_LEAVE_IN, RISES, SOUND, Layer, Upsample
from .runtime import DeviceFull, FaceFeatures, Generator, Precision, encoder_inputs
from .weights import Weights

_TYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
_FACES_AT_ONCE = 32
_BATCHES_IN_A_ROW = 4
"""On a GPU, the host waits for copies once per this many batches. A larger number leaves other GPUs without work."""


class TorchGenerator(Generator):
    """`device` is `cpu` or `cuda:N`. On a GPU each batch is one CUDA graph; `compiled` uses torch.compile instead."""

    def __init__(
        self,
        weights: Weights,
        device: str,
        precision: Precision,
        batch: int,
        *,
        compiled: bool = False,
        graphed: bool = True,
    ) -> None:
        self.batch, self.precision = batch, precision
        self._on = torch.device(device)
        self.device = torch.cuda.get_device_name(self._on) if self._on.type == "cuda" else "CPU"
        self.runtime = f"torch {torch.__version__}"
        self._weights = {name: self._placed(torch.from_numpy(value)) for name, value in weights.items()}
        self._run: Callable[..., Tensor] = torch.compile(self._speak) if compiled else self._speak
        self._graphed = graphed and not compiled and self._on.type == "cuda"
        self._graph: _CudaGraph | None = None

    def maps(self, faces: NDArray[np.uint8]) -> FaceFeatures:
        """See Generator."""
        inputs = torch.from_numpy(encoder_inputs(faces))
        with torch.inference_mode(), _exactly():
            parts = [self._see(self._placed(part)) for part in inputs.split(_FACES_AT_ONCE)]
            return FaceFeatures(len(faces), tuple(_by_pixel(torch.cat(maps)) for maps in zip(*parts, strict=True)))

    @property
    def at_once(self) -> int:
        """See Generator."""
        return self.batch * _BATCHES_IN_A_ROW if self._graphed else self.batch

    def halve_batch(self) -> None:
        """See Generator. Frees the memory of the larger batch first."""
        super().halve_batch()
        self._graph = None
        torch.cuda.empty_cache()

    def _whole_batches(
        self, windows: NDArray[np.float32], maps: FaceFeatures, which: NDArray[np.int64]
    ) -> NDArray[np.uint8]:
        try:
            with torch.inference_mode(), _exactly():
                return self._work(torch.from_numpy(windows), torch.from_numpy(which), maps).numpy()
        except torch.OutOfMemoryError as error:
            raise DeviceFull(
                f"{self.device} has no memory for {self.batch} frames at a time.",
                remedy="End what else uses it, or set lips_batch to a smaller number.",
            ) from error

    def _work(self, windows: Tensor, which: Tensor, maps: FaceFeatures) -> Tensor:
        if self._on.type == "cpu":
            parts = zip(self._placed(windows).split(self.batch), which.split(self.batch), strict=True)
            return torch.cat([self._run(heard, seen, *maps.by_rise) for heard, seen in parts])
        # The host waits only at the end: from page-locked memory even the copies run asynchronously.
        heard = windows.pin_memory().to(self._on, non_blocking=True).split(self.batch)
        seen = which.pin_memory().to(self._on, non_blocking=True).split(self.batch)
        made = torch.cat([self._on_gpu(*part, maps) for part in zip(heard, seen, strict=True)])
        here = torch.empty(made.shape, dtype=made.dtype, pin_memory=True).copy_(made, non_blocking=True)
        torch.cuda.current_stream(self._on).synchronize()
        return here

    def _on_gpu(self, windows: Tensor, which: Tensor, maps: FaceFeatures) -> Tensor:
        if not self._graphed:
            return self._run(self._placed(windows), which, *maps.by_rise)
        if self._graph is None or self._graph.maps is not maps:
            self._graph = None
            self._graph = _CudaGraph(self._speak, self._placed(windows), which, maps)
        return self._graph.replay(windows, which)

    def _placed(self, tensor: Tensor) -> Tensor:
        placed = tensor.to(self._on, _TYPES[self.precision])
        return _by_pixel(placed) if placed.ndim == 4 else placed

    # The arithmetic ---------------------------------------------------------------------------------------------------

    def _see(self, face: Tensor) -> tuple[Tensor, ...]:
        """A face -> the constant half of the first layer of each rise, with biases."""
        encoded: list[Tensor] = []
        x = face
        for block in FACE:
            for layer in block:
                x = self._layer(x, layer)
            encoded.append(x)
        rises = [
            self._raised(encoded.pop(), rise, "seen", self._weights[f"{rise.name}.bias"])[:, :, rise.first_row :]
            for rise in RISES
        ]
        last = functional.conv2d(encoded.pop(), self._weights[f"{LAST}.seen"], self._weights[f"{LAST}.bias"], padding=1)
        return (*rises, last[:, :, LAST_FIRST_ROW:])

    def _speak(self, windows: Tensor, which: Tensor, *maps: Tensor) -> Tensor:
        """Windows and maps -> mouths as bytes, batch x 48 x 96 x 3, red, green, blue."""
        # The maps of a photo are the same for the whole batch and are broadcast without a copy.
        seen = maps if len(maps[0]) == 1 else tuple(_by_pixel(each.index_select(0, which)) for each in maps)
        x = windows
        for layer in SOUND:
            x = self._layer(x, layer)
        for rise, map_ in zip(RISES, seen, strict=False):
            x = self._raised(x[:, :, rise.leave_in :], rise, "said", None)[:, :, rise.leave_out :]
            x = torch.relu_(x + map_)
            for layer in rise.residuals:
                x = self._layer(x, layer)
        x = functional.conv2d(x[:, :, LAST_LEAVE_IN:], self._weights[f"{LAST}.said"], None, padding=1)
        x = torch.relu_(x + seen[-1])[:, :, COLOURS_LEAVE_IN:]
        x = functional.conv2d(x, self._weights[f"{COLOURS}.weight"], self._weights[f"{COLOURS}.bias"])
        levels = torch.sigmoid(x.float()).mul_(255).round_().to(torch.uint8)
        return levels.flip(1).permute(0, 2, 3, 1).contiguous()

    def _layer(self, x: Tensor, layer: Layer) -> Tensor:
        weight, bias = self._weights[f"{layer.name}.weight"], self._weights[f"{layer.name}.bias"]
        y = functional.conv2d(x, weight, bias, layer.stride, layer.padding)
        return torch.relu_(y.add_(x) if layer.residual else y)

    def _raised(self, x: Tensor, rise: Upsample, half: str, bias: Tensor | None) -> Tensor:
        weight = self._weights[f"{rise.name}.{half}"]
        return functional.conv_transpose2d(x, weight, bias, rise.stride, rise.padding, rise.padding)


class _CudaGraph:
    """A recorded batch: a replay launches about eighty kernels at the cost of one launch."""

    def __init__(self, run: Callable[..., Tensor], windows: Tensor, which: Tensor, maps: FaceFeatures) -> None:
        self.maps = maps
        self._windows, self._which = windows.clone(), which.clone()
        warm_up = torch.cuda.Stream(windows.device)
        warm_up.wait_stream(torch.cuda.current_stream(windows.device))
        with torch.cuda.stream(warm_up):
            for _ in range(3):  # libraries choose their algorithms and workspaces before the recording
                run(self._windows, self._which, *maps.by_rise)
        torch.cuda.current_stream(windows.device).wait_stream(warm_up)
        self._graph = torch.cuda.CUDAGraph()
        # Workers of other GPUs continue meanwhile. Their threads are not part of this recording.
        with torch.cuda.graph(self._graph, capture_error_mode="thread_local"):
            self._made = run(self._windows, self._which, *maps.by_rise)

    def replay(self, windows: Tensor, which: Tensor) -> Tensor:
        """The batch of `windows`."""
        self._windows.copy_(windows)
        self._which.copy_(which)
        self._graph.replay()
        return self._made.clone()  # the next replay overwrites it


def _by_pixel(tensor: Tensor) -> Tensor:
    return tensor.contiguous(memory_format=torch.channels_last)


def _exactly() -> Any:
    """No TF32, and no choice of algorithms by timing: the same bytes in every process."""
    return torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False)
