"""The retry loop of calls to providers.

    Unavailable       retried after the time that the provider named, else after exponential backoff
    OutcomeUnknown    retried: the provider may have billed the attempt
    InvalidResponse   retried: the provider has billed the attempt
    Rejected          not retried: the same request would be rejected again
    UnsuitedResponse  not retried: a Rejected that the provider has billed

`RetryPolicy.retry_on` may exclude OutcomeUnknown and InvalidResponse: a lip-sync engine would return the same
bad video. The backoff has equal jitter: half of it is fixed, half is random.

Each attempt has a deadline of its own. The total timeout bounds when the last attempt may begin, not when it ends: an
attempt is billed once it has begun, so it gets all of its time. Before an attempt, its caller holds a slot of its pool
and has the permission of its account (`provider_state.py`) and of the content breaker (`content_breaker.py`). Its
intent is in the ledger before it begins.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import NamedTuple, TypeVar

from video_assets.studio.core.errors import (
    Cancelled,
    InvalidResponse,
    JobLost,
    OutcomeUnknown,
    ProviderError,
    QuotaExhausted,
    Rejected,
    Unavailable,
)

from .attempt import Attempt, Call, Result, RetryPolicy, Send
from .call_ledger import CallLedger, outcome_of
from .content_breaker import ContentBreaker, Model
from .context import CallContext
from .ledger.entries import CallIntent, CallRecord, Outcome
from .ledger.ledger import new_id
from .pricing import BilledUsage
from .provider_state import ProviderState, RateDecision
from .rate_limiter import Account

Valid = TypeVar("Valid")


class RetryingCaller:
    """Calls one provider. Only this class repeats a call that may be billed. An adapter may poll a job."""

    def __init__(
        self,
        provider: str,
        accounts: Sequence[Account],
        retry_policy: RetryPolicy | None = None,
        warm: Callable[[], object] = lambda: None,
        state_name: str = "",
        version: str = "",
    ) -> None:
        self._provider = provider
        self._state_name = state_name or provider
        """Names the shared state. It differs from the provider's name if something else may have the same name."""
        self._version = version
        """Digest of the provider's file. A new version resets the content breaker."""
        self._accounts = tuple(accounts)
        self._retry_policy = retry_policy or RetryPolicy()
        self._warm = warm
        """Prepares what the first request needs (imports, keys), before it waits for a slot or its account."""

    @property
    def provider(self) -> str:
        """Name of the provider."""
        return self._provider

    def call(
        self, call: Call, call_context: CallContext, send: Send[Result], validate: Callable[[Result], Valid]
    ) -> Valid:
        """What `validate` returns for the first response that it accepts. It runs without a slot.

        Raises Rejected after the first rejected attempt. After the last attempt, or at the deadline, raises the error
        of the last attempt.
        """
        self._warm()
        policy, folder = self._retry_policy, call_context.services.provider_state
        provider_state = ProviderState(
            folder, self._state_name, self._accounts, probe_interval_seconds=policy.probe_interval_seconds
        )
        model = Model(self._provider, call.kind, call.model, self._version)
        content = ContentBreaker(folder, self._state_name, model, max_useless=policy.max_invalid_responses)
        return _RetriedCall(self._provider, provider_state, content, policy, call, call_context).run(send, validate)


class _StartedAttempt(NamedTuple):
    """An attempt in flight."""

    intent: CallIntent
    attempt: Attempt
    trial: str
    """The content breaker's id of the call."""
    started_at: float
    """On the monotonic clock."""
    slot: ExitStack
    """Leaving it frees the slot."""


class _RetriedCall:
    """One call, from its first attempt to its last."""

    def __init__(
        self,
        provider: str,
        provider_state: ProviderState,
        content: ContentBreaker,
        retry_policy: RetryPolicy,
        call: Call,
        call_context: CallContext,
    ) -> None:
        self._provider = provider
        self._provider_state = provider_state
        self._content = content
        self._retry_policy = retry_policy
        self._call = call
        self._context = call_context
        self._services = call_context.services
        self._ledger = CallLedger(provider, call, call_context)
        self._deadline = time.monotonic() + retry_policy.total_timeout_seconds
        self._last_error: ProviderError | None = None

    def run(self, send: Send[Result], validate: Callable[[Result], Valid]) -> Valid:
        """See RetryingCaller.call."""
        policy = self._retry_policy
        try:
            for number in range(policy.max_attempts):
                if number:
                    self._back_off(number - 1)
                try:
                    return self._run_attempt(send, validate)
                except ProviderError as error:
                    _drop_frames(error)
                    if isinstance(error, Rejected) or not self._is_retryable(error):
                        raise
                    self._last_error = error.with_traceback(None)
        except _DeadlineExceeded:
            raise self._final_error(f"within {policy.total_timeout_seconds:g} s") from self._last_error
        except _LeftToFallback:
            raise self._final_error(
                f"because it is unavailable for {policy.fallback_after_seconds:g} s or more"
            ) from self._last_error
        attempts = "one try" if policy.max_attempts == 1 else f"{policy.max_attempts} tries"
        raise self._final_error(f"after {attempts}") from self._last_error

    def _is_retryable(self, error: ProviderError) -> bool:
        if isinstance(error, (*self._retry_policy.retry_on, JobLost)):
            return True
        return isinstance(error, OutcomeUnknown) and self._services.ledger.open_job(self._call.recipe) is not None

    def _back_off(self, number: int) -> None:
        """Wait before the next attempt."""
        retry_after = self._last_error.retry_after_seconds if isinstance(self._last_error, Unavailable) else 0
        why = f"{self._provider}: {self._last_error.message} Again." if self._last_error else ""
        # A Retry-After is in the provider state and holds for all processes. The random backoff spreads the callers
        # that failed together.
        self._sleep(0 if retry_after else self._backoff_seconds(number), why)

    def _backoff_seconds(self, number: int) -> float:
        longest = min(self._retry_policy.max_backoff_seconds, self._retry_policy.first_backoff_seconds * 2**number)
        return random.uniform(longest / 2, longest)

    def _run_attempt(self, send: Send[Result], validate: Callable[[Result], Valid]) -> Valid:
        job = self._services.ledger.open_job(self._call.recipe)
        started = self._start_attempt(job)
        with self._record_content_outcome(started.trial), self._record_errors(started):
            with started.slot:
                response = send(started.attempt)
            valid = validate(response.result)
        self._provider_state.record_success()
        self._record_outcome(started, "done", used=response.used)
        return valid

    def _start_attempt(self, job: CallRecord | None) -> _StartedAttempt:
        """Get a slot and the permission of both breakers and the rate limiter, and write the intent to the ledger.

        An open job is already paid for, so it needs no trial and no new intent.
        """
        while True:
            self._check_stopped()
            with ExitStack() as unused, ExitStack() as held:
                trial = new_id() if job else self._await_trial()
                unused.callback(self._content.release, trial)
                self._take_slot(held)
                decision = self._decide_rate(job)
                if decision.account is not None:
                    started = self._record_intent(decision.account, job, trial, held)
                    if not (wait := self._provider_state.blocked_seconds(decision.account)):
                        unused.pop_all()
                        return started
                    # Another process got a 429 while the intent was written. Nothing was sent.
                    started.slot.close()
                    if job is None:
                        self._record_outcome(started, "failed", message="not sent: the provider asked to wait")
                    decision = RateDecision(None, wait, f"{self._provider} asked to wait")
            # The wait holds neither a trial nor a slot, so that calls to other providers can use them.
            self._await_decision(decision)

    def _await_trial(self) -> str:
        """Wait for the content breaker's permission; returns its id. The wait does not use up the total timeout.

        Raises InvalidResponsesLimit, Cancelled.
        """
        waits_from, pause = time.monotonic(), _FIRST_POLL_SECONDS
        while True:
            self._check_stopped()
            trial = self._content.acquire(self._call.recipe)
            if trial is not None:
                self._deadline += time.monotonic() - waits_from
                return trial
            self._services.stopped.wait(pause)
            pause = min(pause * 1.5, _MAX_POLL_SECONDS)

    def _take_slot(self, held: ExitStack) -> None:
        """Wait for a slot. The wait is not the provider's fault, so it does not use up the total timeout."""
        waits_from = time.monotonic()
        key = f"{self._call.kind} {self._call.recipe[:16]}"
        held.enter_context(self._context.slots.slot(self._call.pool, key))
        self._deadline += time.monotonic() - waits_from

    def _decide_rate(self, job: CallRecord | None) -> RateDecision:
        """Whether a call may be sent now, or the wait until then. A short wait is done here, while the slot is held."""
        while True:
            self._check_stopped()
            decision = self._provider_state.acquire(job.intent.account if job else "")
            if decision.account is not None or decision.wait_seconds > _SHORT_WAIT_SECONDS:
                return decision
            self._await_decision(decision._replace(why=""))

    def _await_decision(self, decision: RateDecision) -> None:
        """Wait as long as `decision` says. Raises _LeftToFallback if an outage is too long for a call with a fallback.

        A wait for the account's pace is not the provider's fault, so it does not use up the total timeout.
        """
        if decision.rate_limited:
            self._deadline += decision.wait_seconds
        wait = decision.wait_seconds
        if self._context.has_fallback and decision.open_seconds is not None:
            left = self._retry_policy.fallback_after_seconds - decision.open_seconds
            if left <= 0:
                raise _LeftToFallback
            wait = min(wait, left)
        self._sleep(wait, decision.why)

    def _record_intent(self, account: Account, job: CallRecord | None, trial: str, held: ExitStack) -> _StartedAttempt:
        intent = self._ledger.record_intent(account) if job is None else job.intent
        record_job = partial(self._services.ledger.record_job, intent.id)
        timeout = self._retry_policy.attempt_timeout_seconds
        attempt = Attempt(intent.id, account, timeout, job.job if job else "", record_job, self._services.stopped)
        return _StartedAttempt(intent, attempt, trial, time.monotonic(), held.pop_all())

    @contextmanager
    def _record_content_outcome(self, trial: str) -> Iterator[None]:
        """Report the response as good or useless to the content breaker, which all processes share."""
        try:
            yield
        except InvalidResponse as error:
            if isinstance(error, JobLost):
                self._content.release(trial)
            else:
                self._content.record_useless(trial, self._call.recipe, error.message)
            raise
        except BaseException:
            self._content.release(trial)
            raise
        self._content.record_good(trial)

    @contextmanager
    def _record_errors(self, started: _StartedAttempt) -> Iterator[None]:
        """Record an error of the block in the ledger and in the provider state."""
        try:
            yield
        except ProviderError as error:
            if self._services.stopped.is_set() and isinstance(error, OutcomeUnknown):
                self._record_outcome(started, "unknown", message="aborted: the run was cancelled")
                raise  # the provider state stays: the provider is not at fault
            self._update_provider_state(started.attempt.account, error)
            outcome = outcome_of(error)
            # A job whose status could not be read has not failed. The next attempt polls it again.
            is_open_job = outcome == "failed" and started.attempt.job
            self._record_outcome(started, "unknown" if is_open_job else outcome, message=error.message)
            raise
        except BaseException as error:
            self._record_outcome(started, "unknown", message=f"{type(error).__name__} on our side")
            raise

    def _record_outcome(
        self, started: _StartedAttempt, outcome: Outcome, *, used: BilledUsage | None = None, message: str = ""
    ) -> None:
        self._ledger.record_outcome(started.intent, started.started_at, outcome, used=used, message=message)

    def _update_provider_state(self, account: Account, error: ProviderError) -> None:
        """Share with all processes what the error says about the provider."""
        if isinstance(error, QuotaExhausted):
            self._provider_state.mark_quota_exhausted(account)
        elif isinstance(error, Unavailable) and error.retry_after_seconds:
            self._provider_state.block(account, error.retry_after_seconds)
        elif isinstance(error, Rejected):
            self._provider_state.record_success()
        else:
            self._provider_state.record_failure()

    def _sleep(self, seconds: float, why: str) -> None:
        """Wait. Raises _DeadlineExceeded if the deadline is before the end of the wait, and Cancelled."""
        if time.monotonic() + seconds >= self._deadline:
            raise _DeadlineExceeded
        if seconds >= _NOTIFY_FROM_SECONDS and why:
            self._context.notify(f"{why} ({seconds:.0f} s).")
        self._services.stopped.wait(seconds)
        self._check_stopped()

    def _check_stopped(self) -> None:
        if self._services.stopped.is_set():
            raise Cancelled(f"{self._provider} got no further request.", remedy="The work was cancelled.")

    def _final_error(self, when: str) -> ProviderError:
        last = self._last_error
        if last is None:
            remedy = "Try again later. The provider is unavailable, or asked to wait."
            return Unavailable(f"{self._provider} got no request {when}.", remedy=remedy)
        return type(last)(f"{last.message} Given up {when}.", remedy=last.remedy or "Try again later.")


def _drop_frames(error: BaseException) -> None:
    """Remove the traceback and context of an error and its causes.

    Their frames hold whole responses, and the client's own errors, which hold requests and keys. The messages of the
    error and its causes stay.
    """
    error.__context__ = None
    error.__traceback__ = None
    if error.__cause__ is not None:
        _drop_frames(error.__cause__)


class _DeadlineExceeded(Exception):
    """The next wait would end after the total timeout."""


class _LeftToFallback(Exception):
    """The provider has been out for so long that the fallback provider takes over."""


_NOTIFY_FROM_SECONDS = 5.0
_SHORT_WAIT_SECONDS = 2.0
_FIRST_POLL_SECONDS, _MAX_POLL_SECONDS = 0.02, 0.5
"""How often the content breaker is asked again."""
