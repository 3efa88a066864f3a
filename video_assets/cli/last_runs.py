"""Queries Dagster for the last runs of lessons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import dagster as dg

from video_assets.dagster_internals import PARTITION_NAME_TAG


def failed_keys(instance: dg.DagsterInstance, keys: Sequence[str]) -> frozenset[str]:
    """The keys of the lessons whose newest run failed."""
    runs = {key: newest_run(instance, key) for key in keys}
    return frozenset(key for key, run in runs.items() if run and run.status is dg.DagsterRunStatus.FAILURE)


def newest_run(instance: dg.DagsterInstance, key: str) -> dg.DagsterRun | None:
    """The newest run of a lesson, in any state; None if there is none."""
    runs = instance.get_runs(filters=dg.RunsFilter(tags={PARTITION_NAME_TAG: key}), limit=1)
    return runs[0] if runs else None


def was_terminated(instance: dg.DagsterInstance, key: str, since: datetime) -> bool:
    """Whether a run of the lesson that was created after `since` was terminated."""
    filters = dg.RunsFilter(
        tags={PARTITION_NAME_TAG: key},
        statuses=[dg.DagsterRunStatus.CANCELING, dg.DagsterRunStatus.CANCELED],
        created_after=since,
    )
    return instance.get_runs_count(filters) > 0
