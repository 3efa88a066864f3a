"""Verification and garbage collection of the store: corrupt files go into quarantine, unneeded ones go by the limits.

Always kept: files that a current lesson needs (`inventory.py`), and files that were used less than `GRACE_SECONDS` ago.
That is longer than a run may last (`max_runtime_seconds` in dagster.yaml). So no file is removed that a run has found:
the store marks a found file as used under its shared lock. Removal holds that lock exclusively, for a few files at a
time, and checks each mark again.

Does not belong here: printing (`cli`), or when it is done (`jobs`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.film import bundle
from video_assets.studio.storage.filesystem import FileSystem
from video_assets.studio.storage.locks import remove_stale_lock, shared_lock
from video_assets.studio.storage.store import LocalStore, as_store_error

from .inventory import LiveSet, Reference, StoreItem, StoreListing

GRACE_SECONDS = 6 * 3600
_BATCH = 64
_NS = 1_000_000_000
_SIZES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_AGES = {"h": 3600, "d": 86400, "w": 7 * 86400}


class Limits(NamedTuple):
    """How large the store may be, and how long it keeps unused files; None: no limit."""

    max_bytes: int | None = None
    max_age_seconds: float | None = None


class Corrupt(NamedTuple):
    """A file that did not match its digest and is in quarantine now. `step`: the step that made it, if known."""

    id: str
    kind: str
    """`object` or `record`."""
    step: str
    uses: tuple[Reference, ...]


class Verified(NamedTuple):
    """The result of a verification: counts, corrupt files, and the lessons whose film is damaged."""

    objects: int
    records: int
    size_bytes: int
    corrupt: tuple[Corrupt, ...]
    films: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether everything was intact."""
        return not self.corrupt and not self.films

    def complaints(self) -> Iterator[str]:
        """A line for each damaged file or film: what it is, which lessons need it, and what repairs it."""
        for each in self.corrupt:
            users = "; ".join(map(str, each.uses)) or "no current lesson"
            step = f" ({each.step})" if each.step else ""
            yield f"Corrupt, moved to quarantine: {each.kind} {each.id[:12]}…{step}. Needed by: {users}."
        for lesson in self.films:
            yield f"Incomplete: the film of {lesson}. Render the lesson again: it is joined again."
        if any(each.uses for each in self.corrupt):
            yield "The next run of each lesson named here makes it again, and nothing else."


class RemovalPlan(NamedTuple):
    """The files to remove: objects by age and then by size, least recently used first; records without objects."""

    by_age: tuple[StoreItem, ...]
    by_size: tuple[StoreItem, ...]
    orphans: tuple[StoreItem, ...]
    quarantine: tuple[StoreItem, ...]
    leftovers: tuple[StoreItem, ...]
    locks: tuple[Path, ...]
    over_bytes: int
    """How far the store stays over its limit, because all other objects are needed or were used recently."""


class GcResult(NamedTuple):
    """What was removed (or would be): counts, bytes, and the bytes that are left."""

    objects: int
    records: int
    freed_bytes: int
    quarantine: int
    leftovers: int
    locks: int
    left_bytes: int


def limits_from(table: Mapping[str, Any], max_size: str = "", max_age: str = "") -> Limits:
    """The limits of the project's table [store], overridden by `max_size` and `max_age` if given.

    Raises SettingInvalid for an invalid size or age.
    """
    unknown = sorted(set(table) - {"max_size", "max_age"})
    if unknown:
        raise SettingInvalid(
            f"The project's table [store] has an unknown key {unknown[0]!r}.", remedy="It may hold max_size, max_age."
        )
    size, age = max_size or str(table.get("max_size", "")), max_age or str(table.get("max_age", ""))
    return Limits(
        None if not size else round(_amount(size, _SIZES, "a size", "20GB")),
        None if not age else _amount(age, _AGES, "an age", "30d"),
    )


def verify_store(store: LocalStore, stock: StoreListing, needs: LiveSet, videos: Path) -> Verified:
    """Read every object, record and published film. Corrupt files go into quarantine. Safe beside running jobs."""
    steps = stock.steps()
    corrupt = [
        Corrupt(item.id, "object", steps.get(item.id, ""), needs.uses.get(item.id, ()))
        for item in stock.objects
        if _quarantine_if_corrupt(store, item)
    ]
    corrupt += [
        Corrupt(item.id, "record", record.recipe.step if record else "", ())
        for item, record in stock.records.values()
        if _quarantine_if_corrupt(store, item)
    ]
    with as_store_error(f"look at the films in {videos}"):
        films = tuple(bundle.corrupt_files(videos))
    return Verified(len(stock.objects), len(stock.records), stock.size_bytes, tuple(corrupt), films)


def plan_removal(
    stock: StoreListing, needs: LiveSet, limits: Limits, *, now_ns: int, grace_seconds: float = GRACE_SECONDS
) -> RemovalPlan:
    """The files to remove so that the limits hold.

    No object is removed while the needs of any current lesson are unknown (`needs.unknown`).
    """
    grace_ns = now_ns - round(grace_seconds * _NS)
    free = sorted(
        (item for item in stock.objects if item.id not in needs.uses and item.used_ns < grace_ns),
        key=lambda item: item.used_ns,
    )
    if needs.unknown:
        free = []
    oldest_ns = None if limits.max_age_seconds is None else now_ns - round(limits.max_age_seconds * _NS)
    by_age = tuple(item for item in free if oldest_ns is not None and item.used_ns < oldest_ns)
    by_size, left_bytes = _by_size(stock, by_age, free[len(by_age) :], limits)
    there = {item.id for item in stock.objects}
    return RemovalPlan(
        by_age=by_age,
        by_size=by_size,
        orphans=tuple(
            item
            for item, record in stock.records.values()
            if item.used_ns < grace_ns and record and not {each.id for each in record.objects.values()} <= there
        ),
        quarantine=tuple(item for item in stock.quarantine if oldest_ns is not None and item.used_ns < oldest_ns),
        leftovers=tuple(item for item in stock.leftovers if item.used_ns < grace_ns),
        locks=stock.locks,
        over_bytes=0 if limits.max_bytes is None else max(0, left_bytes - limits.max_bytes),
    )


def preview(stock: StoreListing, plan: RemovalPlan) -> GcResult:
    """The result that `collect` would have."""
    named_by, objects = stock.named_by(), (*plan.by_age, *plan.by_size)
    records = {record.id for item in objects for record in named_by.get(item.id, ())} | {i.id for i in plan.orphans}
    freed = sum(item.size_bytes for item in objects) + sum(stock.records[each][0].size_bytes for each in records)
    return GcResult(
        len(objects), len(records), freed, len(plan.quarantine), len(plan.leftovers), 0, stock.size_bytes - freed
    )


def collect(
    store: LocalStore,
    stock: StoreListing,
    plan: RemovalPlan,
    *,
    grace_seconds: float = GRACE_SECONDS,
    filesystem: FileSystem | None = None,
) -> GcResult:
    """Remove the files of `plan`, except those that were used since. Safe beside running jobs. Raises StoreError."""
    filesystem, layout, named_by = filesystem or FileSystem(), store.layout, stock.named_by()
    objects: list[StoreItem] = []
    records: dict[str, StoreItem] = {}
    with as_store_error(f"remove unneeded objects from {layout.root}"):
        candidates = (*plan.by_age, *plan.by_size)
        for start in range(0, len(candidates), _BATCH):
            with shared_lock(layout.gate, alone=True):
                unused = list(_still_unused(candidates[start : start + _BATCH], grace_seconds))
                # Records first: after an interruption in between, no record names a missing object.
                named = {record.id: record for item in unused for record in named_by.get(item.id, ())}
                for item in (*named.values(), *unused):
                    filesystem.remove(item.path)
            objects += unused
            records |= named
        with shared_lock(layout.gate, alone=True):
            orphans = list(_still_unused(plan.orphans, grace_seconds))
            for item in orphans:
                filesystem.remove(item.path)
        records |= {item.id: item for item in orphans}
        for item in plan.quarantine:
            filesystem.remove(item.path)
        for item in plan.leftovers:
            if item.path.is_symlink() or not item.path.is_dir():
                filesystem.remove(item.path)
            else:
                filesystem.remove_tree(item.path)
        locks = sum(remove_stale_lock(path) for path in plan.locks)
    freed = sum(item.size_bytes for item in (*objects, *records.values()))
    return GcResult(
        len(objects),
        len(records),
        freed,
        len(plan.quarantine),
        len(plan.leftovers),
        locks,
        stock.size_bytes - freed,
    )


def _still_unused(items: Sequence[StoreItem], grace_seconds: float) -> Iterator[StoreItem]:
    """The items whose mark has not changed since the plan and is older than the grace. Call it under the lock."""
    latest_ns = time.time_ns() - round(grace_seconds * _NS)
    for item in items:
        try:
            used_ns = item.path.stat().st_mtime_ns
        except FileNotFoundError:
            continue
        if used_ns == item.used_ns < latest_ns:
            yield item


def _quarantine_if_corrupt(store: LocalStore, item: StoreItem) -> bool:
    """Whether it was corrupt. The check does not count as a use. A file removed in the meantime is not corrupt."""
    return not store.is_intact(item.path) and store.quarantine(item.path)


def _by_size(
    stock: StoreListing, going: Sequence[StoreItem], free: Sequence[StoreItem], limits: Limits
) -> tuple[tuple[StoreItem, ...], int]:
    """The items of `free`, least recently used first, to remove besides `going` until the size fits; the bytes left."""
    named_by, left_bytes = stock.named_by(), stock.size_bytes
    records: set[str] = set()
    chosen: list[StoreItem] = []
    for number, item in enumerate((*going, *free)):
        if number >= len(going):
            if limits.max_bytes is None or left_bytes <= limits.max_bytes:
                break
            chosen.append(item)
        named = {record.id: record.size_bytes for record in named_by.get(item.id, ()) if record.id not in records}
        left_bytes -= item.size_bytes + sum(named.values())
        records |= named.keys()
    return tuple(chosen), left_bytes


def _amount(text: str, units: Mapping[str, int], what: str, example: str) -> float:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*", text)
    by_name = {name.casefold(): factor for name, factor in units.items()}
    factor = by_name.get(found[2].casefold()) if found else None
    if found is None or factor is None:
        raise SettingInvalid(
            f"{text!r} is not {what}.", remedy=f"Write it like {example}; units are {', '.join(units)}."
        )
    return float(found[1]) * factor
