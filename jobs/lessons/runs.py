"""What runs are at work on lessons, and what earlier ones took and made: asked of Dagster, the store and the films.

Belongs here: evidence. Does not belong here: what follows from it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import dagster as dg

from jobs.runs.killed_run import KilledRun, killed_run_of
from jobs.runs.tags import KILLED_TAG, TRIGGER_TAG
from resources.store import manifest_of
from video_assets.dagster_internals import AUTO_RETRY_RUN_ID_TAG, PARTITION_NAME_TAG, RUN_KEY_TAG, WILL_RETRY_TAG
from video_assets.partitions import PREVIEW
from video_assets.studio.core.errors import StoreError
from video_assets.studio.lesson.content import content_digest, content_of
from video_assets.studio.pipeline.manifests import (
    ClipManifest,
    FilmManifest,
    LessonManifest,
    read_manifest,
    read_sources,
)
from video_assets.studio.storage.store import Store

FILM = dg.AssetKey("final_video")
_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_LOOKED_AT = 20
_RETRY_WITHIN = timedelta(minutes=1)
"""Dagster retries a killed run within seconds of noticing it, or never."""
_LOST_SINCE = timedelta(days=1)
_LOST_AT_MOST = 200


class Unfinished(NamedTuple):
    """Runs that have not ended."""

    keys: frozenset[str]
    """Lessons that they make; not those of which they make a preview."""
    previewed: frozenset[str]
    asked: int
    """How many of them the sensor asked for."""


class Lost(NamedTuple):
    """A killed run that has to be replaced."""

    reason: str
    carried: KilledRun


class ArchiveState(NamedTuple):
    """Where earlier runs left what they made."""

    store: Store
    manifests: Path
    videos: Path


def unfinished(instance: dg.DagsterInstance) -> Unfinished:
    """The runs under way."""
    runs = instance.get_runs(filters=dg.RunsFilter(statuses=_UNFINISHED))
    partitions = {run.tags.get(PARTITION_NAME_TAG, "") for run in runs}
    return Unfinished(
        keys=frozenset(key for key in partitions if PREVIEW not in key),
        previewed=frozenset(key.partition(PREVIEW)[0] for key in partitions if PREVIEW in key),
        asked=sum(run.tags.get(TRIGGER_TAG) in {"sensor", "catch-up"} for run in runs),
    )


def lost(instance: dg.DagsterInstance, now: datetime) -> dict[str, Lost]:
    """Lessons whose run was killed, or could not be started, and for which Dagster made no other though it should have,
    by key.

    Dagster tries that once; if there is no code server in that moment (killed as well, say) it gives up for good. A
    lesson that was tried as often as run_retries allows is left alone: it kills whatever makes it.
    """
    filters = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=now - _LOST_SINCE)
    found: dict[str, Lost] = {}
    for record in instance.get_run_records(filters, limit=_LOST_AT_MOST):
        key, reason = record.dagster_run.tags.get(PARTITION_NAME_TAG, PREVIEW), _nobodys_fault(record)
        settled = record.update_timestamp.astimezone(UTC) < now - _RETRY_WITHIN
        if reason and settled and PREVIEW not in key and _is_lost(instance, key, record.dagster_run):
            found[key] = Lost(reason, killed_run_of(record.dagster_run))
    return found


def _nobodys_fault(record: dg.RunRecord) -> str:
    if record.dagster_run.tags.get(KILLED_TAG) == "true":
        return "its run was killed"
    return "its run could not be started" if record.start_time is None else ""


def _is_lost(instance: dg.DagsterInstance, key: str, run: dg.DagsterRun) -> bool:
    if AUTO_RETRY_RUN_ID_TAG in run.tags or run.tags.get(WILL_RETRY_TAG) == "true":
        return False
    group = instance.get_run_group(run.run_id)
    tried = len(list(group[1])) if group else 1
    return is_newest(instance, key, run.run_id) and tried <= instance.run_retries_max_retries


def is_newest(instance: dg.DagsterInstance, key: str, run_id: str) -> bool:
    """Whether no run of the lesson was made after this one."""
    newest = instance.get_runs(dg.RunsFilter(tags={PARTITION_NAME_TAG: key}), limit=1)
    return [each.run_id for each in newest] == [run_id]


def was_taken(instance: dg.DagsterInstance, run_key: str) -> bool:
    """Whether Dagster made the run that was requested under this key: the one proof that a tick was committed."""
    return instance.get_runs_count(dg.RunsFilter(tags={RUN_KEY_TAG: run_key})) > 0


def film_is_of(archive: ArchiveState, key: str, content: str) -> bool:
    """Whether the published film was made from this content, and is there.

    The bundle's own record tells the lesson's file; for the pictures of a lesson that names some, the manifests do.
    """
    source = _source_of_film(archive.videos / key)
    if not source:
        return False
    if content_digest(source, ()) == content:
        return True
    try:
        film = manifest_of(archive.store, archive.manifests, key, "final_video", FilmManifest)
        if film is None:
            return False
        lesson = read_sources(read_manifest(archive.store, ClipManifest, film.clips), archive.store).lesson
    except StoreError:
        return False  # it cannot be told any more; a run makes what is missing and reuses the rest
    return lesson.source == source and content_of(lesson.source, lesson.lesson) == content


def _source_of_film(bundle: Path) -> str:
    try:
        told = json.loads((bundle / "manifest.json").read_bytes())
        whole = all((bundle / name).stat().st_size == file["size_bytes"] for name, file in told["files"].items())
        return told["lesson"]["source_sha256"] if whole else ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""


def last_taken(instance: dg.DagsterInstance, archive: ArchiveState, key: str) -> str:
    """The content that the newest run of the whole lesson took when it read the file; empty if that cannot be told.

    A run that somebody cancelled does not count, nor one of some assets only: they leave no film of what they took.
    """
    ended = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
    filters = dg.RunsFilter(tags={PARTITION_NAME_TAG: key}, statuses=ended)
    for run in instance.get_runs(filters=filters, limit=_LOOKED_AT):
        if run.asset_selection is None or FILM in run.asset_selection:
            return _taken_by(instance, archive, key, run)
    return ""


def _taken_by(instance: dg.DagsterInstance, archive: ArchiveState, key: str, run: dg.DagsterRun) -> str:
    current: dg.DagsterRun | None = run
    while current is not None:
        try:
            taken = manifest_of(archive.store, archive.manifests, key, "lesson", LessonManifest, current.run_id)
        except StoreError:
            return ""
        if taken is not None:
            return content_of(taken.source, taken.lesson)
        # A run that was resumed reads what the run it resumes took.
        current = instance.get_run_by_id(current.parent_run_id) if current.parent_run_id else None
    return ""
