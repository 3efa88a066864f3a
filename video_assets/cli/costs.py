"""`lessonreel costs` and `render --estimate`: prints the cost of past paid calls, and the expected cost of a render.

Does not belong here: finding the expected calls (`studio/explain/cost.py`).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from resources.explain_inputs import explain_inputs
from resources.lesson_folder import LessonFolder
from video_assets.project_paths import ProjectPaths
from video_assets.studio.calls.ledger.entries import CallRecord
from video_assets.studio.calls.ledger.ledger import Ledger, summarise
from video_assets.studio.calls.paid_responses import PaidRequest
from video_assets.studio.calls.pricing import BilledUsage, Prices, format_amount, format_upper_bound, read_prices
from video_assets.studio.choices.precedence import with_remembered
from video_assets.studio.core.defects import defect_boundary
from video_assets.studio.core.errors import StudioError
from video_assets.studio.explain.cost import expected_requests
from video_assets.studio.stages.lesson import snapshot

from .lesson_options import LessonOptions
from .lessons import files_of

OK, BAD_INPUT = 0, 2
_PIPE_WIDTH = 200
_BY: dict[str, Callable[[CallRecord], str]] = {
    "lesson": lambda call: call.intent.lesson or "(no lesson)",
    "provider": lambda call: f"{call.intent.provider} {call.intent.model}",
    "month": lambda call: datetime.fromtimestamp(call.intent.unix_seconds, UTC).strftime("%Y-%m"),
    "account": lambda call: f"{call.intent.provider}/{call.intent.account}",
    "work": lambda call: call.intent.work,
}


def costs(project_paths: ProjectPaths, by: str, *, as_json: bool) -> int:
    """Print the cost of paid calls, by lesson, provider, month, account or kind of work."""
    prices = read_prices(project_paths.prices)
    calls = Ledger(project_paths.calls, currency=prices.currency).purchases()
    groups: dict[str, list[CallRecord]] = {}
    for call in calls:
        groups.setdefault(_BY[by](call), []).append(call)
    if as_json:
        sys.stdout.write(json.dumps(_plain(groups, prices), indent=2, ensure_ascii=False) + "\n")
        return OK
    console = _console()
    if not calls:
        console.print("There are no paid calls yet. Everything was made on this machine.")
        return OK
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in (by, "calls", "usable", "used", "cost", "uncertain"):
        table.add_column(heading, justify="left" if heading in {by, "used"} else "right")
    for name, group in sorted(groups.items()):
        table.add_row(name, *_cells(group, prices.currency))
    if len(groups) > 1:
        table.add_row("all", *_cells(calls, prices.currency))
    console.print(table, markup=False, highlight=False)
    console.print(_dated(prices), markup=False, highlight=False, soft_wrap=True)
    return OK


def _cells(calls: Iterable[CallRecord], currency: str) -> tuple[str, ...]:
    total = summarise(calls)
    cost = format_amount(total.cost, currency) + (f" + {total.unpriced} without a price" if total.unpriced else "")
    uncertain = f"up to {format_upper_bound(total.uncertain, currency)}" if total.uncertain else ""
    return str(total.calls), str(total.usable), _used(total.units), cost, uncertain


def _used(units: BilledUsage) -> str:
    counts = (
        (units.input_tokens, "tokens in"),
        (units.output_tokens, "tokens out"),
        (units.characters, "characters"),
        (units.pictures, "pictures"),
        (round(units.sound_milliseconds / 1000), "s of sound"),
    )
    return ", ".join(f"{count:,} {what}" for count, what in counts if count)


def _plain(groups: dict[str, list[CallRecord]], prices: Prices) -> dict[str, Any]:
    found = {}
    for name, group in groups.items():
        total = summarise(group)
        found[name] = {
            "calls": total.calls,
            "usable": total.usable,
            "units": total.units.model_dump(exclude={"picture_kind"}),
            "cost": str(total.cost),
            "uncertain": str(total.uncertain),
            "unpriced": total.unpriced,
        }
    return {"currency": prices.currency, "prices_of": prices.date, "groups": found}


def _dated(prices: Prices) -> str:
    if not prices.models:
        return "There is no price list (data/prices.toml). Units are counted, but their cost is unknown."
    return f"Prices of {prices.date}, in {prices.currency} (data/prices.toml). The provider's bill may differ."


# --- The estimate before a render --------------------------------------------------------------------------------


class Expected(NamedTuple):
    """The expected calls of one model, with an upper bound of their cost."""

    work: str
    provider: str
    model: str
    calls: int
    units: BilledUsage
    cost: Decimal | None


def estimate(project_paths: ProjectPaths, paths: Sequence[Path], options: LessonOptions) -> int:
    """Print the calls that a render of the lessons would pay for, and an upper bound of their cost. Pays nothing.

    Returns 2 if a lesson is refused, else 0.
    """
    prices, console = read_prices(project_paths.prices), _console()
    lesson_source = LessonFolder(project_paths.lessons, project_paths.register, project_paths.project_file)
    project, by_key = lesson_source.project(), lesson_source.by_key()
    overrides, inputs = options.overrides, explain_inputs(project_paths, thorough=False)
    total, refused, unpriced = Decimal(0), False, 0
    for file in files_of(paths):
        try:
            with defect_boundary(str(file)):
                key = options.key(lesson_source.key_of(file, among=by_key, register=False))
                choices = with_remembered(overrides, inputs.choices, key)
                lesson = snapshot(key, file, project, os.environ, choices, rehearse=False)
                found = expected_requests(lesson.manifest, inputs)
        except StudioError as error:
            sys.stderr.write(f"{error}\n")
            refused = True
            continue
        lines = list(_expected(found.requests, prices))
        _print_expected(console, found.lesson, lines, found.guessed, prices)
        total += sum((line.cost for line in lines if line.cost is not None), Decimal(0))
        unpriced += sum(line.calls for line in lines if line.cost is None)
    rest = f", and {unpriced} calls without a price" if unpriced else ""
    console.print(f"At most {format_upper_bound(total, prices.currency)}{rest}.", markup=False, highlight=False)
    console.print(_dated(prices), markup=False, highlight=False, soft_wrap=True)
    return BAD_INPUT if refused else OK


def _expected(requests: Iterable[PaidRequest], prices: Prices) -> Iterator[Expected]:
    groups: dict[tuple[str, str, str], list[PaidRequest]] = {}
    for paid_request in requests:
        groups.setdefault((paid_request.kind, paid_request.identity["provider"], paid_request.model), []).append(
            paid_request
        )
    for (work, provider, model), listed in groups.items():
        units = sum((paid_request.max_usage for paid_request in listed), BilledUsage())
        costs_of = [prices.cost(provider, model, paid_request.max_usage) for paid_request in listed]
        known = [cost for cost in costs_of if cost is not None]
        cost = sum(known, Decimal(0)) if len(known) == len(costs_of) else None
        yield Expected(work, provider, model, len(listed), units, cost)


def _print_expected(console: Console, lesson: str, lines: Sequence[Expected], guessed: int, prices: Prices) -> None:
    if not lines:
        console.print(f"{lesson}: no paid calls", markup=False, highlight=False)
        return
    for line in lines:
        cost = f"at most {format_amount(line.cost, prices.currency)}" if line.cost is not None else "cost unknown"
        text = f"{line.work} by {line.provider} ({line.model}): {line.calls} calls, {_used(line.units)}; {cost}"
        console.print(f"{lesson}: {text}", markup=False, highlight=False, soft_wrap=True)
    if guessed:
        console.print(
            f"{lesson}: the text of {guessed} sections is not complete yet, so their calls are a guess",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=_PIPE_WIDTH)
