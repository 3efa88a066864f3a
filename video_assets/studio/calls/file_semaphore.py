"""Seats: a bound on parallel work over all processes of this machine that cannot be overrun, by file locks.

Dagster's slots show in its UI and hold over several machines, and let one too many in when many ask at once (measured:
3 of 1 in 6 of 240 claims). Where one too many breaks something, as on a GPU, a seat is taken as well: the kernel gives
it to one, and frees it at death. Belongs here: seats. Does not belong here: which pools need them.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from .slots import SlotFactory, Slots

_FIRST_WAIT_SECONDS = 0.02
_LONGEST_WAIT_SECONDS = 0.5


@contextmanager
def acquire(folder: Path, pool: str, count: int, check: Callable[[], None] = lambda: None) -> Iterator[int]:
    """Wait for one of `count` seats of `pool`, hold it inside the block; its number, from 0, names a device, say.

    `check` is called again and again while it waits, and may raise.
    """
    wait = _FIRST_WAIT_SECONDS
    check()
    while (taken := _take(folder, pool, count)) is None:
        time.sleep(wait)
        check()
        wait = min(wait * 1.5, _LONGEST_WAIT_SECONDS)
    with _held(taken):
        yield taken.number


@contextmanager
def try_acquire(folder: Path, pool: str, count: int) -> Iterator[int | None]:
    """As `seat`, but nobody waits: None where every seat is taken."""
    taken = _take(folder, pool, count)
    if taken is None:
        yield None
        return
    with _held(taken):
        yield taken.number


class _HeldPermit(NamedTuple):
    number: int
    descriptor: int


@contextmanager
def _held(taken: _HeldPermit) -> Iterator[None]:
    try:
        yield
    finally:
        os.close(taken.descriptor)


def _take(folder: Path, pool: str, count: int) -> _HeldPermit | None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        descriptor = os.open(folder / f"{pool}-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        return _HeldPermit(number, descriptor)
    return None


class FileSlots(Slots, SlotFactory):
    """Slots of this machine by seats alone, for use of the studio without an orchestrator."""

    def __init__(self, folder: Path, limits: Mapping[str, int]) -> None:
        super().__init__()
        self._folder = folder
        self._limits = limits

    @contextmanager
    def slot(self, pool: str, key: str) -> Iterator[int]:
        """See Slots. A pool without a limit is unbounded."""
        if pool not in self._limits:
            yield 0
            return
        with ExitStack() as held:
            with self._waiting():
                number = held.enter_context(acquire(self._folder, pool, self._limits[pool], self._check_stopped))
            yield number

    @contextmanager
    def try_slot(self, pool: str, key: str) -> Iterator[int | None]:
        """See Slots."""
        if pool not in self._limits:
            yield 0
            return
        with try_acquire(self._folder, pool, self._limits[pool]) as number:
            yield number

    def slots_for(self, asset: str) -> Slots:  # the kernel frees what the dead held
        """See SlotFactory."""
        return self
