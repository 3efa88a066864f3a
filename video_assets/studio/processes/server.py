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
    """A program that runs in the background until it is stopped.

    It inherits stdout and stderr. With `output`, a thread of its own passes each line that the program writes to stdout
    or stderr, without its line break, to that function instead, until the program has closed both.
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
        """None while it runs; minus the number of the signal if a signal killed it."""
        return self._process.poll()

    def await_output(self, *, deadline_seconds: float) -> None:
        """After its end: wait until its last line was passed to `output`, or the deadline has passed."""
        if self._reader is not None:
            self._reader.join(deadline_seconds)

    def ask_to_stop(self) -> None:
        """Send SIGTERM and return at once."""
        self._process.terminate()

    def stop(self, *, deadline_seconds: float) -> None:
        """Send SIGTERM. If it has not ended after `deadline_seconds`, kill it and all processes that it started."""
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
