"""Identifies the process that executes a run, by its process id and its start time, and sends it signals.

A process id alone is not enough: the kernel reuses it. Signals are sent through a pidfd, so that they cannot reach
another process. Linux only. Elsewhere no process is found.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

_START_TIME_FIELD = 22
"""The field of /proc/<pid>/stat, counted from 1 (proc_pid_stat(5))."""
_FIELDS_BEFORE_STATE = 2
_LARGEST_PID = 4_194_304
"""The kernel's PID_MAX_LIMIT (proc_sys_kernel(5))."""


class RunProcess(NamedTuple):
    """A process of this machine. `start_ticks` is its start time, in clock ticks since boot."""

    pid: int
    start_ticks: int

    @classmethod
    def parse(cls, text: str) -> RunProcess | None:
        """The inverse of `str()`; None for any other text."""
        try:
            pid, start_ticks = map(int, text.split())
        except ValueError:
            return None
        return cls(pid, start_ticks) if 0 < pid <= _LARGEST_PID else None

    def __str__(self) -> str:
        return f"{self.pid} {self.start_ticks}"

    def send(self, number: int) -> bool:
        """Send the signal `number`; 0 only checks that the process exists. Returns False when it has ended.

        Raises PermissionError when it belongs to another user.
        """
        with _descriptor_of(self) as descriptor:
            if descriptor is None:
                return False
            try:
                signal.pidfd_send_signal(descriptor, number)
            except ProcessLookupError:
                return False
        return True


def this_process() -> RunProcess | None:
    """The current process; None where there is no /proc."""
    start_ticks = _start_ticks(os.getpid())
    return None if start_ticks is None else RunProcess(os.getpid(), start_ticks)


@contextmanager
def _descriptor_of(process: RunProcess) -> Iterator[int | None]:
    if sys.platform != "linux":
        yield None
        return
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        yield None
        return
    try:
        # Compared after opening: while the pidfd is open, it cannot refer to another process.
        yield descriptor if _start_ticks(process.pid) == process.start_ticks else None
    finally:
        os.close(descriptor)


def _start_ticks(pid: int) -> int | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    # The second field is the program's name in parentheses, and may contain spaces and parentheses itself.
    fields = text.rpartition(")")[2].split()
    return int(fields[_START_TIME_FIELD - _FIELDS_BEFORE_STATE - 1])
