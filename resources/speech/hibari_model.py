"""The network of hibari-tts: phonemes in, sound and the duration of each phoneme out.

The published graph has six outputs, and none is a duration. It computes the durations though, so a seventh output is
added to the bytes of the model. Protobuf merges repeated fields: a `graph` field with one `output`, appended to the
file, is enough. The sound stays the same to the bit.

A session must be created in the process that uses it, because its threads do not survive a fork (`hibari.py`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from video_assets.studio.core.errors import Rejected
from video_assets.studio.core.lazy_import import lazy_import

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_import("numpy")

RATE_HZ = 24000
UNIT = 600
"""Samples of one unit of duration: 25 ms."""
SEED = 1
_DURATIONS = "/Cast_32_output_0"
_PAD = 0


class SpokenPhonemes(NamedTuple):
    """Mono float32 at RATE_HZ, and the duration of each character in UNITs, with a pad before and behind them."""

    sound: NDArray[np.float32]
    durations: tuple[int, ...]


class HibariModel:
    """The network in this process, with one thread. Safe to use from several threads. Raises Rejected at creation."""

    def __init__(self, model: bytes, assets: Path) -> None:
        self._vocabulary: dict[str, int] = json.loads((assets / "vocab.json").read_text("utf-8"))
        self._session = _session(with_output(model, _DURATIONS))
        self._synthesise = _synthesiser()

    def known(self, phonemes: str) -> str:
        """The characters of `phonemes` that the network knows."""
        return "".join(character for character in phonemes if character in self._vocabulary)

    def speak(self, phonemes: str, speed: float) -> SpokenPhonemes:
        """The sound of known `phonemes`. Equal arguments give equal bytes on one machine."""
        *spectra, durations = self._session.run(None, self._inputs(phonemes, speed))
        sound = self._synthesise(*(each[0] for each in spectra), np.random.default_rng(SEED))
        return SpokenPhonemes(sound.astype(np.float32), tuple(durations.ravel().tolist()))

    def units(self, phonemes: str, speed: float) -> int:
        """The length in UNITs of what `speak` would return, at a part of its cost."""
        (durations,) = self._session.run([_DURATIONS], self._inputs(phonemes, speed))
        return int(durations.sum())

    def _inputs(self, phonemes: str, speed: float) -> dict[str, Any]:
        ids: Sequence[int] = [_PAD, *(self._vocabulary[character] for character in phonemes), _PAD]
        return {"ids": np.asarray([ids], np.int64), "speed": np.asarray([speed], np.float32)}


def _session(model: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # Its exceptions share no class but Exception.
        if not type(error).__module__.startswith("onnxruntime"):
            raise
        raise Rejected(
            f"onnxruntime cannot load the voice: {str(error).splitlines()[0][:200]}",
            remedy="Install the packages of constraints.txt again.",
        ) from error


def _synthesiser() -> Any:
    from hibari import dsp

    # The package uses SciPy if there is one. Its sums are rounded in another way, so the bytes would depend on it.
    dsp.rfft = lambda x, axis: np.fft.rfft(x, axis=axis).astype(np.complex64)
    dsp.irfft = lambda x, n, axis: np.fft.irfft(x, n=n, axis=axis).astype(np.float32)
    return dsp.synth


# --- protobuf ----------------------------------------------------------------------------------------------------

_GRAPH, _OUTPUT, _VALUE_NAME, _VALUE_TYPE, _TENSOR_TYPE, _ELEMENT_TYPE, _INT64 = 7, 12, 1, 2, 1, 1, 7
"""Field numbers of onnx.proto: ModelProto.graph, GraphProto.output, ValueInfoProto.name and .type,
TypeProto.tensor_type, TypeProto.Tensor.elem_type; and the value of elem_type for 64-bit integers."""


def with_output(model: bytes, name: str) -> bytes:
    """The model with the 64-bit integer tensor `name` of its graph as one more output, the last."""
    tensor = bytes([_ELEMENT_TYPE << 3, _INT64])
    kind = _field(_TENSOR_TYPE, tensor)
    value = _field(_VALUE_NAME, name.encode()) + _field(_VALUE_TYPE, kind)
    return model + _field(_GRAPH, _field(_OUTPUT, value))


def _field(number: int, content: bytes) -> bytes:
    """A field of bytes: its tag, its length (both below 128 here), its content."""
    return bytes([number << 3 | 2, len(content)]) + content
