"""Chooses the devices of the network and opens generators on them: every free GPU, else the CPU.

GPU     torch, in 16 bits if they pass the quality test (`precision.py`). One slot of the pool `gpu` per card. A
        session waits for the first slot and takes more only if they are free.
CPU     OpenVINO if it is installed, else torch; bfloat16 if the processor supports it (AMX, AVX512-BF16). One slot
        of the pool `lips` for the machine: the network uses every core, and a second one would only slow it down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.calls.slots import Slots
from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.presenter.provider import Tell
from video_assets.studio.telemetry.resource_usage import gpus

from .batching import OpenWorker
from .precision import OpenAs, passes_quality_test
from .runtime import Generator, Precision
from .weights import Folded, load_weights

GPU_POOL, CPU_POOL = "gpu", "lips"
GPU_BATCH, CPU_BATCH = 128, 16
"""Default frames per batch. docs/benchmarks.md has measurements of other values."""
_BFLOAT16_FLAGS = frozenset({"amx_bf16", "avx512_bf16"})
_AMPERE = (8, 0)
"""Compute capability of the first cards that support bfloat16."""


class DevicePreference(NamedTuple):
    """The choices of a presenter's file and a lesson's settings. None and 0: chosen for the device."""

    precision: Precision | None = None
    batch: int = 0


def check_runtimes() -> None:
    """Raise SettingInvalid when no runtime of the network is installed."""
    if not find_spec("torch") or not find_spec("safetensors"):
        raise SettingInvalid(
            "A photographed presenter needs torch, which is not installed.",
            remedy='Install it with "make setup TORCH=1", or choose a drawn presenter.',
        )


def batch_workers_for(copy: Folded, slots: Slots, preference: DevicePreference, tell: Tell) -> tuple[OpenWorker, ...]:
    """A worker for every GPU, or one for the CPU. Opening a worker loads the network."""
    count = _usable_gpus(tell)
    if not count:
        return (partial(_on_cpu, copy, slots, preference),)
    waits = partial(_on_gpu, copy, slots, preference, count, 0)
    return (waits, *(partial(_on_gpu, copy, slots, preference, count, number) for number in range(1, count)))


def _usable_gpus(tell: Tell) -> int:
    count = gpus()
    if not count:
        return 0
    import torch

    if not torch.cuda.is_available():
        tell(
            f"This machine has {count} GPU(s) that torch {torch.__version__} cannot use, so the CPU makes the lips. "
            "Install torch's build for CUDA to use them."
        )
        return 0
    return torch.cuda.device_count()


@contextmanager
def _on_gpu(
    copy: Folded, slots: Slots, preference: DevicePreference, count: int, number: int
) -> Iterator[Generator | None]:
    key = f"lips {number}"
    with slots.try_slot(GPU_POOL, key) if number else slots.slot(GPU_POOL, key) as slot_index:
        if slot_index is None:
            yield None
            return
        yield _cuda_generator(copy, slot_index % count, preference)


def _cuda_generator(copy: Folded, device: int, preference: DevicePreference) -> Generator:
    import torch

    from .torch_generator import TorchGenerator

    weights = load_weights(copy.path)

    def open_as(precision: Precision) -> Generator:
        return TorchGenerator(weights, f"cuda:{device}", precision, preference.batch or GPU_BATCH)

    bfloat16: tuple[Precision, ...] = ("bfloat16",) if torch.cuda.get_device_capability(device) >= _AMPERE else ()
    return _opened(open_as, ("float16", *bfloat16), preference, copy)


@contextmanager
def _on_cpu(copy: Folded, slots: Slots, preference: DevicePreference) -> Iterator[Generator]:
    with slots.slot(CPU_POOL, "lips"):
        weights, batch = load_weights(copy.path), preference.batch or CPU_BATCH

        def open_as(precision: Precision) -> Generator:
            if find_spec("openvino"):
                from .openvino_generator import OpenVinoGenerator

                return OpenVinoGenerator(weights, precision, batch)
            from .torch_generator import TorchGenerator

            return TorchGenerator(weights, "cpu", precision, batch)

        yield _opened(open_as, ("bfloat16",) if _BFLOAT16_FLAGS & cpu_flags() else (), preference, copy)


def _opened(open_as: OpenAs, candidates: Sequence[Precision], preference: DevicePreference, copy: Folded) -> Generator:
    if preference.precision:
        return open_as(preference.precision)
    return passes_quality_test(open_as, candidates, copy.path.with_suffix(".measured.json"))


def cpu_flags() -> frozenset[str]:
    """The feature flags of this processor as Linux lists them; empty on other systems."""
    try:
        lines = Path("/proc/cpuinfo").read_text("ascii", "replace").splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line for line in lines if line.startswith("flags")), "").split())
