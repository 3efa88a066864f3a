"""What all processes know of a provider, on a machine whose clock is set while they know it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.clock import BEGIN_UNIX_SECONDS as BEGIN
from tests.kit.clock import FakeClock
from video_assets.studio.calls.circuit_breaker import FAILURES_UNTIL_OPEN, PROBE_INTERVAL_SECONDS
from video_assets.studio.calls.provider_state import ProviderState
from video_assets.studio.calls.rate_limiter import BURST_SECONDS, QUOTA_REST_SECONDS, Account
from video_assets.studio.core.errors import QuotaExhausted

MAIN = Account("main", 60)
JUMPS = st.floats(-400 * 86_400, 400 * 86_400)


def _provider_state(folder: Path, machine: FakeClock) -> ProviderState:
    return ProviderState(folder, "trial", (MAIN,), clock=machine)


@settings(max_examples=60, deadline=None)
@given(jump=JUMPS, waited=st.floats(0, 59))
def test_a_clock_that_is_set_changes_no_wait(
    tmp_path_factory: pytest.TempPathFactory, jump: float, waited: float
) -> None:
    """A teacher would wait an hour for a provider, or run into its limit, as a time server set the clock."""
    machine = FakeClock()
    provider_state = _provider_state(tmp_path_factory.mktemp("provider_state"), machine)
    provider_state.block(MAIN, 60)
    machine.unix += jump
    machine.pass_(waited)
    assert provider_state.blocked_seconds(MAIN) == pytest.approx(60 - waited, abs=0.1)
    assert provider_state.acquire().wait_seconds == pytest.approx(60 - waited, abs=0.1)
    machine.pass_(61 - waited)
    assert provider_state.acquire().account == MAIN


def test_the_pace_of_an_account_outlives_a_clock_that_is_set_back(tmp_path: Path) -> None:
    """A provider would be asked nothing for the hour by which the clock was set back."""
    machine = FakeClock()
    provider_state = _provider_state(tmp_path, machine)
    for _ in range(30):
        while (permit := provider_state.acquire()).account is None:
            machine.pass_(permit.wait_seconds)
        machine.unix -= 3600
    assert machine.since_boot - 5000 == pytest.approx(28, abs=1.5), "a request a second, as before"


FIELDS = ("open_at", "next_at", "rests_until")
STATES = st.fixed_dictionaries({name: JUMPS.map(lambda jump: BEGIN + jump) for name in FIELDS})


@settings(max_examples=150, deadline=None)
@given(
    state=STATES,
    closed=st.floats(0, 900),
    probe=JUMPS,
    since=JUMPS,
    failures=st.integers(0, 20),
    stamped=st.booleans(),
)
def test_no_state_that_a_jump_of_the_clock_leaves_stops_a_provider_for_long(
    tmp_path_factory: pytest.TempPathFactory,
    state: dict[str, float],
    closed: float,
    probe: float,
    since: float,
    failures: int,
    stamped: bool,
) -> None:
    """A provider would be out for days, as the machine was off when its clock was set, or the file is an old one."""
    machine, folder = FakeClock(), tmp_path_factory.mktemp("provider_state")
    written: dict[str, Any] = {
        "failures": failures,
        "probe_at": BEGIN + probe,
        "out_since": BEGIN + since,
        "accounts": {"main": {**state, "closed_seconds": closed, "asked": 3}},
    }
    if stamped:
        written["written"] = {"unix_seconds": BEGIN, "boot_seconds": 9e9, "boot": "another"}
    (folder / "trial.json").write_text(json.dumps(written))
    provider_state = _provider_state(folder, machine)
    try:
        permit = provider_state.acquire()
    except QuotaExhausted:
        machine.pass_(QUOTA_REST_SECONDS)
        permit = provider_state.acquire()
    longest = max(closed, PROBE_INTERVAL_SECONDS, BURST_SECONDS + 60 / MAIN.requests_per_minute)
    assert permit.account == MAIN or permit.wait_seconds <= longest + 0.1
    if permit.open_seconds is not None:
        assert permit.open_seconds >= 0


def test_a_restart_keeps_what_a_provider_told(tmp_path: Path) -> None:
    """After a reboot everybody would run into a limit that was told for ten minutes, and lock the account."""
    machine = FakeClock()
    _provider_state(tmp_path, machine).block(MAIN, 600)
    machine.pass_(60)
    machine.restart()
    assert _provider_state(tmp_path, machine).blocked_seconds(MAIN) == pytest.approx(540, abs=0.1)


def test_an_outage_is_known_for_as_long_as_it_lasts_whatever_the_clock_says(tmp_path: Path) -> None:
    """Sections with a stand-in would wait for a provider that is out until the clock has caught up."""
    machine = FakeClock()
    provider_state = _provider_state(tmp_path, machine)
    for _ in range(FAILURES_UNTIL_OPEN):
        provider_state.record_failure()
    machine.unix -= 7200
    machine.pass_(20)
    permit = provider_state.acquire()
    assert (permit.account, permit.open_seconds) == (None, pytest.approx(20, abs=0.1))
    assert permit.wait_seconds == pytest.approx(PROBE_INTERVAL_SECONDS - 20, abs=0.1)
