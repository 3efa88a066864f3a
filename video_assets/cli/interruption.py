"""Ctrl-C and SIGTERM, from the command's first line to its last.

While code is loaded and files are read there is nothing to tidy up, and an exception in the middle of an import may be
swallowed or end in a traceback: there the process ends at once, in the handler. What has to be tidied up gets
KeyboardInterrupt (`raised`), or decides for itself. Imports nothing that takes time.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130
"""The exit code."""
MESSAGE = "Interrupted. What was finished is kept; the same command goes on from there."
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def leave_at_once(_number: int, _frame: FrameType | None) -> None:
    """A signal handler: say that it was interrupted, and end this process."""
    os.write(2, f"\n{MESSAGE}\n".encode())
    os._exit(INTERRUPTED)


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def leave_at_once_from_now_on() -> None:
    """A signal ends this process with a line, unless something inside decides otherwise."""
    for number in _SIGNALS:
        signal.signal(number, leave_at_once)


@contextmanager
def raised() -> Iterator[None]:
    """Inside, a signal raises KeyboardInterrupt, so that what has begun can be tidied up."""
    before = {number: signal.signal(number, _raise) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_from_now_on() -> None:
    """For the rest of this process: all is said, and the interpreter only tidies up."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
