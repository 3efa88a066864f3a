"""One call, its tries, and what they bring: the values that an asker, the owner of tries and a provider's client share.

Belongs here: those. Does not belong here: the loop over tries (`owner.py`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from video_assets.studio.core.errors import InvalidResponse, OutcomeUnknown, ProviderError, Unavailable

from .content_breaker import MOST_USELESS
from .pricing import BilledUsage
from .provider_state import Account

Result = TypeVar("Result")


class RetryPolicy(NamedTuple):
    """How long somebody is asked for one answer."""

    max_attempts: int = 8
    """At 30 % faults and 40 calls a lesson, 3 tries finish a third of all lessons, 8 tries 99.7 %."""
    total_timeout_seconds: float = 900.0
    """How long new tries are begun, the waits between them included; not the waits for one's turn."""
    attempt_timeout_seconds: float = 180.0
    """Of each try, also of one that begins when the patience is nearly over."""
    first_backoff_seconds: float = 0.5
    max_backoff_seconds: float = 30.0
    probe_interval_seconds: float = 30.0
    fallback_after_seconds: float = 60.0
    """How long it may be out, over all calls, until those that have a stand-in are left to it."""
    max_invalid_responses: int = MOST_USELESS
    """As many answers of a model that has given no good one lately may be useless, over all calls (`content.py`)."""
    retry_on: tuple[type[ProviderError], ...] = (Unavailable, InvalidResponse, OutcomeUnknown)
    """What another try may mend. Of jobs that were taken on, all are asked about, and lost ones made anew."""


class Call(NamedTuple):
    """One wish: what is asked of whom, as the ledger and messages name it."""

    kind: str
    """writing, speech, pictures or lips."""
    pool: str
    """Whose slots it takes."""
    model: str
    recipe: str
    """The same wish has the same recipe."""
    max_cost: BilledUsage
    """What it may use at most."""


class Response(NamedTuple, Generic[Result]):
    """What came back, and what it used."""

    result: Result
    used: BilledUsage


class Attempt:
    """One try of a call, as `send` sees it."""

    def __init__(
        self,
        call: str,
        account: Account,
        seconds: float,
        job: str,
        took_on: Callable[[str], None],
        stopped: threading.Event,
    ) -> None:
        self.call = call
        """Id of its intent in the ledger."""
        self.account = account
        self.stopped = stopped
        """Set when nobody waits for the answer any more."""
        self.job = job
        """Id of a job of the provider's whose end nobody saw: ask about it first. Else empty."""
        self._due = time.monotonic() + seconds
        self._took_on = took_on

    @property
    def seconds_left(self) -> float:
        """Until the try must be over. Never below a tenth: a client takes 0 for "for ever"."""
        return max(0.1, self._due - time.monotonic())

    def job_started(self, job: str) -> None:
        """The provider has a job of that id now: kept, so that nobody pays for it twice."""
        if job != self.job:
            self.job = job
            self._took_on(job)


Send = Callable[[Attempt], Response[Result]]
"""Asks once. Raises ProviderError of the kind that says what another try is worth."""
