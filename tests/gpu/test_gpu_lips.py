"""The lips' network on a GPU. Run with `pytest -m gpu tests/gpu`; skipped where there is none."""

from __future__ import annotations

import gc
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.lipsync.network.batching import BatchWorkers, Chunk, Faces
from video_assets.studio.lipsync.network.devices import GPU_POOL, DevicePreference, batch_workers_for
from video_assets.studio.lipsync.network.precision import GATE_DB, psnr_db
from video_assets.studio.lipsync.network.runtime import DeviceFull, Precision
from video_assets.studio.lipsync.network.torch_generator import TorchGenerator
from video_assets.studio.lipsync.network.weights import Folded, load_weights

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")]
THROW = np.random.Generator(np.random.PCG64(9))
WINDOWS = THROW.uniform(-4, 4, (300, 80, 16)).astype(np.float32)
FACES = THROW.integers(0, 256, (2, 96, 96, 3), dtype=np.uint8)


def _mouths(weights: Path, precision: Precision, batch: int = 64, faces: int = 1, **how: bool) -> NDArray[np.uint8]:
    generator = TorchGenerator(load_weights(weights), "cuda:0", precision, batch, **how)
    return generator.mouths(WINDOWS, generator.maps(FACES[:faces]), [index % faces for index in range(300)])


@pytest.fixture(scope="module")
def exact(folded_weights: Path) -> NDArray[np.uint8]:
    generator = TorchGenerator(load_weights(folded_weights), "cpu", "float32", 50)
    return generator.mouths(WINDOWS, generator.maps(FACES[:1]), [0] * 300)


def test_float32_is_the_cpus_to_a_grey_level(folded_weights: Path, exact: NDArray[np.uint8]) -> None:
    """Whoever moves from a CPU to a GPU: the same face speaks."""
    levels = np.abs(_mouths(folded_weights, "float32").astype(int) - exact)
    assert levels.max() <= 1
    assert (levels > 0).mean() < 0.01


@pytest.mark.parametrize("graphed", [False, True])
def test_float16_passes_the_gate(graphed: bool, folded_weights: Path, exact: NDArray[np.uint8]) -> None:
    """Viewers: sixteen bits must not be seen."""
    assert psnr_db(_mouths(folded_weights, "float16", graphed=graphed), exact) >= GATE_DB


@pytest.mark.parametrize("precision", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("faces", [1, 2])
def test_how_frames_are_dealt_changes_no_byte(precision: Precision, faces: int, folded_weights: Path) -> None:
    """Whoever renders with another number of chunks than yesterday."""
    generator = TorchGenerator(load_weights(folded_weights), "cuda:0", precision, 32)
    maps = generator.maps(FACES[:faces])
    which = [index % faces for index in range(300)]
    whole = generator.mouths(WINDOWS, maps, which)
    for count in (3, 8):
        edges = np.linspace(0, 300, count + 1).astype(int)
        parts = [
            generator.mouths(WINDOWS[a:b], maps, which[a:b], [place - a // 32 * 32 for place in range(a, b)])
            for a, b in pairwise(edges)
        ]
        assert np.array_equal(np.concatenate(parts), whole)
    assert np.array_equal(_mouths(folded_weights, precision, 32, faces), whole), "another process would differ"


def test_a_graph_is_what_it_was_recorded_from(folded_weights: Path) -> None:
    """Viewers: a recording that read a stale picture would repeat a mouth."""
    recorded = _mouths(folded_weights, "float16", faces=2, graphed=True)
    assert np.array_equal(recorded, _mouths(folded_weights, "float16", faces=2, graphed=False))


def test_out_of_memory_makes_batches_smaller(folded_weights: Path) -> None:
    """Whoever shares a card with somebody who fills it."""
    gc.collect()  # what other tests recorded
    torch.cuda.empty_cache()
    generator = TorchGenerator(load_weights(folded_weights), "cuda:0", "float16", 8)
    maps = generator.maps(FACES[:1])
    generator.batch = 65536
    allowed = torch.cuda.memory_reserved() + 3 * 2**30
    torch.cuda.set_per_process_memory_fraction(min(1.0, allowed / torch.cuda.get_device_properties(0).total_memory))
    try:
        with pytest.raises(DeviceFull, match="no memory for 65536 frames"):
            generator.mouths(WINDOWS, maps, [0] * 300)
        chunk = Chunk(Faces("a", FACES[:1]), WINDOWS, [0] * 300)
        with BatchWorkers([_opens(generator)]) as lanes:
            lanes.submit([chunk])
            lanes.wait([chunk])
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert chunk.left == 0
    assert max(chunk.batches) < 65536
    assert psnr_db(chunk.made, _mouths(folded_weights, "float16", 64)) > 60


def _opens(generator: TorchGenerator) -> Any:
    from contextlib import nullcontext

    return lambda: nullcontext(generator)


def test_a_lane_holds_a_slot_and_passes_the_gate(folded_weights: Path, checkpoint: Path) -> None:
    """Whoever renders two lessons at once: one at a time on one card."""
    slots = LocalSlots({GPU_POOL: 1})
    openers = batch_workers_for(Folded(folded_weights, "x"), slots, DevicePreference(), lambda _: None)
    assert len(openers) == torch.cuda.device_count()
    with openers[0]() as generator:
        assert generator is not None
        assert generator.precision == "float16"
        assert (generator.psnr_db or 0) >= GATE_DB
        with slots.try_slot(GPU_POOL, "another") as seat:
            assert seat is None
