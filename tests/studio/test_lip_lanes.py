"""Dealing frames to devices: all are made, once, whoever works on them, and whatever a device lacks or breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from video_assets.studio.core.errors import MediaError
from video_assets.studio.lipsync.engines.chunks import ChunkOptions, chunk_spans
from video_assets.studio.lipsync.network.batching import BatchWorkers, Chunk, Faces
from video_assets.studio.lipsync.network.runtime import DeviceFull, FaceFeatures, Generator

RATE = Fraction(25)
FACE = Faces("a", np.full((2, 96, 96, 3), 3, np.uint8))


class Echo(Generator):
    """A mouth's level says its window, its face and which picture of it: what a dealer could mix up."""

    device, runtime, precision = "a device", "a library 1", "float32"

    def __init__(self, batch: int, holds: int = 1000, *, by_place: bool = False) -> None:
        self.batch = batch
        self._by_place = by_place
        self._holds = holds
        self.calls: list[int] = []

    def maps(self, faces: NDArray[np.uint8]) -> FaceFeatures:
        """See Generator."""
        return FaceFeatures(len(faces), (int(faces[0, 0, 0, 0]),))

    def _whole_batches(
        self, windows: NDArray[np.float32], maps: FaceFeatures, which: NDArray[np.int64]
    ) -> NDArray[np.uint8]:
        if self.batch > self._holds:
            raise DeviceFull("It is full.", remedy="Take less.")
        self.calls.append(int((windows[:, 0, 0, 0] > 0).sum()))
        levels = (windows[:, 0, 0, 0] + 10 * which + maps.by_rise[0]).astype(np.uint8)
        if self._by_place:
            levels = levels + np.arange(len(levels), dtype=np.uint8) % self.batch
        return np.broadcast_to(levels[:, None, None, None], (len(windows), 48, 96, 3))


def _opens(generator: Generator | None) -> Callable[[], AbstractContextManager[Generator | None]]:
    @contextmanager
    def opener() -> Iterator[Generator | None]:
        yield generator

    return opener


def _chunk(levels: Sequence[int], faces: Faces = FACE, picture: int = 0, first: int = 0) -> Chunk:
    windows = np.zeros((len(levels), 80, 16), np.float32)
    windows[:, 0, 0] = levels
    return Chunk(faces, windows, [picture] * len(levels), first)


def _levels(chunk: Chunk) -> list[int]:
    assert np.ptp(chunk.made, axis=(1, 2, 3)).max() == 0
    return chunk.made[:, 0, 0, 0].tolist()


@pytest.mark.parametrize("lanes", [1, 2, 5])
def test_every_frame_is_made_in_its_place(lanes: int) -> None:
    """Viewers: a frame of another moment, or of another face, in the middle of a sentence."""
    other = Faces("b", np.full((1, 96, 96, 3), 7, np.uint8))
    chunks = [_chunk(range(1, 12)), _chunk([20, 21], other), _chunk(range(30, 39), picture=1), _chunk([50])]
    with BatchWorkers([_opens(Echo(4)) for _ in range(lanes)]) as at_work:
        at_work.submit(chunks)
        at_work.wait(chunks)
    assert _levels(chunks[0]) == [level + 3 for level in range(1, 12)]
    assert _levels(chunks[1]) == [27, 28]
    assert _levels(chunks[2]) == [level + 13 for level in range(30, 39)]
    assert _levels(chunks[3]) == [53]
    assert all(chunk.batches == {4} and chunk.left == 0 for chunk in chunks)


def test_batches_are_filled_across_sections() -> None:
    """Whoever pays for a GPU by the second: short sections must not run it half empty."""
    echo = Echo(8)
    sections = [_chunk([level] * 5, first=first) for level, first in ((1, 0), (2, 5), (3, 2), (4, 7))]
    with BatchWorkers([_opens(echo)]) as lanes, lanes.expecting():
        for section in sections[:3]:
            lanes.submit([section])
        lanes.submit(sections[3:])
        lanes.wait(sections[:3])
    assert echo.calls == [8, 8, 4]
    assert [_levels(section) for section in sections] == [[4] * 5, [5] * 5, [6] * 5, [7] * 5]


@pytest.mark.parametrize("count", [1, 3, 8])
def test_a_frame_has_its_seat_whatever_chunk_it_comes_in(count: int) -> None:
    """Whoever renders on a GPU whose library adds up differently at the beginning of a batch and at its end."""
    levels = np.arange(1, 101)
    edges = np.linspace(0, 100, count + 1).astype(int)
    chunks = [Chunk(FACE, _chunk(levels[a:b].tolist()).windows, [0] * (b - a), int(a)) for a, b in pairwise(edges)]
    beside = [_chunk([9] * 5), _chunk([9] * 3)]
    with BatchWorkers([_opens(Echo(8, by_place=True)) for _ in range(3)]) as lanes:
        lanes.submit([beside[0], *chunks, beside[1]])
        lanes.wait([*chunks, *beside])
    made = [level for chunk in chunks for level in _levels(chunk)]
    assert made == [level + 3 + (level - 1) % 8 for level in range(1, 101)]


def test_a_lone_section_does_not_wait_for_others() -> None:
    """Whoever renders one section: the last batch must not wait for company that never comes."""
    section = _chunk([1, 2, 3])
    with BatchWorkers([_opens(Echo(8))]) as lanes:
        lanes.submit([section])
        lanes.wait([section])
    assert _levels(section) == [4, 5, 6]


def test_a_full_device_gets_smaller_batches_and_they_are_recorded() -> None:
    """Whoever shares a card: out of memory costs a moment, not the lesson."""
    section = _chunk(range(1, 30))
    with BatchWorkers([_opens(Echo(16, holds=5))]) as lanes:
        lanes.submit([section])
        lanes.wait([section])
    assert _levels(section) == [level + 3 for level in range(1, 30)]
    assert section.batches == {4}


def test_a_device_that_holds_not_even_one_frame_is_an_error() -> None:
    """Whoever's card is full of something else: no half-made clip, and it says so."""
    section = _chunk([1, 2])
    with pytest.raises(DeviceFull, match="It is full"), BatchWorkers([_opens(Echo(4, holds=0))]) as lanes:
        lanes.submit([section])
        lanes.wait([section])


def test_a_device_that_is_not_to_be_had_is_done_without() -> None:
    """Whoever shares several GPUs: those that are taken are not waited for."""
    section = _chunk(range(1, 9))
    with BatchWorkers([_opens(Echo(4)), _opens(None)]) as lanes:
        lanes.submit([section])
        lanes.wait([section])
    assert _levels(section) == list(range(4, 12))


def test_no_device_at_all_is_an_error_and_not_a_wait() -> None:
    """Whoever waits for a lesson: it must not hang."""
    section = _chunk([1])
    with pytest.raises(MediaError, match="ended before"), BatchWorkers([_opens(None)]) as lanes:
        lanes.submit([section])
        lanes.wait([section])


def test_what_breaks_in_a_lane_reaches_who_waits() -> None:
    """Whoever looks for the cause: not a hang, not a black mouth, but the error itself."""

    @contextmanager
    def opener() -> Iterator[Generator | None]:
        raise MediaError("The driver is gone.")
        yield None

    section = _chunk([1])
    with pytest.raises(MediaError, match="driver is gone"), BatchWorkers([opener]) as lanes:
        lanes.submit([section])
        lanes.wait([section])


def test_a_device_is_given_back_at_the_end_and_when_the_work_fails() -> None:
    """Whoever is next at the GPU."""
    held: list[str] = []

    @contextmanager
    def opener() -> Iterator[Generator | None]:
        held.append("taken")
        try:
            yield Echo(4)
        finally:
            held.append("given back")

    with BatchWorkers([opener]) as lanes:
        lanes.submit([_chunk([1])])
    assert held == ["taken", "given back"]
    with pytest.raises(ZeroDivisionError), BatchWorkers([opener]) as lanes:
        lanes.submit([_chunk([1])])
        _ = 1 // 0
    assert held == ["taken", "given back"] * 2


def test_what_nobody_waits_for_is_not_made() -> None:
    """Whoever presses Ctrl-C: on a CPU the rest of a section can be half a minute."""
    echo = Echo(4)
    begun = threading.Event()

    class Slow(Echo):
        def mouths(self, *given: Any, **named: Any) -> NDArray[np.uint8]:
            """See Generator."""
            begun.set()
            time.sleep(0.02)
            return echo.mouths(*given, **named)

    with pytest.raises(ZeroDivisionError), BatchWorkers([_opens(Slow(4))]) as lanes:
        lanes.submit([_chunk([1] * 4000)])
        begun.wait(5)
        _ = 1 // 0
    assert len(echo.calls) < 500, "of 1000"


def test_nothing_is_taken_when_nothing_is_to_be_made() -> None:
    """Whoever renders an unchanged lesson: no model is loaded for it."""
    with BatchWorkers([lambda: pytest.fail("A device was opened.")]) as lanes:
        lanes.submit([])
        lanes.wait([])


def test_many_sections_from_many_threads() -> None:
    """Whoever renders a long lesson: sections hand in at once."""
    sections = [[_chunk([number % 200] * (1 + number % 7)) for _ in range(2)] for number in range(1, 60)]
    with BatchWorkers([_opens(Echo(8)), _opens(Echo(8)), _opens(Echo(8))]) as lanes:

        def speak(chunks: list[Chunk]) -> None:
            with lanes.expecting():
                lanes.submit(chunks)
            lanes.wait(chunks)

        threads = [threading.Thread(target=speak, args=(chunks,)) for chunks in sections]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    for number, chunks in enumerate(sections, 1):
        assert all(_levels(chunk) == [number + 3] * len(chunk.which) for chunk in chunks)


@given(
    frames=st.integers(1, 5000),
    lanes=st.integers(1, 8),
    parallel=st.booleans(),
    chunk_seconds=st.sampled_from([0, 4, 7, 30]),
    pauses=st.data(),
)
def test_chunks_are_all_frames_once_and_in_order(
    frames: int, lanes: int, parallel: bool, chunk_seconds: int, pauses: Any
) -> None:
    """Viewers: a frame that no chunk has would be black."""
    resting = pauses.draw(st.lists(st.booleans(), min_size=frames, max_size=frames)) if frames < 50 else [True] * frames
    spans = chunk_spans(frames, RATE, resting, lanes, ChunkOptions(parallel, chunk_seconds))
    assert [frame for span in spans for frame in span] == list(range(frames))
    assert all(before.stop == after.start for before, after in pairwise(spans))


def test_chunks_end_at_pauses_near_their_length() -> None:
    """Whoever reads the record: a chunk is a stretch of speech, not half a word."""
    resting = [frame in {140, 260, 530} for frame in range(750)]
    spans = chunk_spans(750, RATE, resting, 1, ChunkOptions(chunk_seconds=10))
    assert [span.start for span in spans] == [0, 260, 530]
    assert len(chunk_spans(750, RATE, resting, 4, ChunkOptions())) == 4
    assert len(chunk_spans(750, RATE, resting, 4, ChunkOptions(parallel=False))) == 1
    assert len(chunk_spans(25 * 600, RATE, [False] * 15000, 1, ChunkOptions())) == 20
