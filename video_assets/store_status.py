"""Inspects the project's store: its contents, the objects that the lessons need, and the limits of the project file.

Does not belong here: the rules of removal (`studio/upkeep/gc.py`), or Dagster.
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
    """The contents of the store, the objects that current lessons need, and the limits."""

    store: LocalStore
    stock: StoreListing
    needs: LiveSet
    limits: Limits

    def plan(self) -> RemovalPlan:
        """The objects and files to remove now."""
        return plan_removal(self.stock, self.needs, self.limits, now_ns=time.time_ns())


def _locks(project_paths: ProjectPaths) -> Iterator[Path]:
    """The lock files of publishing and of runs, which killed processes leave behind.

    A run's lock shows that the run was killed. So it is listed only after GRACE_SECONDS, when that has been handled.
    """
    yield from (project_paths.videos / ".versions").glob("*/.publishing")
    for path in project_paths.run_locks.glob("*.lock"):
        with suppress(FileNotFoundError):  # the run has ended since it was listed
            if time.time() - path.stat().st_mtime > GRACE_SECONDS:
                yield path


def inspect_store(project_paths: ProjectPaths, max_size: str = "", max_age: str = "") -> StoreStatus:
    """The project's store as it is now. `max_size` and `max_age` replace the limits of the project file.

    Raises SettingInvalid for an invalid limit, and StoreError when a folder cannot be read.
    """
    store = LocalStore(project_paths.store)
    limits = limits_from(read_project(project_paths.project_file).store, max_size, max_age)
    # The needs are read after the stock. So an object that a run makes in between is either needed or not listed, but
    # never listed and unneeded. The store is in `data`; the state folder may be elsewhere.
    stock = scan_store(store, (project_paths.data, project_paths.state), _locks(project_paths))
    needs = live_set_of(store, project_paths.manifests, current_lessons(project_paths.lessons, project_paths.register))
    return StoreStatus(store, stock, needs, limits)
