"""What the journal of paid calls comes to, as far as whoever is about to call must know it.

    open     calls whose end nobody saw: in flight, or cut off by a kill; and jobs that a provider still works on
    spent    what ended calls have cost, by budget

So it stays small, whatever the journal grows to. Belongs here: that, and the form in which it is kept. Does not belong
here: sums for people (`summarise` in `ledger.py` reads everything).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

from video_assets.studio.core.values import FrozenModel

from .ledger_entries import CallIntent, CallOutcome, CallRecord, Entry, ProviderJob

_FORGOTTEN_AFTER_SECONDS = 30 * 86_400.0


class OpenCall(FrozenModel):
    """An open call."""

    intent: CallIntent
    end: CallOutcome | None
    job: str
    newest: bool
    """Whether it is the newest of its recipe that a provider took on."""


class SnapshotFile(FrozenModel):
    """A standing as a file."""

    kind: Literal["standing/1"] = "standing/1"
    offset: int
    """Bytes of the journal that it comes from."""
    mark: str
    """Digest of what stands there in the journal."""
    open: tuple[OpenCall, ...]
    spent: dict[str, tuple[Decimal, float]]
    """By budget; and when it was used last, in Unix seconds."""


class _Spent(NamedTuple):
    amount: Decimal
    unix_seconds: float


class LedgerSnapshot:
    """Taken line by line, in the journal's order."""

    def __init__(self) -> None:
        self.offset = 0
        self.kept_at = 0
        self._open: dict[str, CallRecord] = {}
        self._newest_job: dict[str, str] = {}
        self._spent: dict[str, _Spent] = {}

    @staticmethod
    def from_file(kept: SnapshotFile) -> LedgerSnapshot:
        """The standing that was kept."""
        standing = LedgerSnapshot()
        standing.offset = standing.kept_at = kept.offset
        standing._open = {each.intent.id: CallRecord(each.intent, each.end, each.job) for each in kept.open}
        standing._newest_job = {each.intent.recipe: each.intent.id for each in kept.open if each.newest}
        standing._spent = {name: _Spent(*each) for name, each in kept.spent.items()}
        return standing

    def apply(self, entry: Entry) -> None:
        """The next line. What is said of a call that is over changes nothing any more."""
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
        # Without a job nobody can ask what became of it: it counts at its highest price for good.
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
        """The newest try for `recipe` that a provider took on, if nobody saw its end."""
        return self._open.get(self._newest_job.get(recipe, ""))

    def committed_cost(self, budget: str) -> Decimal:
        """What was spent under `budget` at most, open calls at their highest price."""
        in_flight = (each.max_cost for each in self._open.values() if each.intent.budget == budget)
        spent = self._spent.get(budget, _Spent(Decimal(0), 0)).amount
        return sum(in_flight, spent)

    def as_file(self, mark: str, unix_seconds: float) -> SnapshotFile:
        """As a file, without budgets that nobody has used for a month."""
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
