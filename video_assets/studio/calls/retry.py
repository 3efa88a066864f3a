"""The retry loop of calls to providers.

    Unavailable       tried again after the time that the provider named, else after exponential backoff
    OutcomeUnknown    tried again: the provider may have billed the attempt
    InvalidResponse   tried again: the provider has billed the attempt
    Rejected          not tried again: the same request would be rejected again

`RetryPolicy.retry_on` may exclude OutcomeUnknown and InvalidResponse: a lip-sync engine would return the same
bad video. The backoff has equal jitter: half of it is fixed, half is random.

Each attempt has a deadline of its own. The total timeout bounds when the last attempt may begin, not when it ends: an
attempt is billed once it has begun, so it gets all of its time. An attempt holds a slot of its pool, a permit of its
account (`provider_state.py`), and a trial of its model if that has not proved itself (`content_breaker.py`). Its intent
is in the ledger before it begins.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from functools import partial
from typing import NamedTuple, TypeVar

from video_assets.studio.core.errors import (
    Cancelled,
    ContentRefused,
    InvalidResponse,
    JobLost,
    OutcomeUnknown,
    ProviderError,
    QuotaExhausted,
    Rejected,
    Unavailable,
)

from .attempt import Attempt, Call, Result, RetryPolicy, Send
from .content_breaker import ContentBreaker, Model
from .context import CallContext
from .ledger import new_id, now
from .ledger_entries import CallIntent, CallOutcome, CallRecord, Outcome
from .pricing import BilledUsage
from .provider_state import Account, Permit, ProviderState

Judged = TypeVar("Judged")


class RetryingCaller:
    """The owner of the calls to one provider."""

    def __init__(
        self,
        provider: str,
        accounts: Sequence[Account],
        retry_policy: RetryPolicy | None = None,
        warm: Callable[[], object] = lambda: None,
        gate: str = "",
        version: str = "",
    ) -> None:
        self._provider = provider
        self._gate = gate or provider
        """Under what name all processes know it; a provider's own, unless something else may have the same."""
        self._version = version
        """Digest of how it is described: what was learned of its answers holds for that alone."""
        self._accounts = tuple(accounts)
        self._retry_policy = retry_policy or RetryPolicy()
        self._warm = warm
        """Makes ready what a first request would wait for, before leave to ask is taken."""

    @property
    def provider(self) -> str:
        """Who is called."""
        return self._provider

    def ask(
        self, call: Call, call_context: CallContext, send: Send[Result], judge: Callable[[Result], Judged]
    ) -> Judged:
        """What `judge` makes of the first answer that it takes. It works without a slot: others may ask meanwhile.

        Raises Rejected as soon as a try was; after the last try, or at the deadline, what it ended with.
        """
        self._warm()
        every = self._retry_policy.probe_interval_seconds
        provider_state = ProviderState(
            call_context.services.provider_state, self._gate, self._accounts, probe_every_seconds=every
        )
        model = Model(self._provider, call.kind, call.model, self._version)
        most = self._retry_policy.max_invalid_responses
        content = ContentBreaker(call_context.services.provider_state, self._gate, model, most_useless=most)
        return _RetriedCall(self._provider, provider_state, content, self._retry_policy, call, call_context).ask(
            send, judge
        )


class _StartedAttempt(NamedTuple):
    """A try under way."""

    intent: CallIntent
    attempt: Attempt
    place: str
    """Among the calls that were not judged yet."""
    at: float
    slot: ExitStack
    """Leaving it frees the slot."""


class _RetriedCall:
    """One call, from its first try to its last."""

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
        self._due = time.monotonic() + retry_policy.total_timeout_seconds
        self._last: ProviderError | None = None

    def ask(self, send: Send[Result], judge: Callable[[Result], Judged]) -> Judged:
        """See RetryingCaller."""
        try:
            for number in range(self._retry_policy.max_attempts):
                if number:
                    self._rest(number - 1)
                try:
                    return self._try(send, judge)
                except ProviderError as error:
                    _lighten(error)
                    if isinstance(error, Rejected) or not self._is_worth_another(error):
                        raise
                    self._last = error.with_traceback(None)
        except _OutOfTime:
            raise self._gave_up(f"within {self._retry_policy.total_timeout_seconds:g} s") from self._last
        except _LeftToFallback:
            raise self._gave_up(
                f"as it is out for {self._retry_policy.fallback_after_seconds:g} s or more"
            ) from self._last
        tries = "one try" if self._retry_policy.max_attempts == 1 else f"{self._retry_policy.max_attempts} tries"
        raise self._gave_up(f"after {tries}") from self._last

    def _is_worth_another(self, error: ProviderError) -> bool:
        if isinstance(error, (*self._retry_policy.retry_on, JobLost)):
            return True
        return isinstance(error, OutcomeUnknown) and self._services.ledger.open_job(self._call.recipe) is not None

    def _rest(self, number: int) -> None:
        """Between two tries."""
        told = self._last.retry_after_seconds if isinstance(self._last, Unavailable) else 0
        why = f"{self._provider}: {self._last.message} Again." if self._last else ""
        # What was told holds for all: the gate keeps it. A wait of one's own spreads those who failed together.
        self._pause(0 if told else self._backoff(number), why)

    def _try(self, send: Send[Result], judge: Callable[[Result], Judged]) -> Judged:
        job = self._services.ledger.open_job(self._call.recipe)
        started = self._started(job)
        with self._record_content_outcome(started.place), self._noted(started):
            with started.slot:
                answer = send(started.attempt)
            judged = judge(answer.result)
        self._provider_state.record_success()
        self._end(started, "done", used=answer.used)
        return judged

    @contextmanager
    def _record_content_outcome(self, place: str) -> Iterator[None]:
        """Report the answer as good or useless to the content breaker, which all processes share."""
        try:
            yield
        except InvalidResponse as error:
            if isinstance(error, JobLost):
                self._content.release(place)
            else:
                self._content.record_useless(place, self._call.recipe, error.message)
            raise
        except BaseException:
            self._content.release(place)
            raise
        self._content.record_good(place)

    def _place(self) -> str:
        """Wait for the content breaker's permission; returns its id. The wait does not count as patience.

        Raises InvalidResponsesLimit, Stopped.
        """
        waits_from, pause = time.monotonic(), _FIRST_LOOK_SECONDS
        while True:
            self._check_stopped()
            place = self._content.acquire(self._call.recipe)
            if place is not None:
                self._due += time.monotonic() - waits_from
                return place
            self._services.stopped.wait(pause)
            pause = min(pause * 1.5, _RAREST_LOOK_SECONDS)

    def _started(self, job: CallRecord | None) -> _StartedAttempt:
        """A place, a slot and the account's leave, and the intent in the ledger. A job that was taken on is paid for,
        and needs no place.
        """
        while True:
            self._check_stopped()
            with ExitStack() as unused, ExitStack() as held:
                place = new_id() if job else self._place()
                unused.callback(self._content.release, place)
                self._take_slot(held)
                permit = self._leave(job)
                if permit.account is not None:
                    started = self._began(permit.account, job, place, held)
                    if not (wait := self._provider_state.block_for(permit.account)):
                        unused.pop_all()
                        return started
                    # Somebody was told to wait while the intent was written: nothing was sent.
                    started.slot.close()
                    if job is None:
                        self._end(started, "failed", message="not sent: the provider asked to wait")
                    permit = Permit(None, wait, f"{self._provider} asked to wait")
            # Without place and slot: others may ask somebody else meanwhile.
            self._await(permit)

    def _take_slot(self, held: ExitStack) -> None:
        """Waiting for one's turn, here or at the gate, is no fault of the provider's: it costs none of its time."""
        waits_from = time.monotonic()
        key = f"{self._call.kind} {self._call.recipe[:16]}"
        held.enter_context(self._context.slots.slot(self._call.pool, key))
        self._due += time.monotonic() - waits_from

    def _began(self, account: Account, job: CallRecord | None, place: str, held: ExitStack) -> _StartedAttempt:
        intent = self._intent(account) if job is None else job.intent
        if job is None:
            self._services.ledger.record_intent(intent, self._services.budget)
        took_on = partial(self._services.ledger.record_job, intent.id)
        whole = self._retry_policy.attempt_timeout_seconds
        attempt = Attempt(intent.id, account, whole, job.job if job else "", took_on, self._services.stopped)
        return _StartedAttempt(intent, attempt, place, time.monotonic(), held.pop_all())

    @contextmanager
    def _noted(self, started: _StartedAttempt) -> Iterator[None]:
        """Whatever goes wrong inside the block is noted, and what others should know of it is told them."""
        try:
            yield
        except ProviderError as error:
            if self._services.stopped.is_set() and isinstance(error, OutcomeUnknown):
                self._end(started, "unknown", message="broken off: nobody waited for it any more")
                raise  # and nothing is learned: it is not the provider's fault
            self._learn(started.attempt.account, error)
            outcome = _OUTCOMES.get(type(error), "failed")
            # Who is too busy to say how its job is has not failed at it: the next try asks again.
            under_way = outcome == "failed" and started.attempt.job
            self._end(started, "unknown" if under_way else outcome, message=error.message)
            raise
        except BaseException as error:
            self._end(started, "unknown", message=f"{type(error).__name__} on our side")
            raise

    def _leave(self, job: CallRecord | None) -> Permit:
        """Leave to ask now; a short wait for it is taken with the slot in hand."""
        while True:
            self._check_stopped()
            permit = self._provider_state.acquire(job.intent.account if job else "")
            if permit.account is not None or permit.wait_seconds > _SHORT_SECONDS:
                return permit
            self._await(permit._replace(why=""))

    def _intent(self, account: Account) -> CallIntent:
        call, call_context = self._call, self._context
        return CallIntent(
            id=new_id(),
            unix_seconds=now(),
            work=call.kind,
            provider=self._provider,
            account=account.name,
            model=call.model,
            recipe=call.recipe,
            lesson=call_context.lesson,
            section=call_context.section,
            run=call_context.run,
            budget=self._services.budget.name if self._services.budget else "",
            most=self._cost(call.max_cost),
        )

    def _end(
        self, started: _StartedAttempt, outcome: Outcome, *, used: BilledUsage | None = None, message: str = ""
    ) -> None:
        billed = outcome in {"done", "unusable"}
        units = used or (self._call.max_cost if billed else BilledUsage())
        self._services.ledger.record_outcome(
            CallOutcome(
                id=started.intent.id,
                unix_seconds=now(),
                outcome=outcome,
                units=units,
                cost=self._cost(units) if billed else Decimal(0),
                seconds=round(time.monotonic() - started.at, 3),
                message=message[:300],
            )
        )

    def _cost(self, units: BilledUsage) -> Decimal | None:
        return self._services.prices.cost(self._provider, self._call.model, units)

    def _learn(self, account: Account, error: ProviderError) -> None:
        """What the others should know."""
        if isinstance(error, QuotaExhausted):
            self._provider_state.mark_quota_exhausted(account)
        elif isinstance(error, Unavailable) and error.retry_after_seconds:
            self._provider_state.blocked_seconds(account, error.retry_after_seconds)
        elif isinstance(error, Rejected):
            self._provider_state.record_success()
        else:
            self._provider_state.record_failure()

    def _backoff(self, number: int) -> float:
        longest = min(self._retry_policy.max_backoff_seconds, self._retry_policy.first_backoff_seconds * 2**number)
        return random.uniform(longest / 2, longest)

    def _await(self, permit: Permit) -> None:
        if permit.rate_limited:
            self._due += permit.wait_seconds
        wait = permit.wait_seconds
        if self._context.has_fallback and permit.open_seconds is not None:
            left = self._retry_policy.fallback_after_seconds - permit.open_seconds
            if left <= 0:
                raise _LeftToFallback
            wait = min(wait, left)
        self._pause(wait, permit.why)

    def _pause(self, seconds: float, why: str) -> None:
        """Wait, unless the deadline lies before the end of it, or nobody waits for the answer any more."""
        if time.monotonic() + seconds >= self._due:
            raise _OutOfTime
        if seconds >= _WORTH_TELLING_SECONDS and why:
            self._context.notify(f"{why} ({seconds:.0f} s).")
        self._services.stopped.wait(seconds)
        self._check_stopped()

    def _check_stopped(self) -> None:
        if self._services.stopped.is_set():
            raise Cancelled(f"{self._provider} was not asked any more.", remedy="The work was stopped.")

    def _gave_up(self, when: str) -> ProviderError:
        last = self._last
        if last is None:
            return Unavailable(
                f"{self._provider} could not be asked {when}.", remedy="Try again later: it is out, or asked to wait."
            )
        return type(last)(f"{last.message} Given up {when}.", remedy=last.remedy or "Try again later.")


def _lighten(error: BaseException) -> None:
    """Take from an error the frames that its causes came through, and what these hold: whole answers, and a client's
    own errors with requests and keys in them. What was wrong stands in its message and its causes.
    """
    error.__context__ = None
    error.__traceback__ = None
    if error.__cause__ is not None:
        _lighten(error.__cause__)


class _OutOfTime(Exception):
    """The next wait would end after the deadline of all tries."""


class _LeftToFallback(Exception):
    """It has been out for long enough."""


_WORTH_TELLING_SECONDS = 5.0
_SHORT_SECONDS = 2.0
_FIRST_LOOK_SECONDS, _RAREST_LOOK_SECONDS = 0.02, 0.5
"""How often it is looked whether others' answers were judged."""
_OUTCOMES: dict[type[ProviderError], Outcome] = {
    InvalidResponse: "unusable",
    JobLost: "unusable",
    OutcomeUnknown: "unknown",
    Rejected: "refused",
    ContentRefused: "refused",
    QuotaExhausted: "refused",
    Unavailable: "failed",
}
