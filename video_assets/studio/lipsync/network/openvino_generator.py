"""The fast form of the network (`layers.py`) in OpenVINO, built from the folded weights without torch.

OpenVINO is the faster runtime on CPUs and starts in half the time of torch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as ops

from .layers import COLOURS, COLOURS_LEAVE_IN, FACE, LAST, LAST_FIRST_ROW, LAST_LEAVE_IN, RISES, SOUND, Layer, Upsample
from .mel import BANDS, WINDOW_COLUMNS
from .runtime import FACE_PX, MOUTH_COLUMNS, MOUTH_ROWS, FaceFeatures, Generator, Precision, encoder_inputs
from .weights import Weights

Node = Any
"""A node of an OpenVINO graph. The library has no better type."""
_Model: Any = ov.Model  # its stub describes another class of the same name


_HINTS: dict[Precision, str] = {"float32": "f32", "float16": "f16", "bfloat16": "bf16"}


class OpenVinoGenerator(Generator):
    """On the CPU. `threads` 0 uses every core. Only one thread may call it at a time."""

    def __init__(self, weights: Weights, precision: Precision, batch: int, *, threads: int = 0) -> None:
        self.batch, self.precision = batch, precision
        self.runtime = f"openvino {ov.__version__.split('-')[0]}"
        self._core = ov.Core()
        self.device = str(self._core.get_property("CPU", "FULL_DEVICE_NAME"))
        self._graph = _GraphBuilder(weights)
        self._properties = {
            "INFERENCE_PRECISION_HINT": _HINTS[precision],
            "PERFORMANCE_HINT": "LATENCY",
            **({"INFERENCE_NUM_THREADS": threads} if threads else {}),
        }
        self._speaking: dict[int, ov.InferRequest] = {}

    def maps(self, faces: NDArray[np.uint8]) -> FaceFeatures:
        """See Generator."""
        seen = self._compiled(self._graph.seeing())
        request = seen.create_infer_request()
        made = [
            [np.array(value) for value in request.infer({0: face[None]}).values()] for face in encoder_inputs(faces)
        ]
        return FaceFeatures(len(faces), tuple(np.concatenate(maps) for maps in zip(*made, strict=True)))

    def _whole_batches(
        self, windows: NDArray[np.float32], maps: FaceFeatures, which: NDArray[np.int64]
    ) -> NDArray[np.uint8]:
        request = self._speaking.get(maps.pictures) or self._ready(maps)
        made = np.empty((len(windows), MOUTH_ROWS, MOUTH_COLUMNS, 3), np.uint8)
        for first in range(0, len(windows), self.batch):
            part = slice(first, first + self.batch)
            inputs = [windows[part], *maps.by_rise, *([which[part]] if maps.pictures > 1 else [])]
            for number, each in enumerate(inputs):
                request.set_input_tensor(number, ov.Tensor(each, shared_memory=True))
            request.infer()
            made[part] = request.get_output_tensor(0).data
        return made

    def _ready(self, maps: FaceFeatures) -> ov.InferRequest:
        """One request for all batches. It owns the memory between the layers."""
        model = self._compiled(self._graph.speaking(self.batch, tuple(each.shape for each in maps.by_rise)))
        self._speaking[maps.pictures] = model.create_infer_request()
        return self._speaking[maps.pictures]

    def _compiled(self, model: ov.Model) -> ov.CompiledModel:
        return self._core.compile_model(model, "CPU", self._properties)


class _GraphBuilder:
    """The layers as graphs. Maps are inputs, not constants, so that one graph works for every face."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def seeing(self) -> ov.Model:
        """A face (1 x 6 x 96 x 96) -> its maps."""
        face = ops.parameter([1, 6, FACE_PX, FACE_PX], np.float32)
        encoded: list[Node] = []
        x: Node = face
        for block in FACE:
            x = self._layers(x, block)
            encoded.append(x)
        rises = [
            _rows_from(ops.add(self._raised(encoded.pop(), rise, "seen"), self._bias(rise.name)), rise.first_row)
            for rise in RISES
        ]
        last = ops.add(self._convolved(encoded.pop(), f"{LAST}.seen", (1, 1), 1), self._bias(LAST))
        return _Model([*rises, _rows_from(last, LAST_FIRST_ROW)], [face], "seeing")

    def speaking(self, batch: int, shapes: tuple[tuple[int, ...], ...]) -> ov.Model:
        """Windows, maps and (for several pictures of a face) picture indices -> mouths as bytes."""
        windows = ops.parameter([batch, 1, BANDS, WINDOW_COLUMNS], np.float32)
        maps = [ops.parameter(list(shape), np.float32) for shape in shapes]
        inputs, seen = [windows, *maps], list[Node](maps)
        if shapes[0][0] > 1:
            which = ops.parameter([batch], np.int64)
            seen = [ops.gather(each, which, ops.constant(0, np.int64)) for each in maps]
            inputs.append(which)
        x = self._layers(windows, SOUND)
        for rise, map_ in zip(RISES, seen, strict=False):
            raised = self._raised(_rows_from(x, rise.leave_in), rise, "said")
            x = ops.relu(ops.add(_rows_from(raised, rise.leave_out), map_))
            x = self._layers(x, rise.residuals)
        x = self._convolved(_rows_from(x, LAST_LEAVE_IN), f"{LAST}.said", (1, 1), 1)
        x = _rows_from(ops.relu(ops.add(x, seen[-1])), COLOURS_LEAVE_IN)
        x = ops.add(self._convolved(x, f"{COLOURS}.weight", (1, 1), 0), self._bias(COLOURS))
        return _Model([_levels(x)], inputs, "speaking")

    def _layers(self, x: Node, layers: Iterable[Layer]) -> Node:
        for layer in layers:
            y = self._convolved(x, f"{layer.name}.weight", layer.stride, layer.padding)
            y = ops.add(y, self._bias(layer.name))
            x = ops.relu(ops.add(y, x) if layer.residual else y)
        return x

    def _convolved(self, x: Node, name: str, stride: tuple[int, int], padding: int) -> Node:
        pads = [padding, padding]
        return ops.convolution(x, self._constant(name), list(stride), pads, pads, [1, 1])

    def _raised(self, x: Node, rise: Upsample, half: str) -> Node:
        pads, weight = [rise.padding] * 2, self._constant(f"{rise.name}.{half}")
        stride = [rise.stride] * 2
        return ops.convolution_backprop_data(
            x, weight, stride, pads_begin=pads, pads_end=pads, dilations=[1, 1], output_padding=pads
        )

    def _constant(self, name: str) -> Node:
        return ops.constant(self._weights[name])

    def _bias(self, name: str) -> Node:
        return ops.constant(self._weights[f"{name}.bias"].reshape(1, -1, 1, 1))


def _rows_from(x: Node, first: int) -> Node:
    if not first:
        return x
    start, stop, step, axis = ([value] for value in (first, np.iinfo(np.int64).max, 1, 2))
    return ops.slice(x, *(np.array(each, np.int64) for each in (start, stop, step, axis)))


def _levels(x: Node) -> Node:
    """Blue, green, red before the sigmoid -> red, green, blue as bytes, by pixel. Rounded half to even, as in torch."""
    levels = ops.round(ops.multiply(ops.sigmoid(x), ops.constant(np.float32(255))), "half_to_even")
    turned = ops.gather(levels, ops.constant(np.array([2, 1, 0])), ops.constant(1))
    return ops.convert(ops.transpose(turned, ops.constant(np.array([0, 2, 3, 1]))), np.uint8)
