"""Batch workers: one generator per device, which fills its batches with frames of all sections that wait.

A section submits chunks. A worker takes a chunk whenever it has less than a full batch. Devices thus share the work,
and the last, short batch of a section is filled with frames of the next one.

The composition of a batch changes no byte. Frames of a batch are independent, but GPU libraries add in an order that
can depend on the place in the batch (seen with cuDNN in float16 at 16, 32 and 128 frames, not at 64 and 256). Each
frame therefore has a fixed batch index, which follows from its number in its section and not from its chunk.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from video_assets.studio.core.errors import MediaError

from .runtime import MOUTH_COLUMNS, MOUTH_ROWS, DeviceFull, FaceFeatures, Generator

OpenWorker = Callable[[], AbstractContextManager[Generator | None]]
"""Acquires a device and loads the network onto it; None when the device is not available."""


class Faces(NamedTuple):
    """The pictures of one face (count x 96 x 96 x 3), and the digest that identifies it."""

    digest: str
    pictures: NDArray[np.uint8]


class Chunk:
    """Frames to make: `windows` (count x 80 x 16), each with a picture `which` of the face. Workers fill `made`.

    `first` is the number of the first frame in its section, plus an offset of the section. Batch indices follow from
    it. Without the offset, all short sections would need the same batch indices.
    """

    def __init__(self, faces: Faces, windows: NDArray[np.float32], which: Sequence[int], first: int = 0) -> None:
        self.faces = faces
        self.first = first
        self.windows = windows
        self.which = tuple(which)
        self.made = np.empty((len(windows), MOUTH_ROWS, MOUTH_COLUMNS, 3), np.uint8)
        self.seconds = 0.0
        """The computing time: each frame has an equal share of the time of its batch."""
        self.batches: set[int] = set()
        """Sizes of the batches that computed the frames."""
        self.by: set[Generator] = set()
        """The generators that computed the frames."""
        self.left = len(windows)


Pace = Callable[[int, float], None]


def _ignore_pace(_frames: int, _seconds: float) -> None:
    """Ignores the pace."""


class _Frame(NamedTuple):
    """A frame that a worker has taken and not computed yet."""

    chunk: Chunk
    number: int
    """Index in its chunk."""

    def batch_index(self, batch: int) -> int:
        """Its place in a batch."""
        return (self.chunk.first + self.number) % batch


class BatchWorkers:
    """The workers. Use as a context manager.

    Each worker is a thread. It opens with the first chunk and holds its device until the end of the block.
    """

    def __init__(self, openers: Sequence[OpenWorker], pace: Pace = _ignore_pace) -> None:
        """Worker threads call `pace` with the number of frames computed together and the seconds they took."""
        self._openers = openers
        self._pace = pace
        self._waiting: deque[Chunk] = deque()
        self._preparing = 0
        self._closed = self._abandoned = False
        self._changed = threading.Condition()
        self._pool = ThreadPoolExecutor(len(openers), thread_name_prefix="lips")
        self._workers: list[Future[None]] = []

    @property
    def count(self) -> int:
        """The largest number of workers."""
        return len(self._openers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._closed = True
            # After an error or Ctrl-C, workers drop their pending frames. On a CPU these can take half a minute.
            self._abandoned = error is not None
            self._changed.notify_all()
        self._pool.shutdown(wait=True)

    @contextmanager
    def expecting(self) -> Iterator[None]:
        """Announce chunks: a worker with less than a full batch waits for them inside the block."""
        with self._changed:
            self._preparing += 1
        try:
            yield
        finally:
            with self._changed:
                self._preparing -= 1
                self._changed.notify_all()

    def submit(self, chunks: Sequence[Chunk]) -> None:
        """Queue chunks. Returns at once."""
        with self._changed:
            self._waiting.extend(chunk for chunk in chunks if chunk.left)
            if not self._workers:
                self._workers = [self._pool.submit(self._work, opener) for opener in self._openers]
                for worker in self._workers:
                    worker.add_done_callback(self._notify_all)
            self._changed.notify_all()

    def wait(self, chunks: Sequence[Chunk]) -> None:
        """Wait until chunks are computed. Raises the error that ended a worker."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended() or not any(chunk.left for chunk in chunks))
        if any(chunk.left for chunk in chunks):
            for worker in self._workers:
                if worker.done():
                    worker.result()
            raise MediaError("Every lane that makes lips ended before its work did.", remedy="Make the clip again.")

    def _ended(self) -> bool:
        """Whether a worker failed, or all have ended."""
        failed = any(worker.done() and worker.exception() for worker in self._workers)
        return failed or all(worker.done() for worker in self._workers)

    def _notify_all(self, _worker: Future[None]) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self, opener: OpenWorker) -> None:
        with opener() as generator:
            if generator is None:
                return
            pending: list[_Frame] = []
            seen: dict[str, FaceFeatures] = {}
            while self._take(pending, generator.at_once):
                placed, left = _place_frames(pending, generator)
                faces = placed[0][1].chunk.faces
                if faces.digest not in seen:
                    seen = {faces.digest: generator.maps(faces.pictures)}
                started = time.monotonic()
                try:
                    _compute(placed, generator, seen[faces.digest])
                except DeviceFull:
                    if generator.batch == 1:
                        raise
                    generator.halve_batch()
                    continue
                pending[:] = left
                self._hand_out(placed, generator, time.monotonic() - started)

    def _take(self, pending: list[_Frame], size: int) -> bool:
        """Wait for `size` pending frames, or fewer if no chunk is announced. Returns whether there are any."""
        with self._changed:
            while not self._abandoned:
                while self._waiting and len(pending) < size:
                    chunk = self._waiting.popleft()
                    pending.extend(_Frame(chunk, number) for number in range(len(chunk.windows)))
                if len(pending) >= size or self._closed or (pending and not self._preparing):
                    return bool(pending)
                self._changed.wait()
            return False

    def _hand_out(self, placed: Sequence[tuple[int, _Frame]], generator: Generator, seconds: float) -> None:
        share = seconds / len(placed)
        with self._changed:
            for _, frame in placed:
                frame.chunk.left -= 1
                frame.chunk.seconds += share
                frame.chunk.batches.add(generator.batch)
                frame.chunk.by.add(generator)
            self._changed.notify_all()
        self._pace(len(placed), seconds)


def _place_frames(pending: Sequence[_Frame], generator: Generator) -> tuple[list[tuple[int, _Frame]], list[_Frame]]:
    """The next frames of one face, each with its place in the batches that are computed in a row; and the rest.

    Of frames with the same batch index, the one that waits longest comes first.
    """
    rows, face = [0] * generator.batch, pending[0].chunk.faces.digest
    placed: list[tuple[int, _Frame]] = []
    left: list[_Frame] = []
    for frame in pending:
        batch_index = frame.batch_index(generator.batch)
        place = rows[batch_index] * generator.batch + batch_index
        if place < generator.at_once and frame.chunk.faces.digest == face:
            placed.append((place, frame))
            rows[batch_index] += 1
        else:
            left.append(frame)
    return placed, left


def _compute(placed: Sequence[tuple[int, _Frame]], generator: Generator, maps: FaceFeatures) -> None:
    windows = np.stack([frame.chunk.windows[frame.number] for _, frame in placed])
    which = [frame.chunk.which[frame.number] for _, frame in placed]
    made = generator.mouths(windows, maps, which, [place for place, _ in placed])
    for mouth, (_, frame) in zip(made, placed, strict=True):
        frame.chunk.made[frame.number] = mouth
