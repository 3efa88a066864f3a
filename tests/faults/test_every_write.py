"""G2: whatever happens at any operation of a lesson, nothing invalid is visible and the next run ends well."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

FAULTS = ("kill", "power", "full", "unreadable", "forbidden")
_SHORT = 1
"""Points per fault in `make test`: each costs a lesson and its repetition, two seconds. All: `pytest -m soak`."""


def _try(place: Any, fault: str, at: int, reference: Mapping[str, Any]) -> str:
    """One fault at one operation, then the same lesson again; returns how the first ended."""
    ended = place.make(fault, at)
    where = f"{fault} at {at} ({reference['log'][at - 1]})"
    if fault in {"kill", "power"}:
        assert ended.code == place.killed, (where, ended)
    elif ended.raised is not None:
        kind, text = ended.raised
        assert kind == "StoreError", (where, ended)
        assert "run" in text, (where, "no remedy", text)
    # A bad sector that was met is rightly put aside; nothing else ever is.
    faults = [each for each in place.faults() if not (fault == "unreadable" and each.startswith("quarantined"))]
    assert faults == [], (where, faults)
    finished = place.records()
    lost = set(place.published()) - set(finished)
    assert lost == set() or fault == "unreadable", (where, "lost", lost)
    again = place.make()
    assert (again.code, again.raised) == (0, None), (where, again)
    assert place.film() == reference["film"], where
    assert list(place.videos.rglob("*.part")) == [], (where, "left lying")
    kept = place.records()
    assert set(kept) == reference["records"], where
    if fault != "unreadable":
        assert {name: kept[name] for name in finished} == finished, (where, "made again")
    return "went on" if ended.raised is None and ended.code == 0 else "stopped"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_sample_of_all_operations(
    fault: str, tmp_path: Path, workplace_in: Callable[[Path], Any], reference: Mapping[str, Any]
):
    """A course maker's archive would hold a broken film, or a lesson that can never be made again, after a bad day."""
    rng = random.Random(f"one {fault}")
    for at in rng.sample(range(1, len(reference["log"]) + 1), _SHORT):
        _try(workplace_in(tmp_path / str(at)), fault, at, reference)


@pytest.mark.soak
@pytest.mark.parametrize("fault", FAULTS)
def test_every_operation(fault: str, tmp_path: Path, workplace_in: Callable[[Path], Any], reference: Mapping[str, Any]):
    """As above, for whoever's bad day hits the one operation that the sample leaves out."""
    outcomes: Counter[str] = Counter()
    for at in range(1, len(reference["log"]) + 1):
        outcomes[_try(workplace_in(tmp_path / str(at)), fault, at, reference)] += 1
        shutil.rmtree(tmp_path / str(at))
    assert sum(outcomes.values()) == len(reference["log"])
    print(f"{fault}: {dict(outcomes)}")  # noqa: T201  # what a long test is run for


def test_the_shim_sees_every_kind_of_operation(reference: Mapping[str, Any]):
    """A write that goes past the disk's interface would never be tried."""
    seen = Counter(reference["log"])
    assert {"make_folder", "read", "create", "write", "flush", "protect", "rename", "flush_folder", "link"} <= set(seen)
    assert seen["create"] == seen["write"] == seen["protect"]
    # Every file is flushed: those written through the disk, and once more the bundle's before it is published.
    assert seen["flush"] > seen["create"]
