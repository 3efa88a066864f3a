"""Whether the process that executes a run is still there: it holds the run's lock, and the kernel frees it at death.

Steps are forks of that process and hold the lock with it, so it is free only when nobody works for the run any more.
The file says which process it is, so that another one can stop it.
Belongs here: the lock and what it tells. Does not belong here: ending runs (`here.py` for the command, `launcher.py`
for the daemon).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from video_assets.studio.storage.locks import file_lock, is_locked

from .run_process import RunProcess, this_process

RunLockState = Literal["alive", "dead", "unknown"]


def locks_folder(state: Path) -> Path:
    """Where the locks of running runs lie."""
    return state / "running"


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
    """Alive while somebody holds the lock; dead when it was left behind, as only a killed process does; unknown when
    there is none: the run has not begun to execute, has ended, or is executed by something that takes no lock.
    """
    lock = _lock_of(locks, run_id)
    if is_locked(lock):
        return "alive"
    return "dead" if lock.exists() else "unknown"


def executing_process(locks: Path, run_id: str) -> RunProcess | None:
    """The process that executes the run; None when there is none, or its lock file names none."""
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
