"""The sensor on the lessons folder: it adds partitions and requests runs for lessons with new or changed content.

This module converts the result of a tick into Dagster's requests and a message. Does not belong here: the decisions of
a tick (`tick.py`).
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
"""The number of names in a message. Of the others the message gives the count."""
_REASON_CHARACTERS = 100


def lesson_sensor(find_project: Callable[[], ProjectPaths] = locate_project) -> dg.SensorDefinition:
    """The sensor. It calls `find_project` at each tick, because the project's settings may have changed."""

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
    requests, defects = _run_requests(context, tick.decision.requested)
    message = tick_message(tick._replace(defects=(*tick.defects, *defects)))
    if requests:
        context.log.info(message)  # without requests, Dagster shows it as the skip reason
    partitions: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    if tick.new_partitions:
        partitions.append(LESSONS.build_add_request(list(tick.new_partitions)))
    if tick.retired_partitions:
        partitions.append(LESSONS.build_delete_request(list(tick.retired_partitions)))
    return dg.SensorResult(
        run_requests=requests, skip_reason=None if requests else message, dynamic_partitions_requests=partitions
    )


def _run_requests(
    context: dg.SensorEvaluationContext, requested: Sequence[RequestedRun]
) -> tuple[list[dg.RunRequest], tuple[str, ...]]:
    """The requests, and a message for each internal error. A request that failed stays pending."""
    requests: list[dg.RunRequest] = []
    defects: list[str] = []
    for each in requested:
        try:
            with defect_boundary(each.lesson.path):
                requests.append(_run_request(context, each))
        except InternalDefect as defect:
            defects.append(str(defect))
    return requests, tuple(defects)


def _run_request(context: dg.SensorEvaluationContext, requested: RequestedRun) -> dg.RunRequest:
    killed_run = requested.replaces
    return dg.RunRequest(
        run_key=requested.request.run_key,
        partition_key=requested.lesson.key,
        run_config=_config(context, killed_run) if killed_run else None,
        tags={
            PRIORITY_TAG: _priority(requested),
            **(killed_run.tags if killed_run else {}),
            LESSON_TAG: requested.lesson.key,
            TRIGGER_TAG: "catch-up" if requested.lesson.is_requested else "sensor",
            REASON_TAG: requested.lesson.reason[:_REASON_CHARACTERS],
        },
    )


def _config(context: dg.SensorEvaluationContext, killed_run: KilledRun) -> Mapping[str, Any]:
    """The part of the killed run's configuration that this version of the job accepts. Warns if it is not all of it."""
    assert context.repository_def is not None
    config = accepted_config(context.repository_def.get_job(JOB_NAME), killed_run)
    if config != killed_run.run_config:
        kept = "the choices made for the lesson" if config else "no part of it"
        message = (
            "The configuration of the killed run %s does not fit this version of lessonreel. Its replacement gets %s."
        )
        context.log.warning(message, killed_run.run_id, kept)
    return config


def _priority(requested: RequestedRun) -> str:
    """The priority of the run. Runs that users launch have "0". So has a run of an invalid lesson: it fails within
    seconds, and its author soon sees why.
    """
    if requested.request.fault:
        return "0"
    return "-2" if requested.lesson.is_requested else "-1"


def tick_message(tick: Tick) -> str:
    """The message about a tick for users."""
    lessons = len({entry.key for entry in tick.new_index.entries.values() if not entry.gone_ticks})
    parts = list(_parts(tick))
    message = "; ".join([_count(lessons, "lesson"), *(parts or ["all known"])])
    return message if message.endswith((".", "?", "!")) else f"{message}."


def _parts(tick: Tick) -> Iterator[str]:
    changes, decision = tick.changes, tick.decision
    yield from _listed("run", [each.lesson.key for each in decision.requested])
    yield from _listed("found made", [each.key for each in decision.already_made])
    if decision.postponed:
        yield f"{decision.postponed} more {'waits' if decision.postponed == 1 else 'wait'} for a place in the queue"
    yield from _listed("a run is under way, looked at again when it ends", changes.held)
    yield from _listed("waiting until still and whole", changes.waiting)
    yield from _listed("retired", tick.retired)
    yield from _listed("partition was deleted, and is there again", _restored(tick))
    yield from _listed("file is gone, partition and film are kept", tick.kept)
    yield from _listed("requested, but without a file", tick.without_lesson)
    if not tick.listing.files and tick.new_index.entries:
        yield "all files are gone at once, as when a disk is not mounted: no lesson is treated as deleted"
    yield from _listed("folders that cannot be read", tick.listing.unreadable)
    yield from _refused(tick)


def _restored(tick: Tick) -> list[str]:
    """Keys whose partition is added only because it was missing."""
    wanted = {each.lesson.key for each in tick.decision.requested} | {each.key for each in tick.decision.already_made}
    return [key for key in tick.new_partitions if key not in wanted]


def _refused(tick: Tick) -> Iterator[str]:
    message = [
        *(f"{' and '.join(paths)} have the same key: rename one" for paths in tick.changes.clashes),
        *(f"{path}: the name is not UTF-8: rename it" for path in tick.listing.unnamable),
        *tick.defects,
        *tick.new_index.faults.values(),
        *(each.request.fault for each in tick.decision.requested if each.request.fault),
    ]
    if message:
        yield f"refused: {_some(message, ' | ')}"


def _listed(what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"{what}: {_some(names)}"


def _some(names: Sequence[str], between: str = ", ") -> str:
    more = f"{between}and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return between.join(names[:_NAMED]) + more


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
