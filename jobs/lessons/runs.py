"""Queries about the runs of lessons: which are unfinished, which were lost, what they read, and what they made.

The answers come from Dagster, the store and the films. Does not belong here: decisions that follow from the answers.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import dagster as dg

from jobs.runs.killed_run import KilledRun, killed_run_of
from jobs.runs.tags import KILLED_TAG, TRIGGER_TAG
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
from video_assets.studio.pipeline.refs import manifest_of
from video_assets.studio.storage.store import Store

FILM = dg.AssetKey("final_video")
_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_MAX_RUNS_READ = 20
_RETRY_WITHIN = timedelta(minutes=1)
"""Dagster retries a killed run within seconds after it has noticed it, or never."""
_LOST_SINCE = timedelta(days=1)
_MAX_LOST_RUNS = 200


class Unfinished(NamedTuple):
    """A summary of the runs that have not ended."""

    keys: frozenset[str]
    """The lessons that these runs make. Previews are not included."""
    previewed: frozenset[str]
    """The lessons of which these runs make a preview."""
    requested: int
    """How many of these runs the sensor requested."""


class LostRun(NamedTuple):
    """A run that was lost and has to be replaced, with the reason in words."""

    reason: str
    killed_run: KilledRun


class ArchiveState(NamedTuple):
    """Where the results of earlier runs are."""

    store: Store
    manifests: Path
    videos: Path


def unfinished(instance: dg.DagsterInstance) -> Unfinished:
    """The unfinished runs."""
    runs = instance.get_runs(filters=dg.RunsFilter(statuses=_UNFINISHED))
    partitions = {run.tags.get(PARTITION_NAME_TAG, "") for run in runs}
    return Unfinished(
        keys=frozenset(key for key in partitions if PREVIEW not in key),
        previewed=frozenset(key.partition(PREVIEW)[0] for key in partitions if PREVIEW in key),
        requested=sum(run.tags.get(TRIGGER_TAG) in {"sensor", "catch-up"} for run in runs),
    )


def lost_runs(instance: dg.DagsterInstance, now: datetime) -> dict[str, LostRun]:
    """The lost runs by lesson key: runs that were killed or could not be started, and that Dagster did not replace.

    Dagster tries to replace such a run once. If no code server answers at that moment, it gives up for good. A lesson
    that already had all attempts that run_retries allows is not included, because it probably kills every process that
    makes it.
    """
    filters = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=now - _LOST_SINCE)
    found: dict[str, LostRun] = {}
    for record in instance.get_run_records(filters, limit=_MAX_LOST_RUNS):
        key, reason = record.dagster_run.tags.get(PARTITION_NAME_TAG, PREVIEW), _external_cause(record)
        settled = record.update_timestamp.astimezone(UTC) < now - _RETRY_WITHIN
        if reason and settled and PREVIEW not in key and _is_lost(instance, key, record.dagster_run):
            found[key] = LostRun(reason, killed_run_of(record.dagster_run))
    return found


def _external_cause(record: dg.RunRecord) -> str:
    if record.dagster_run.tags.get(KILLED_TAG) == "true":
        return "its run was killed"
    return "its run could not be started" if record.start_time is None else ""


def _is_lost(instance: dg.DagsterInstance, key: str, run: dg.DagsterRun) -> bool:
    if AUTO_RETRY_RUN_ID_TAG in run.tags or run.tags.get(WILL_RETRY_TAG) == "true":
        return False
    group = instance.get_run_group(run.run_id)
    attempts = len(list(group[1])) if group else 1
    return is_newest(instance, key, run.run_id) and attempts <= instance.run_retries_max_retries


def is_newest(instance: dg.DagsterInstance, key: str, run_id: str) -> bool:
    """Whether no run of the lesson was created after this one."""
    newest = instance.get_runs(dg.RunsFilter(tags={PARTITION_NAME_TAG: key}), limit=1)
    return [each.run_id for each in newest] == [run_id]


def was_accepted(instance: dg.DagsterInstance, run_key: str) -> bool:
    """Whether Dagster made a run for this run key. Only that proves that the tick with the request was committed."""
    return instance.get_runs_count(dg.RunsFilter(tags={RUN_KEY_TAG: run_key})) > 0


def film_is_of(archive: ArchiveState, key: str, content: str) -> bool:
    """Whether a published film exists and was made from this content.

    The bundle's manifest identifies the lesson file. If the lesson names pictures, the stored manifests identify them.
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
        return False  # the source is no longer known; a run makes what is missing and reuses the rest
    return lesson.source == source and content_of(lesson.source, lesson.lesson) == content


def _source_of_film(bundle: Path) -> str:
    try:
        manifest = json.loads((bundle / "manifest.json").read_bytes())
        whole = all((bundle / name).stat().st_size == file["size_bytes"] for name, file in manifest["files"].items())
        return manifest["lesson"]["source_sha256"] if whole else ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""


def last_read_content(instance: dg.DagsterInstance, archive: ArchiveState, key: str) -> str:
    """The content that the newest run of the whole lesson read from the file; empty if it is not known.

    Canceled runs and runs of only some assets do not count, because they leave no film of the content that they read.
    """
    ended = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
    filters = dg.RunsFilter(tags={PARTITION_NAME_TAG: key}, statuses=ended)
    for run in instance.get_runs(filters=filters, limit=_MAX_RUNS_READ):
        if run.asset_selection is None or FILM in run.asset_selection:
            return _content_read_by(instance, archive, key, run)
    return ""


def _content_read_by(instance: dg.DagsterInstance, archive: ArchiveState, key: str, run: dg.DagsterRun) -> str:
    current: dg.DagsterRun | None = run
    while current is not None:
        try:
            manifest = manifest_of(archive.store, archive.manifests, key, "lesson", LessonManifest, current.run_id)
        except StoreError:
            return ""
        if manifest is not None:
            return content_of(manifest.source, manifest.lesson)
        # A resumed run uses the content that its parent run read.
        current = instance.get_run_by_id(current.parent_run_id) if current.parent_run_id else None
    return ""
