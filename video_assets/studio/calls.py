"""Bounding work that many processes share: slots of a pool, claimed around each call.

Belongs here: the interface of slots and the limit of one process; retries, deadlines and the journal of paid calls when
providers come. Does not belong here: Dagster's slots (`resources/slots.py`) or what is called.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager


class Slots(ABC):
    """A bound on how many calls of a pool run at once. Every implementation passes tests/contracts/test_slots.py."""

    def __init__(self) -> None:
        self._waited_seconds = 0.0
        self._counting = threading.Lock()

    @property
    def waited_seconds(self) -> float:
        """How long calls have waited for slots so far: wall seconds, added up over the threads that waited."""
        return self._waited_seconds

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """Count the time inside the block as waited, also when somebody gives up."""
        started = time.monotonic()
        try:
            yield
        finally:
            with self._counting:
                self._waited_seconds += time.monotonic() - started

    @abstractmethod
    def slot(self, pool: str, key: str) -> AbstractContextManager[None]:
        """Wait for a slot of `pool`, hold it inside the block, free it whatever happens. `key` names the call."""


class SlotBoard(ABC):
    """Where a stage gets its slots."""

    @abstractmethod
    def for_asset(self, asset: str) -> Slots:
        """The slots for the calls of one asset; whatever an earlier, killed try of it holds is freed first."""


class LocalSlots(Slots, SlotBoard):
    """The bound of one process, for use of the studio as a library."""

    def __init__(self, limits: Mapping[str, int]) -> None:
        super().__init__()
        self._semaphores = {pool: threading.BoundedSemaphore(limit) for pool, limit in limits.items()}

    @contextmanager
    def slot(self, pool: str, key: str) -> Iterator[None]:  # one process needs no names
        """See Slots. A pool without a limit is unbounded."""
        semaphore = self._semaphores.get(pool)
        if semaphore is None:
            yield
            return
        with self._waiting():
            semaphore.acquire()
        try:
            yield
        finally:
            semaphore.release()

    def for_asset(self, asset: str) -> Slots:  # one process leaves nothing behind
        """See SlotBoard."""
        return self
