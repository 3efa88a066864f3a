"""`lessonreel store status`, `verify` and `gc`: shows, verifies and cleans up the store."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from video_assets.project_paths import ProjectPaths
from video_assets.store_status import StoreStatus, inspect_store
from video_assets.studio.core.quantities import format_size
from video_assets.studio.upkeep.gc import (
    GRACE_SECONDS,
    GcResult,
    Limits,
    RemovalPlan,
    Verified,
    collect,
    preview,
    verify_store,
)
from video_assets.studio.upkeep.inventory import LiveSet, kind_of

SOUND, CORRUPT = 0, 1
_DAY_SECONDS = 86400
_NS = 1_000_000_000
_PIPE_WIDTH = 160
_AGES = ((GRACE_SECONDS, "under 6 h"), (7 * _DAY_SECONDS, "6 h to 7 days"), (30 * _DAY_SECONDS, "7 to 30 days"))
_OLDEST = "over 30 days"


def status(project_paths: ProjectPaths, *, as_json: bool) -> int:
    """Print the contents of the store, the part that current lessons need, the removable part, and the limits."""
    store_status = inspect_store(project_paths)
    figures = _figures(store_status)
    if as_json:
        _print_json(figures)
    else:
        _print_status(figures)
        _say_each(store_status.needs.complaints())
    return SOUND


def verify(project_paths: ProjectPaths, *, as_json: bool) -> int:
    """Read everything and quarantine corrupt objects.

    Returns 1 if an object, a film or a pointer to a manifest is damaged, else 0.
    """
    store_status = inspect_store(project_paths)
    found = verify_store(store_status.store, store_status.stock, store_status.needs, project_paths.videos)
    if as_json:
        _print_json({**_verified(found), "unknown": dict(store_status.needs.unknown)})
    else:
        _print_verified(found, store_status.needs)
    return SOUND if found.sound and not store_status.needs.unknown else CORRUPT


def gc(project_paths: ProjectPaths, max_size: str, max_age: str, *, dry_run: bool, as_json: bool) -> int:
    """Remove objects that no current lesson needs, until the store is within the limits."""
    store_status = inspect_store(project_paths, max_size, max_age)
    plan = store_status.plan()
    collected = preview(store_status.stock, plan) if dry_run else collect(store_status.store, store_status.stock, plan)
    if as_json:
        _print_json(
            {
                **collected._asdict(),
                "over_bytes": plan.over_bytes,
                "limits": store_status.limits._asdict(),
                "unknown": dict(store_status.needs.unknown),
                "dry_run": dry_run,
            }
        )
    else:
        _print_collected(store_status, plan, collected, dry_run=dry_run)
    return SOUND


def _figures(store_status: StoreStatus) -> dict[str, Any]:
    stock, needs, steps, now_ns = store_status.stock, store_status.needs, store_status.stock.steps(), time.time_ns()
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    free: Counter[str] = Counter()
    for item in stock.objects:
        needed = item.id in needs.uses
        count = kinds[kind_of(item, steps, needs)]
        count.update(objects=1, bytes=item.size_bytes, needed_bytes=item.size_bytes if needed else 0)
        if not needed:
            free[_age((now_ns - item.used_ns) / _NS)] += item.size_bytes
    return {
        "objects": len(stock.objects),
        "records": len(stock.records),
        "bytes": stock.size_bytes,
        "needed_bytes": sum(count["needed_bytes"] for count in kinds.values()),
        "free_bytes_by_age": {name: free[name] for name in (*(name for _, name in _AGES), _OLDEST)},
        "steps": {name: dict(kinds[name]) for name in sorted(kinds)},
        "quarantine": {"files": len(stock.quarantine), "bytes": sum(item.size_bytes for item in stock.quarantine)},
        "leftovers": {"files": len(stock.leftovers), "bytes": sum(item.size_bytes for item in stock.leftovers)},
        "limits": store_status.limits._asdict(),
        "unknown": dict(needs.unknown),
    }


def _age(seconds: float) -> str:
    return next((name for limit, name in _AGES if seconds < limit), _OLDEST)


def _print_status(figures: Mapping[str, Any]) -> None:
    rows = [
        (name, str(row["objects"]), format_size(row["bytes"]), format_size(row["needed_bytes"]))
        for name, row in figures["steps"].items()
    ]
    total = ("all", str(figures["objects"]), format_size(figures["bytes"]), format_size(figures["needed_bytes"]))
    _print_table(("", "objects", "size", "needed"), [*rows, total])
    free = ", ".join(f"{name}: {format_size(size)}" for name, size in figures["free_bytes_by_age"].items() if size)
    _say(f"Not needed, by time since the last use: {free or 'nothing'}")
    for name, what in (("quarantine", "Quarantine"), ("leftovers", "Temporary files of running or killed processes")):
        if figures[name]["files"]:
            _say(f"{what}: {figures[name]['files']} files, {format_size(figures[name]['bytes'])}")
    _say(f"Limits: {_limits(Limits(**figures['limits']))}")


def _verified(found: Verified) -> dict[str, Any]:
    return {
        "objects": found.objects,
        "records": found.records,
        "bytes": found.size_bytes,
        "corrupt": [{**each._asdict(), "uses": [use._asdict() for use in each.uses]} for each in found.corrupt],
        "films": list(found.films),
    }


def _print_verified(found: Verified, needs: LiveSet) -> None:
    _say(f"Verified {found.objects} objects and {found.records} records, {format_size(found.size_bytes)}.")
    _say_each(found.complaints())
    _say_each(needs.complaints())
    if found.sound and not needs.unknown:
        _say("Nothing is damaged.")


def _print_collected(store_status: StoreStatus, plan: RemovalPlan, collected: GcResult, *, dry_run: bool) -> None:
    verb = "Would remove" if dry_run else "Removed"
    _say(
        f"{verb} {collected.objects} objects and {collected.records} records, {format_size(collected.freed_bytes)}; "
        f"{format_size(collected.left_bytes)} left."
    )
    swept = [f"{collected.leftovers} temporary files of killed processes"] if collected.leftovers else []
    swept += [f"{collected.quarantine} files in quarantine"] if collected.quarantine else []
    swept += [f"{collected.locks} unused locks"] if collected.locks else []
    if swept:
        _say(f"{verb}, too: {', '.join(swept)}.")
    if store_status.limits == Limits():
        _say("No limit is set, so only unusable objects are removed. Set max_size or max_age under [store] in")
        _say("data/project.toml, or use --max-size or --max-age.")
    if plan.over_bytes and not store_status.needs.unknown:
        limit = format_size(store_status.limits.max_bytes or 0)
        _say(
            f"Still {format_size(plan.over_bytes)} over the limit of {limit}: the rest is needed by current "
            "lessons, or was used within 6 h."
        )
    _say_each(store_status.needs.complaints())


def _say_each(lines: Iterable[str]) -> None:
    for line in lines:
        _say(line)


def _limits(limits: Limits) -> str:
    size = f"at most {format_size(limits.max_bytes)}" if limits.max_bytes is not None else ""
    days = f"{limits.max_age_seconds / _DAY_SECONDS:g} days" if limits.max_age_seconds is not None else ""
    return ", ".join(filter(None, (size, f"unused for at most {days}" if days else ""))) or "none"


def _print_table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    table = Table(box=None, pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    console = Console()
    (console if console.is_terminal else Console(width=_PIPE_WIDTH)).print(table)


def _print_json(document: object) -> None:
    _say(json.dumps(document, indent=2, ensure_ascii=False))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
