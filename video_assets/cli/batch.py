"""Makes several items in one command, each in its own fork, some in parallel. A killed fork does not stop the others.

Does not belong here: making a lesson, or printing its result (`render.py`).
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Generic, NamedTuple, TypeVar

from video_assets.studio.processes.fork import CAN_FORK, INTERRUPTED, Fork, Send, sending

from .interruption import CONTINUE

Item = TypeVar("Item")
Result = TypeVar("Result")

_MAX_ATTEMPTS = 2
"""A lesson whose process was killed (for example out of memory) is retried once. Its finished parts are kept."""
_EVENT_WAIT_SECONDS = 1.0


class Crash(NamedTuple):
    """A process that ended without sending its result."""

    exit_code: int

    def __str__(self) -> str:
        how = (
            f"was killed by signal {-self.exit_code}"
            if self.exit_code < 0
            else f"ended with exit code {self.exit_code}"
        )
        memory = " The system may be out of memory: use a lower --at-once." if self.exit_code == -signal.SIGKILL else ""
        return f"The process of this lesson {how}.{memory} {CONTINUE}"


class Batch(Generic[Item, Result]):
    """Makes each item with `make`, and passes each result to `on_result` as soon as it arrives.

    An item whose process was killed is retried if `may_retry` returns True for it.
    """

    def __init__(
        self,
        make: Callable[[Item], Result],
        on_result: Callable[[Item, Result | Crash], None],
        may_retry: Callable[[Item], bool] = lambda _: True,
    ) -> None:
        self._make = make
        self._on_result = on_result
        self._may_retry = may_retry
        self._waiting: deque[tuple[Item, int]] = deque()
        self._running: dict[Fork, tuple[Item, int]] = {}
        self._stopping = False

    def run(self, items: Sequence[Item], at_once: int) -> None:
        """Make all items in their order, `at_once` in parallel.

        Ctrl-C and SIGTERM interrupt the running items, and no other items start. Every started item has a result,
        except one that was interrupted before it began. Where processes cannot fork, this process makes the items.
        """
        if not CAN_FORK:
            for item in items:
                self._on_result(item, self._make(item))
            return
        self._waiting.extend((item, 1) for item in items)
        with _stop_on_signals(self._stop):
            while self._running or (self._waiting and not self._stopping):
                while self._waiting and not self._stopping and len(self._running) < at_once:
                    self._start(*self._waiting.popleft())
                for fork in sending(self._running, timeout_seconds=_EVENT_WAIT_SECONDS):
                    self._receive(fork)

    @property
    def stopped(self) -> bool:
        """Whether Ctrl-C or SIGTERM stopped the batch."""
        return self._stopping

    def _start(self, item: Item, number: int) -> None:
        self._running[Fork(partial(_work, self._make, item), name=str(number))] = (item, number)

    def _receive(self, fork: Fork) -> None:
        item, number = self._running[fork]
        for result in fork.receive():
            self._on_result(item, result)
            self._running[fork] = (item, 0)
        if not fork.ended:
            return
        has_result = self._running.pop(fork)[1] == 0
        if has_result:
            return
        if number < _MAX_ATTEMPTS and not self._stopping and self._may_retry(item):
            self._waiting.appendleft((item, number + 1))
            return
        if not (self._stopping and fork.exit_code == INTERRUPTED):  # else it was interrupted before it began
            self._on_result(item, Crash(fork.exit_code or 0))

    def _stop(self) -> None:
        self._stopping = True
        for fork in self._running:
            fork.interrupt()


def _work(make: Callable[[Item], Result], item: Item, send: Send) -> None:
    # Outside the terminal's process group: Ctrl-C reaches only the command, which interrupts each lesson once.
    os.setsid()
    send(make(item))


@contextmanager
def _stop_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` for Ctrl-C and SIGTERM inside the block."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
