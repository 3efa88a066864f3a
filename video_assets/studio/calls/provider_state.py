"""What all processes of this machine know of a provider: its rate limits, its quota and its circuit breaker.

Each provider has one small file, which is changed under a lock. The rules are in `rate_limiter.py` and
`circuit_breaker.py`. The file may be lost: the provider is then called once too often. The machine's clock may be set
in either direction: stored times are corrected (`clock.py`), and a time that the rules cannot have set is ignored.

Does not belong here: waiting, or which errors count as failures (`retry.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, ValidationError

from video_assets.studio.core.errors import QuotaExhausted
from video_assets.studio.storage.filesystem import UnsyncedFileSystem, atomic_write
from video_assets.studio.storage.locks import shared_lock

from .circuit_breaker import PROBE_INTERVAL_SECONDS, BreakerState
from .clock import Clock, Moment, clock_shift_seconds, machine_clock
from .rate_limiter import Account, AccountState


class RateDecision(NamedTuple):
    """Permission for one call: with `account` now, or (None) the time after which to try again."""

    account: Account | None
    wait_seconds: float
    why: str = ""
    rate_limited: bool = False
    """Whether the wait is only for the account's pace: other calls are first."""
    open_seconds: float | None = None
    """How long the provider has been out; None while the circuit is closed."""


class _ProviderRecord(BreakerState):
    """The file: the circuit breaker's fields, and the state of each account."""

    written: Moment = Moment()
    accounts: dict[str, AccountState] = Field(default_factory=dict)

    def account(self, account: Account) -> AccountState:
        return self.accounts.get(account.name, AccountState())

    def with_account(self, account: Account, state: AccountState) -> _ProviderRecord:
        return self.model_copy(update={"accounts": {**self.accounts, account.name: state}})


class ProviderState:
    """The shared state of one provider and its accounts."""

    def __init__(
        self,
        folder: Path,
        provider: str,
        accounts: Sequence[Account],
        *,
        probe_interval_seconds: float = PROBE_INTERVAL_SECONDS,
        clock: Clock = machine_clock,
    ) -> None:
        self._path = folder / f"{provider}.json"
        self._lock = folder / f"{provider}.gate"
        self._provider = provider
        self._accounts = tuple(accounts)
        self._probe_interval_seconds = probe_interval_seconds
        self._clock = clock

    def acquire(self, only: str = "") -> RateDecision:
        """Permission for a call with one account, which is then counted; or how long to wait.

        Of the accounts that may start first, the one with the smallest load is used. `only` names the account that must
        be used. Raises QuotaExhausted if no account has quota left.
        """
        with self._transaction() as (record, save):
            now = self._now()
            usable = [
                each
                for each in self._accounts
                if (not only or each.name == only) and record.account(each).has_quota(now)
            ]
            if not usable:
                raise QuotaExhausted(
                    f"{self._provider} has no quota left for this key.",
                    remedy="Look at the account's billing page. The next request is sent in a few minutes.",
                )
            if wait := record.wait_seconds(now):
                return RateDecision(
                    None, wait, f"{self._provider} is unavailable", open_seconds=record.open_seconds(now)
                )

            def wait_and_load(account: Account) -> tuple[float, float]:
                state = record.account(account)
                return state.wait_seconds(account, now), state.load(account)

            account = min(usable, key=wait_and_load)
            state = record.account(account)
            if wait := state.wait_seconds(account, now):
                blocked = state.blocked_seconds(now) > 0
                pace = f"{self._provider} allows {account.requests_per_minute} requests a minute"
                why = f"{self._provider} asked to wait" if blocked else pace
                return RateDecision(None, wait, why, rate_limited=not blocked)
            after = record.with_account(account, state.after_request(account, now))
            save(after.after_probe_started(now, self._probe_interval_seconds) if record.is_open else after)
        return RateDecision(account, 0)

    def blocked_seconds(self, account: Account) -> float:
        """How long a 429 still blocks the account; 0 if it does not."""
        return self._load().account(account).blocked_seconds(self._now())

    def block(self, account: Account, seconds: float) -> None:
        """Record a 429: no process uses the account for `seconds`."""
        with self._transaction() as (record, save):
            state = record.account(account)
            after = state.after_retry_after(seconds, self._now())
            if after is not state:
                save(record.with_account(account, after))

    def mark_quota_exhausted(self, account: Account) -> None:
        """Record an exhausted quota: no process uses the account for some minutes."""
        with self._transaction() as (record, save):
            save(record.with_account(account, record.account(account).after_quota_exhausted(self._now())))

    def record_failure(self) -> None:
        """Record a failed call for the circuit breaker. The account does not matter."""
        with self._transaction() as (record, save):
            save(record.after_failure(self._now(), self._probe_interval_seconds))

    def record_success(self) -> None:
        """Record that the provider works: the circuit is closed."""
        with self._transaction() as (record, save):
            if record.failures:
                save(record.after_success())

    @contextmanager
    def _transaction(self) -> Iterator[tuple[_ProviderRecord, Callable[[_ProviderRecord], None]]]:
        with shared_lock(self._lock, alone=True):
            yield self._load(), self._save

    def _now(self) -> float:
        return self._clock().unix_seconds

    def _load(self) -> _ProviderRecord:
        """The record with times on the current clock. A missing or damaged file is an empty record."""
        try:
            record = _ProviderRecord.model_validate_json(self._path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return _ProviderRecord()
        reading = self._clock()
        shift, now = clock_shift_seconds(record.written, reading), reading.unix_seconds
        intervals = {each.name: each.interval_seconds for each in self._accounts}
        accounts = {
            name: each.shifted(shift).without_impossible_times(intervals.get(name, 0), now)
            for name, each in record.accounts.items()
        }
        breaker = record.shifted(shift).without_impossible_times(self._probe_interval_seconds, now)
        return breaker.model_copy(update={"accounts": accounts})

    def _save(self, record: _ProviderRecord) -> None:
        stamped = record.model_copy(update={"written": self._clock()})
        atomic_write(self._path, stamped.model_dump_json().encode(), filesystem=UnsyncedFileSystem())
