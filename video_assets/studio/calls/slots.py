"""Slots: a bound on the work that many processes share, claimed around each call of a pool.

This module has the interface, and the implementation for one process. Does not belong here: retries and rate limits
(`retry.py`).
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from video_assets.studio.core.errors import Cancelled


class Slots(ABC):
    """A bound on how many calls of a pool run at once. Every implementation passes tests/contracts/test_slots.py."""

    def __init__(self) -> None:
        self._waited_seconds = 0.0
        self._counting = threading.Lock()
        self._stopped = threading.Event()

    @property
    def waited_seconds(self) -> float:
        """How long calls have waited for slots so far: wall seconds, summed over the threads."""
        return self._waited_seconds

    def cancel(self) -> None:
        """Cancel: every current and later wait for a slot raises Cancelled."""
        self._stopped.set()

    def _check_stopped(self) -> None:
        if self._stopped.is_set():
            raise Cancelled("The wait for a slot was cancelled.", remedy="The work was cancelled.")

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """Count the time inside the block as waited, also if the wait is given up."""
        started = time.monotonic()
        try:
            yield
        finally:
            with self._counting:
                self._waited_seconds += time.monotonic() - started

    @abstractmethod
    def slot(self, pool: str, key: str) -> AbstractContextManager[int]:
        """Wait for a slot of `pool`, hold it inside the block, and free it in every case. `key` names the call.

        Yields a number from 0. In a hard-limited pool (`gpu`), no two slots that are held at once on this machine have
        the same number, so that it can name a device. In other pools it has no meaning.
        """

    @abstractmethod
    def try_slot(self, pool: str, key: str) -> AbstractContextManager[int | None]:
        """As `slot`, without a wait: yields None, and holds nothing, if no slot is free."""


class SlotFactory(ABC):
    """Makes the slots of a stage."""

    @abstractmethod
    def slots_for(self, asset: str) -> Slots:
        """The slots for the calls of one asset. Slots that an earlier, killed attempt of it holds are freed first."""


class LocalSlots(Slots, SlotFactory):
    """The bound of one process, for use of the studio as a library."""

    def __init__(self, limits: Mapping[str, int]) -> None:
        super().__init__()
        self._free = {pool: list(range(limit)) for pool, limit in limits.items()}
        self._changed = threading.Condition()

    @contextmanager
    def slot(self, pool: str, key: str) -> Iterator[int]:
        """See Slots. A pool without a limit is unbounded. `key` is not needed in one process."""
        if pool not in self._free:
            yield 0
            return
        with self._waiting(), self._changed:
            self._changed.wait_for(lambda: self._free[pool] or self._stopped.is_set())
            self._check_stopped()
            number = self._free[pool].pop(0)
        with self._freed_after(pool, number):
            yield number

    @contextmanager
    def try_slot(self, pool: str, key: str) -> Iterator[int | None]:
        """See Slots."""
        if pool not in self._free:
            yield 0
            return
        with self._changed:
            number = self._free[pool].pop(0) if self._free[pool] else None
        if number is None:
            yield None
            return
        with self._freed_after(pool, number):
            yield number

    @contextmanager
    def _freed_after(self, pool: str, number: int) -> Iterator[None]:
        try:
            yield
        finally:
            with self._changed:
                self._free[pool] = sorted([*self._free[pool], number])
                self._changed.notify_all()

    def cancel(self) -> None:
        """See Slots."""
        super().cancel()
        with self._changed:
            self._changed.notify_all()

    def slots_for(self, asset: str) -> Slots:
        """See SlotFactory. Nothing is stale: the slots end with the process."""
        return self
