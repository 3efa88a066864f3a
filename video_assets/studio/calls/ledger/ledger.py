"""The ledger of paid calls: a write-ahead log of every attempt, and the budgets that are checked against it.

An entry is written and made durable before each attempt ("intent") and after it ("end"), and between them for the id of
a provider's job. So after a crash it is known which calls were in flight. An intent without an end may have been
billed, and counts at its highest price. Entries hold no text of a lesson, no key and no address.

Does not belong here: prices (`pricing.py`), or the decision to retry (`retry.py`).
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from video_assets.studio.calls.pricing import BilledUsage, format_amount
from video_assets.studio.core.errors import BudgetExceeded, StoreError
from video_assets.studio.core.values import canonical_json, digest_of
from video_assets.studio.storage.filesystem import FileSystem, atomic_write, make_folders
from video_assets.studio.storage.locks import shared_lock

from .entries import CallIntent, CallOutcome, CallRecord, Entry, ProviderJob, read_entries
from .snapshot import LedgerSnapshot, SnapshotFile


class Budget(NamedTuple):
    """The most that may be spent under one name: by a command, or by a run."""

    name: str
    max_cost: Decimal


class Ledger:
    """The ledger in one file, which all processes of this machine append to. Raises StoreError if it cannot.

    A new call needs little of it (`snapshot.py`), and the ledger of an archive has hundreds of thousands of
    entries. So a snapshot is saved beside it from time to time, and only later entries are read.
    """

    def __init__(self, folder: Path, *, currency: str = "USD", filesystem: FileSystem | None = None) -> None:
        self.path = folder / "ledger.jsonl"
        self._lock = folder / "ledger.gate"
        self._snapshot_path = folder / "ledger.standing.json"
        self._currency = currency
        self._filesystem = filesystem or FileSystem()
        self._snapshot: LedgerSnapshot | None = None

    def record_intent(self, intent: CallIntent, budget: Budget | None = None) -> None:
        """Write the intent of an attempt. When this returns, it survives a crash.

        Raises BudgetExceeded, and writes nothing, if the call could cost more than the rest of `budget`. Calls in
        flight, of all processes, count at their highest price.
        """
        with self._locked():
            if budget is not None:
                self._check_budget(intent, budget)
            self._append(intent)

    def record_job(self, call: str, job: str) -> None:
        """Write the provider's id of the job that the attempt `call` became."""
        with self._locked():
            self._append(ProviderJob(id=call, job=job))

    def record_outcome(self, end: CallOutcome) -> None:
        """Write the end of an attempt."""
        with self._locked():
            self._append(end)

    def open_job(self, recipe: str) -> CallRecord | None:
        """The newest job for `recipe`, if its end is not known."""
        with self._locked():
            return self._updated_snapshot().open_job(recipe)

    def purchases(self) -> tuple[CallRecord, ...]:
        """Every attempt so far, in the order of their intents. Reads the whole ledger."""
        records: dict[str, CallRecord] = {}
        for entry in read_entries(self._read_from(0)):
            if isinstance(entry, CallIntent):
                records[entry.id] = CallRecord(entry, None)
            elif (record := records.get(entry.id)) is not None:
                change = {"job": entry.job} if isinstance(entry, ProviderJob) else {"end": entry}
                records[entry.id] = record._replace(**change)
        return tuple(records.values())

    def committed_cost(self, budget: str) -> Decimal:
        """The most that was spent under `budget`, calls in flight included; 0 from a month after its last call on."""
        with self._locked():
            return self._updated_snapshot().committed_cost(budget)

    def _check_budget(self, intent: CallIntent, budget: Budget) -> None:
        if intent.most is None:
            raise BudgetExceeded(
                f"The price list has no price for {intent.model} of {intent.provider}.",
                remedy="Add the price to data/prices.toml, or run without a cost limit.",
            )
        spent = self._updated_snapshot().committed_cost(budget.name)
        if spent + intent.most > budget.max_cost:
            spent_of_limit = f"{self._amount(spent)} of {self._amount(budget.max_cost)}"
            raise BudgetExceeded(
                f"{spent_of_limit} are spent or reserved. The next call of {intent.provider} may cost "
                f"{self._amount(intent.most)}.",
                remedy="Raise the cost limit. Finished results are kept and are not paid for again.",
            )

    def _amount(self, cost: Decimal) -> str:
        return format_amount(cost, self._currency)

    def _locked(self) -> AbstractContextManager[None]:
        return shared_lock(self._lock, alone=True, filesystem=self._filesystem)

    def _append(self, entry: Entry) -> None:
        data = json.dumps(entry.model_dump(mode="json", exclude_defaults=False), ensure_ascii=False).encode() + b"\n"
        try:
            make_folders(self.path.parent, filesystem=self._filesystem)
            with self.path.open("ab") as file:
                # The incomplete line of a killed process would swallow this entry.
                if file.tell() and not self._ends_with_newline():
                    data = b"\n" + data
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
        except OSError as error:
            raise StoreError(
                f"The ledger of paid calls cannot be written: {error.strerror or error}.",
                remedy="Check free space and permissions. No paid call is made that cannot be recorded.",
            ) from error
        if self._snapshot is not None and size - self._snapshot.saved_offset > SNAPSHOT_EVERY_BYTES:
            self._save_snapshot()

    def _ends_with_newline(self) -> bool:
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def _updated_snapshot(self) -> LedgerSnapshot:
        """The snapshot with all entries written so far, also by other processes."""
        if self._snapshot is None:
            self._snapshot = self._load_snapshot()
        data = self._read_from(self._snapshot.offset)
        for entry in read_entries(data):
            self._snapshot.apply(entry)
        self._snapshot.offset += len(data)
        return self._snapshot

    def _read_from(self, offset: int) -> bytes:
        """The ledger's bytes from `offset` to the end of the last whole line."""
        try:
            with self.path.open("rb") as file:
                file.seek(offset)
                data = file.read()
        except FileNotFoundError:
            return b""
        return data[: data.rfind(b"\n") + 1]

    def _save_snapshot(self) -> None:
        snapshot = self._updated_snapshot()
        snapshot.saved_offset = snapshot.offset
        file = snapshot.as_file(self._mark_before(snapshot.offset), now())
        # The snapshot only saves time, so a failure to write it is ignored.
        with suppress(OSError):
            atomic_write(self._snapshot_path, canonical_json(file), filesystem=self._filesystem)

    def _load_snapshot(self) -> LedgerSnapshot:
        """The saved snapshot, if it belongs to this ledger; else an empty one."""
        try:
            file = SnapshotFile.model_validate_json(self._snapshot_path.read_bytes())
        except (OSError, ValidationError):
            return LedgerSnapshot()
        same = file.mark == self._mark_before(file.offset)
        return LedgerSnapshot.from_file(file) if same else LedgerSnapshot()

    def _mark_before(self, offset: int) -> str:
        """Digest of the bytes just before `offset`: a saved snapshot belongs to this ledger if its mark is equal."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, offset - _MARK_BYTES))
                return digest_of(file.read(min(offset, _MARK_BYTES)))
        except FileNotFoundError:
            return ""


SNAPSHOT_EVERY_BYTES = 250_000
"""This much is read in some ten milliseconds."""
_MARK_BYTES = 4096


def new_id() -> str:
    """A random id for one attempt."""
    return secrets.token_hex(8)


def now() -> float:
    """The Unix time in seconds, comparable between processes and days."""
    return time.time()


class LedgerTotals(NamedTuple):
    """The totals of some attempts."""

    calls: int
    usable: int
    units: BilledUsage
    cost: Decimal
    uncertain: Decimal
    """What calls with an unknown end may have cost in addition."""
    unpriced: int
    """Calls without a price in the list."""


def summarise(purchases: Iterable[CallRecord]) -> LedgerTotals:
    """The totals. Refused and failed attempts count as calls and cost nothing."""
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
