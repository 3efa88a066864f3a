"""What all processes of this machine know of a provider: who may ask from when on, and whether it is out.

    gate       after a 429 nobody asks with that account until the time that was told
    pace       requests a minute of an account, kept by spacing them (the generic cell rate algorithm, ITU-T I.371)
    breaker    after several failures in a row only one probe is let through in half a minute
    quota      an account that has nothing left is not asked at all for some minutes

One small file per provider, changed under a lock. It may be lost: then the provider is asked once too often. The
machine's clock may be set in either direction: times are translated (`clock.py`), and one that lies further ahead than
the rules here can have put it is void. Belongs here: those rules. Does not belong here: waiting (`owner.py`), or what
counts as a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, ValidationError

from video_assets.studio.core.errors import QuotaExhausted
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.storage.filesystem import FileSystem, atomic_write
from video_assets.studio.storage.locks import shared_lock

from .clock import Clock, Moment, clock_shift_seconds, machine_clock, shift_unix_time

FAILURES_UNTIL_OUT = 8
"""In a row, over all processes. At 30 % faults at random, eight happen once in 15,000 calls."""
PROBE_EVERY_SECONDS = 30.0
QUOTA_REST_SECONDS = 300.0
BURST_SECONDS = 1.0
"""As many requests as this much time allows may come at once."""
LONGEST_CLOSED_SECONDS = 86_400.0
"""Whatever a 429 tells."""


class Account(NamedTuple):
    """One key of a provider. Its name is for people and files; the key itself is nowhere but in its request."""

    name: str
    requests_per_minute: int = 0
    """0: the provider is not known to bound them."""


class Permit(NamedTuple):
    """Whether somebody may ask: with `account` now, or (None) not before `wait_seconds` are over."""

    account: Account | None
    wait_seconds: float
    why: str = ""
    rate_limited: bool = False
    """Whether the wait is for one's turn only: the account takes so many requests a minute, and others come first."""
    open_seconds: float | None = None
    """For how long the provider has been out; None while it works."""


class _AccountState(FrozenModel):
    """An account's."""

    open_at: float = 0
    """Unix seconds; told by a 429."""
    closed_seconds: float = LONGEST_CLOSED_SECONDS
    """How long that was to be."""
    next_at: float = 0
    """The theoretical arrival time of the next request."""
    asked: int = 0
    rests_until: float = 0
    """It has no quota left."""


class _ProviderRecord(FrozenModel):
    written: Moment = Moment()
    failures: int = 0
    probe_at: float = 0
    """When somebody may try again, while it is out."""
    out_since: float = 0
    accounts: dict[str, _AccountState] = Field(default_factory=dict)


class ProviderState:
    """The gates of one provider and its accounts."""

    def __init__(
        self,
        folder: Path,
        provider: str,
        accounts: Sequence[Account],
        *,
        probe_every_seconds: float = PROBE_EVERY_SECONDS,
        clock: Clock = machine_clock,
    ) -> None:
        self._path = folder / f"{provider}.json"
        self._lock = folder / f"{provider}.gate"
        self._provider = provider
        self._accounts = tuple(accounts)
        self._probe_every_seconds = probe_every_seconds
        self._clock = clock

    def acquire(self, only: str = "") -> Permit:
        """Leave to ask with one account, which then counts as asked; else how long to wait.

        The account that can start first is taken, of several the one that was asked least for what it may be asked.
        `only` names the account that must be used. Raises QuotaExhausted when none has anything left.
        """
        with self._changing() as (known, change):
            time = self._now()
            awake = [each for each in self._accounts if not only or each.name == only]
            awake = [each for each in awake if self._of(known, each).rests_until <= time]
            if not awake:
                raise QuotaExhausted(
                    f"{self._provider} has no quota left for this key.",
                    remedy="Look at the account's billing page; it is asked again in some minutes.",
                )
            out = known.failures >= FAILURES_UNTIL_OUT
            if out and time < known.probe_at:
                out_seconds = max(0.0, time - known.out_since)
                return Permit(None, known.probe_at - time, f"{self._provider} is out", open_seconds=out_seconds)
            account = min(awake, key=lambda each: self._rank(known, each, time))
            wait = self._wait(known, account, time)
            if wait > 0:
                told = self._of(known, account).open_at > time
                pace = f"{self._provider} takes {account.requests_per_minute} requests a minute"
                return Permit(None, wait, f"{self._provider} asked to wait" if told else pace, rate_limited=not told)
            change(self._asked(known, account, time, probing=out))
        return Permit(account, 0)

    def block_for(self, account: Account) -> float:
        """Seconds for which a 429 closed the account's gate; 0 if it is open."""
        return max(0.0, self._of(self._known(), account).open_at - self._now())

    def blocked_seconds(self, account: Account, seconds: float) -> None:
        """A 429 came: nobody asks with the account for `seconds`."""
        closed = min(seconds, LONGEST_CLOSED_SECONDS)
        with self._changing() as (known, change):
            before, open_at = self._of(known, account), self._now() + closed
            if open_at > before.open_at:
                after = before.model_copy(update={"open_at": open_at, "closed_seconds": closed})
                change(_with_account(known, account, after))

    def mark_quota_exhausted(self, account: Account) -> None:
        """Nothing is left: the account is not asked for some minutes."""
        with self._changing() as (known, change):
            rests = {"rests_until": self._now() + QUOTA_REST_SECONDS}
            change(_with_account(known, account, self._of(known, account).model_copy(update=rests)))

    def record_failure(self) -> None:
        """It did not answer as it should, whoever asked."""
        with self._changing() as (known, change):
            time, failures = self._now(), known.failures + 1
            since = time if failures == FAILURES_UNTIL_OUT else known.out_since
            told = {"failures": failures, "probe_at": time + self._probe_every_seconds, "out_since": since}
            change(known.model_copy(update=told))

    def record_success(self) -> None:
        """It works."""
        with self._changing() as (known, change):
            if known.failures:
                change(known.model_copy(update={"failures": 0, "probe_at": 0, "out_since": 0}))

    def _rank(self, known: _ProviderRecord, account: Account, time: float) -> tuple[float, float]:
        standing = self._of(known, account)
        return self._wait(known, account, time), standing.asked / max(1, account.requests_per_minute)

    def _wait(self, known: _ProviderRecord, account: Account, time: float) -> float:
        standing = self._of(known, account)
        early = BURST_SECONDS if account.requests_per_minute else 0
        return max(0.0, standing.open_at - time, standing.next_at - early - time)

    def _asked(self, known: _ProviderRecord, account: Account, time: float, *, probing: bool) -> _ProviderRecord:
        standing = self._of(known, account)
        space = 60 / account.requests_per_minute if account.requests_per_minute else 0
        asked = standing.model_copy(
            update={"asked": standing.asked + 1, "next_at": max(standing.next_at, time) + space if space else 0}
        )
        probe = {"probe_at": time + self._probe_every_seconds} if probing else {}
        if probing and time - known.probe_at > self._probe_every_seconds:
            # Nobody has asked for a while, and nobody knows whether it is still out: that begins anew with this probe.
            probe["out_since"] = time
        return _with_account(known, account, asked).model_copy(update=probe)

    @staticmethod
    def _of(known: _ProviderRecord, account: Account) -> _AccountState:
        return known.accounts.get(account.name, _AccountState())

    @contextmanager
    def _changing(self) -> Iterator[tuple[_ProviderRecord, Callable[[_ProviderRecord], None]]]:
        with shared_lock(self._lock, alone=True):
            yield self._known(), self._write

    def _now(self) -> float:
        return self._clock().unix_seconds

    def _known(self) -> _ProviderRecord:
        try:
            known = _ProviderRecord.model_validate_json(self._path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return _ProviderRecord()
        now = self._clock()
        known = _by_another_clock(known, clock_shift_seconds(known.written, now))
        return self._without_the_impossible(known, now.unix_seconds)

    def _without_the_impossible(self, known: _ProviderRecord, time: float) -> _ProviderRecord:
        """Drops times that are further in the future than the rules allow: the clock was set back."""
        spaces = {each.name: 60 / each.requests_per_minute for each in self._accounts if each.requests_per_minute}
        accounts = {
            name: each.model_copy(
                update={
                    "open_at": _unless_beyond(each.open_at, time + each.closed_seconds),
                    "next_at": _unless_beyond(each.next_at, time + BURST_SECONDS + spaces.get(name, 0)),
                    "rests_until": _unless_beyond(each.rests_until, time + QUOTA_REST_SECONDS),
                }
            )
            for name, each in known.accounts.items()
        }
        probe_at = _unless_beyond(known.probe_at, time + self._probe_every_seconds)
        return known.model_copy(
            update={"accounts": accounts, "probe_at": probe_at, "out_since": min(known.out_since, time)}
        )

    def _write(self, known: _ProviderRecord) -> None:
        stamped = known.model_copy(update={"written": self._clock()})
        atomic_write(self._path, stamped.model_dump_json().encode(), filesystem=UnsyncedFileSystem())


_SLACK_SECONDS = 0.01


def _unless_beyond(unix_seconds: float, latest: float) -> float:
    return unix_seconds if unix_seconds <= latest + _SLACK_SECONDS else 0.0


def _with_account(known: _ProviderRecord, account: Account, standing: _AccountState) -> _ProviderRecord:
    return known.model_copy(update={"accounts": {**known.accounts, account.name: standing}})


def _by_another_clock(known: _ProviderRecord, shift: float) -> _ProviderRecord:
    """The state, corrected for a clock that was set by `shift` seconds."""
    accounts = {
        name: each.model_copy(
            update={
                field: shift_unix_time(getattr(each, field), shift) for field in ("open_at", "next_at", "rests_until")
            }
        )
        for name, each in known.accounts.items()
    }
    times = {field: shift_unix_time(getattr(known, field), shift) for field in ("probe_at", "out_since")}
    return known.model_copy(update={**times, "accounts": accounts})


class UnsyncedFileSystem(FileSystem):
    """Whole, but not durable: after a power cut nobody waits for a gate any more."""

    def flush(self, file: object) -> None:
        """Left to the operating system."""

    def flush_folder(self, folder: Path) -> None:
        """Left to the operating system."""
