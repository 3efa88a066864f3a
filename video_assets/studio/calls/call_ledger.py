"""Writes the ledger entries of one call: the intent before each attempt, and the outcome after it.

Does not belong here: the ledger itself (`ledger/`), or when an attempt is made (`retry.py`).
"""

from __future__ import annotations

import time
from decimal import Decimal

from video_assets.studio.core.errors import (
    ContentRefused,
    InvalidResponse,
    JobLost,
    OutcomeUnknown,
    ProviderError,
    QuotaExhausted,
    Rejected,
    Unavailable,
    UnsuitedResponse,
)

from .attempt import Call
from .context import CallContext
from .ledger.entries import CallIntent, CallOutcome, Outcome
from .ledger.ledger import new_id, now
from .pricing import BilledUsage
from .rate_limiter import Account

_LONGEST_MESSAGE = 300


class CallLedger:
    """The ledger as seen by one call of the provider `provider`."""

    def __init__(self, provider: str, call: Call, call_context: CallContext) -> None:
        self._provider = provider
        self._call = call
        self._context = call_context
        self._services = call_context.services

    def record_intent(self, account: Account) -> CallIntent:
        """Write that an attempt begins. Raises BudgetExceeded if it could cost more than is allowed."""
        call, call_context = self._call, self._context
        intent = CallIntent(
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
            most=self._cost(call.max_usage),
        )
        self._services.ledger.record_intent(intent, self._services.budget)
        return intent

    def record_outcome(
        self,
        intent: CallIntent,
        started_at: float,
        outcome: Outcome,
        *,
        used: BilledUsage | None = None,
        message: str = "",
    ) -> None:
        """Write how the attempt of `intent` ended. It began at `started_at` on the monotonic clock."""
        billed = outcome in {"done", "unusable"}
        units = used or (self._call.max_usage if billed else BilledUsage())
        self._services.ledger.record_outcome(
            CallOutcome(
                id=intent.id,
                unix_seconds=now(),
                outcome=outcome,
                units=units,
                cost=self._cost(units) if billed else Decimal(0),
                seconds=round(time.monotonic() - started_at, 3),
                message=message[:_LONGEST_MESSAGE],
            )
        )

    def _cost(self, units: BilledUsage) -> Decimal | None:
        return self._services.prices.cost(self._provider, self._call.model, units)


def outcome_of(error: ProviderError) -> Outcome:
    """How the ledger names an attempt that ended with `error`."""
    return _OUTCOMES.get(type(error), "failed")


_OUTCOMES: dict[type[ProviderError], Outcome] = {
    InvalidResponse: "unusable",
    JobLost: "unusable",
    UnsuitedResponse: "unusable",
    OutcomeUnknown: "unknown",
    Rejected: "refused",
    ContentRefused: "refused",
    QuotaExhausted: "refused",
    Unavailable: "failed",
}
