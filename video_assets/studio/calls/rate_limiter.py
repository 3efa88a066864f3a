"""The rate limiter of one account of a provider: pace, Retry-After and quota.

    pace          Requests a minute are spaced by the generic cell rate algorithm (GCRA, ITU-T I.371).
    Retry-After   After a 429 no process uses the account until the time that the provider named.
    quota         An account without quota is not used for QUOTA_REST_SECONDS.

These are values and functions of the time. Does not belong here: the file that processes share (`provider_state.py`).
"""

from __future__ import annotations

from typing import NamedTuple

from video_assets.studio.core.values import FrozenModel

from .clock import shift_unix_time

QUOTA_REST_SECONDS = 300.0
BURST_SECONDS = 1.0
"""The requests of this much time may start at once."""
MAX_RETRY_AFTER_SECONDS = 86_400.0
"""A longer Retry-After is cut to this."""
_SLACK_SECONDS = 0.01


class Account(NamedTuple):
    """One key of a provider. The name is for people and files. The key itself is only in the requests."""

    name: str
    requests_per_minute: int = 0
    """0: no limit is known."""

    @property
    def interval_seconds(self) -> float:
        """The time between two requests at full pace; 0 without a limit."""
        return 60 / self.requests_per_minute if self.requests_per_minute else 0


class AccountState(FrozenModel):
    """What is known of one account. All times are Unix seconds; 0 means "never"."""

    open_at: float = 0
    """After a 429: when requests are allowed again."""
    closed_seconds: float = MAX_RETRY_AFTER_SECONDS
    """The length of that block, to recognise an `open_at` that a changed clock made impossible."""
    next_at: float = 0
    """GCRA: the theoretical arrival time of the next request."""
    asked: int = 0
    """Requests so far."""
    rests_until: float = 0
    """After an exhausted quota: when the account is used again."""

    def has_quota(self, now: float) -> bool:
        """Whether the account may be used at all."""
        return self.rests_until <= now

    def blocked_seconds(self, now: float) -> float:
        """How long a 429 still blocks the account; 0 if it does not."""
        return max(0.0, self.open_at - now)

    def wait_seconds(self, account: Account, now: float) -> float:
        """How long the next request has to wait, for a 429 or for the pace."""
        burst = BURST_SECONDS if account.requests_per_minute else 0
        return max(0.0, self.open_at - now, self.next_at - burst - now)

    def load(self, account: Account) -> float:
        """Requests so far in proportion to the account's limit: the account with the smallest load is used first."""
        return self.asked / max(1, account.requests_per_minute)

    def after_request(self, account: Account, now: float) -> AccountState:
        """The state after a request that starts at `now`."""
        interval = account.interval_seconds
        next_at = max(self.next_at, now) + interval if interval else 0
        return self.model_copy(update={"asked": self.asked + 1, "next_at": next_at})

    def after_retry_after(self, seconds: float, now: float) -> AccountState:
        """The state after a 429. A block that already lasts longer stays."""
        closed = min(seconds, MAX_RETRY_AFTER_SECONDS)
        if now + closed <= self.open_at:
            return self
        return self.model_copy(update={"open_at": now + closed, "closed_seconds": closed})

    def after_quota_exhausted(self, now: float) -> AccountState:
        """The state after the provider reported an exhausted quota."""
        return self.model_copy(update={"rests_until": now + QUOTA_REST_SECONDS})

    def shifted(self, shift_seconds: float) -> AccountState:
        """The state, corrected for a clock that was set by `shift_seconds`."""
        fields = ("open_at", "next_at", "rests_until")
        return self.model_copy(update={name: shift_unix_time(getattr(self, name), shift_seconds) for name in fields})

    def without_impossible_times(self, interval_seconds: float, now: float) -> AccountState:
        """Drops times further in the future than the rules allow: the clock was set back."""
        return self.model_copy(
            update={
                "open_at": drop_later_than(self.open_at, now + self.closed_seconds),
                "next_at": drop_later_than(self.next_at, now + BURST_SECONDS + interval_seconds),
                "rests_until": drop_later_than(self.rests_until, now + QUOTA_REST_SECONDS),
            }
        )


def drop_later_than(unix_seconds: float, latest: float) -> float:
    """A stored time, or 0 ("never") if it is later than `latest`."""
    return unix_seconds if unix_seconds <= latest + _SLACK_SECONDS else 0.0
