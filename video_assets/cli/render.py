"""`lessonreel render`: checks and estimates the lessons, runs the job for each, and prints the results."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

import dagster as dg
from rich.console import Console
from rich.table import Table

from jobs.dev.film_list import FilmLister
from jobs.render import IN_ONE_PROCESS
from jobs.runs.local_run import (
    CommandRunEnding,
    RunOrder,
    defer_interrupts,
    fail_dead_runs,
    open_instance,
    preload_definitions,
    run_in_process,
    step_errors,
)
from jobs.runs.run_figures import figures_of_runs
from resources.stage_contexts import stage_contexts_config
from video_assets.disk_faults import disk_fault, require_room
from video_assets.lesson_config import config_from_choices
from video_assets.project_paths import ProjectPaths
from video_assets.studio.calls.context import budget_of
from video_assets.studio.calls.ledger.ledger import new_id
from video_assets.studio.core.errors import StoreError
from video_assets.studio.film.bundle import copy_bundle
from video_assets.studio.pipeline.manifests import FilmManifest
from video_assets.studio.pipeline.refs import manifest_of
from video_assets.studio.pipeline.stage_context import journal_path
from video_assets.studio.storage.filesystem import FileSystem, atomic_write
from video_assets.studio.storage.store import LocalStore, as_store_error
from video_assets.studio.telemetry.estimate import format_estimate
from video_assets.studio.telemetry.events import EventLog, ProgressCounter, Stopwatch
from video_assets.studio.telemetry.summary import (
    HEADINGS,
    BatchSummary,
    batch_summary,
    cells,
    in_a_sentence,
    newest_of_each,
    total_cells,
)

from .batch import Batch, Crash
from .display import Bars, Display, PlainLines, watching
from .interruption import INTERRUPTED, MESSAGE
from .last_runs import failed_keys, newest_run, was_terminated
from .planning import RenderJob, RenderOptions, RenderPlan, plan_render
from .storyboard import write_storyboard
from .time_estimate import learn

STORYBOARD_ASSETS = ("lesson", "script", "section_audio", "section_image")
MADE, FAILED, BAD_INPUT = 0, 1, 2


class LessonOutcome(NamedTuple):
    """The result of one lesson."""

    job: RenderJob
    run_id: str
    ending: CommandRunEnding | Literal["not reached"]
    counter: ProgressCounter
    seconds: float
    film: FilmManifest | None
    errors: tuple[str, ...]
    """The errors of a failed run."""


def render(project_paths: ProjectPaths, paths: Sequence[Path], options: RenderOptions) -> int:
    """Make the film of each lesson; returns the exit code."""
    console = Console(stderr=False)
    budget_of("command", options.max_cost)  # reports an invalid amount before anything is read
    options = replace(options, budget=new_id())
    plan = plan_render(project_paths, paths, options)
    require_room(project_paths.state)
    with open_instance(project_paths.state) as instance:
        fail_dead_runs(instance, _locks(project_paths))
        jobs = _select_jobs(console, instance, plan, options)
        for job in jobs[:_MAX_ESTIMATES]:
            console.print(f"{job.key}: {format_estimate(job.estimate)}", highlight=False, markup=False)
            for line in job.made_with.overrides:
                console.print(f"{job.key}: {line}", highlight=False, markup=False, soft_wrap=True)
        if len(jobs) == 1:
            with defer_interrupts():
                done = [_make(console, project_paths, instance, jobs[0], options)]
        else:
            done = _make_many(console, project_paths, instance, jobs, options)
        fail_dead_runs(instance, _locks(project_paths))
        summary = _summary(project_paths, instance, done)
    made = _report(console, project_paths, done, summary, options)
    return BAD_INPUT if made == MADE and plan.refused else made


def _select_jobs(console: Console, instance: Any, plan: RenderPlan, options: RenderOptions) -> Sequence[RenderJob]:
    """The lessons that `--all`, `--changed` or `--failed` selects. Prints their number if it is not all."""
    jobs = plan.jobs
    if options.failed:
        keys = failed_keys(instance, [job.key for job in jobs])
        jobs = tuple(job for job in jobs if job.key in keys)
        console.print(f"{len(jobs)} of {len(plan.jobs)} lessons failed in their last run.", highlight=False)
    if options.changed:
        line = f"{len(jobs)} of {len(jobs) + plan.unchanged} lessons are not up to date."
        console.print(line, highlight=False)
    return jobs


def _make_many(
    console: Console, project_paths: ProjectPaths, instance: Any, jobs: Sequence[RenderJob], options: RenderOptions
) -> list[LessonOutcome]:
    """Make each lesson in its own process, `options.at_once` in parallel. Prints a line for each that ends."""
    done: list[LessonOutcome] = []
    silent = Console(quiet=True)
    began = datetime.now(UTC)

    def terminated(job: RenderJob) -> bool:
        return was_terminated(instance, job.key, began)

    def make(job: RenderJob) -> LessonOutcome:
        try:
            with defer_interrupts():
                return _make(silent, project_paths, instance, job, options, alone=False)
        except Exception as error:
            fault = disk_fault(error, project_paths.state)
            if fault is None:
                raise
            return LessonOutcome(job, "", "failure", ProgressCounter(), 0.0, None, (str(fault),))

    def on_result(job: RenderJob, result: LessonOutcome | Crash) -> None:
        if isinstance(result, Crash):
            last = newest_run(instance, job.key)
            ending, errors = ("interrupted", ()) if terminated(job) else ("failure", (str(result),))
            result = LessonOutcome(job, last.run_id if last else "", ending, ProgressCounter(), 0.0, None, errors)
        done.append(result)
        line = f"[{len(done)}/{len(jobs)}] {job.key}: {_outcome_line(result)}"
        console.print(line, highlight=False, markup=False, soft_wrap=True)

    # Everything the forks need is loaded once, here.
    preload_definitions()
    Batch(make, on_result, lambda job: not terminated(job)).run(jobs, options.at_once)
    reached = {each.job.key for each in done}
    return [
        *done,
        *(
            LessonOutcome(job, "", "not reached", ProgressCounter(), 0.0, None, ())
            for job in jobs
            if job.key not in reached
        ),
    ]


def _outcome_line(done: LessonOutcome) -> str:
    if done.film is None:
        first = done.errors[0].splitlines()[0] if done.errors else ""
        return f"{_RESULTS[done.ending]} {first}".rstrip()
    counts = f"{done.counter.all_made} made, {done.counter.all_reused} reused"
    return f"film of {done.film.seconds:.1f} s in {done.seconds:.1f} s, {counts}"


def _make(
    console: Console,
    project_paths: ProjectPaths,
    instance: Any,
    job: RenderJob,
    options: RenderOptions,
    *,
    alone: bool = True,
) -> LessonOutcome:
    run_id = str(uuid.uuid4())
    event_log = EventLog(journal_path(project_paths.event_logs, run_id))
    counter, watch = ProgressCounter(), Stopwatch()
    display, frame = _display(console, job, counter)
    assets = STORYBOARD_ASSETS if options.storyboard else ()
    order = RunOrder(run_id, job.key, assets, _run_config(options), alone)
    with frame, watching(event_log, display, counter):
        ending = run_in_process(instance, order, root=project_paths.root, locks=_locks(project_paths))
    with suppress(StoreError):  # the film is made; the next run or `make dev` writes the list
        FilmLister(project_paths).write_page()
    film = None
    if ending == "success" and not options.storyboard:
        # The film of this run, not the newest film: another command may be making the same lesson.
        store = LocalStore(project_paths.store)
        film = manifest_of(store, project_paths.manifests, job.key, "final_video", FilmManifest, run_id)
        if film is not None and not options.sequential:
            learn(project_paths.state, counter, film.seconds, watch.seconds, job.settings)
    return LessonOutcome(job, run_id, ending, counter, watch.seconds, film, _errors(instance, run_id, ending, counter))


def _errors(instance: Any, run_id: str, ending: CommandRunEnding, counter: ProgressCounter) -> tuple[str, ...]:
    if ending != "failure":
        return ()
    messages = tuple(event.message for event in counter.failures)
    # After an internal error or a killed step, only Dagster's log has the failure.
    return messages or tuple(step_errors(instance, run_id)) or ("The run failed. Its log in Dagster's UI shows why.",)


def _display(console: Console, job: RenderJob, counter: ProgressCounter) -> tuple[Display, Any]:
    if not console.is_terminal:
        return PlainLines(console, job.key, counter), nullcontext()
    bars = Bars(console, job.estimate.wall_seconds, counter)
    return bars, bars.progress


def _run_config(options: RenderOptions) -> Mapping[str, Any]:
    config: dict[str, Any] = {
        "ops": {"lesson": {"config": config_from_choices(options.overrides)}},
        # Dagster's log lines would hide ours. They are in the instance and in the UI.
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
    if options.sequential:
        config["execution"] = {"config": IN_ONE_PROCESS}
    stage_contexts = stage_contexts_config(
        sequential=options.sequential, most_cost=options.max_cost, budget=options.budget
    )
    if stage_contexts:
        config["resources"] = {"stage_contexts": {"config": stage_contexts}}
    return config


def _summary(project_paths: ProjectPaths, instance: dg.DagsterInstance, done: Sequence[LessonOutcome]) -> BatchSummary:
    """The summary of all lessons, from the event logs of their runs and from Dagster's records."""
    run_ids = [each.run_id for each in done if each.run_id]
    runs = figures_of_runs(instance, project_paths.event_logs, dg.RunsFilter(run_ids=run_ids)) if run_ids else ()
    return batch_summary(newest_of_each(runs), {each.job.key: "".join(each.errors) for each in done if not each.run_id})


def _report(
    console: Console,
    project_paths: ProjectPaths,
    done: Sequence[LessonOutcome],
    summary: BatchSummary,
    options: RenderOptions,
) -> int:
    for each in done:
        for error in each.errors:
            console.print(f"\n{each.job.key}: {error}", highlight=False, markup=False, soft_wrap=True)
    if done:
        _print_table(console, summary)
    for each in done:
        if each.film is not None:
            folder = _bundle(project_paths, each, options)
            console.print(f"{each.job.key}: {folder}", highlight=False, markup=False, soft_wrap=True)
        elif each.ending == "success":
            sheet = write_storyboard(project_paths, each.job.key, each.run_id)
            console.print(f"{each.job.key}: {sheet}", highlight=False, markup=False, soft_wrap=True)
    if options.report is not None:
        with as_store_error(f"write the summary to {options.report}"):
            atomic_write(options.report, summary.model_dump_json(indent=2).encode() + b"\n", filesystem=FileSystem())
    if any(each.ending in {"interrupted", "not reached"} for each in done):
        console.print(MESSAGE)
        return INTERRUPTED
    return FAILED if any(each.ending == "failure" for each in done) else MADE


def _print_table(console: Console, summary: BatchSummary) -> None:
    table = Table(title=None, box=None, pad_edge=False)
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading in {"lesson", "result", "bounded by"} else "right")
    for line in summary.lines:
        table.add_row(*cells(line))
    if len(summary.lines) > 1:
        table.add_row(*total_cells(summary.totals))
    wide = console if console.is_terminal else Console(width=_PIPE_WIDTH)
    wide.print(table, markup=False, highlight=False)
    if len(summary.lines) > 1:
        console.print(in_a_sentence(summary), highlight=False, markup=False)


_RESULTS = {"success": "made", "failure": "FAILED", "interrupted": "interrupted", "not reached": "not reached"}
_PIPE_WIDTH = 200
"""In a pipe every lesson stays on one line."""
_MAX_ESTIMATES = 20
"""The estimates of up to this many lessons are printed."""


def _bundle(project_paths: ProjectPaths, done: LessonOutcome, options: RenderOptions) -> Path:
    folder = project_paths.videos / done.job.key
    if options.output is None:
        return folder
    return copy_bundle(folder, options.output / done.job.key)


def _locks(project_paths: ProjectPaths) -> Path:
    return project_paths.run_locks
