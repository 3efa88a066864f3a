"""Lanes: generators at work, one to a device, which fill their batches with the frames of whatever sections wait.

A section hands in chunks; a lane takes one whenever it has less than a batch to do. So devices share the work, and the
last, short batch of a section is filled up with the beginning of the next. A batch has a fixed size and its frames do
not look at each other: who is computed beside whom changes no byte.

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

from video_assets.studio.errors import MediaError

from .network import MOUTH_COLUMNS, MOUTH_ROWS, DeviceFull, Generator, Maps

OpenLane = Callable[[], AbstractContextManager[Generator | None]]
"""Takes a device and loads the network onto it; None when the device is not to be had."""


class Faces(NamedTuple):
    """The pictures of one face: count x 96 x 96 x 3, and a name that no other face has."""

    digest: str
    pictures: NDArray[np.uint8]


class Chunk:
    """Frames to be made: `windows` (count x 80 x 16) said by the face's pictures `which`; `made` is filled by lanes."""

    def __init__(self, faces: Faces, windows: NDArray[np.float32], which: Sequence[int]) -> None:
        self.faces = faces
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


class _Part(NamedTuple):
    """Frames of a chunk that are made at once."""

    chunk: Chunk
    frames: range


class Lanes:
    """Use as a context manager. Lanes open with the first chunk, on threads of their own, and close at the end: until
    then each holds its device.
    """

    def __init__(self, openers: Sequence[OpenLane], pace: Pace = _untold) -> None:
        """`pace` is told how many frames were made at once and the seconds they took, by the lanes' threads."""
        self._openers = openers
        self._pace = pace
        self._waiting: deque[Chunk] = deque()
        self._preparing = 0
        self._closed = False
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
            if error is not None:
                self._waiting.clear()
            self._changed.notify_all()
        self._pool.shutdown(wait=True)

    @contextmanager
    def announced(self) -> Iterator[None]:
        """Say that chunks are about to be handed in: a lane with less than a full batch waits for them."""
        with self._changed:
            self._preparing += 1
        try:
            yield
        finally:
            with self._changed:
                self._preparing -= 1
                self._changed.notify_all()

    def hand_in(self, chunks: Sequence[Chunk]) -> None:
        """Have chunks made; returns at once."""
        with self._changed:
            self._waiting.extend(chunk for chunk in chunks if chunk.left)
            if not self._lanes:
                self._lanes = [self._pool.submit(self._work, opener) for opener in self._openers]
                for lane in self._lanes:
                    lane.add_done_callback(self._tell_all)
            self._changed.notify_all()

    def await_made(self, chunks: Sequence[Chunk]) -> None:
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

    def _work(self, opener: OpenLane) -> None:
        with opener() as generator:
            if generator is None:
                return
            pending: deque[_Part] = deque()
            seen: dict[str, Maps] = {}
            while parts := self._next_parts(pending, generator.at_once):
                faces = parts[0].chunk.faces
                if faces.digest not in seen:
                    seen = {faces.digest: generator.maps(faces.pictures)}
                self._pace(*_compute(parts, generator, seen[faces.digest]))
                with self._changed:
                    for part in parts:
                        part.chunk.left -= len(part.frames)
                    self._changed.notify_all()

    def _next_parts(self, pending: deque[_Part], size: int) -> list[_Part]:
        """At most `size` frames, from `pending` and then from what waits; nothing when all is done."""
        with self._changed:
            while True:
                while self._waiting and _frames_of(pending) < size:
                    chunk = self._waiting.popleft()
                    pending.append(_Part(chunk, range(len(chunk.windows))))
                if _frames_of(pending) >= size or (pending and not self._preparing):
                    return _taken(pending, size)
                if self._closed:
                    return _taken(pending, size)
                self._changed.wait()


def _frames_of(parts: Sequence[_Part] | deque[_Part]) -> int:
    return sum(len(part.frames) for part in parts)


def _taken(pending: deque[_Part], size: int) -> list[_Part]:
    """Of one face: another's begins the next batch."""
    taken: list[_Part] = []
    while pending and size and (not taken or pending[0].chunk.faces.digest == taken[0].chunk.faces.digest):
        part = pending.popleft()
        now, later = part.frames[:size], part.frames[size:]
        taken.append(part._replace(frames=now))
        if later:
            pending.appendleft(part._replace(frames=later))
        size -= len(now)
    return taken


def _compute(parts: Sequence[_Part], generator: Generator, maps: Maps) -> tuple[int, float]:
    """Fill `made` of the parts' chunks; how many frames that were, and the seconds they took."""
    windows = np.concatenate([part.chunk.windows[part.frames.start : part.frames.stop] for part in parts])
    which = [index for part in parts for index in part.chunk.which[part.frames.start : part.frames.stop]]
    started = time.monotonic()
    made = _mouths(generator, windows, maps, which)
    seconds = time.monotonic() - started
    share, first = seconds / len(which), 0
    for chunk, frames in parts:
        chunk.made[frames.start : frames.stop] = made[first : first + len(frames)]
        chunk.seconds += share * len(frames)
        chunk.batches.add(generator.batch)
        chunk.by.add(generator)
        first += len(frames)
    return len(which), seconds


def _mouths(generator: Generator, windows: NDArray[np.float32], maps: Maps, which: Sequence[int]) -> NDArray[np.uint8]:
    """With smaller and smaller batches where the device's memory does not hold one."""
    while True:
        try:
            return generator.mouths(windows, maps, which)
        except DeviceFull:
            if generator.batch == 1:
                raise
            generator.take_smaller_batches()
