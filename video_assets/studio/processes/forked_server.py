"""A fork that answers requests, so that what it loads stays out of this process.

A library with a pool of threads (Rust's rayon, for example) must not run in a process that forks later. The forks get
the pool without its threads, and wait for them for ever.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

from video_assets.studio.core.errors import ProcessFailed, StudioError

from .fork import CAN_FORK, STOPPING
from .parent import die_with_parent

Request = TypeVar("Request")
Response = TypeVar("Response")


class ForkedServer(Generic[Request, Response]):
    """Calls `answer` in a fork that lives until this process ends. Requests and responses must pickle.

    The fork starts with the first request. It starts again if it was killed, and in a fork of this process. Safe to use
    from several threads. Where a process cannot fork (`CAN_FORK`), `answer` runs in this process.
    """

    def __init__(self, answer: Callable[[Request], Response], *, name: str) -> None:
        self._answer = answer
        self._name = name
        self._lock = threading.Lock()
        self._pipe: Connection | None = None
        self._owner = 0

    def ask(self, request: Request) -> Response:
        """The response to `request`. Raises a StudioError of `answer`, and ProcessFailed if the fork died."""
        if not CAN_FORK:
            return self._answer(request)
        with self._lock:
            try:
                response, error = self._exchange(request)
            except (EOFError, OSError):
                # The fork had ended since the last request, for example with the thread that had started it.
                self._pipe = None
                response, error = self._exchange_with_a_new_fork(request)
        if error is not None:
            raise error
        return response

    def _exchange_with_a_new_fork(self, request: Request) -> tuple[Any, StudioError | None]:
        try:
            return self._exchange(request)
        except (EOFError, OSError) as lost:
            self._pipe = None
            raise ProcessFailed(
                f"The process {self._name} ended without an answer.",
                remedy="If the memory ran out, close other programs and try again.",
            ) from lost

    def _exchange(self, request: Request) -> tuple[Any, StudioError | None]:
        pipe = self._connection()
        pipe.send(request)
        return pipe.recv()

    def _connection(self) -> Connection:
        if self._pipe is None or self._owner != os.getpid():
            context = multiprocessing.get_context("fork")
            self._pipe, theirs = context.Pipe()
            self._owner = os.getpid()
            arguments = (self._answer, theirs, self._pipe, self._owner)
            process = context.Process(target=_serve, args=arguments, name=self._name, daemon=True)
            before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
            try:
                process.start()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()
        return self._pipe


def _serve(answer: Callable[[Any], Any], pipe: Connection, other_end: Connection, parent: int) -> None:
    # The handlers of the parent would report an interruption here as well. Ctrl-C is for the parent, whose end is ours.
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    die_with_parent(parent)
    # The copy of the parent's end would keep the pipe open after the parent's death.
    other_end.close()
    while True:
        try:
            request = pipe.recv()
        except EOFError:
            return
        try:
            response = (answer(request), None)
        except StudioError as error:
            response = (None, error)
        pipe.send(response)
