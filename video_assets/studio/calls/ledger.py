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
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from video_assets.studio.core.errors import BudgetExceeded, StoreError
from video_assets.studio.core.values import canonical_json, digest_of
from video_assets.studio.storage.filesystem import FileSystem, atomic_write, make_folders
from video_assets.studio.storage.locks import shared_lock

from .ledger_entries import CallIntent, CallOutcome, CallRecord, Entry, ProviderJob, read_entries
from .ledger_snapshot import LedgerSnapshot, SnapshotFile
from .pricing import BilledUsage, format_amount


class Budget(NamedTuple):
    """What may be spent under one name: by a command, or by a run."""

    name: str
    most: Decimal


class Ledger:
    """The journal in one file, which all processes of this machine write to. Raises StoreError where it cannot.

    Whoever is about to call needs little of it (`standing.py`), and an archive's journal has hundreds of thousands of
    lines: what they come to is kept beside it from time to time, and only what was written since is read.
    """

    def __init__(self, folder: Path, *, currency: str = "USD", filesystem: FileSystem | None = None) -> None:
        self.path = folder / "ledger.jsonl"
        self._gate = folder / "ledger.gate"
        self._kept = folder / "ledger.standing.json"
        self._currency = currency
        self._filesystem = filesystem or FileSystem()
        self._standing: LedgerSnapshot | None = None

    def record_intent(self, intent: CallIntent, budget: Budget | None = None) -> None:
        """Note what is about to be asked; when this returns it survives a crash.

        Raises BudgetExceeded, and notes nothing, where the call could cost more than what is left of `budget`: calls in
        flight, of all processes, count at their highest price.
        """
        with self._alone():
            if budget is not None:
                self._within(intent, budget)
            self._append(intent)

    def record_job(self, call: str, job: str) -> None:
        """Note the provider's id of the job."""
        with self._alone():
            self._append(ProviderJob(id=call, job=job))

    def record_outcome(self, end: CallOutcome) -> None:
        """Note what came of it."""
        with self._alone():
            self._append(end)

    def open_job(self, recipe: str) -> CallRecord | None:
        """The newest try for `recipe` that a provider took on, if nobody saw its end."""
        with self._alone():
            return self._caught_up().open_job(recipe)

    def purchases(self) -> tuple[CallRecord, ...]:
        """Every try so far, in the order of their intents. Reads all of the journal."""
        found: dict[str, CallRecord] = {}
        for entry in read_entries(self._since(0)):
            if isinstance(entry, CallIntent):
                found[entry.id] = CallRecord(entry, None)
            elif (record := found.get(entry.id)) is not None:
                told_of = {"job": entry.job} if isinstance(entry, ProviderJob) else {"end": entry}
                found[entry.id] = record._replace(**told_of)
        return tuple(found.values())

    def committed_cost(self, budget: str) -> Decimal:
        """What was spent under `budget` at most, calls in flight included; forgotten a month after its last call."""
        with self._alone():
            return self._caught_up().committed_cost(budget)

    def _within(self, intent: CallIntent, budget: Budget) -> None:
        if intent.most is None:
            raise BudgetExceeded(
                f"{intent.provider} asks a price for {intent.model} that the price list does not know.",
                remedy="Add it to data/prices.toml, or leave the limit of costs out.",
            )
        spent = self._caught_up().committed_cost(budget.name)
        if spent + intent.most > budget.most:
            raise BudgetExceeded(
                f"{format_amount(spent, self._currency)} of {format_amount(budget.most, self._currency)} are "
                f"spent or in flight, and the next call of {intent.provider} may cost "
                f"{format_amount(intent.most, self._currency)}.",
                remedy="Raise the limit of costs; what was made is kept and not paid for again.",
            )

    def _alone(self) -> Any:
        return shared_lock(self._gate, alone=True, filesystem=self._filesystem)

    def _append(self, line: Entry) -> None:
        data = json.dumps(line.model_dump(mode="json", exclude_defaults=False), ensure_ascii=False).encode() + b"\n"
        try:
            make_folders(self.path.parent, filesystem=self._filesystem)
            with self.path.open("ab") as file:
                # A torn line of a killed process would swallow this one.
                if file.tell() and not self._ends_whole():
                    data = b"\n" + data
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
        except OSError as error:
            raise StoreError(
                f"The journal of paid calls cannot be written: {error.strerror or error}.",
                remedy="Check free space and permissions: nothing is asked that could not be noted.",
            ) from error
        if self._standing is not None and size - self._standing.kept_at > KEEP_EVERY_BYTES:
            self._keep()

    def _ends_whole(self) -> bool:
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def _caught_up(self) -> LedgerSnapshot:
        if self._standing is None:
            self._standing = self._kept_standing()
        data = self._since(self._standing.offset)
        for entry in read_entries(data):
            self._standing.apply(entry)
        self._standing.offset += len(data)
        return self._standing

    def _since(self, offset: int) -> bytes:
        """What was written since, up to the last whole line."""
        try:
            with self.path.open("rb") as file:
                file.seek(offset)
                data = file.read()
        except FileNotFoundError:
            return b""
        return data[: data.rfind(b"\n") + 1]

    def _keep(self) -> None:
        standing = self._caught_up()
        standing.kept_at = standing.offset
        kept = standing.as_file(self._mark_before(standing.offset), now())
        # Only the time it saves is lost with it.
        with suppress(OSError):
            atomic_write(self._kept, canonical_json(kept), filesystem=self._filesystem)

    def _kept_standing(self) -> LedgerSnapshot:
        """What was kept, if it is of this journal; else nothing is known yet."""
        try:
            kept = SnapshotFile.model_validate_json(self._kept.read_bytes())
        except (OSError, ValidationError):
            return LedgerSnapshot()
        same = kept.mark == self._mark_before(kept.offset)
        return LedgerSnapshot.from_file(kept) if same else LedgerSnapshot()

    def _mark_before(self, offset: int) -> str:
        """Tells whether a journal is the one that somebody read up to `offset`."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, offset - _MARK_BYTES))
                return digest_of(file.read(min(offset, _MARK_BYTES)))
        except FileNotFoundError:
            return ""


KEEP_EVERY_BYTES = 250_000
"""Read in some ten milliseconds."""
_MARK_BYTES = 4096


def new_id() -> str:
    """A name for one try."""
    return secrets.token_hex(8)


def now() -> float:
    """Unix seconds: several processes, and days, are compared."""
    return time.time()


class LedgerTotals(NamedTuple):
    """What some purchases add up to."""

    calls: int
    usable: int
    units: BilledUsage
    cost: Decimal
    uncertain: Decimal
    """What calls whose end nobody knows may have cost on top."""
    unpriced: int
    """Calls whose price the list does not know."""


def summarise(purchases: Iterable[CallRecord]) -> LedgerTotals:
    """The sum; calls that were refused or failed count as calls, and cost nothing."""
    listed = list(purchases)
    units = BilledUsage()
    for each in listed:
        if each.end is not None and each.outcome in {"done", "unusable"}:
            units += each.end.units
    certain = sum((each.cost or Decimal(0) for each in listed), Decimal(0))
    return LedgerTotals(
        calls=len(listed),
        usable=sum(each.outcome == "done" for each in listed),
        units=units,
        cost=certain,
        uncertain=sum((each.max_cost for each in listed), Decimal(0)) - certain,
        unpriced=sum(each.cost is None or (each.end is None and each.intent.most is None) for each in listed),
    )
