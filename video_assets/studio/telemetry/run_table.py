"""Runs as a flat table: a row per run and stage, for pandas, a spreadsheet or a database.

Does not belong here: the files (`cli/stats_files.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from .run_statistics import RunStatistics, StageFigures

Kind = Literal["text", "integer", "number", "truth", "time"]
Cell = str | int | float | bool | None

_RUN_COLUMNS: dict[str, Kind] = {
    "run_id": "text",
    "lesson": "text",
    "outcome": "text",
    "trigger": "text",
    "backfill": "text",
    "run_started_at": "time",
    "run_queued_seconds": "number",
    "run_wall_seconds": "number",
    "run_film_seconds": "number",
    "run_speed": "number",
    "run_target_percent": "number",
    "run_target": "text",
    "run_bounded_by": "text",
    "run_processor_share": "number",
    "run_slots_share": "number",
    "run_orchestration_share": "number",
    "run_idle_cores_share": "number",
}
_STAGE_COLUMNS: dict[str, Kind] = {
    "stage": "text",
    "stage_ended": "text",
    "attempts": "integer",
    "untold_attempts": "integer",
    "sections_total": "integer",
    "sections_made": "integer",
    "sections_reused": "integer",
    "sections_failed": "integer",
    "made_anything": "truth",
    "stage_seconds": "number",
    "stage_cpu_seconds": "number",
    "stage_memory_bytes": "integer",
    "stage_waited_seconds": "number",
    "cores": "integer",
    "speech_seconds": "number",
    "video_seconds": "number",
    "film_seconds": "number",
    "lips_frames_computed": "integer",
    "lips_seconds": "number",
    "why": "text",
}
COLUMNS: dict[str, Kind] = {**_RUN_COLUMNS, **_STAGE_COLUMNS}
"""Name and kind, in order. The figures of a run are repeated in each of its rows: sum only the figures of stages, or
one row per run. A `time` is in Unix seconds.
"""


def rows_of(runs: Iterable[RunStatistics]) -> Iterator[dict[str, Cell]]:
    """A row for each stage of each run; a run without stages has one row without a stage's figures."""
    for run in runs:
        head = _of_run(run)
        for stage in run.stages or (None,):
            yield {**head, **_of_stage(run, stage)}


def _of_run(run: RunStatistics) -> dict[str, Cell]:
    bound = run.bound
    return {
        "run_id": run.run_id,
        "lesson": run.lesson,
        "outcome": run.outcome,
        "trigger": run.trigger or None,
        "backfill": run.backfill or None,
        "run_started_at": run.started_unix_seconds,
        "run_queued_seconds": run.queued_seconds,
        "run_wall_seconds": run.wall_seconds,
        "run_film_seconds": run.film_seconds,
        "run_speed": run.speed,
        "run_target_percent": run.target_percent,
        "run_target": run.target,
        "run_bounded_by": bound.by if bound else None,
        "run_processor_share": bound.processor if bound else None,
        "run_slots_share": bound.slots if bound else None,
        "run_orchestration_share": bound.orchestration if bound else None,
        "run_idle_cores_share": bound.idle_cores if bound else None,
    }


def _of_stage(run: RunStatistics, stage: StageFigures | None) -> dict[str, Cell]:
    if stage is None:
        return {**dict.fromkeys(_STAGE_COLUMNS), "why": "\n".join(why.reason for why in run.failures) or None}
    why = [
        f"{each.section}: {each.reason}" if each.section else each.reason
        for each in run.failures
        if each.stage in {stage.stage, ""}
    ]
    return {
        "stage": stage.stage,
        "stage_ended": stage.ended or None,
        "attempts": stage.attempts,
        "untold_attempts": stage.untold,
        "sections_total": stage.total,
        **{f"sections_{outcome}": count for outcome, count in stage.counts.items()},
        "made_anything": stage.made_anything,
        "stage_seconds": stage.seconds,
        "stage_cpu_seconds": stage.cpu_seconds,
        "stage_memory_bytes": stage.memory_bytes,
        "stage_waited_seconds": stage.waited_seconds,
        "cores": stage.cores,
        "speech_seconds": stage.figures.get("speech_seconds"),
        "video_seconds": stage.figures.get("video_seconds"),
        "film_seconds": stage.figures.get("film_seconds"),
        "lips_frames_computed": _whole(stage.figures.get("lips_frames_computed")),
        "lips_seconds": stage.figures.get("lips_seconds"),
        "why": "\n".join(why) or None,
    }


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
