"""The code server of `make dev`, its successor while one is starting, and older ones whose runs have not ended.

Belongs here: which of them is the newest, and the link that leads to it. Does not belong here: the server itself
(`code_server.py`, which says how a reload goes).
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from .supervisor import Program, RestartPolicy, Service, say

_STOP_SECONDS = 3.0
"""A code server that is asked to end waits for its runs, which may take hours. They go on at the next start."""


class CodeServers:
    """Servers that listen on sockets of their own in `folder`; `address` leads to the newest that answers."""

    def __init__(self, folder: Path, root: Path, log_level: str) -> None:
        self.address = folder / "code.sock"
        self._folder, self._root, self._log_level = folder, root, log_level
        self._number = 0
        self._current = self._new()
        self._successor: Service | None = None
        self._retired: list[Service] = []

    @property
    def ready(self) -> bool:
        """Whether requests are answered at `address`."""
        return self._points_to_newest() and self._current.running

    def start(self) -> None:
        """Start the first one."""
        self._current.start()

    def reload(self) -> None:
        """Start a successor, unless one is starting. Requests go to it once it answers."""
        if self._successor is None:
            self._successor = self._new()
            self._successor.start()

    def look(self) -> None:
        """Start it again if it has ended, and point `address` to the newest one. Raises DoesNotStayUp."""
        if self._successor is None:
            self._current.look()
        elif not self._successor.running:
            say("The code was not loaded again, for the reason above. The code server from before goes on.")
            self._successor = None
        if not self._points_to_newest() and _answers(self._newest()):
            self._point_to_newest()
        self._retired = [each for each in self._retired if each.running]

    def all(self) -> list[Service]:
        """Every one that may still run."""
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
        return Service(program, os.environ, self._root, RestartPolicy(), say)

    def _command(self) -> list[str]:
        self._number += 1  # a socket of its own each time: one that was left behind cannot be bound again
        command = [sys.executable, "-m", "jobs.code_server", "--log-level", self._log_level]
        return [*command, "--socket", str(self._newest()), "--address", str(self.address)]


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
