"""The journal of paid calls: what was about to be asked, and what came of it; and the budgets that it keeps.

A line is written, and made durable, before each try ("intent") and after it ("end"); a provider's job id between them.
So after a crash it is known which calls were in flight: an intent without an end may have been done, and billed, and
counts at its highest price. Lines hold no text of a lesson, no key and no address.

Belongs here: the journal and sums over it. Does not belong here: prices (`money.py`), or deciding what is tried again
(`owner.py`).
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from video_assets.studio.disk import Disk, gate, make_folders
from video_assets.studio.errors import BudgetExceeded, StoreError
from video_assets.studio.records import Frozen

from .money import Units, shown

Outcome = Literal["done", "unusable", "unknown", "failed", "refused", "open"]
"""`done` and `unusable` are billed, `unknown` and `open` may be, `failed` and `refused` are not."""


class Intent(Frozen):
    """What is about to be asked."""

    kind: Literal["intent"] = "intent"
    id: str
    unix_seconds: float
    work: str
    """writing, speech, pictures or lips."""
    provider: str
    account: str
    model: str
    recipe: str
    """What it is for: the same wish has the same recipe, in every process and on every day."""
    lesson: str = ""
    section: str = ""
    run: str = ""
    budget: str = ""
    most: Decimal | None = None
    """The highest price of the call; None where the list has no price."""


class Job(Frozen):
    """The provider took it on, and can be asked about it."""

    kind: Literal["job"] = "job"
    id: str
    job: str


class End(Frozen):
    """What came of it."""

    kind: Literal["end"] = "end"
    id: str
    unix_seconds: float
    outcome: Outcome
    units: Units = Units()
    cost: Decimal | None = Decimal(0)
    """None where the list has no price."""
    seconds: float = 0
    message: str = ""


class Purchase(NamedTuple):
    """One try of one call, from intent to end."""

    intent: Intent
    end: End | None
    job: str = ""

    @property
    def outcome(self) -> Outcome:
        """What came of it; `open` while it is in flight, or where its process was killed."""
        return self.end.outcome if self.end else "open"

    @property
    def cost(self) -> Decimal | None:
        """What it cost for certain; None where nobody knows the price."""
        return self.end.cost if self.end else Decimal(0)

    @property
    def at_most(self) -> Decimal:
        """What it may have cost."""
        if self.end is None or self.end.outcome == "unknown":
            return self.intent.most or Decimal(0)
        return self.end.cost or Decimal(0)


class Budget(NamedTuple):
    """What may be spent under one name: by a command, or by a run."""

    name: str
    most: Decimal


class Ledger:
    """The journal in one file, which all processes of this machine write to. Raises StoreError where it cannot."""

    def __init__(self, folder: Path, *, currency: str = "USD", disk: Disk | None = None) -> None:
        self.path = folder / "ledger.jsonl"
        self._gate = folder / "ledger.gate"
        self._currency = currency
        self._disk = disk or Disk()
        self._offset = 0
        self._purchases: dict[str, Purchase] = {}

    def intend(self, intent: Intent, budget: Budget | None = None) -> None:
        """Note what is about to be asked; when this returns it survives a crash.

        Raises BudgetExceeded, and notes nothing, where the call could cost more than what is left of `budget`: calls in
        flight, of all processes, count at their highest price.
        """
        with self._alone():
            if budget is not None:
                self._within(intent, budget)
            self._append(intent)

    def took_on(self, call: str, job: str) -> None:
        """Note the provider's id of the job."""
        with self._alone():
            self._append(Job(id=call, job=job))

    def ended(self, end: End) -> None:
        """Note what came of it."""
        with self._alone():
            self._append(end)

    def open_job(self, recipe: str) -> Purchase | None:
        """The newest try for `recipe` that a provider took on and whose end nobody saw."""
        found = [each for each in self.purchases() if each.intent.recipe == recipe and each.job]
        return found[-1] if found and found[-1].outcome in {"open", "unknown"} else None

    def purchases(self) -> tuple[Purchase, ...]:
        """Every try so far, in the order of their intents."""
        with self._alone():
            self._catch_up()
        return tuple(self._purchases.values())

    def committed(self, budget: str) -> Decimal:
        """What was spent under `budget` at most, calls in flight included."""
        return sum((each.at_most for each in self.purchases() if each.intent.budget == budget), Decimal(0))

    def _within(self, intent: Intent, budget: Budget) -> None:
        self._catch_up()
        if intent.most is None:
            raise BudgetExceeded(
                f"{intent.provider} asks a price for {intent.model} that the price list does not know.",
                remedy="Add it to data/prices.toml, or leave the limit of costs out.",
            )
        spent = sum((each.at_most for each in self._purchases.values() if each.intent.budget == budget.name), Decimal())
        if spent + intent.most > budget.most:
            raise BudgetExceeded(
                f"{shown(spent, self._currency)} of {shown(budget.most, self._currency)} are spent or in flight, and "
                f"the next call of {intent.provider} may cost {shown(intent.most, self._currency)}.",
                remedy="Raise the limit of costs; what was made is kept and not paid for again.",
            )

    def _alone(self) -> Any:
        return gate(self._gate, alone=True, disk=self._disk)

    def _append(self, line: Intent | Job | End) -> None:
        # Caught up before: a torn line of a killed process would swallow the next one.
        data = json.dumps(line.model_dump(mode="json", exclude_defaults=False), ensure_ascii=False).encode() + b"\n"
        try:
            make_folders(self.path.parent, disk=self._disk)
            with self.path.open("ab") as file:
                if file.tell() and not self._ends_whole():
                    data = b"\n" + data
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StoreError(
                f"The journal of paid calls cannot be written: {error.strerror or error}.",
                remedy="Check free space and permissions: nothing is asked that could not be noted.",
            ) from error

    def _ends_whole(self) -> bool:
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def _catch_up(self) -> None:
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            self._take(line)

    def _take(self, line: bytes) -> None:
        kinds: dict[str, type[Intent | Job | End]] = {"intent": Intent, "job": Job, "end": End}
        try:
            told = json.loads(line)
            entry = kinds[told["kind"]].model_validate(told)
        except (ValueError, KeyError, TypeError, ValidationError):
            return  # torn by a kill: its call has no end, and counts as such
        if isinstance(entry, Intent):
            self._purchases[entry.id] = Purchase(entry, None)
            return
        purchase = self._purchases.get(entry.id)
        if purchase is None:
            return
        told_of = {"job": entry.job} if isinstance(entry, Job) else {"end": entry}
        self._purchases[entry.id] = purchase._replace(**told_of)


def new_id() -> str:
    """A name for one try."""
    return secrets.token_hex(8)


def now() -> float:
    """Unix seconds: several processes, and days, are compared."""
    return time.time()


class Sum(NamedTuple):
    """What some purchases add up to."""

    calls: int
    usable: int
    units: Units
    cost: Decimal
    uncertain: Decimal
    """What calls whose end nobody knows may have cost on top."""
    unpriced: int
    """Calls whose price the list does not know."""


def sum_of(purchases: Iterable[Purchase]) -> Sum:
    """The sum; calls that were refused or failed count as calls, and cost nothing."""
    listed = list(purchases)
    units = Units()
    for each in listed:
        if each.end is not None and each.outcome in {"done", "unusable"}:
            units += each.end.units
    certain = sum((each.cost or Decimal(0) for each in listed), Decimal(0))
    return Sum(
        calls=len(listed),
        usable=sum(each.outcome == "done" for each in listed),
        units=units,
        cost=certain,
        uncertain=sum((each.at_most for each in listed), Decimal(0)) - certain,
        unpriced=sum(each.cost is None or (each.end is None and each.intent.most is None) for each in listed),
    )
