"""One look of the sensor: from what is remembered, what lies in the folder and what runs have made, to what is asked.

What was requested stays in the index as pending until Dagster is seen to have made the run. So there is no cursor to
keep in step: a tick that is lost anywhere on the way asks again, under the same run key, and Dagster makes one run of
each key. Belongs here: the order of things in a tick. Does not belong here: what needs a run (`lesson_changes.py`),
evidence (`lesson_runs.py`), words (`lesson_sensor.py`).
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
from video_assets.studio.lesson.project import read_project
from video_assets.studio.storage.locks import file_lock
from video_assets.studio.storage.store import LocalStore

from .changes import Changes, DueLesson, Entries, KnownFile, followed, lesson_changes, without_file
from .contents import faults_in_words, read_entry
from .index import Index, Request, load_index, save_index
from .render_requests import acknowledge, read_requests
from .runs import ArchiveState, Unfinished, film_is_of, is_newest, last_taken, lost, unfinished, was_taken

READING_SECONDS = 1.0
DECIDING_SECONDS = 1.0
"""A tick's time for each; what is left waits for the next. Dagster gives up on a tick after 60 s."""
MOST_PER_TICK = 50
MOST_UNFINISHED = 100
"""Of the sensor's runs, so that a folder of ten thousand new lessons does not fill the queue."""


class TickInputs(NamedTuple):
    """What a tick asks."""

    instance: dg.DagsterInstance
    project_paths: ProjectPaths
    archive: ArchiveState
    retiring: bool
    """Whether the film of a deleted lesson is put away."""


class RequestedRun(NamedTuple):
    """A lesson that is to be run, and the request that is remembered of it."""

    wanted: DueLesson
    request: Request
    carried: KilledRun | None = None
    """The killed run that it replaces."""


class TickDecision(NamedTuple):
    """What becomes of the wanted lessons in this tick."""

    asked: tuple[RequestedRun, ...] = ()
    found_made: tuple[DueLesson, ...] = ()
    left: int = 0
    """So many wait for a place in the queue, or for the next tick."""


class Tick(NamedTuple):
    """What a tick saw, and what is to be done."""

    listing: Listing
    remembered: Index
    changes: Changes
    decided: TickDecision
    new_partitions: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    """Lessons whose films are put away."""
    retired_partitions: tuple[str, ...] = ()
    """Theirs, and those of their previews, as far as there are any."""
    undue: tuple[str, ...] = ()
    """Keys that were asked for and have no file."""
    kept: tuple[str, ...] = ()
    """Keys whose file is gone, and whose partition and film are kept."""
    defects: tuple[str, ...] = ()
    """Internal errors that kept something of a lesson from being done, a message for each lesson. It is tried again
    in the next tick.
    """


_NOBODY = Unfinished(frozenset(), frozenset(), 0)


def evaluate_tick(instance: dg.DagsterInstance, project_paths: ProjectPaths) -> Tick:
    """Look at the folder, remember what was seen, put the films of deleted lessons away, and say what is to be run.

    Raises SettingInvalid if the project file is wrong, StoreError if the folder cannot be looked into, or nothing can
    be remembered; then nothing has happened.
    """
    retiring = read_project(project_paths.project_file).archive.deleted == "retire"
    project_paths = project_paths._replace(
        lessons_elsewhere=project_paths.lessons
    )  # the same folder for the whole tick
    archive = ArchiveState(LocalStore(project_paths.store), project_paths.manifests, project_paths.videos)
    world = TickInputs(instance, project_paths, archive, retiring)
    # One at a time, though Dagster gave up on one that still goes on, or somebody tries the sensor in the UI.
    with file_lock(project_paths.watched.with_suffix(".lock")):
        listing = list_lessons(project_paths.lessons)
        if "." in listing.unreadable:
            raise StoreError(
                "The folder of lessons is not there, or cannot be read.",
                remedy="Mount its disk, or mend [archive] lessons in data/project.toml. Nothing is taken for deleted.",
            )
        before = load_index(project_paths.watched)
        notes = read_requests(project_paths.state)
        killed = lost(instance, datetime.now(UTC))
        reasons = {**{key: run.reason for key, run in killed.items()}, **notes.reasons}
        index = before or Index({}, {})
        index = index._replace(carried={**index.carried, **{key: run.carried for key, run in killed.items()}})
        tick = _tick(world, index, listing, reasons)
        tick = _with_films_moved(project_paths, tick)
        if tick.remembered != before:
            save_index(project_paths.watched, tick.remembered)
        acknowledge(notes.files)
    return tick


def _tick(world: TickInputs, index: Index, listing: Listing, reasons: Mapping[str, str]) -> Tick:
    index = _still_carried(world.instance, _settled(world.instance, index))
    listing, unkeyed = _with_keys(listing, index.entries)
    entries = _read(world, _followed(world, index.entries, listing))
    keys = {entry.key for entry in entries.values()}
    due = {key: reason for key, reason in {**index.due, **reasons}.items() if key in keys}
    orphans = without_file(entries, index.known) if world.retiring else ()
    changes, busy = _changes(world, entries, index.known, due, ask=bool(orphans))
    decided = _decided(world, changes.wanted, index, busy)
    orphans = tuple(key for key in orphans if key not in busy.keys | busy.previewed)
    there = frozenset(world.instance.get_dynamic_partitions(str(LESSONS.name)))
    new = _missing_partitions(there, entries, decided, index.known)
    retired = tuple(sorted(key for key in there if key.partition(PREVIEW)[0] in orphans))
    vanished = frozenset(orphans) - {key.partition(PREVIEW)[0] for key in retired}
    made = {wanted.key: wanted.content for wanted in decided.found_made}
    known = {key: content for key, content in {**index.known, **made}.items() if key not in vanished}
    after = Index(
        entries=entries,
        # Until its partition is seen to be gone, the lesson stands here without content: it is new if it comes back.
        known={**known, **dict.fromkeys((key for key in orphans if key in known), "")},
        pending=tuple(each.request for each in decided.asked),
        due=due,
        carried=index.carried,
        faults={key: fault for key, fault in index.faults.items() if key in keys and key not in made},
    )
    return Tick(
        listing,
        after,
        changes,
        decided,
        new_partitions=new,
        retired=orphans,
        retired_partitions=retired,
        undue=tuple(sorted(set(reasons) - keys)),
        kept=() if world.retiring else _kept(world.project_paths, there, keys),
        defects=unkeyed,
    )


def _settled(instance: dg.DagsterInstance, index: Index) -> Index:
    """The index after what became of its pending requests. What Dagster made no run of stays pending."""
    taken = {request.key: request for request in index.pending if was_taken(instance, request.run_key)}
    if not taken:
        return index
    faults = {**index.faults, **{key: request.fault for key, request in taken.items()}}
    return index._replace(
        known={**index.known, **{key: request.content for key, request in taken.items()}},
        pending=tuple(request for request in index.pending if request.key not in taken),
        due={key: reason for key, reason in index.due.items() if key not in taken},
        faults={key: fault for key, fault in faults.items() if fault},
    )


def _still_carried(instance: dg.DagsterInstance, index: Index) -> Index:
    """The index without killed runs that have a newer run of their lesson: newer choices win."""
    carried = {key: each for key, each in index.carried.items() if is_newest(instance, key, each.run_id)}
    return index if carried == index.carried else index._replace(carried=carried)


def _with_keys(listing: Listing, entries: Entries) -> tuple[Listing, tuple[str, ...]]:
    """The listing without new files whose key meets an internal error, and a message for each of these."""
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


def _followed(world: TickInputs, entries: Entries, listing: Listing) -> Entries:
    folder = world.project_paths.lessons
    return followed(
        entries,
        listing,
        key_of=_key_of,
        sign=lambda path, name: signature_of((folder / path).parent / name),
    )


def _read(world: TickInputs, entries: Entries) -> dict[str, KnownFile]:
    read = dict(entries)
    late = _after(READING_SECONDS)
    for path, entry in entries.items():
        if entry.may_be_read:
            read[path] = read_entry(world.project_paths.lessons, path, entry)
            if late():
                break
    return read


def _changes(
    world: TickInputs, entries: Entries, known: Mapping[str, str], due: Mapping[str, str], *, ask: bool
) -> tuple[Changes, Unfinished]:
    """The changes, and the runs under way. Dagster is asked for these only if something hangs on it."""
    changes = lesson_changes(entries, known, (), due)
    if not changes.wanted and not ask:
        return changes, _NOBODY
    busy = unfinished(world.instance)
    return lesson_changes(entries, known, busy.keys, due), busy


def _decided(world: TickInputs, wanted: Sequence[DueLesson], index: Index, busy: Unfinished) -> TickDecision:
    asked: list[RequestedRun] = []
    made: list[DueLesson] = []
    room = min(MOST_PER_TICK, MOST_UNFINISHED - busy.asked)
    late = _after(DECIDING_SECONDS)
    for each in wanted:
        carried = index.carried.get(each.key)
        is_made, defect = (False, "") if carried else _looked_up(world, each, index.known)
        if is_made:
            made.append(each)
        elif len(asked) < room:
            asked.append(RequestedRun(each, _request(world, each, index.pending, defect), carried))
        else:
            break
        if late():
            break
    return TickDecision(tuple(asked), tuple(made), len(wanted) - len(asked) - len(made))


def _looked_up(world: TickInputs, wanted: DueLesson, known: Mapping[str, str]) -> tuple[bool, str]:
    """Whether the lesson is made already; where that meets an internal error, it is not, and the message is given."""
    try:
        with defect_boundary(wanted.path):
            return _is_made(world, wanted, known), ""
    except InternalDefect as defect:
        return False, str(defect)


def _is_made(world: TickInputs, wanted: DueLesson, known: Mapping[str, str]) -> bool:
    """Whether a run took this content already: one that waited in the queue while the file was edited, the command's,
    or, of a lesson that is not remembered, the one that made its film.
    """
    if wanted.due:
        return False
    if known.get(wanted.key):
        return last_taken(world.instance, world.archive, wanted.key) == wanted.content
    return film_is_of(world.archive, wanted.key, wanted.content)


def _request(world: TickInputs, wanted: DueLesson, pending: Collection[Request], defect: str) -> Request:
    """The request of a lesson: that of an earlier tick, if Dagster did not take it, else a new one. What is wrong with
    the lesson is told with it: its own faults, or the `defect` that was met in looking at it.

    Its run key is never used twice: of one key Dagster makes one run, whatever became of it, and a file that is
    changed back shall run again.
    """
    for request in pending:
        if (request.key, request.content) == (wanted.key, wanted.content):
            return request
    run_key = f"{wanted.key}:{wanted.content[:16]}:{secrets.token_hex(4)}"
    fault = faults_in_words(LessonCheck(world.project_paths), world.project_paths.lessons, wanted.path, wanted.key)
    return Request(wanted.key, wanted.content, run_key, fault or defect)


def _missing_partitions(
    there: Collection[str], entries: Entries, decided: TickDecision, known: Mapping[str, str]
) -> tuple[str, ...]:
    """Partitions to add: those of new lessons, and those that were deleted although their file exists.

    The latter do not get a run.
    """
    wanted = [*(each.wanted.key for each in decided.asked), *(each.key for each in decided.found_made)]
    lost = sorted(entry.key for entry in entries.values() if known.get(entry.key) and not entry.gone_ticks)
    return tuple(key for key in dict.fromkeys([*wanted, *lost]) if key not in there)


def _kept(project_paths: ProjectPaths, there: Collection[str], keys: Collection[str]) -> tuple[str, ...]:
    """Lessons with a partition whose file is gone. Previews go with their lesson; files elsewhere are not looked at."""
    without = (key for key in there if PREVIEW not in key and key not in keys)
    return tuple(sorted(key for key in without if not (project_paths.register / f"{key}.json").exists()))


def _with_films_moved(project_paths: ProjectPaths, tick: Tick) -> Tick:
    """The tick after films were brought back and put away. Where that met an internal error, the lesson's partitions
    stay, so that the next tick tries it again.
    """
    moves = [(each.request.key, bundle.restore) for each in tick.decided.asked]
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


def _after(seconds: float) -> Callable[[], bool]:
    due = time.monotonic() + seconds
    return lambda: time.monotonic() > due
