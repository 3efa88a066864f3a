"""A snapshot of the ledger of paid calls: the part of it that a new call needs.

    open     calls without an end: in flight, or their process was killed; and jobs that a provider still works on
    spent    the cost of ended calls, by budget

It stays small however long the ledger grows. Does not belong here: totals for people (`summarise` in `ledger.py`).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

from video_assets.studio.core.values import FrozenModel

from .entries import CallIntent, CallOutcome, CallRecord, Entry, ProviderJob

_FORGOTTEN_AFTER_SECONDS = 30 * 86_400.0


class OpenCall(FrozenModel):
    """An open call."""

    intent: CallIntent
    end: CallOutcome | None
    job: str
    newest: bool
    """Whether it is the newest job of its recipe."""


class SnapshotFile(FrozenModel):
    """A snapshot as a file."""

    kind: Literal["standing/1"] = "standing/1"
    offset: int
    """How many bytes of the ledger it covers."""
    mark: str
    """Digest of the ledger's bytes just before `offset`, to recognise another ledger."""
    open: tuple[OpenCall, ...]
    spent: dict[str, tuple[Decimal, float]]
    """By budget: the amount, and the Unix seconds of its last use."""


class _Spent(NamedTuple):
    amount: Decimal
    unix_seconds: float


class LedgerSnapshot:
    """The open calls and spent amounts after the entries applied so far, in the ledger's order."""

    def __init__(self) -> None:
        self.offset = 0
        self.saved_offset = 0
        """The offset of the last saved snapshot file."""
        self._open: dict[str, CallRecord] = {}
        self._newest_job: dict[str, str] = {}
        self._spent: dict[str, _Spent] = {}

    @staticmethod
    def from_file(file: SnapshotFile) -> LedgerSnapshot:
        """The snapshot in a file."""
        snapshot = LedgerSnapshot()
        snapshot.offset = snapshot.saved_offset = file.offset
        snapshot._open = {each.intent.id: CallRecord(each.intent, each.end, each.job) for each in file.open}
        snapshot._newest_job = {each.intent.recipe: each.intent.id for each in file.open if each.newest}
        snapshot._spent = {name: _Spent(*each) for name, each in file.spent.items()}
        return snapshot

    def apply(self, entry: Entry) -> None:
        """Apply the next entry. An entry about a call that has ended changes nothing."""
        if isinstance(entry, CallIntent):
            self._open[entry.id] = CallRecord(entry, None)
            return
        record = self._open.get(entry.id)
        if record is None:
            return
        if isinstance(entry, ProviderJob):
            self._open[entry.id] = record._replace(job=entry.job)
            self._newest_job[record.intent.recipe] = entry.id
            return
        ended = record._replace(end=entry)
        if ended.job and ended.outcome == "unknown":
            self._open[entry.id] = ended
            return
        # An unknown call without a job cannot be polled: it counts at its highest price for good.
        del self._open[entry.id]
        self._spend(ended, entry.unix_seconds)

    def _spend(self, ended: CallRecord, unix_seconds: float) -> None:
        budget = ended.intent.budget
        if budget:
            spent = self._spent.get(budget, _Spent(Decimal(0), 0))
            self._spent[budget] = _Spent(spent.amount + ended.max_cost, unix_seconds)
        if self._newest_job.get(ended.intent.recipe) == ended.intent.id:
            del self._newest_job[ended.intent.recipe]

    def open_job(self, recipe: str) -> CallRecord | None:
        """The newest job for `recipe`, if its end is not known."""
        return self._open.get(self._newest_job.get(recipe, ""))

    def committed_cost(self, budget: str) -> Decimal:
        """The most that was spent under `budget`. Open calls count at their highest price."""
        in_flight = (each.max_cost for each in self._open.values() if each.intent.budget == budget)
        spent = self._spent.get(budget, _Spent(Decimal(0), 0)).amount
        return sum(in_flight, spent)

    def as_file(self, mark: str, unix_seconds: float) -> SnapshotFile:
        """The snapshot as a file, without budgets that were not used for a month."""
        since = unix_seconds - _FORGOTTEN_AFTER_SECONDS
        newest = set(self._newest_job.values())
        used = {name: each for name, each in self._spent.items() if each.unix_seconds > since}
        return SnapshotFile(
            offset=self.offset,
            mark=mark,
            open=tuple(
                OpenCall(intent=each.intent, end=each.end, job=each.job, newest=id_ in newest)
                for id_, each in self._open.items()
            ),
            spent={name: (each.amount, each.unix_seconds) for name, each in used.items()},
        )
