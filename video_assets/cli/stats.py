"""`lessonreel stats`: the statistics of runs, as a table, files and a plot.

Does not belong here: computing the figures (`studio/telemetry/run_statistics.py`).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import dagster as dg
from rich.console import Console
from rich.table import Table

from jobs.runs.local_run import open_instance
from jobs.runs.run_figures import figures_of_runs
from video_assets.dagster_internals import PARTITION_NAME_TAG
from video_assets.project_paths import ProjectPaths
from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.quantities import format_size
from video_assets.studio.telemetry.run_statistics import RunStatistics
from video_assets.studio.telemetry.summary import (
    HEADINGS,
    UNUSED_CORES,
    BatchSummary,
    batch_summary,
    cells,
    in_a_sentence,
    newest_of_each,
    reasons,
    total_cells,
    totals_of,
)

OK = 0
_PIPE_WIDTH = 200
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_WHOLE_ID = 36
_SHORTEST_ID = 4


class StatsOptions(NamedTuple):
    """The options of the command line: the selection of runs, and the output files."""

    run: str = ""
    """An id, or its beginning as Dagster's UI shows it."""
    lesson: str = ""
    since: str = ""
    """As `7d`: m, h, d or w."""
    csv: Path | None = None
    parquet: Path | None = None
    plot: Path | None = None
    as_json: bool = False


def stats(project_paths: ProjectPaths, options: StatsOptions) -> int:
    """Print the statistics, and write the requested files.

    The table has a line for each lesson (its newest run); for one lesson, a line for each run; for one run, a line for
    each stage. Raises SettingInvalid if a run does not exist or a file cannot be written.
    """
    with open_instance(project_paths.state) as instance:
        filters = _filters(instance, options)
        runs = [] if filters is None else list(figures_of_runs(instance, project_paths.event_logs, filters))
    shown = runs if options.run or options.lesson else newest_of_each(runs)
    summary = batch_summary(shown)
    if options.as_json:
        document = {
            "summary": summary.model_dump(mode="json"),
            "all_runs": totals_of(runs).model_dump(mode="json"),
            "runs": [run.model_dump(mode="json") for run in runs],
        }
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    else:
        _print(runs, summary, options)
    _write(runs, options)
    return OK


def _filters(instance: dg.DagsterInstance, options: StatsOptions) -> dg.RunsFilter | None:
    """The filter for the query of runs; None if no run can match."""
    tags = {PARTITION_NAME_TAG: options.lesson} if options.lesson else {}
    after = datetime.now(UTC) - _age(options.since) if options.since else None
    ids = [_whole_id(instance, options.run)] if options.run else None
    return dg.RunsFilter(run_ids=ids, tags=tags, created_after=after)


def _whole_id(instance: dg.DagsterInstance, beginning: str) -> str:
    if len(beginning) >= _WHOLE_ID:
        found = [beginning] if instance.has_run(beginning) else []
    else:
        enough = len(beginning) >= _SHORTEST_ID
        found = [each for each in instance.get_run_ids() if each.startswith(beginning)] if enough else []
    if len(found) == 1:
        return found[0]
    raise SettingInvalid(
        f"The ids of {len(found) or 'no'} runs begin with {beginning!r}.",
        remedy="Dagster's UI and `lessonreel stats --json` list the ids of all runs.",
    )


def _age(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,4})([mhdw])", text)
    if match is None:
        raise SettingInvalid(
            f"--since {text}: this is not a length of time.",
            remedy="Write a number and m, h, d or w: 90m, 12h, 7d, 4w.",
        )
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _print(runs: Sequence[RunStatistics], summary: BatchSummary, options: StatsOptions) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPE_WIDTH)  # in a pipe every row stays on one line, for grep and cut
    if not runs:
        console.print("No run yet. `lessonreel render data/lessons` starts one for each lesson.", markup=False)
        return
    console.print(_stages(runs[0]) if options.run else _lessons(summary, runs))
    for line in summary.lines:
        for reason in reasons(line):
            console.print(f"{line.lesson}: {reason}", highlight=False, markup=False, soft_wrap=True)
    if options.run:
        console.print(_of_one(runs[0]), highlight=False, markup=False, soft_wrap=True)
        return
    what = f"{_count(runs)} of one lesson." if options.lesson else in_a_sentence(summary)
    console.print(what if options.lesson else f"{what} {_all_runs(runs)}", highlight=False, markup=False)


def _all_runs(runs: Sequence[RunStatistics]) -> str:
    totals = totals_of(runs)
    wall = "" if totals.wall_seconds is None else f", {totals.wall_seconds:.1f} s of wall time"
    again = f", {totals.runs_tried_again} with a retried step" if totals.runs_tried_again else ""
    counts = f"{totals.sections_made} made, {totals.sections_reused} reused"
    return f"In {_count(runs)}: {counts}{wall}{again}."


def _count(runs: Sequence[RunStatistics]) -> str:
    return "1 run" if len(runs) == 1 else f"{len(runs)} runs"


def _lessons(summary: BatchSummary, runs: Sequence[RunStatistics]) -> Table:
    table = _table(HEADINGS, left={"lesson", "result", "bounded by"})
    for line in summary.lines:
        table.add_row(*cells(line))
    table.add_section()
    table.add_row(*total_cells(summary.totals))
    return table


def _stages(run: RunStatistics) -> Table:
    headings = (
        "stage",
        "ended",
        "tries",
        "sections",
        "made",
        "reused",
        "failed",
        "wall",
        "processor",
        "memory",
        "waited",
    )
    table = _table(headings, left={"stage", "ended"})
    for stage in run.stages:
        table.add_row(
            stage.stage,
            stage.ended or "unknown",
            _text(stage.attempts),
            _text(stage.total),
            *map(_text, stage.counts.values()),
            *(_seconds(value) for value in (stage.seconds, stage.cpu_seconds)),
            "" if stage.memory_bytes is None else format_size(stage.memory_bytes),
            _seconds(stage.waited_seconds),
        )
    return table


def _of_one(run: RunStatistics) -> str:
    return " ".join(_facts(run))


def _facts(run: RunStatistics) -> Iterator[str]:
    yield f"{run.lesson}: {run.outcome}, started by {run.trigger}."
    if run.wall_seconds is not None:
        yield f"{run.wall_seconds:.1f} s of wall time, after {run.queued_seconds or 0:.1f} s in the queue."
    if run.speech_seconds is not None:
        yield f"{run.speech_seconds:.1f} s of speech."
    if run.film_seconds is not None and run.speed is not None:
        yield f"Film of {run.film_seconds:.1f} s, {run.speed:.1f} times real time."
    if run.target is not None and run.target_percent is not None:
        yield f"Its target, {run.target_percent:.0f} % of the film's length: {run.target}."
    if (bound := run.bound) is not None:
        by = UNUSED_CORES if bound.by == "idle cores" else bound.by
        yield (
            f"Bounded by {by}: processor {bound.processor:.0%}, slots {bound.slots:.0%}, "
            f"orchestration {bound.orchestration:.0%}, {UNUSED_CORES} {bound.idle_cores:.0%}."
        )


def _table(headings: Sequence[str], left: set[str]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="left" if heading in left else "right")
    return table


def _text(value: int | None) -> str:
    return "" if value is None else str(value)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} s"


def _write(runs: Sequence[RunStatistics], options: StatsOptions) -> None:
    from .stats_files import write_csv, write_parquet, write_plot

    for path, write in ((options.csv, write_csv), (options.parquet, write_parquet), (options.plot, write_plot)):
        if path is None:
            continue
        try:
            write(runs, path)
        except OSError as error:
            raise SettingInvalid(
                f"The figures cannot be written to {path}: {error.strerror}.", remedy="Choose another file."
            ) from error
        sys.stderr.write(f"{path}: {_count(runs)}\n")
