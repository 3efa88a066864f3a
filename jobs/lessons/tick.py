"""One tick of the lesson sensor: reads the index, the lessons folder and earlier runs, and decides what to request.

A request stays in the index as pending until Dagster has a run with its run key. So no cursor has to agree with the
index. If a tick is lost at any point, the next tick repeats the request with the same run key, and Dagster makes one
run for each key.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import NamedTuple

import dagster as dg

from jobs.runs.killed_run import KilledRun
from resources.lesson_check import LessonCheck
from resources.listing import Listed, Listing, list_lessons, signature_of
from video_assets.partitions import LESSONS, PREVIEW, lesson_key
from video_assets.project_paths import ProjectPaths
from video_assets.studio.core.defects import defect_boundary
from video_assets.studio.core.errors import InternalDefect, StoreError
from video_assets.studio.core.lesson_keys import lesson_of
from video_assets.studio.film import bundle
from video_assets.studio.lesson.files import named_path
from video_assets.studio.lesson.project import read_project
from video_assets.studio.storage.locks import file_lock
from video_assets.studio.storage.store import LocalStore

from .changes import Changes, DueLesson, Entries, KnownFile, keys_without_file, lesson_changes, update_entries
from .contents import faults_in_words, read_entry
from .index import Index, Request, load_index, save_index
from .render_requests import acknowledge, read_requests
from .runs import (
    ArchiveState,
    Unfinished,
    film_is_of,
    is_newest,
    last_read_content,
    lost_runs,
    unfinished,
    was_accepted,
)

READING_SECONDS = 1.0
DECIDING_SECONDS = 1.0
"""How long one tick may read files, and how long it may decide. The rest waits for the next tick. Dagster ends a tick
after 60 s.
"""
MOST_PER_TICK = 50
MOST_UNFINISHED = 100
"""The limit on unfinished runs of the sensor, so that a folder of ten thousand new lessons does not fill the queue."""


class TickInputs(NamedTuple):
    """What a tick reads from."""

    instance: dg.DagsterInstance
    project_paths: ProjectPaths
    archive: ArchiveState
    retiring: bool
    """Whether the film of a deleted lesson is moved to the archive."""


class RequestedRun(NamedTuple):
    """A lesson whose run is requested, and the request as the index keeps it."""

    lesson: DueLesson
    request: Request
    replaces: KilledRun | None = None
    """The killed run that it replaces."""


class TickDecision(NamedTuple):
    """What this tick does with the due lessons."""

    requested: tuple[RequestedRun, ...] = ()
    already_made: tuple[DueLesson, ...] = ()
    postponed: int = 0
    """How many due lessons wait for a place in the queue, or for the next tick."""


class Tick(NamedTuple):
    """What a tick found, and what it hands to Dagster."""

    listing: Listing
    new_index: Index
    changes: Changes
    decision: TickDecision
    new_partitions: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    """Lessons whose films are archived."""
    retired_partitions: tuple[str, ...] = ()
    """The existing partitions of the retired lessons and of their previews."""
    without_lesson: tuple[str, ...] = ()
    """Keys that were requested but have no file."""
    kept: tuple[str, ...] = ()
    """Keys whose file is gone, and whose partition and film are kept."""
    defects: tuple[str, ...] = ()
    """Messages about internal errors, one for each lesson. The next tick tries that lesson again."""


_NO_RUNS = Unfinished(frozenset(), frozenset(), 0)


def evaluate_tick(instance: dg.DagsterInstance, project_paths: ProjectPaths) -> Tick:
    """Read the folder, save the index, archive the films of deleted lessons, and decide which runs to request.

    Raises SettingInvalid if the project file is wrong, and StoreError if the folder cannot be read or the index cannot
    be saved. In these cases the index is unchanged.
    """
    retiring = read_project(project_paths.project_file).archive.deleted == "retire"
    # The project file may change during the tick. The folder must not.
    project_paths = project_paths._replace(lessons_elsewhere=project_paths.lessons)
    archive = ArchiveState(LocalStore(project_paths.store), project_paths.manifests, project_paths.videos)
    inputs = TickInputs(instance, project_paths, archive, retiring)
    # One tick at a time: Dagster may have given up on a tick that still runs, or a user may test the sensor in the UI.
    with file_lock(project_paths.watched.with_suffix(".lock")):
        listing = list_lessons(project_paths.lessons)
        if "." in listing.unreadable:
            raise StoreError(
                "The folder of lessons is not there, or cannot be read.",
                remedy="Mount its disk, or correct [archive] lessons in data/project.toml. "
                "No lesson is treated as deleted.",
            )
        before = load_index(project_paths.watched)
        pending = read_requests(project_paths.state)
        killed = lost_runs(instance, datetime.now(UTC))
        reasons = {**{key: run.reason for key, run in killed.items()}, **pending.reasons}
        index = before or Index({}, {})
        index = index._replace(carried={**index.carried, **{key: run.killed_run for key, run in killed.items()}})
        tick = _tick(inputs, index, listing, reasons)
        tick = _move_films(project_paths, tick)
        if tick.new_index != before:
            save_index(project_paths.watched, tick.new_index)
        acknowledge(pending.files)
    return tick


def _tick(inputs: TickInputs, index: Index, listing: Listing, reasons: Mapping[str, str]) -> Tick:
    index = _drop_superseded(inputs.instance, _settle_pending(inputs.instance, index))
    listing, unkeyed = _check_keys(listing, index.entries)
    entries = _read_entries(inputs, _update_entries(inputs, index.entries, listing))
    keys = {entry.key for entry in entries.values()}
    due = {key: reason for key, reason in {**index.due, **reasons}.items() if key in keys}
    deleted = keys_without_file(entries, index.known) if inputs.retiring else ()
    changes, unfinished_runs = _find_changes(inputs, entries, index.known, due, need_runs=bool(deleted))
    decision = _decide(inputs, changes.due, index, unfinished_runs)
    deleted = tuple(key for key in deleted if key not in unfinished_runs.keys | unfinished_runs.previewed)
    existing = frozenset(inputs.instance.get_dynamic_partitions(str(LESSONS.name)))
    new = _missing_partitions(existing, entries, decision, index.known)
    retired = tuple(sorted(key for key in existing if key.partition(PREVIEW)[0] in deleted))
    vanished = frozenset(deleted) - {key.partition(PREVIEW)[0] for key in retired}
    made = {lesson.key: lesson.content for lesson in decision.already_made}
    known = {key: content for key, content in {**index.known, **made}.items() if key not in vanished}
    after = Index(
        entries=entries,
        # Until its partition is gone, a retired lesson is kept without content: if its file returns, it counts as new.
        known={**known, **dict.fromkeys((key for key in deleted if key in known), "")},
        pending=tuple(each.request for each in decision.requested),
        due=due,
        carried=index.carried,
        faults={key: fault for key, fault in index.faults.items() if key in keys and key not in made},
    )
    return Tick(
        listing,
        after,
        changes,
        decision,
        new_partitions=new,
        retired=deleted,
        retired_partitions=retired,
        without_lesson=tuple(sorted(set(reasons) - keys)),
        kept=() if inputs.retiring else _kept(inputs.project_paths, existing, keys),
        defects=unkeyed,
    )


def _settle_pending(instance: dg.DagsterInstance, index: Index) -> Index:
    """The index without the pending requests that Dagster made a run of. The others stay pending."""
    accepted = {request.key: request for request in index.pending if was_accepted(instance, request.run_key)}
    if not accepted:
        return index
    faults = {**index.faults, **{key: request.fault for key, request in accepted.items()}}
    return index._replace(
        known={**index.known, **{key: request.content for key, request in accepted.items()}},
        pending=tuple(request for request in index.pending if request.key not in accepted),
        due={key: reason for key, reason in index.due.items() if key not in accepted},
        faults={key: fault for key, fault in faults.items() if fault},
    )


def _drop_superseded(instance: dg.DagsterInstance, index: Index) -> Index:
    """The index without the killed runs of lessons that have a newer run, because newer choices win."""
    carried = {key: each for key, each in index.carried.items() if is_newest(instance, key, each.run_id)}
    return index if carried == index.carried else index._replace(carried=carried)


def _check_keys(listing: Listing, entries: Entries) -> tuple[Listing, tuple[str, ...]]:
    """The listing without new files whose key raises an internal error, and a message for each of these files."""
    files: list[Listed] = []
    defects: list[str] = []
    for listed in listing.files:
        try:
            with defect_boundary(listed.path):
                if listed.path not in entries:
                    _key_of(listed.path)
        except InternalDefect as defect:
            defects.append(str(defect))
        else:
            files.append(listed)
    return listing._replace(files=tuple(files)), tuple(defects)


def _key_of(path: str) -> str:
    return lesson_key(PurePosixPath(path))


def _update_entries(inputs: TickInputs, entries: Entries, listing: Listing) -> Entries:
    folder = inputs.project_paths.lessons
    return update_entries(
        entries,
        listing,
        key_of=_key_of,
        sign=lambda path, name: signature_of(named_path((folder / path).parent, name)),
    )


def _read_entries(inputs: TickInputs, entries: Entries) -> dict[str, KnownFile]:
    read = dict(entries)
    is_over = _deadline(READING_SECONDS)
    for path, entry in entries.items():
        if entry.may_be_read:
            read[path] = read_entry(inputs.project_paths.lessons, path, entry)
            if is_over():
                break
    return read


def _find_changes(
    inputs: TickInputs, entries: Entries, known: Mapping[str, str], due: Mapping[str, str], *, need_runs: bool
) -> tuple[Changes, Unfinished]:
    """The changes, and the unfinished runs. Dagster is queried only if a lesson is due or `need_runs` is set."""
    changes = lesson_changes(entries, known, (), due)
    if not changes.due and not need_runs:
        return changes, _NO_RUNS
    unfinished_runs = unfinished(inputs.instance)
    return lesson_changes(entries, known, unfinished_runs.keys, due), unfinished_runs


def _decide(inputs: TickInputs, wanted: Sequence[DueLesson], index: Index, unfinished_runs: Unfinished) -> TickDecision:
    requested: list[RequestedRun] = []
    made: list[DueLesson] = []
    room = min(MOST_PER_TICK, MOST_UNFINISHED - unfinished_runs.requested)
    is_over = _deadline(DECIDING_SECONDS)
    for each in wanted:
        carried = index.carried.get(each.key)
        is_made, defect = (False, "") if carried else _check_made(inputs, each, index.known)
        if is_made:
            made.append(each)
        elif len(requested) < room:
            requested.append(RequestedRun(each, _request(inputs, each, index.pending, defect), carried))
        else:
            break
        if is_over():
            break
    return TickDecision(tuple(requested), tuple(made), len(wanted) - len(requested) - len(made))


def _check_made(inputs: TickInputs, lesson: DueLesson, known: Mapping[str, str]) -> tuple[bool, str]:
    """Whether the film is already made. After an internal error it counts as not made. Its message is returned, too."""
    try:
        with defect_boundary(lesson.path):
            return _is_made(inputs, lesson, known), ""
    except InternalDefect as defect:
        return False, str(defect)


def _is_made(inputs: TickInputs, lesson: DueLesson, known: Mapping[str, str]) -> bool:
    """Whether a run has already read this content.

    It may have waited in the queue while the file was edited, or the command may have executed it. For a lesson that
    is not in the index, it is the run that made the film.
    """
    if lesson.is_requested:
        return False
    if known.get(lesson.key):
        return last_read_content(inputs.instance, inputs.archive, lesson.key) == lesson.content
    return film_is_of(inputs.archive, lesson.key, lesson.content)


def _request(inputs: TickInputs, lesson: DueLesson, pending: Collection[Request], defect: str) -> Request:
    """The pending request of this content, or else a new one, with the lesson's faults or the internal error `defect`.

    Every new request has a new run key. Dagster makes only one run for each key, even if that run failed, and a file
    that is changed back must run again.
    """
    for request in pending:
        if (request.key, request.content) == (lesson.key, lesson.content):
            return request
    run_key = f"{lesson.key}:{lesson.content[:16]}:{secrets.token_hex(4)}"
    fault = faults_in_words(LessonCheck(inputs.project_paths), inputs.project_paths.lessons, lesson.path, lesson.key)
    return Request(lesson.key, lesson.content, run_key, fault or defect)


def _missing_partitions(
    existing: Collection[str], entries: Entries, decision: TickDecision, known: Mapping[str, str]
) -> tuple[str, ...]:
    """Partitions to add: those of new lessons, and those that were deleted although their file exists.

    A deleted partition is only added again. It does not cause a run.
    """
    wanted = [*(each.lesson.key for each in decision.requested), *(each.key for each in decision.already_made)]
    lost = sorted(entry.key for entry in entries.values() if known.get(entry.key) and not entry.gone_ticks)
    return tuple(key for key in dict.fromkeys([*wanted, *lost]) if key not in existing)


def _kept(project_paths: ProjectPaths, existing: Collection[str], keys: Collection[str]) -> tuple[str, ...]:
    """Lessons with a partition whose file is gone, except previews and lessons whose file is outside the folder."""
    without = (key for key in existing if PREVIEW not in key and key not in keys)
    return tuple(sorted(key for key in without if not (project_paths.register / f"{key}.json").exists()))


def _move_films(project_paths: ProjectPaths, tick: Tick) -> Tick:
    """The tick after the films of requested lessons are restored and those of retired lessons archived.

    After an internal error the lesson's partitions stay, so that the next tick tries again.
    """
    moves = [(each.request.key, bundle.restore) for each in tick.decision.requested]
    moves += [(key, bundle.archive) for key in (*tick.retired, *tick.retired_partitions)]
    defects: dict[str, str] = {}
    for key, move in moves:
        try:
            with defect_boundary(key):
                move(project_paths.videos, key)
        except InternalDefect as defect:
            defects[lesson_of(key)] = str(defect)
    return tick._replace(
        retired=tuple(key for key in tick.retired if key not in defects),
        retired_partitions=tuple(key for key in tick.retired_partitions if lesson_of(key) not in defects),
        defects=(*tick.defects, *defects.values()),
    )


def _deadline(seconds: float) -> Callable[[], bool]:
    due = time.monotonic() + seconds
    return lambda: time.monotonic() > due
