"""A call and its attempts: the values that stages, the retry loop and the provider clients share.

Does not belong here: the retry loop (`retry.py`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from video_assets.studio.core.errors import InvalidResponse, OutcomeUnknown, ProviderError, Unavailable

from .content_breaker import MAX_USELESS
from .pricing import BilledUsage
from .rate_limiter import Account

Result = TypeVar("Result")


class RetryPolicy(NamedTuple):
    """How often and how long a call is attempted."""

    max_attempts: int = 8
    """At 30 % faults and 40 calls a lesson, 3 attempts finish a third of all lessons, 8 attempts 99.7 %."""
    total_timeout_seconds: float = 900.0
    """How long new attempts may begin. Backoff counts; waits for a slot or for the rate limit do not."""
    attempt_timeout_seconds: float = 180.0
    """The timeout of each attempt, also of one that begins shortly before the total timeout."""
    first_backoff_seconds: float = 0.5
    max_backoff_seconds: float = 30.0
    probe_interval_seconds: float = 30.0
    fallback_after_seconds: float = 60.0
    """The length of an outage, over all calls, after which calls that have a fallback provider give up."""
    max_invalid_responses: int = MAX_USELESS
    """How many responses of an unproven model may be useless, over all calls (`content_breaker.py`)."""
    retry_on: tuple[type[ProviderError], ...] = (Unavailable, InvalidResponse, OutcomeUnknown)
    """The errors after which another attempt may succeed. An open job is always polled, and a lost job is always
    submitted again.
    """


class Call(NamedTuple):
    """One paid call, as the ledger and messages name it."""

    kind: str
    """writing, speech, pictures or lips."""
    pool: str
    """The pool whose slots it takes."""
    model: str
    recipe: str
    """The idempotency key: equal requests have equal recipes."""
    max_usage: BilledUsage
    """The most that it may use."""


class Response(NamedTuple, Generic[Result]):
    """A response and the usage that the provider bills for it."""

    result: Result
    used: BilledUsage


class Attempt:
    """One attempt of a call, as `send` sees it."""

    def __init__(
        self,
        call: str,
        account: Account,
        timeout_seconds: float,
        job: str,
        record_job: Callable[[str], None],
        stopped: threading.Event,
    ) -> None:
        self.call = call
        """Id of its intent in the ledger."""
        self.account = account
        self.stopped = stopped
        """Set when the caller no longer waits for the response."""
        self.job = job
        """Id of an open job at the provider, which must be polled first; empty if there is none."""
        self._deadline = time.monotonic() + timeout_seconds
        self._record_job = record_job

    @property
    def seconds_left(self) -> float:
        """The time until the deadline of the attempt. At least 0.1, because clients take 0 for "no timeout"."""
        return max(0.1, self._deadline - time.monotonic())

    def job_started(self, job: str) -> None:
        """Record that the provider has accepted a job with this id, so that it is not paid for twice."""
        if job != self.job:
            self.job = job
            self._record_job(job)


Send = Callable[[Attempt], Response[Result]]
"""Sends the request once. Raises a ProviderError whose class says whether another attempt may help."""
