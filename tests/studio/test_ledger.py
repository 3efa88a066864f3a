"""The ledger of paid calls: what is kept of it says the same as all of it, and is all that a call has to read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from video_assets.studio.calls.ledger import ledger as ledger_module
from video_assets.studio.calls.ledger.entries import CallIntent, CallOutcome, CallRecord, Outcome
from video_assets.studio.calls.ledger.ledger import Budget, Ledger
from video_assets.studio.calls.pricing import BilledUsage
from video_assets.studio.core.errors import BudgetExceeded

RECIPES, BUDGETS = ("bread", "rain", "tides"), ("", "monday", "tuesday")
OUTCOMES: tuple[Outcome, ...] = ("done", "unusable", "unknown", "failed", "refused")


def intent(id_: str, recipe: str = "bread", budget: str = "monday", most: str = "0.30") -> CallIntent:
    return CallIntent(
        id=id_,
        unix_seconds=1e9,
        work="writing",
        provider="trial",
        account="main",
        model="m",
        recipe=recipe,
        budget=budget,
        most=Decimal(most),
    )


def end(id_: str, outcome: Outcome = "done", cost: str = "0.20") -> CallOutcome:
    billed = outcome in {"done", "unusable"}
    return CallOutcome(
        id=id_, unix_seconds=2e9, outcome=outcome, units=BilledUsage(), cost=Decimal(cost) if billed else Decimal(0)
    )


def open_job(purchases: tuple[CallRecord, ...], recipe: str) -> CallRecord | None:
    """By reading everything."""
    found = [each for each in purchases if each.intent.recipe == recipe and each.job]
    return found[-1] if found and found[-1].outcome in {"open", "unknown"} else None


def committed(purchases: tuple[CallRecord, ...], budget: str) -> Decimal:
    """By reading everything."""
    return sum((each.max_cost for each in purchases if each.intent.budget == budget), Decimal(0))


TRIES = st.tuples(
    st.sampled_from(RECIPES),
    st.sampled_from(BUDGETS),
    st.booleans(),
    st.sampled_from((*OUTCOMES, "open")),
    st.booleans(),
)
"""Recipe, budget, whether the provider takes it on as a job, what comes of it, and whether by another process."""


@pytest.fixture
def kept_often(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A snapshot of the ledger is written after every few lines."""
    with monkeypatch.context() as patch:
        patch.setattr(ledger_module, "SNAPSHOT_EVERY_BYTES", 700)
        yield


@given(tries=st.lists(TRIES, max_size=25), torn=st.integers(0, 30))
@settings(max_examples=60, deadline=None)
@pytest.mark.usefixtures("kept_often")
def test_what_is_kept_says_the_same_as_the_whole_journal(
    tries: list[tuple[str, str, bool, Outcome, bool]], torn: int
) -> None:
    """A job would be paid for twice, or a limit of costs be exceeded, as soon as the ledger had some length."""
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Ledger(Path(folder)), Ledger(Path(folder))
        for number, (recipe, budget, takes_on, outcome, by_them) in enumerate(tries):
            ledger = theirs if by_them else ours
            before = ledger.open_job(recipe)
            assert before == open_job(ledger.purchases(), recipe)
            id_ = before.intent.id if before else str(number)
            if before is None:
                ledger.record_intent(intent(id_, recipe, budget))
                if takes_on:
                    ledger.record_job(id_, f"job-{number}")
            if outcome != "open":
                ledger.record_outcome(end(id_, outcome))
            if number == torn:
                with ledger.path.open("ab") as file:
                    file.write(b'{"kind": "intent", "id": "cut')
            for each in (ours, theirs, Ledger(Path(folder))):
                everything = each.purchases()
                assert [each.committed_cost(name) for name in BUDGETS[1:]] == [
                    committed(everything, name) for name in BUDGETS[1:]
                ]
                assert [each.open_job(name) for name in RECIPES] == [open_job(everything, name) for name in RECIPES]


def _fill(ledger: Ledger, calls: int) -> None:
    for number in range(calls):
        ledger.open_job(f"r{number}")
        ledger.record_intent(intent(str(number), f"r{number}", "", "0.01"))
        ledger.record_outcome(end(str(number)))


def test_a_call_reads_little_however_long_the_journal_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some thousand lessons each step would read for seconds, and hold half a gigabyte, before its first call."""
    _fill(Ledger(tmp_path), 1500)
    size = (tmp_path / "ledger.jsonl").stat().st_size
    assert size > 2 * ledger_module.SNAPSHOT_EVERY_BYTES
    read, real = [0], ledger_module.read_entries

    def counted(data: bytes) -> Iterator[object]:
        read[0] += len(data)
        return real(data)

    monkeypatch.setattr(ledger_module, "read_entries", counted)
    later = Ledger(tmp_path)
    assert later.open_job("r3") is None
    later.record_intent(intent("later"), Budget("monday", Decimal(1)))
    assert 0 < read[0] <= ledger_module.SNAPSHOT_EVERY_BYTES * 1.1
    assert len(later.purchases()) == 1501, "who counts money reads everything"


def test_what_was_kept_of_another_journal_is_not_believed(tmp_path: Path) -> None:
    """Whoever puts the ledger away and begins another would be held to the money and the jobs of the old one."""
    ledger = Ledger(tmp_path)
    ledger.open_job("x")
    ledger.record_intent(intent("big", budget="monday", most="5"))
    _fill(ledger, 800)
    assert Ledger(tmp_path).committed_cost("monday") == 5
    assert (tmp_path / "ledger.standing.json").exists()
    ledger.path.rename(tmp_path / "ledger-2026.jsonl")
    again = Ledger(tmp_path)
    assert again.committed_cost("monday") == 0
    _fill(again, 900)
    assert Ledger(tmp_path).committed_cost("monday") == 0


@pytest.mark.parametrize("text", ["", "{", '{"kind": "standing/9"}'])
def test_what_is_kept_may_be_spoilt_or_lost(tmp_path: Path, text: str) -> None:
    """A crash while it is written would forget what was spent."""
    ledger = Ledger(tmp_path)
    ledger.open_job("x")
    ledger.record_intent(intent("big", budget="monday", most="5"))
    _fill(ledger, 800)
    (tmp_path / "ledger.standing.json").write_text(text)
    later = Ledger(tmp_path)
    with pytest.raises(BudgetExceeded):
        later.record_intent(intent("next", most="0.01"), Budget("monday", Decimal(5)))
