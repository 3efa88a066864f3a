"""The sensor on the lessons folder: new and changed lessons become partitions and runs, by their content.

Belongs here: what a tick hands to Dagster, and what it tells people. Does not belong here: what a tick does
(`lesson_tick.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from jobs.render import JOB_NAME
from jobs.runs.killed_run import KilledRun, accepted_config
from jobs.runs.tags import LESSON_TAG, REASON_TAG, TRIGGER_TAG
from video_assets.dagster_internals import PRIORITY_TAG
from video_assets.partitions import LESSONS
from video_assets.project_paths import ProjectPaths, locate_project
from video_assets.studio.core.defects import defect_boundary
from video_assets.studio.core.errors import InternalDefect, StoreError, StudioError

from .tick import RequestedRun, Tick, evaluate_tick
from .tick_instance import instance_of_tick
from .tick_notes import note_tick

INTERVAL_SECONDS = 10
_NAMED = 3
"""So many files a message names; of the rest it tells the count."""
_REASON_CHARACTERS = 100


def lesson_sensor(find_project: Callable[[], ProjectPaths] = locate_project) -> dg.SensorDefinition:
    """The sensor of a checkout, which it looks up at each tick: its settings may have been changed."""

    @dg.sensor(
        name="lesson_sensor",
        job_name=JOB_NAME,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Makes the film of each lesson whose file, or a picture it names, is new or was changed.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        try:
            project_paths = find_project()
            tick = evaluate_tick(instance_of_tick(context), project_paths)
        except StudioError as error:
            return dg.SkipReason(f"Nothing is watched. {error}")
        try:
            with defect_boundary(project_paths.film_index.name):
                note_tick(project_paths, tick)
        except (StoreError, InternalDefect) as error:
            context.log.warning("The list of films is not up to date. %s", error)
        return _result(context, tick)

    return sensor


def _result(context: dg.SensorEvaluationContext, tick: Tick) -> dg.SensorResult:
    requests, defects = _run_requests(context, tick.decided.asked)
    told = tick_message(tick._replace(defects=(*tick.defects, *defects)))
    if requests:
        context.log.info(told)  # else Dagster shows it as the reason of the tick
    partitions: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    if tick.new_partitions:
        partitions.append(LESSONS.build_add_request(list(tick.new_partitions)))
    if tick.retired_partitions:
        partitions.append(LESSONS.build_delete_request(list(tick.retired_partitions)))
    return dg.SensorResult(
        run_requests=requests, skip_reason=None if requests else told, dynamic_partitions_requests=partitions
    )


def _run_requests(
    context: dg.SensorEvaluationContext, asked: Sequence[RequestedRun]
) -> tuple[list[dg.RunRequest], tuple[str, ...]]:
    """The requests, and a message for each lesson whose request met an internal error. It stays pending."""
    requests: list[dg.RunRequest] = []
    defects: list[str] = []
    for each in asked:
        try:
            with defect_boundary(each.wanted.path):
                requests.append(_run_request(context, each))
        except InternalDefect as defect:
            defects.append(str(defect))
    return requests, tuple(defects)


def _run_request(context: dg.SensorEvaluationContext, asked: RequestedRun) -> dg.RunRequest:
    carried = asked.carried
    return dg.RunRequest(
        run_key=asked.request.run_key,
        partition_key=asked.wanted.key,
        run_config=_config(context, carried) if carried else None,
        tags={
            PRIORITY_TAG: _priority(asked),
            **(carried.tags if carried else {}),
            LESSON_TAG: asked.wanted.key,
            TRIGGER_TAG: "catch-up" if asked.wanted.due else "sensor",
            REASON_TAG: asked.wanted.reason[:_REASON_CHARACTERS],
        },
    )


def _config(context: dg.SensorEvaluationContext, carried: KilledRun) -> Mapping[str, Any]:
    """The configuration of a killed run, as far as this version of the job accepts it."""
    assert context.repository_def is not None
    config = accepted_config(context.repository_def.get_job(JOB_NAME), carried)
    if config != carried.run_config:
        taken = "what it chose for the lesson" if config else "nothing of it"
        told = (
            "The configuration of the killed run %s does not fit this version of lessonreel. Its replacement gets %s."
        )
        context.log.warning(told, carried.run_id, taken)
    return config


def _priority(asked: RequestedRun) -> str:
    """What somebody launches by hand goes first; and what only fails, in seconds, so that its author hears of it."""
    if asked.request.fault:
        return "0"
    return "-2" if asked.wanted.due else "-1"


def tick_message(tick: Tick) -> str:
    """What a person reads of a tick."""
    lessons = len({entry.key for entry in tick.remembered.entries.values() if not entry.gone_ticks})
    parts = list(_parts(tick))
    told = "; ".join([_count(lessons, "lesson"), *(parts or ["all known"])])
    return told if told.endswith((".", "?", "!")) else f"{told}."


def _parts(tick: Tick) -> Iterator[str]:
    changes, decided = tick.changes, tick.decided
    yield from _listed("run", [each.wanted.key for each in decided.asked])
    yield from _listed("found made", [each.key for each in decided.found_made])
    if decided.left:
        yield f"{decided.left} more {'waits' if decided.left == 1 else 'wait'} for a place in the queue"
    yield from _listed("a run is under way, looked at again when it ends", changes.held)
    yield from _listed("waiting until still and whole", changes.waiting)
    yield from _listed("retired", tick.retired)
    yield from _listed("partition was deleted, and is there again", _restored(tick))
    yield from _listed("file is gone, partition and film are kept", tick.kept)
    yield from _listed("asked for, but without a file", tick.undue)
    if not tick.listing.files and tick.remembered.entries:
        yield "all files are gone at once, as when a disk is not mounted: nothing is taken for deleted"
    yield from _listed("folders that cannot be read", tick.listing.unreadable)
    yield from _refused(tick)


def _restored(tick: Tick) -> list[str]:
    """Keys whose partition is added for no other reason than that it is missing."""
    wanted = {each.wanted.key for each in tick.decided.asked} | {each.key for each in tick.decided.found_made}
    return [key for key in tick.new_partitions if key not in wanted]


def _refused(tick: Tick) -> Iterator[str]:
    told = [
        *(f"{' and '.join(paths)} have the same key: rename one" for paths in tick.changes.clashes),
        *(f"{path}: the name is not UTF-8: rename it" for path in tick.listing.unnamable),
        *tick.defects,
        *tick.remembered.faults.values(),
        *(each.request.fault for each in tick.decided.asked if each.request.fault),
    ]
    if told:
        yield f"refused: {_some(told, ' | ')}"


def _listed(what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"{what}: {_some(names)}"


def _some(names: Sequence[str], between: str = ", ") -> str:
    more = f"{between}and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return between.join(names[:_NAMED]) + more


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
