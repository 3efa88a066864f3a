"""Whether the process that executes a run is still there: it holds the run's lock, and the kernel frees it at death.

Steps are forks of that process and hold the lock with it, so it is free only when nobody works for the run any more.
Belongs here: the lock and what it tells. Does not belong here: ending runs (`here.py` for the command, `launcher.py`
for the daemon).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from video_assets.studio.disk import exclusive, held

Life = Literal["alive", "dead", "unknown"]


def locks_folder(state: Path) -> Path:
    """Where the locks of running runs lie."""
    return state / "running"


@contextmanager
def living(locks: Path, run_id: str) -> Iterator[None]:
    """Hold the run's lock inside the block."""
    with exclusive(_lock_of(locks, run_id)):
        yield


def life_of(locks: Path, run_id: str) -> Life:
    """Alive while somebody holds the lock; dead when it was left behind, as only a killed process does; unknown when
    there is none: the run has not begun to execute, has ended, or is executed by something that takes no lock.
    """
    lock = _lock_of(locks, run_id)
    if held(lock):
        return "alive"
    return "dead" if lock.exists() else "unknown"


def bury(locks: Path, run_id: str) -> None:
    """Remove the lock that a dead run left behind."""
    if life_of(locks, run_id) == "dead":
        _lock_of(locks, run_id).unlink(missing_ok=True)


def _lock_of(locks: Path, run_id: str) -> Path:
    return locks / f"{run_id}.lock"
