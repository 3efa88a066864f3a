"""A process supervisor: it starts programs, restarts those that end, and gives up on a crash loop.

It imports no Dagster, because a process that mostly waits must be small. Does not belong here: which programs run
(`servers.py`).
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.core.errors import StudioError
from video_assets.studio.processes.server import Server

_LAST_LINES = 20
_DEFAULT_STOP_SECONDS = 20.0


class RestartPolicy(NamedTuple):
    """Exponential backoff: a program restarts after `first_seconds`, then after twice as long each time, up to
    `longest_seconds`. After `max_deaths` in a row, each within `short_life_seconds` of its start, it is a crash loop.
    """

    first_seconds: float = 1.0
    longest_seconds: float = 8.0
    short_life_seconds: float = 60.0
    max_deaths: int = 5

    def delay_seconds(self, deaths: int) -> float:
        """The delay before the next start, after `deaths` deaths in a row."""
        return min(self.first_seconds * 2 ** (deaths - 1), self.longest_seconds)


class Program(NamedTuple):
    """What to run. `command()` gives the arguments of each start. The program has `stop_seconds` to end on SIGTERM."""

    name: str
    command: Callable[[], Sequence[str]]
    stop_seconds: float = _DEFAULT_STOP_SECONDS


class CrashLoop(StudioError):
    """A program ended too often, each time soon after its start."""


Say = Callable[[str], None]


class Service:
    """One supervised program."""

    def __init__(
        self, program: Program, environment: Mapping[str, str], folder: Path, policy: RestartPolicy, say: Say
    ) -> None:
        self.program = program
        self._environment, self._folder, self._policy, self._say = environment, folder, policy, say
        self._server: Server | None = None
        self._last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._deaths = 0
        self._started = self._due = time.monotonic()

    @property
    def running(self) -> bool:
        """Whether its process is alive."""
        return self._server is not None and self._server.exit_code is None

    def start(self) -> None:
        """Start the program now."""
        self._last_lines.clear()
        self._started = time.monotonic()
        self._server = Server(
            self.program.command(), environment=self._environment, folder=self._folder, output=self._forward_output
        )

    def poll(self) -> None:
        """Restart the program if it has ended and its delay has passed. Never blocks. Raises CrashLoop."""
        now = time.monotonic()
        if self._server is None:
            if now >= self._due:
                self.start()
            return
        code = self._server.exit_code
        if code is None:
            return
        self._server.await_output(deadline_seconds=1)
        self._server.stop(deadline_seconds=0)  # ends its child processes
        self._server = None
        self._deaths = self._deaths + 1 if now - self._started < self._policy.short_life_seconds else 1
        if self._deaths >= self._policy.max_deaths:
            raise self._crash_loop(code)
        delay = self._policy.delay_seconds(self._deaths)
        self._due = now + delay
        self._say(f"The {self.program.name} ended unexpectedly ({_describe_exit(code)}). It restarts in {delay:g} s.")

    def ask_to_stop(self) -> None:
        """Ask the program to end (SIGTERM), without waiting."""
        if self._server is not None:
            self._server.ask_to_stop()

    def stop(self) -> None:
        """End the program and its child processes. Waits at most `stop_seconds` before it kills them."""
        if self._server is not None:
            self._server.stop(deadline_seconds=self.program.stop_seconds)
            self._server.await_output(deadline_seconds=1)

    def _forward_output(self, line: str) -> None:
        self._last_lines.append(line)
        _write(line)

    def _crash_loop(self, code: int) -> CrashLoop:
        lines = "".join(f"\n    {line}" for line in self._last_lines) or " nothing."
        return CrashLoop(
            f"The {self.program.name} keeps ending: {self._deaths} times in a row, the last time "
            f"{_describe_exit(code)}. Its last lines were:{lines}\n",
            remedy="Fix the error that they name, and start `make dev` again.",
        )


def stop_all(services: Sequence[Service]) -> None:
    """Stop all services in parallel."""
    for service in services:
        service.ask_to_stop()
    for service in services:
        service.stop()


def print_line(text: str) -> None:
    """Print a message on standard error, with the prefix `lessonreel:` on each line."""
    for line in text.splitlines():
        _write(f"lessonreel: {line}")


_WAITING_LINES = 2000
_STDERR = 2
_lines: queue.Queue[str] = queue.Queue(_WAITING_LINES)


def _write(line: str) -> None:
    """Hand the line to a thread that writes, because a paused terminal (Ctrl-S) must not stop the supervisor."""
    _start_writer()
    with suppress(queue.Full):  # paused for long: this line is lost
        _lines.put_nowait(line)


def _write_lines() -> None:
    while True:
        line = _lines.get()
        # The terminal may have been closed. Then the line is dropped, and the supervisor still stops its services.
        with suppress(OSError):
            os.write(_STDERR, f"{line}\n".encode("utf-8", "replace"))  # takes no lock that the end of Python waits for
        _lines.task_done()


@cache
def _start_writer() -> None:
    threading.Thread(target=_write_lines, name="writes-to-terminal", daemon=True).start()


def flush(seconds: float = 2.0) -> None:
    """Wait until all lines are written, but at most `seconds`."""
    due = time.monotonic() + seconds
    while _lines.unfinished_tasks and time.monotonic() < due:
        time.sleep(0.01)


def _describe_exit(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"status {code}"
