"""The lock of a run, which shows whether the process that executes the run is alive.

That process holds the lock, and the kernel releases it when the process dies. The steps are forks of the process and
hold the lock, too. So it is free only when no process works for the run any more. The lock file names the process, so
that another process can stop it.

Does not belong here: reporting the end of runs (`local_run.py` for the command, `launcher.py` for the daemon).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from video_assets.studio.storage.locks import file_lock, is_locked

from .run_process import RunProcess, this_process

RunLockState = Literal["alive", "dead", "unknown"]


@contextmanager
def hold_run_lock(locks: Path, run_id: str) -> Iterator[None]:
    """Hold the run's lock inside the block. The lock file names this process."""
    lock = _lock_of(locks, run_id)
    with file_lock(lock):
        process = this_process()
        # Written into the locked file: a replaced file would not be locked.
        lock.write_text(str(process) if process else "", encoding="ascii")
        yield


def run_state(locks: Path, run_id: str) -> RunLockState:
    """The state of the run's process, by its lock.

    Alive: a process holds the lock. Dead: the lock file exists but is free, because the process was killed. Unknown:
    there is no lock file. The run has not started, has ended, or its process takes no lock.
    """
    lock = _lock_of(locks, run_id)
    if is_locked(lock):
        return "alive"
    return "dead" if lock.exists() else "unknown"


def executing_process(locks: Path, run_id: str) -> RunProcess | None:
    """The process that executes the run; None if no process holds the lock, or the lock file names none."""
    lock = _lock_of(locks, run_id)
    try:
        return RunProcess.parse(lock.read_text("ascii", "replace")) if is_locked(lock) else None
    except FileNotFoundError:
        return None


def remove_stale_run_lock(locks: Path, run_id: str) -> None:
    """Remove the lock that a dead run left behind."""
    if run_state(locks, run_id) == "dead":
        _lock_of(locks, run_id).unlink(missing_ok=True)


def _lock_of(locks: Path, run_id: str) -> Path:
    return locks / f"{run_id}.lock"
