"""`lessonreel approve`: lists the lessons that wait for approval, or approves some of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from video_assets.project_paths import ProjectPaths, prepare
from video_assets.studio.film import approvals
from video_assets.studio.storage.store import LocalStore

OK = 0


def approve(project_paths: ProjectPaths, keys: Sequence[str]) -> int:
    """Approve the newest script and pictures of each lesson; without keys, list the lessons that wait.

    Raises SettingInvalid at the first lesson without a script or pictures.
    """
    store = LocalStore(project_paths.store)
    if not keys:
        return _list(project_paths, store)
    for key in keys:
        approvals.record_approval(project_paths.approvals, project_paths.manifests, store, key)
        sys.stdout.write(f"{key} is approved. The next render makes its film.\n")
    _show_in_dagster(project_paths, keys)
    return OK


def _list(project_paths: ProjectPaths, store: LocalStore) -> int:
    waiting = approvals.waiting(project_paths.approvals, project_paths.manifests, store)
    if not waiting:
        sys.stdout.write("No lesson waits for approval.\n")
        return OK
    sys.stdout.write(
        "These lessons wait for approval. Review their scripts and pictures, then run `lessonreel approve LESSON`.\n"
    )
    sys.stdout.writelines(f"  {key}\n" for key in waiting)
    return OK


def _show_in_dagster(project_paths: ProjectPaths, keys: Sequence[str]) -> None:
    """Update the tags of the runs that waited for the approval of these lessons."""
    from jobs.runs.local_run import open_instance
    from video_assets.review import APPROVED, retag_older_runs

    prepare(project_paths, os.environ)
    with open_instance(project_paths.state) as instance:
        for key in keys:
            retag_older_runs(instance, key, APPROVED)
