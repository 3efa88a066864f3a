"""A long-lived child process that answers requests."""

from __future__ import annotations

import contextlib
import os
import selectors
import struct
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from typing import IO

from video_assets.studio.core.errors import ProcessFailed

from .children import TAIL_CHARACTERS, child_failed, deadline_passed, kill_child, start_child

_LONGEST_ANSWER_BYTES = 1 << 30

_LENGTH = struct.Struct(">Q")


class Worker:
    """A long-lived child that answers requests, one at a time.

    Request and answer are bytes, preceded by their length (8 bytes, big-endian), on the child's standard input and
    output. After a crash, a missed deadline or an invalid answer the child is ended and reaped, the error is raised,
    and every later request is refused. The owner decides whether to start a new Worker. Safe to use from several
    threads, but not across a fork.
    """

    def __init__(self, command: Sequence[str], *, name: str, environment: Mapping[str, str] | None = None) -> None:
        self.name = name
        self._command = tuple(command)
        self._lock = threading.Lock()
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the worker; `_end_worker` closes it
        try:
            self._process = start_child(self._command, stderr=self._stderr, environment=environment)
        except ProcessFailed:
            self._stderr.close()
            raise
        self._pid = self._process.pid
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
        self._end = weakref.finalize(self, _end_worker, self._process, self._stderr, os.getpid())

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._pid

    @property
    def alive(self) -> bool:
        """Whether the child still accepts requests."""
        return self._end.alive and self._process.poll() is None

    def ask(self, request: bytes, *, deadline_seconds: float) -> bytes:
        """The child's answer to `request`. Raises ProcessFailed when it crashes or is later than `deadline_seconds`."""
        with self._lock:
            if not self._end.alive:
                raise ProcessFailed(f"{self.name} has ended and takes no more requests.", remedy="Start a new one.")
            due = time.monotonic() + deadline_seconds
            try:
                self._write(_LENGTH.pack(len(request)) + request, due)
                return self._read(self._answer_length(due), due)
            except TimeoutError as error:
                raise deadline_passed(self._command, deadline_seconds, self._close_with_tail()) from error
            except (BrokenPipeError, EOFError) as error:
                stderr = self._close_with_tail()
                raise child_failed(self._command, self._process.returncode, stderr) from error
            except _NoAnswerError as error:
                self._end()
                raise ProcessFailed(str(error), remedy="It must write nothing else to stdout.") from error
            except BaseException:
                # An interrupted exchange leaves half an answer in the pipe, and the next answer would be misread.
                self._end()
                raise

    def close(self) -> None:
        """End the child and reap it. Closing twice is allowed."""
        with self._lock:
            self._end()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _write(self, data: bytes, due: float) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        rest = memoryview(data)
        while rest:
            _await(pipe, selectors.EVENT_WRITE, due)
            with contextlib.suppress(BlockingIOError):
                rest = rest[os.write(pipe.fileno(), rest) :]

    def _answer_length(self, due: float) -> int:
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size, due))
        if length > _LONGEST_ANSWER_BYTES:
            raise _NoAnswerError(f"{self.name} announced an answer of {length} bytes, which is not a possible length.")
        return length

    def _read(self, size: int, due: float) -> bytes:
        pipe = self._process.stdout
        assert pipe is not None
        data = bytearray()
        while len(data) < size:
            _await(pipe, selectors.EVENT_READ, due)
            with contextlib.suppress(BlockingIOError):
                chunk = os.read(pipe.fileno(), min(1 << 20, size - len(data)))
                if not chunk:
                    raise EOFError
                data += chunk
        return bytes(data)

    def _close_with_tail(self) -> bytes:
        # A child that closed its output is usually about to end. Wait briefly, so that its own status is reported.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=0.2)
        kill_child(self._process)
        self._stderr.seek(0)
        tail = self._stderr.read()[-4 * TAIL_CHARACTERS :]
        self._end()
        return tail


class _NoAnswerError(Exception):
    """The output of a worker is not the start of an answer."""


def _await(pipe: IO[bytes], event: int, due: float) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, event)
        if not selector.select(max(0.0, due - time.monotonic())):
            raise TimeoutError


def _end_worker(process: subprocess.Popen[bytes], stderr: IO[bytes], owner: int) -> None:
    if os.getpid() == owner:
        kill_child(process)
    for pipe in (process.stdin, process.stdout, stderr):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
