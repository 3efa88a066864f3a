"""Reads the statistics of runs, from the event logs that runs wrote and from their records in the Dagster instance.

They are computed at each call and not cached, so that they cannot be out of date. 1,000 runs take about a second.
Does not belong here: the arithmetic (`studio/telemetry/run_statistics.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import dagster as dg

from video_assets.dagster_internals import BACKFILL_ID_TAG, PARTITION_NAME_TAG
from video_assets.studio.pipeline.stage_context import journal_path
from video_assets.studio.telemetry.events import EventLog
from video_assets.studio.telemetry.run_statistics import RunEnding, RunFacts, RunStatistics, run_statistics

from .local_run import step_errors
from .tags import LESSON_TAG, TRIGGER_TAG

_PAGE_SIZE = 500
"""The number of runs in one query."""
_ENDINGS: Mapping[dg.DagsterRunStatus, RunEnding] = {
    dg.DagsterRunStatus.SUCCESS: "success",
    dg.DagsterRunStatus.FAILURE: "failure",
    dg.DagsterRunStatus.CANCELED: "canceled",
}


def figures_of_runs(
    instance: dg.DagsterInstance, event_logs: Path, filters: dg.RunsFilter | None = None
) -> Iterator[RunStatistics]:
    """The statistics of every lesson's runs that match `filters`, the newest run first."""
    cursor: str | None = None
    while records := instance.get_run_records(filters=filters, limit=_PAGE_SIZE, cursor=cursor):
        for record in records:
            if lesson := _lesson(record.dagster_run):
                yield _figures(instance, event_logs, record, lesson)
        cursor = records[-1].dagster_run.run_id


def _figures(instance: dg.DagsterInstance, event_logs: Path, record: dg.RunRecord, lesson: str) -> RunStatistics:
    run = record.dagster_run
    events = EventLog(journal_path(event_logs, run.run_id)).read_all()
    ending = _ENDINGS.get(run.status, "unfinished")
    has_failure_event = any(event.kind in {"section-failed", "stage-failed"} for event in events)
    facts = RunFacts(
        run_id=run.run_id,
        lesson=lesson,
        ending=ending,
        trigger=_trigger(run),
        created=record.create_timestamp.timestamp(),
        started=record.start_time,
        ended=record.end_time,
        # Dagster's log is long. It is read only if the run's own event log has no failure.
        errors=tuple(step_errors(instance, run.run_id)) if ending == "failure" and not has_failure_event else (),
        backfill=run.tags.get(BACKFILL_ID_TAG, ""),
    )
    return run_statistics(facts, events)


def _lesson(run: dg.DagsterRun) -> str:
    """The lesson's key; empty for a run of another job, such as find_lessons."""
    return run.tags.get(PARTITION_NAME_TAG) or run.tags.get(LESSON_TAG, "")


def _trigger(run: dg.DagsterRun) -> str:
    return run.tags.get(TRIGGER_TAG) or ("backfill" if BACKFILL_ID_TAG in run.tags else "ui")
