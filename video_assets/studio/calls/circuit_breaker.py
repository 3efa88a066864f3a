"""The circuit breaker of a provider: during an outage only one probe per interval is let through.

    closed      Fewer than FAILURES_UNTIL_OPEN failures in a row. Calls are not limited.
    open        No calls until `probe_at`.
    half-open   From `probe_at` on one call may go, the probe. A success closes the circuit.

This is a value and functions of the time. Does not belong here: useless responses (`content_breaker.py`).
"""

from __future__ import annotations

from typing import Self

from video_assets.studio.core.values import FrozenModel

from .clock import shift_unix_time
from .rate_limiter import drop_later_than

FAILURES_UNTIL_OPEN = 8
"""In a row, over all processes. At 30 % random faults, eight in a row happen once in 15,000 calls."""
PROBE_INTERVAL_SECONDS = 30.0


class BreakerState(FrozenModel):
    """The state of the circuit. All times are Unix seconds."""

    failures: int = 0
    """In a row."""
    probe_at: float = 0
    """While the circuit is open: when the next probe may go."""
    out_since: float = 0
    """When the outage was noticed."""

    @property
    def is_open(self) -> bool:
        """Whether the provider is considered out."""
        return self.failures >= FAILURES_UNTIL_OPEN

    def wait_seconds(self, now: float) -> float:
        """How long the next call has to wait; 0 if it may go, as a probe while the circuit is open."""
        return max(0.0, self.probe_at - now) if self.is_open else 0.0

    def open_seconds(self, now: float) -> float:
        """The length of the outage so far."""
        return max(0.0, now - self.out_since)

    def after_probe_started(self, now: float, interval_seconds: float) -> Self:
        """The state after a probe was let through: the next one may go after `interval_seconds`."""
        update = {"probe_at": now + interval_seconds}
        if now - self.probe_at > interval_seconds:
            # No call was made for a while, so the outage may have ended: its length is counted from this probe on.
            update["out_since"] = now
        return self.model_copy(update=update)

    def after_failure(self, now: float, interval_seconds: float) -> Self:
        """The state after a call failed."""
        failures = self.failures + 1
        since = now if failures == FAILURES_UNTIL_OPEN else self.out_since
        return self.model_copy(update={"failures": failures, "probe_at": now + interval_seconds, "out_since": since})

    def after_success(self) -> Self:
        """The closed circuit."""
        return self.model_copy(update={"failures": 0, "probe_at": 0, "out_since": 0})

    def shifted(self, shift_seconds: float) -> Self:
        """The state, corrected for a clock that was set by `shift_seconds`."""
        fields = ("probe_at", "out_since")
        return self.model_copy(update={name: shift_unix_time(getattr(self, name), shift_seconds) for name in fields})

    def without_impossible_times(self, interval_seconds: float, now: float) -> Self:
        """Drops times further in the future than the rules allow: the clock was set back."""
        probe_at = drop_later_than(self.probe_at, now + interval_seconds)
        return self.model_copy(update={"probe_at": probe_at, "out_since": min(self.out_since, now)})
