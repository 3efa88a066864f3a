"""Care for the store: what is corrupt is put aside, and what nobody needs goes when limits say so.

What stays, whatever the limits: what a current lesson needs (`inventory.py`), and what was used less than
`GRACE_SECONDS` ago, which is longer than a run may last (`max_runtime_seconds` in dagster.yaml). So nothing is removed
that a run was told is there: telling marks it as used, together with others at the store's gate; removing happens
alone at that gate, a few at a time, and looks at the mark once more.

Belongs here: limits, verifying, collecting. Does not belong here: printing (`cli`), or when it is done (`jobs`).
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
    """How large the store may be, and how long it keeps what nobody used; None: no limit."""

    max_bytes: int | None = None
    max_age_seconds: float | None = None


class Corrupt(NamedTuple):
    """Something that was not what its name says; it lies in quarantine now. `step`: what made it, if known."""

    id: str
    kind: str
    """`object` or `record`."""
    step: str
    uses: tuple[Reference, ...]


class Verified(NamedTuple):
    """What was looked at, what was corrupt, and whose film is not whole."""

    objects: int
    records: int
    size_bytes: int
    corrupt: tuple[Corrupt, ...]
    films: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether there was nothing to complain of."""
        return not self.corrupt and not self.films

    def complaints(self) -> Iterator[str]:
        """A line for each thing that was not whole: what, whose, and what mends it."""
        for each in self.corrupt:
            users = "; ".join(map(str, each.uses)) or "no current lesson"
            step = f" ({each.step})" if each.step else ""
            yield f"Corrupt, put into quarantine: {each.kind} {each.id[:12]}…{step}. Needed by: {users}."
        for lesson in self.films:
            yield f"Not whole: the film of {lesson}. Render the lesson again: it is joined anew."
        if any(each.uses for each in self.corrupt):
            yield "The next run of each lesson named here makes it again, and nothing else."


class RemovalPlan(NamedTuple):
    """What is to go: objects, least recently used first, by age and then by size; records without their objects."""

    by_age: tuple[StoreItem, ...]
    by_size: tuple[StoreItem, ...]
    orphans: tuple[StoreItem, ...]
    quarantine: tuple[StoreItem, ...]
    leftovers: tuple[StoreItem, ...]
    locks: tuple[Path, ...]
    over_bytes: int
    """By how much the store stays over its limit, as all else is needed or was used just now."""


class GcResult(NamedTuple):
    """What went (or would go): counts, bytes, and bytes that are left."""

    objects: int
    records: int
    freed_bytes: int
    quarantine: int
    leftovers: int
    locks: int
    left_bytes: int


def limits_from(table: Mapping[str, Any], max_size: str = "", max_age: str = "") -> Limits:
    """The limits of the project's table [store], replaced by `max_size` and `max_age` where given.

    Raises SettingInvalid for anything that is no size or age.
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


def verify(store: LocalStore, stock: StoreListing, needs: LiveSet, videos: Path) -> Verified:
    """Read every object, record and published film; put aside what is corrupt. Safe beside running jobs."""
    steps = stock.steps()
    corrupt = [
        Corrupt(item.id, "object", steps.get(item.id, ""), needs.uses.get(item.id, ()))
        for item in stock.objects
        if _put_aside(store, item)
    ]
    corrupt += [
        Corrupt(item.id, "record", record.recipe.step if record else "", ())
        for item, record in stock.records.values()
        if _put_aside(store, item)
    ]
    with as_store_error(f"look at the films in {videos}"):
        films = tuple(bundle.corrupt_files(videos))
    return Verified(len(stock.objects), len(stock.records), stock.size_bytes, tuple(corrupt), films)


def plan_removal(
    stock: StoreListing, needs: LiveSet, limits: Limits, *, now_ns: int, grace_seconds: float = GRACE_SECONDS
) -> RemovalPlan:
    """What is to go now, so that the limits hold.

    No object goes while it cannot be told what every current lesson needs (`needs.unknown`).
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
    """What carrying out `plan` would come to."""
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
    """Remove what `plan` says, but for what was used since. Safe beside running jobs. Raises StoreError."""
    filesystem, layout, named_by = filesystem or FileSystem(), store.layout, stock.named_by()
    objects: list[StoreItem] = []
    records: dict[str, StoreItem] = {}
    with as_store_error(f"remove what nobody needs from {layout.root}"):
        condemned = (*plan.by_age, *plan.by_size)
        for start in range(0, len(condemned), _BATCH):
            with shared_lock(layout.gate, alone=True):
                gone = list(_still_unused(condemned[start : start + _BATCH], grace_seconds))
                # Records first: stopped in between, nothing names what is gone.
                named = {record.id: record for item in gone for record in named_by.get(item.id, ())}
                for item in (*named.values(), *gone):
                    filesystem.remove(item.path)
            objects += gone
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
    """Those whose mark is what it was when they were condemned, and older than the grace. Ask at the gate, alone."""
    latest_ns = time.time_ns() - round(grace_seconds * _NS)
    for item in items:
        try:
            used_ns = item.path.stat().st_mtime_ns
        except FileNotFoundError:
            continue
        if used_ns == item.used_ns < latest_ns:
            yield item


def _put_aside(store: LocalStore, item: StoreItem) -> bool:
    """Whether it was corrupt. Looking at it is no use of it; gone meanwhile is no fault."""
    return not store.is_intact(item.path) and store.quarantine(item.path)


def _by_size(
    stock: StoreListing, going: Sequence[StoreItem], free: Sequence[StoreItem], limits: Limits
) -> tuple[tuple[StoreItem, ...], int]:
    """Those of `free`, least recently used first, that must go beside `going` until the size fits; bytes that stay."""
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
