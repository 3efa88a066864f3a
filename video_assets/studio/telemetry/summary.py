"""Statistics of many runs (an archive, a batch of lessons): totals, a line per lesson, and both as table cells.

Does not belong here: plots (`video_assets/plots.py`), or files (`cli`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from video_assets.studio.core.quantities import format_size
from video_assets.studio.core.values import FrozenModel

from .run_statistics import Bottleneck, FailureReason, Outcome, RunStatistics, first_line, most_of, speed_of, total_of


class Totals(FrozenModel):
    """Totals of runs. A sum is over the runs that have the figure; None if none has it."""

    runs: int
    lessons: int
    outcomes: dict[str, int]
    """Runs by outcome."""
    sections_made: int
    sections_reused: int
    sections_failed: int
    speech_seconds: float | None
    video_seconds: float | None
    film_seconds: float | None
    wall_seconds: float | None
    """Of all runs; parallel runs count separately."""
    stage_seconds: dict[str, float]
    cpu_seconds: float | None
    waited_seconds: float | None
    memory_bytes: int | None
    """The maximum of all steps."""
    speed: float | None
    """Seconds of film per wall second, over the runs that have both."""
    runs_tried_again: int
    """Runs with a step that had more than one attempt."""


def totals_of(runs: Sequence[RunStatistics]) -> Totals:
    """Many runs in one row."""
    outcomes: dict[str, int] = {}
    for run in runs:
        outcomes[run.outcome] = outcomes.get(run.outcome, 0) + 1
    seconds: dict[str, float] = {}
    for stage in (stage for run in runs for stage in run.stages):
        if stage.seconds is not None:
            seconds[stage.stage] = round(seconds.get(stage.stage, 0.0) + stage.seconds, 3)
    return Totals(
        runs=len(runs),
        lessons=len({run.lesson for run in runs}),
        outcomes=outcomes,
        sections_made=sum(run.sections("made") for run in runs),
        sections_reused=sum(run.sections("reused") for run in runs),
        sections_failed=sum(run.sections("failed") for run in runs),
        speech_seconds=total_of(run.speech_seconds for run in runs),
        video_seconds=total_of(run.video_seconds for run in runs),
        film_seconds=total_of(run.film_seconds for run in runs),
        wall_seconds=total_of(run.wall_seconds for run in runs),
        stage_seconds=seconds,
        cpu_seconds=total_of(run.cpu_seconds for run in runs),
        waited_seconds=total_of(run.waited_seconds for run in runs),
        memory_bytes=most_of(run.memory_bytes for run in runs),
        speed=speed_of(runs),
        runs_tried_again=sum((run.attempts or 1) > 1 for run in runs),
    )


def newest_of_each(runs: Iterable[RunStatistics]) -> tuple[RunStatistics, ...]:
    """The newest run of each lesson, by lesson.

    A run that waits to start is newer than all others. The time of a run that ended before it started is its end, so
    its re-execution is newer.
    """
    newest: dict[str, RunStatistics] = {}
    for run in runs:
        known = newest.get(run.lesson)
        if known is None or _begun(run) >= _begun(known):
            newest[run.lesson] = run
    return tuple(newest[lesson] for lesson in sorted(newest))


def _begun(run: RunStatistics) -> float:
    begun = run.started_unix_seconds if run.started_unix_seconds is not None else run.ended_unix_seconds
    return float("inf") if begun is None else begun


class LessonLine(FrozenModel):
    """A lesson in a summary, with the result of its run."""

    lesson: str
    run_id: str
    outcome: Outcome
    made: int
    reused: int
    failed: int
    film_seconds: float | None
    wall_seconds: float | None
    speed: float | None
    cpu_seconds: float | None
    memory_bytes: int | None
    bound: Bottleneck | None
    why: tuple[FailureReason, ...]


class BatchSummary(FrozenModel):
    """The results of several lessons: a line for each, and the totals."""

    lessons_made: int
    lessons_unchanged: int
    lessons_failed: int
    lessons_interrupted: int
    """Cancelled, or not ended yet."""
    lessons_not_reached: int
    totals: Totals
    lines: tuple[LessonLine, ...]


def batch_summary(runs: Sequence[RunStatistics], not_reached: Mapping[str, str] | None = None) -> BatchSummary:
    """The summary of one run per lesson, and of lessons without a run, each with its reason (may be empty)."""
    lines = [*map(_line, runs), *(_unreached(lesson, why) for lesson, why in (not_reached or {}).items())]
    counts = {outcome: sum(line.outcome == outcome for line in lines) for outcome in {line.outcome for line in lines}}
    return BatchSummary(
        lessons_made=counts.get("made", 0),
        lessons_unchanged=counts.get("unchanged", 0),
        lessons_failed=counts.get("failed", 0),
        lessons_interrupted=counts.get("interrupted", 0) + counts.get("unfinished", 0),
        lessons_not_reached=counts.get("not reached", 0),
        totals=totals_of(runs),
        lines=tuple(lines),
    )


def _line(run: RunStatistics) -> LessonLine:
    return LessonLine(
        lesson=run.lesson,
        run_id=run.run_id,
        outcome=run.outcome,
        made=run.sections("made"),
        reused=run.sections("reused"),
        failed=run.sections("failed"),
        film_seconds=run.film_seconds,
        wall_seconds=run.wall_seconds,
        speed=run.speed,
        cpu_seconds=run.cpu_seconds,
        memory_bytes=run.memory_bytes,
        bound=run.bound,
        why=run.failures,
    )


def _unreached(lesson: str, why: str) -> LessonLine:
    reasons = (FailureReason(stage="", section="", reason=first_line(why)),) if why else ()
    return LessonLine(
        lesson=lesson,
        run_id="",
        outcome="not reached",
        made=0,
        reused=0,
        failed=0,
        film_seconds=None,
        wall_seconds=None,
        speed=None,
        cpu_seconds=None,
        memory_bytes=None,
        bound=None,
        why=reasons,
    )


UNUSED_CORES = "cores not used by the run"
"""A note on the share `idle cores`: other programs may have used them."""

HEADINGS = (
    "lesson",
    "result",
    "made",
    "reused",
    "failed",
    "film",
    "wall",
    "speed",
    "processor",
    "memory",
    "bounded by",
)
"""Of `cells`."""


def cells(line: LessonLine) -> tuple[str, ...]:
    """A line as text, a cell per heading; an unknown figure is empty."""
    return (
        line.lesson,
        "FAILED" if line.outcome == "failed" else line.outcome,
        *map(str, (line.made, line.reused, line.failed)),
        _unit(line.film_seconds, "s"),
        _unit(line.wall_seconds, "s"),
        _unit(line.speed, "x", ""),
        _unit(line.cpu_seconds, "s"),
        "" if line.memory_bytes is None else format_size(line.memory_bytes),
        _bound(line.bound),
    )


def total_cells(totals: Totals) -> tuple[str, ...]:
    """The totals, a cell per heading."""
    return (
        f"{totals.lessons} lessons" if totals.lessons != 1 else "1 lesson",
        "",
        *map(str, (totals.sections_made, totals.sections_reused, totals.sections_failed)),
        _unit(totals.film_seconds, "s"),
        _unit(totals.wall_seconds, "s"),
        _unit(totals.speed, "x", ""),
        _unit(totals.cpu_seconds, "s"),
        "" if totals.memory_bytes is None else format_size(totals.memory_bytes),
        "",
    )


def reasons(line: LessonLine) -> tuple[str, ...]:
    """Why a lesson failed, a line per section."""
    return tuple(": ".join(part for part in (why.stage, why.section, why.reason) if part) for why in line.why)


def in_a_sentence(summary: BatchSummary) -> str:
    """The number of lessons by result."""
    parts = [
        f"{count} {word}"
        for count, word in (
            (summary.lessons_made, "made"),
            (summary.lessons_unchanged, "unchanged"),
            (summary.lessons_failed, "failed"),
            (summary.lessons_interrupted, "interrupted"),
            (summary.lessons_not_reached, "not reached"),
        )
        if count
    ]
    lessons = f"{len(summary.lines)} lesson" + "s" * (len(summary.lines) != 1)
    return f"{lessons}: {', '.join(parts) or 'none'}."


def _unit(value: float | None, unit: str, space: str = " ") -> str:
    return "" if value is None else f"{value:.1f}{space}{unit}"


def _bound(bound: Bottleneck | None) -> str:
    if bound is None:
        return ""
    if bound.by == "idle cores":
        return f"{UNUSED_CORES} {bound.idle_cores:.0%}"
    return f"{bound.by} {getattr(bound, bound.by):.0%}"
