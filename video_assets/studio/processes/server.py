"""A program that runs in the background until it is stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from .children import start_child


class Server:
    """A program that runs beside us until it is told to stop.

    It prints where we print. With `output`, each line it writes to stdout or stderr is handed to that function instead,
    without its line break, on a thread of its own, until the program has closed both.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        output: Callable[[str], None] | None = None,
    ) -> None:
        stdout, stderr = (subprocess.PIPE, subprocess.STDOUT) if output else (None, None)
        self._process = start_child(
            command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, environment=environment, folder=folder
        )
        self._reader: threading.Thread | None = None
        if output:
            arguments = (self._process.stdout, output)
            self._reader = threading.Thread(target=_hand_over_lines, args=arguments, name="reads-output", daemon=True)
            self._reader.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal that killed it, where one did."""
        return self._process.poll()

    def await_output(self, *, deadline_seconds: float) -> None:
        """After it has ended: wait until its last line was handed over, or the deadline has passed."""
        if self._reader is not None:
            self._reader.join(deadline_seconds)

    def ask_to_stop(self) -> None:
        """Send SIGTERM and return at once."""
        self._process.terminate()

    def stop(self, *, deadline_seconds: float) -> None:
        """Send SIGTERM; end it with all that it started when it has not ended after `deadline_seconds`."""
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(deadline_seconds)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


_LONGEST_LINE_BYTES = 1 << 16


def _hand_over_lines(pipe: IO[bytes], output: Callable[[str], None]) -> None:
    with pipe:
        while line := pipe.readline(_LONGEST_LINE_BYTES):
            output(line.decode("utf-8", "replace").rstrip("\r\n"))
