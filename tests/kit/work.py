"""Counts of work, for promises about time: a count is the same on every machine, a duration is not."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

HANG_SECONDS = 120
"""Far above any duration that was seen. Work that explodes takes hours."""


def calls(work: Callable[[], object]) -> int:
    """Return how many functions `work` calls, those written in C included."""
    count = 0

    def counted(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@contextmanager
def hang_guard(seconds: int = HANG_SECONDS) -> Iterator[None]:
    """End a hung block with a TimeoutError. Regular expressions are ended, too: they let Python handle signals."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"hung for {seconds} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
