"""The store of a checkout, looked at: what is there, what its lessons need, and the limits its project sets.

Belongs here: gathering these from the checkout's folders, for the command and the job. Does not belong here: what
follows from them (`studio/upkeep/gc.py`), or Dagster.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.lesson.project import read_project
from video_assets.studio.storage.store import LocalStore
from video_assets.studio.upkeep.gc import GRACE_SECONDS, Limits, RemovalPlan, limits_from, plan_removal
from video_assets.studio.upkeep.inventory import LiveSet, StoreListing, current_lessons, live_set_of, scan_store

from .project_paths import ProjectPaths


class StoreStatus(NamedTuple):
    """Everything that looking after a store takes."""

    store: LocalStore
    stock: StoreListing
    needs: LiveSet
    limits: Limits

    def plan(self) -> RemovalPlan:
        """What is to go now."""
        return plan_removal(self.stock, self.needs, self.limits, now_ns=time.time_ns())


def _locks(project_paths: ProjectPaths) -> Iterator[Path]:
    """The lock files of publishing and of runs, which killed processes leave behind.

    A run's lock shows that the run was killed. So it is listed only after GRACE_SECONDS, when that has been handled.
    """
    yield from (project_paths.videos / ".versions").glob("*/.publishing")
    for path in (project_paths.state / "running").glob("*.lock"):
        with suppress(FileNotFoundError):  # the run has ended since it was listed
            if time.time() - path.stat().st_mtime > GRACE_SECONDS:
                yield path


def inspect_store(project_paths: ProjectPaths, max_size: str = "", max_age: str = "") -> StoreStatus:
    """The checkout's store as it is now; the limits given here replace the project's.

    Raises SettingInvalid for limits that are none, StoreError when a folder cannot be read.
    """
    store = LocalStore(project_paths.store)
    limits = limits_from(read_project(project_paths.project_file).store, max_size, max_age)
    # Needs after the stock: what a run makes in between is then needed, or not listed; never listed and not needed.
    # The store lies in `data`, the state may lie elsewhere.
    stock = scan_store(store, (project_paths.data, project_paths.state), _locks(project_paths))
    needs = live_set_of(store, project_paths.manifests, current_lessons(project_paths.lessons, project_paths.register))
    return StoreStatus(store, stock, needs, limits)
