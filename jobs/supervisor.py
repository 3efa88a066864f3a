"""Keeps programs running beside us: starts them, starts again what ends, gives up on what does not stay up.

Belongs here: that. Does not belong here: which programs (`dev.py`), how a process is started and why it never outlives
us (`studio/processes.py`), or Dagster: a process that only waits must be small.
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

from video_assets.studio.errors import StudioError
from video_assets.studio.processes import Server

_LAST_LINES = 20
_LONGEST_STOP_SECONDS = 20.0


class RestartPolicy(NamedTuple):
    """When a program that ended is started again: after `first_seconds`, then twice as long each time, at most
    `longest_seconds`. After `most_deaths` in a row, each within `short_life_seconds` of its start, never.
    """

    first_seconds: float = 1.0
    longest_seconds: float = 8.0
    short_life_seconds: float = 60.0
    most_deaths: int = 5

    def delay_seconds(self, deaths: int) -> float:
        """How long to wait after so many deaths in a row."""
        return min(self.first_seconds * 2 ** (deaths - 1), self.longest_seconds)


class Program(NamedTuple):
    """What is to run. `command` is called at each start. `stop_seconds`: how long it may take to end when asked."""

    name: str
    command: Callable[[], Sequence[str]]
    stop_seconds: float = _LONGEST_STOP_SECONDS


class DoesNotStayUp(StudioError):
    """A program ended again and again."""


Say = Callable[[str], None]


class Service:
    """One program, kept running."""

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
        """Whether its process lives."""
        return self._server is not None and self._server.exit_code is None

    def start(self) -> None:
        """Start it now."""
        self._last_lines.clear()
        self._started = time.monotonic()
        self._server = Server(
            self.program.command(), environment=self._environment, folder=self._folder, output=self._received
        )

    def look(self) -> None:
        """Start it again if it has ended and its time has come. Raises DoesNotStayUp."""
        now = time.monotonic()
        if self._server is None:
            if now >= self._due:
                self.start()
            return
        code = self._server.exit_code
        if code is None:
            return
        self._server.await_output(deadline_seconds=1)
        self._server.stop(deadline_seconds=0)  # whatever it had started
        self._server = None
        self._deaths = self._deaths + 1 if now - self._started < self._policy.short_life_seconds else 1
        if self._deaths >= self._policy.most_deaths:
            raise self._gives_up(code)
        delay = self._policy.delay_seconds(self._deaths)
        self._due = now + delay
        self._say(f"The {self.program.name} ended by itself ({_how(code)}). It is started again in {delay:g} s.")

    def ask_to_stop(self) -> None:
        """Ask it to end, and return at once."""
        if self._server is not None:
            self._server.ask_to_stop()

    def stop(self) -> None:
        """End it, and everything that it started."""
        if self._server is not None:
            self._server.stop(deadline_seconds=self.program.stop_seconds)
            self._server.await_output(deadline_seconds=1)

    def _received(self, line: str) -> None:
        self._last_lines.append(line)
        _write(line)

    def _gives_up(self, code: int) -> DoesNotStayUp:
        lines = "".join(f"\n    {line}" for line in self._last_lines) or " nothing."
        return DoesNotStayUp(
            f"The {self.program.name} does not stay up: it ended {self._deaths} times in a row, the last time "
            f"{_how(code)}. Its last lines were:{lines}\n",
            remedy="Mend what they name, and start `make dev` again.",
        )


def end_all(services: Sequence[Service]) -> None:
    """End the services, side by side."""
    for service in services:
        service.ask_to_stop()
    for service in services:
        service.stop()


def say(text: str) -> None:
    """Tell the person at the terminal."""
    for line in text.splitlines():
        _write(f"lessonreel: {line}")


_WAITING_LINES = 2000
_STDERR = 2
_lines: queue.Queue[str] = queue.Queue(_WAITING_LINES)


def _write(line: str) -> None:
    """Hand the line to a thread that writes: a terminal that somebody has paused (Ctrl-S) must not stop us, too."""
    _start_writer()
    with suppress(queue.Full):  # paused for long: what is said now is lost
        _lines.put_nowait(line)


def _write_lines() -> None:
    while True:
        line = _lines.get()
        # The terminal may have been closed: nobody can read it any more, and we have to end in order.
        with suppress(OSError):
            os.write(_STDERR, f"{line}\n".encode("utf-8", "replace"))  # takes no lock that the end of Python waits for
        _lines.task_done()


@cache
def _start_writer() -> None:
    threading.Thread(target=_write_lines, name="writes-to-terminal", daemon=True).start()


def flush(seconds: float = 2.0) -> None:
    """Wait until everything was written, or the terminal has not taken it for so long."""
    due = time.monotonic() + seconds
    while _lines.unfinished_tasks and time.monotonic() < due:
        time.sleep(0.01)


def _how(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"status {code}"
