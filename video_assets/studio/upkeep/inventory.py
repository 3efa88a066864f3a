"""The inventory of a store: its files, and the objects that current lessons need (the live set).

A lesson needs its newest manifests, the manifests that they were made from, and every object that one of them names.
Nothing here reads a sound or a picture, removes a file, or counts as a use.

Does not belong here: verification and removal (`gc.py`).
"""

from __future__ import annotations

import json
import re
import stat
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from video_assets.studio.core.errors import StoreError
from video_assets.studio.core.lesson_keys import PREVIEW, lesson_key
from video_assets.studio.core.values import digest_of
from video_assets.studio.pipeline.refs import latest_refs
from video_assets.studio.storage.filesystem import unfinished_in
from video_assets.studio.storage.store import LocalStore, Record, as_store_error, read_record

_UPSTREAM = ("lesson", "script", "speech", "pictures", "clips")
"""The fields in which a manifest names the manifests that it was made from."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CARDS = ("title_card", "end_card")
_LARGEST_MANIFEST_BYTES = 50_000_000

MANIFESTS, OTHER = "manifests", "other"


class StoreItem(NamedTuple):
    """A file of the store. `used_ns`: when it was last put, found or read, in nanoseconds since 1970."""

    path: Path
    id: str
    size_bytes: int
    used_ns: int


class Reference(NamedTuple):
    """A use of an object: by a section (or card) of a lesson, or by the whole lesson if `section` is empty."""

    lesson: str
    section: str = ""

    def __str__(self) -> str:
        return f"{self.lesson}: {self.section}" if self.section else self.lesson


class LiveSet(NamedTuple):
    """The needs of current lessons: uses by object, and the lessons whose needs are unknown, with the reason."""

    uses: Mapping[str, tuple[Reference, ...]]
    manifests: frozenset[str]
    unknown: Mapping[str, str]

    def complaints(self) -> Iterator[str]:
        """A line for each lesson whose needs are unknown."""
        for lesson, why in self.unknown.items():
            yield f"Nothing is removed, because it is unknown what {lesson} needs: {why}. Render it again."


class StoreListing(NamedTuple):
    """The files of a store. A damaged record is None."""

    objects: tuple[StoreItem, ...]
    records: Mapping[str, tuple[StoreItem, Record | None]]
    quarantine: tuple[StoreItem, ...]
    leftovers: tuple[StoreItem, ...]
    """Temporary files, links and folders of killed and of living writers. Only their age tells which."""
    locks: tuple[Path, ...] = ()
    """Lock files that may be removed when no process holds them."""

    @property
    def size_bytes(self) -> int:
        """Of objects and records."""
        return sum(item.size_bytes for item in self.objects) + sum(item.size_bytes for item, _ in self.records.values())

    def steps(self) -> dict[str, str]:
        """The step that made each object, if a record names it."""
        return {
            reference.id: record.recipe.step
            for _, record in self.records.values()
            if record is not None
            for reference in record.objects.values()
        }

    def named_by(self) -> dict[str, list[StoreItem]]:
        """The records that name each object."""
        found: dict[str, list[StoreItem]] = defaultdict(list)
        for item, record in self.records.values():
            for reference in record.objects.values() if record is not None else ():
                found[reference.id].append(item)
        return found


def scan_store(store: LocalStore, beside: Collection[Path] = (), locks: Iterable[Path] = ()) -> StoreListing:
    """The files of the store, the temporary files in the folders `beside` it, and the lock files `locks`.

    Raises StoreError if a folder cannot be read.
    """
    layout = store.layout
    with as_store_error(f"look through the store {layout.root}"):
        records = {item.id: (item, _record(item.path)) for item in _items(layout.records, "*/[!.]*.json")}
        return StoreListing(
            objects=tuple(_items(layout.objects, "*/[!.]*")),
            records=records,
            quarantine=tuple(_items(layout.quarantine, "[!.]*", moved=True)),
            leftovers=tuple(_leftovers((layout.root, *beside))),
            locks=(*layout.locks.glob("*"), *locks),
        )


def _leftovers(folders: Iterable[Path]) -> Iterator[StoreItem]:
    """Everything with a temporary name. The size and time of a folder are those of its contents."""
    for path in dict.fromkeys(path for folder in folders for path in unfinished_in(folder)):
        parts = [part for each in (path, *_below(path)) for part in _item(each)]
        if parts:
            newest_ns = max(part.used_ns for part in parts)
            yield StoreItem(path, path.name, sum(part.size_bytes for part in parts), newest_ns)


def _below(path: Path) -> Iterable[Path]:
    return () if path.is_symlink() or not path.is_dir() else path.rglob("*")


def _item(path: Path) -> Iterator[StoreItem]:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return  # gone since it was listed
    yield StoreItem(path, path.name, 0 if stat.S_ISDIR(found.st_mode) else found.st_size, found.st_mtime_ns)


def current_lessons(folder: Path, register: Path) -> frozenset[str]:
    """The keys of all lessons whose file exists: in `folder`, or elsewhere and registered. Raises StoreError."""
    if not folder.is_dir():
        raise StoreError(
            f"The folder of lessons, {folder}, is not there, so it is unknown which objects are still needed.",
            remedy="Put it back, or mount it, then try again.",
        )
    inside = {lesson_key(path.relative_to(folder)) for path in folder.rglob("*.json")}
    elsewhere = {path.stem for path in register.glob("[!.]*.json") if _is_there(path)}
    return frozenset(inside | elsewhere)


def live_set_of(store: LocalStore, pointers: Path, lessons: Collection[str]) -> LiveSet:
    """The needs of the newest manifests of `lessons` (keys) and of their previews."""
    uses: dict[str, set[Reference]] = defaultdict(set)
    manifests: set[str] = set()
    unknown: dict[str, str] = {}
    for newest in latest_refs(pointers):
        if newest.lesson.partition(PREVIEW)[0] not in lessons:
            continue
        if newest.manifest is None:
            unknown[newest.lesson] = f"the pointer to its newest {newest.asset} is damaged"
            continue
        to_visit = [newest.manifest]
        while to_visit:
            digest = to_visit.pop()
            uses[digest].add(Reference(newest.lesson))
            manifests.add(digest)
            document = _manifest(store.layout.object(digest), digest)
            if document is None:
                unknown[newest.lesson] = f"a manifest of its newest {newest.asset} is missing or damaged"
                continue
            for object_id, section in _named_objects(document):
                uses[object_id].add(Reference(newest.lesson, section))
            to_visit += [document[field] for field in _UPSTREAM if _is_digest(document.get(field))]
    return LiveSet({each: tuple(sorted(users)) for each, users in uses.items()}, frozenset(manifests), unknown)


def kind_of(item: StoreItem, steps: Mapping[str, str], needs: LiveSet) -> str:
    """The kind of an object: the step that made it, `manifests`, or `other` (a logo, for example)."""
    if item.id in steps:
        return steps[item.id]
    if item.id in needs.manifests:
        return MANIFESTS
    document = _manifest(item.path, item.id) if item.size_bytes <= _LARGEST_MANIFEST_BYTES else None
    return MANIFESTS if document is not None and "kind" in document else OTHER


def _items(folder: Path, pattern: str, *, moved: bool = False) -> Iterator[StoreItem]:
    """The files of a folder. `moved`: their time is the time of the move, not of the last use."""
    for path in folder.glob(pattern):
        try:
            found = path.lstat()
        except FileNotFoundError:
            continue  # removed or replaced since it was listed
        if stat.S_ISREG(found.st_mode):
            yield StoreItem(path, path.stem, found.st_size, found.st_ctime_ns if moved else found.st_mtime_ns)


def _record(path: Path) -> Record | None:
    try:
        return read_record(path.read_bytes())
    except FileNotFoundError:
        return None


def _is_there(entry: Path) -> bool:
    try:
        return Path(json.loads(entry.read_bytes())["path"]).exists()
    except (OSError, ValueError, KeyError, TypeError):
        return True  # a damaged entry must not make its lesson's objects removable


def _manifest(path: Path, digest: str) -> dict[str, Any] | None:
    """The manifest as plain data, because manifests of other versions of this program count as well."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    if not data.startswith(b"{") or digest_of(data) != digest:
        return None
    try:
        document = json.loads(data)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _named_objects(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every digest in a manifest, with the section (or card) that it belongs to."""
    for field, value in document.items():
        if field == "sections" and isinstance(value, list):
            for entry in value:
                section = str(entry.get("id", "")) if isinstance(entry, dict) else ""
                yield from ((digest, section) for digest in _digests(entry))
        else:
            place = field.replace("_", " ") if field in _CARDS else ""
            yield from ((digest, place) for digest in _digests(value))


def _digests(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if _is_digest(value):
            yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _digests(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _digests(inner)


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None
