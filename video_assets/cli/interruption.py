"""Handles Ctrl-C and SIGTERM, from the start of the command to its end.

While a command imports code or reads files it has nothing to clean up. KeyboardInterrupt inside an import may be
swallowed or end in a traceback. So by default the handler exits at once. Code that has to clean up uses
`raise_on_interrupt`.

This module has no slow imports.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130
"""The exit code."""
CONTINUE = "Finished parts are kept. Run the same command again to continue."
MESSAGE = f"Interrupted. {CONTINUE}"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def exit_at_once(_number: int, _frame: FrameType | None) -> None:
    """A signal handler that prints MESSAGE and exits with INTERRUPTED."""
    os.write(2, f"\n{MESSAGE}\n".encode())
    os._exit(INTERRUPTED)


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def install_exit_handlers() -> None:
    """Install `exit_at_once` for SIGINT and SIGTERM."""
    for number in _SIGNALS:
        signal.signal(number, exit_at_once)


@contextmanager
def raise_on_interrupt() -> Iterator[None]:
    """Inside the block SIGINT and SIGTERM raise KeyboardInterrupt, so that `finally` blocks run."""
    before = {number: signal.signal(number, _raise) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_interrupts() -> None:
    """Ignore SIGINT and SIGTERM from now on: the command is done, and only the interpreter's exit remains."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
