"""Forks: copies of this process that do one piece of work, send messages about it, and end.

A fork starts with everything imported: it costs 20 ms, and a new interpreter costs seconds. A fork that is killed (for
example because memory ran out) does not end this process. Linux only, see `CAN_FORK`: on other systems, system
libraries do not survive a fork.
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
STOPPING = frozenset({signal.SIGINT, signal.SIGTERM})
"""The signals that ask a process to stop."""

Send = Callable[[Any], None]
"""Sends a value (anything that can be pickled) to the parent."""


class Fork:
    """A running fork. Start it from a thread that lives as long as the work: the fork ends with that thread."""

    def __init__(self, work: Callable[[Send], None], *, name: str) -> None:
        context = multiprocessing.get_context("fork")
        self.name = name
        self.inbox, outbox = context.Pipe(duplex=False)
        self._process = context.Process(target=_live, args=(work, outbox, os.getpid()), name=name)
        # Until the fork has its own handlers, a signal would run the handlers of this process in the fork.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        # Our copy (inherited by later forks) would keep the pipe open and hide the end of this fork.
        outbox.close()
        self._ended = False

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the fork has ended and all its messages have been received."""
        return self._ended

    @property
    def exit_code(self) -> int | None:
        """0 after its work; INTERRUPTED if it was stopped; another number after an exception; minus the number of the
        signal that killed it; None while it runs.
        """
        return self._process.exitcode

    def receive(self) -> list[Any]:
        """The messages since the last call, without waiting. Reaps the fork after its end."""
        messages: list[Any] = []
        try:
            while self.inbox.poll():
                messages.append(self.inbox.recv())
        except (EOFError, ConnectionResetError):
            # The fork has ended, perhaps in the middle of a message. Half a message is dropped.
            self._process.join()
            self.inbox.close()
            self._ended = True
        return messages

    def interrupt(self) -> None:
        """Send SIGINT, as Ctrl-C does."""
        if self._process.is_alive():
            os.kill(self.pid, signal.SIGINT)


def sending(forks: Collection[Fork], *, timeout_seconds: float) -> list[Fork]:
    """The forks that sent a message or ended. Waits until there is one, at most `timeout_seconds`."""
    by_inbox = {fork.inbox: fork for fork in forks}
    return [by_inbox[inbox] for inbox in wait(by_inbox, timeout_seconds) if isinstance(inbox, Connection)]


def _live(work: Callable[[Send], None], outbox: Connection, parent: int) -> None:
    die_with_parent(parent)
    # This descriptor belongs to the parent, which learns of its own signals through it.
    signal.set_wakeup_fd(-1)
    for number in STOPPING:
        signal.signal(number, signal.default_int_handler)
    try:
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
            work(outbox.send)
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
            outbox.close()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
