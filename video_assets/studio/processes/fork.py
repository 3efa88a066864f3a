"""Forks: copies of this process that do one piece of work, tell what they did, and end with it.

A fork has everything that is imported already, so it costs 20 ms where a new interpreter costs seconds; and a fork that
is killed (out of memory, say) takes nobody with it. Whoever waits for forks sleeps until one of them has something to
say. Belongs here: forking, telling, noticing the end. Does not belong here: other programs (`processes.py`), or what a
fork does. Linux only: elsewhere system libraries do not survive a fork, and `CAN_FORK` says so.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Collection
from multiprocessing.connection import Connection, wait
from typing import Any

from .parent import die_with_parent

CAN_FORK = sys.platform == "linux"
INTERRUPTED = 130
_STOPPING = frozenset({signal.SIGINT, signal.SIGTERM})

Send = Callable[[Any], None]
"""Hands a value (anything that can be pickled) to the process that forked."""


class Fork:
    """A running fork. Start it from a thread that lives as long as the work: on Linux it dies with that thread."""

    def __init__(self, work: Callable[[Send], None], *, name: str) -> None:
        context = multiprocessing.get_context("fork")
        self.name = name
        self.inbox, outbox = context.Pipe(duplex=False)
        self._process = context.Process(target=_live, args=(work, outbox, os.getpid()), name=name)
        # Until it has handlers of its own, a signal would run ours in the fork.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        # Ours would keep the pipe open, and in every later fork: the end of this one would go unnoticed.
        outbox.close()
        self._ended = False

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it is over and everything that it told has been heard."""
        return self._ended

    @property
    def exit_code(self) -> int | None:
        """0 after its work, INTERRUPTED when it was asked to stop before it had begun, another number after an
        exception, minus the signal that killed it; None while it lives.
        """
        return self._process.exitcode

    def receive(self) -> list[Any]:
        """What it has told since the last call, without waiting. Once it is over, it is reaped."""
        told: list[Any] = []
        try:
            while self.inbox.poll():
                told.append(self.inbox.recv())
        except (EOFError, ConnectionResetError):
            # The end, perhaps in the middle of a sentence: half a value is none.
            self._process.join()
            self.inbox.close()
            self._ended = True
        return told

    def interrupt(self) -> None:
        """Ask it to stop, as Ctrl-C would."""
        if self._process.is_alive():
            os.kill(self.pid, signal.SIGINT)


def sending(forks: Collection[Fork], *, timeout_seconds: float) -> list[Fork]:
    """Those that have something to say or have ended; sleeps until there is one, or the time is over."""
    by_inbox = {fork.inbox: fork for fork in forks}
    return [by_inbox[inbox] for inbox in wait(by_inbox, timeout_seconds) if isinstance(inbox, Connection)]


def _live(work: Callable[[Send], None], outbox: Connection, parent: int) -> None:
    die_with_parent(parent)
    # A descriptor of the parent's, through which it learns of its own signals.
    signal.set_wakeup_fd(-1)
    for number in _STOPPING:
        signal.signal(number, signal.default_int_handler)
    try:
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
            work(outbox.send)
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
            outbox.close()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
