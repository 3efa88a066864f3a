"""The code servers of `make dev`: the current one, a successor that is starting, and old ones that still execute runs.

This module starts them and moves the symbolic link to the socket of the newest. `code_server.py` describes a reload.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from .supervisor import Program, RestartPolicy, Service, print_line

_STOP_SECONDS = 3.0
"""A code server that stops waits for its runs, which may take hours. Killed runs are resumed at the next start."""


class CodeServers:
    """Each server listens on its own socket in `folder`. `address` links to the newest that accepts connections."""

    def __init__(self, folder: Path, root: Path, log_level: str) -> None:
        self.address = folder / "code.sock"
        self._folder, self._root, self._log_level = folder, root, log_level
        self._number = 0
        self._current = self._new()
        self._successor: Service | None = None
        self._retired: list[Service] = []

    @property
    def ready(self) -> bool:
        """Whether the current server runs and `address` points to it."""
        return self._points_to_newest() and self._current.running

    def start(self) -> None:
        """Start the first server."""
        self._current.start()

    def reload(self) -> None:
        """Start a successor, unless one is starting. `poll` makes it the current server when it accepts connections."""
        if self._successor is None:
            self._successor = self._new()
            self._successor.start()

    def poll(self) -> None:
        """Restart the current server if it has ended, and point `address` to the newest. Raises CrashLoop."""
        if self._successor is None:
            self._current.poll()
        elif not self._successor.running:
            print_line("The code was not reloaded, for the reason above. The previous code server stays in use.")
            self._successor = None
        if not self._points_to_newest() and _answers(self._newest()):
            self._point_to_newest()
        self._retired = [each for each in self._retired if each.running]

    def all(self) -> list[Service]:
        """Every server that may still run."""
        return [self._current, *([self._successor] if self._successor else []), *self._retired]

    def _point_to_newest(self) -> None:
        temporary = self.address.with_suffix(".new")
        temporary.symlink_to(self._newest())
        temporary.replace(self.address)
        if self._successor is not None:
            self._retired.append(self._current)
            self._current, self._successor = self._successor, None

    def _points_to_newest(self) -> bool:
        return self.address.is_symlink() and self.address.readlink() == self._newest()

    def _newest(self) -> Path:
        return self._folder / f"code-{self._number}.sock"

    def _new(self) -> Service:
        program = Program("code server", self._command, _STOP_SECONDS)
        return Service(program, os.environ, self._root, RestartPolicy(), print_line)

    def _command(self) -> list[str]:
        self._number += 1  # a new socket each time: an existing socket file cannot be bound again
        command = [sys.executable, "-m", "jobs.dev.code_server", "--log-level", self._log_level]
        return [*command, "--socket", str(self._newest()), "--address", str(self.address)]


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
