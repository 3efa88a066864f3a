"""The job that reports in Dagster's UI on the whole archive or on one backfill, and the sensor that requests a report
when a backfill has ended.

Does not belong here: computing the figures (`jobs/runs/run_figures.py`, `studio/telemetry/summary.py`).
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import dagster as dg

from jobs.lessons.tick_instance import instance_of_tick
from jobs.runs.executor import lesson_steps
from jobs.runs.run_figures import figures_of_runs
from video_assets.dagster_internals import (
    BACKFILL_ID_TAG,
    BULK_ACTION_TERMINAL_STATUSES,
    BulkActionsFilter,
    PartitionBackfill,
)
from video_assets.markdown import escape_markdown, table_row
from video_assets.materialization import inline_picture
from video_assets.studio.telemetry.run_statistics import RunStatistics
from video_assets.studio.telemetry.summary import (
    HEADINGS,
    BatchSummary,
    batch_summary,
    cells,
    in_a_sentence,
    newest_of_each,
    reasons,
    total_cells,
)

from .render import IN_ONE_PROCESS

OP = "report_archive"
INTERVAL_SECONDS = 30
_MAX_TABLE_ROWS = 200
"""The longest table in the UI, in lessons. Failed lessons come first. The totals include all lessons."""
_MAX_RUNS_DRAWN = 60
_PICTURE_PX = (900, 540)
_FIRST_LOOK_BACK_SECONDS = 24 * 3600
"""At its first tick the sensor reports on the backfills of the last day, not on all backfills ever."""


@dg.op(
    name=OP,
    required_resource_keys={"stage_contexts"},
    config_schema={
        "backfill": dg.Field(
            str, default_value="", description="Id of a backfill; empty: the newest run of every lesson."
        )
    },
    out=dg.Out(dg.Nothing),
)
def report_archive(context: dg.OpExecutionContext) -> None:
    """Report what was made, reused and failed, and why: a table, totals and a plot in the metadata of this step."""
    backfill = context.op_config["backfill"]
    filters = dg.RunsFilter(tags={BACKFILL_ID_TAG: backfill}) if backfill else None
    runs = list(figures_of_runs(context.instance, context.resources.stage_contexts.event_logs, filters))
    newest = newest_of_each(runs)
    reached = {run.lesson for run in newest}
    missing = sorted(_lessons_of_backfill(context.instance, backfill) - reached) if backfill else []
    summary = batch_summary(newest, dict.fromkeys(missing, ""))
    context.log.info(in_a_sentence(summary))
    context.add_output_metadata(_metadata(summary, newest))


@dg.job(executor_def=lesson_steps.configured(IN_ONE_PROCESS, name="one_process"))
def archive_report() -> None:
    """Report which lessons were made, unchanged or failed, with the reasons, the time used and what limited it."""
    report_archive()


@dg.sensor(
    name="backfill_reports",
    job_name=archive_report.name,  # given the job itself, Dagster 1.13 warns about an unset beta parameter
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Requests a report on each backfill that has ended: a run of archive_report, listed among its runs.",
)
def backfill_reports(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Request a report on each backfill that has ended. The cursor is a time: all backfills up to it have a report."""
    since = float(context.cursor) if context.cursor else time.time() - _FIRST_LOOK_BACK_SECONDS
    backfills = _backfills_since(instance_of_tick(context), since)
    ended = [each for each in backfills if each.status in BULK_ACTION_TERMINAL_STATUSES]
    return dg.SensorResult(
        run_requests=[_request(each) for each in ended],
        skip_reason=None if ended else f"{len(backfills)} backfills under way.",
        cursor=repr(_all_ended_until(backfills, since)),
    )


def _backfills_since(instance: dg.DagsterInstance, since: float) -> Sequence[PartitionBackfill]:
    """The backfills that were requested after `since` (Unix seconds), the oldest first."""
    filters = BulkActionsFilter(created_after=datetime.fromtimestamp(since, UTC))
    return sorted(instance.get_backfills(filters=filters), key=lambda each: each.backfill_timestamp)


def _all_ended_until(backfills: Sequence[PartitionBackfill], since: float) -> float:
    for each in backfills:
        if each.status not in BULK_ACTION_TERMINAL_STATUSES:
            return since
        since = max(since, each.backfill_timestamp)
    return since


def _request(backfill: PartitionBackfill) -> dg.RunRequest:
    # A backfill that ended before an older one is found again at each tick, until the older one has ended, too. With
    # the run key, Dagster ignores the repeated requests.
    return dg.RunRequest(
        run_key=f"backfill-report-{backfill.backfill_id}",
        run_config={"ops": {OP: {"config": {"backfill": backfill.backfill_id}}}},
        # The page of the backfill lists the runs with this tag, so also the report.
        tags={BACKFILL_ID_TAG: backfill.backfill_id},
    )


def _lessons_of_backfill(instance: dg.DagsterInstance, backfill_id: str) -> set[str]:
    """The keys of the lessons of a backfill. Raises dg.Failure if there is no such backfill."""
    backfill = instance.get_backfill(backfill_id)
    if backfill is None:
        raise dg.Failure(f"There is no backfill {backfill_id!r}. The UI lists them under Runs, Backfills.")
    if backfill.partition_names:
        return set(backfill.partition_names)
    data = backfill.asset_backfill_data
    subsets = data.target_subset.partitions_subsets_by_asset_key.values() if data else ()
    return {key for subset in subsets for key in subset.get_partition_keys()}


def _metadata(summary: BatchSummary, runs: Sequence[RunStatistics]) -> dict[str, dg.MetadataValue]:
    from video_assets.plots import draw_runs

    totals = summary.totals
    figures: dict[str, float | None] = {
        "lessons made": summary.lessons_made,
        "lessons unchanged": summary.lessons_unchanged,
        "lessons failed": summary.lessons_failed,
        "lessons not reached": summary.lessons_not_reached,
        "sections made": totals.sections_made,
        "sections reused": totals.sections_reused,
        "sections failed": totals.sections_failed,
        "length of all films (s)": totals.film_seconds,
        "time of all runs, added up (s)": totals.wall_seconds,
        "processor time (s)": totals.cpu_seconds,
        "waited for free slots, all threads together (s)": totals.waited_seconds,
        "speed: seconds of film made per second": totals.speed,
    }
    drawn = draw_runs(_drawn(runs), width_px=_PICTURE_PX[0], height_px=_PICTURE_PX[1])
    return {
        "summary": dg.MetadataValue.md("\n".join(_markdown(summary))),
        "plot": inline_picture(drawn, "image/png", "seconds of each stage, and the speed"),
        **{name: dg.MetadataValue.float(float(value)) for name, value in figures.items() if value is not None},
    }


def _drawn(newest: Sequence[RunStatistics]) -> list[RunStatistics]:
    """The last runs of `newest`, in the order in which they started."""
    started = sorted(newest, key=lambda run: run.started_unix_seconds or 0.0)
    return started[-_MAX_RUNS_DRAWN:]


def _markdown(summary: BatchSummary) -> Iterator[str]:
    lines = sorted(summary.lines, key=lambda line: (line.outcome != "failed", line.lesson))
    yield in_a_sentence(summary)
    yield ""
    for line in lines[:_MAX_TABLE_ROWS]:
        yield from (f"- **{escape_markdown(line.lesson)}**: {escape_markdown(reason)}" for reason in reasons(line))
    yield ""
    yield table_row(HEADINGS)
    yield table_row(["---"] * len(HEADINGS))
    yield from (table_row(map(escape_markdown, cells(line))) for line in lines[:_MAX_TABLE_ROWS])
    if len(lines) > _MAX_TABLE_ROWS:
        yield table_row([f"and {len(lines) - _MAX_TABLE_ROWS} more", *[""] * (len(HEADINGS) - 1)])
    yield table_row([f"**{escape_markdown(cell)}**" if cell else "" for cell in total_cells(summary.totals)])
