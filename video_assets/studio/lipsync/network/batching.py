"""Lanes: generators at work, one to a device, which fill their batches with the frames of whatever sections wait.

A section hands in chunks; a lane takes one whenever it has less than a batch to do. So devices share the work, and the
last, short batch of a section is filled up with frames of the next.

Who is computed beside whom changes no byte. Frames of a batch do not look at each other, but libraries for GPUs add up
in an order that can depend on the place in the batch (seen with cuDNN in float16 at 16, 32 and 128 frames, not at 64
and 256). So each frame has a seat that follows from its number in its section, whatever chunk it came in.

Belongs here: dealing frames to generators. Does not belong here: what a generator computes (`network.py`), where chunks
begin (`chunks.py`), or which devices there are (`devices.py`).
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
"""Takes a device and loads the network onto it; None when the device is not to be had."""


class Faces(NamedTuple):
    """The pictures of one face: count x 96 x 96 x 3, and a name that no other face has."""

    digest: str
    pictures: NDArray[np.uint8]


class Chunk:
    """Frames to be made: `windows` (count x 80 x 16) said by the face's pictures `which`; `made` is filled by lanes.

    `first` is the number of the first of them in its section, counted from wherever the section's seats begin: not
    always from 0, as short sections would then all want the same seats.
    """

    def __init__(self, faces: Faces, windows: NDArray[np.float32], which: Sequence[int], first: int = 0) -> None:
        self.faces = faces
        self.first = first
        self.windows = windows
        self.which = tuple(which)
        self.made = np.empty((len(windows), MOUTH_ROWS, MOUTH_COLUMNS, 3), np.uint8)
        self.seconds = 0.0
        """What the frames took: each has its share of its batch's time."""
        self.batches: set[int] = set()
        """Sizes of the batches its frames were in."""
        self.by: set[Generator] = set()
        """What made it."""
        self.left = len(windows)


Pace = Callable[[int, float], None]


def _untold(_frames: int, _seconds: float) -> None:
    """Nobody wants to know."""


class _Frame(NamedTuple):
    """A frame that a lane has taken and not yet made."""

    chunk: Chunk
    number: int
    """In its chunk."""

    def batch_index(self, batch: int) -> int:
        """Its place in a batch."""
        return (self.chunk.first + self.number) % batch


class BatchWorkers:
    """Use as a context manager. Lanes open with the first chunk, on threads of their own, and close at the end: until
    then each holds its device.
    """

    def __init__(self, openers: Sequence[OpenWorker], pace: Pace = _untold) -> None:
        """`pace` is told how many frames were made at once and the seconds they took, by the lanes' threads."""
        self._openers = openers
        self._pace = pace
        self._waiting: deque[Chunk] = deque()
        self._preparing = 0
        self._closed = self._abandoned = False
        self._changed = threading.Condition()
        self._pool = ThreadPoolExecutor(len(openers), thread_name_prefix="lips")
        self._lanes: list[Future[None]] = []

    @property
    def count(self) -> int:
        """How many lanes there are, at most."""
        return len(self._openers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._closed = True
            # After an error, or Ctrl-C, nobody waits for what a lane still has: on a CPU that can be half a minute.
            self._abandoned = error is not None
            self._changed.notify_all()
        self._pool.shutdown(wait=True)

    @contextmanager
    def expecting(self) -> Iterator[None]:
        """Say that chunks are about to be handed in: a lane with less than a full batch waits for them."""
        with self._changed:
            self._preparing += 1
        try:
            yield
        finally:
            with self._changed:
                self._preparing -= 1
                self._changed.notify_all()

    def submit(self, chunks: Sequence[Chunk]) -> None:
        """Have chunks made; returns at once."""
        with self._changed:
            self._waiting.extend(chunk for chunk in chunks if chunk.left)
            if not self._lanes:
                self._lanes = [self._pool.submit(self._work, opener) for opener in self._openers]
                for lane in self._lanes:
                    lane.add_done_callback(self._tell_all)
            self._changed.notify_all()

    def wait(self, chunks: Sequence[Chunk]) -> None:
        """Wait until chunks are made. Raises what ended a lane."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended() or not any(chunk.left for chunk in chunks))
        if any(chunk.left for chunk in chunks):
            for lane in self._lanes:
                if lane.done():
                    lane.result()
            raise MediaError("Every lane that makes lips ended before its work did.", remedy="Make the clip again.")

    def _ended(self) -> bool:
        """Whether a lane failed, or none is left."""
        failed = any(lane.done() and lane.exception() for lane in self._lanes)
        return failed or all(lane.done() for lane in self._lanes)

    def _tell_all(self, _lane: Future[None]) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self, opener: OpenWorker) -> None:
        with opener() as generator:
            if generator is None:
                return
            pending: list[_Frame] = []
            seen: dict[str, FaceFeatures] = {}
            while self._take(pending, generator.at_once):
                seated, left = _seated(pending, generator)
                faces = seated[0][1].chunk.faces
                if faces.digest not in seen:
                    seen = {faces.digest: generator.maps(faces.pictures)}
                started = time.monotonic()
                try:
                    _compute(seated, generator, seen[faces.digest])
                except DeviceFull:
                    if generator.batch == 1:
                        raise
                    generator.halve_batch()
                    continue
                pending[:] = left
                self._hand_out(seated, generator, time.monotonic() - started)

    def _take(self, pending: list[_Frame], size: int) -> bool:
        """Wait until there is `size` to do, or less and nobody about to bring more; whether there is anything."""
        with self._changed:
            while not self._abandoned:
                while self._waiting and len(pending) < size:
                    chunk = self._waiting.popleft()
                    pending.extend(_Frame(chunk, number) for number in range(len(chunk.windows)))
                if len(pending) >= size or self._closed or (pending and not self._preparing):
                    return bool(pending)
                self._changed.wait()
            return False

    def _hand_out(self, seated: Sequence[tuple[int, _Frame]], generator: Generator, seconds: float) -> None:
        share = seconds / len(seated)
        with self._changed:
            for _, frame in seated:
                frame.chunk.left -= 1
                frame.chunk.seconds += share
                frame.chunk.batches.add(generator.batch)
                frame.chunk.by.add(generator)
            self._changed.notify_all()
        self._pace(len(seated), seconds)


def _seated(pending: Sequence[_Frame], generator: Generator) -> tuple[list[tuple[int, _Frame]], list[_Frame]]:
    """The frames to be made next, of one face, each with its place in the batches that are made in a row; and the rest.

    Who waits longest for a seat has it first.
    """
    rows, face = [0] * generator.batch, pending[0].chunk.faces.digest
    seated: list[tuple[int, _Frame]] = []
    left: list[_Frame] = []
    for frame in pending:
        seat = frame.batch_index(generator.batch)
        place = rows[seat] * generator.batch + seat
        if place < generator.at_once and frame.chunk.faces.digest == face:
            seated.append((place, frame))
            rows[seat] += 1
        else:
            left.append(frame)
    return seated, left


def _compute(seated: Sequence[tuple[int, _Frame]], generator: Generator, maps: FaceFeatures) -> None:
    windows = np.stack([frame.chunk.windows[frame.number] for _, frame in seated])
    which = [frame.chunk.which[frame.number] for _, frame in seated]
    made = generator.mouths(windows, maps, which, [place for place, _ in seated])
    for mouth, (_, frame) in zip(made, seated, strict=True):
        frame.chunk.made[frame.number] = mouth
