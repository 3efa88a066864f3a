"""A clock that a test sets, and waits that set it instead of lasting."""

from __future__ import annotations

import threading
import time
from functools import partial

import pytest

from video_assets.studio.calls import retry
from video_assets.studio.calls.clock import Moment
from video_assets.studio.calls.provider_state import ProviderState

BEGIN_UNIX_SECONDS = 1_800_000_000.0


class FakeClock:
    """The clocks of a machine, as `studio.calls.clock.Clock`. They stand still unless a test moves them."""

    def __init__(self) -> None:
        self.unix, self.since_boot, self.boot = BEGIN_UNIX_SECONDS, 5000.0, "first"
        self._lock = threading.Lock()

    def __call__(self) -> Moment:
        """See Clock."""
        with self._lock:
            return Moment(unix_seconds=self.unix, boot_seconds=self.since_boot, boot=self.boot)

    @property
    def passed_seconds(self) -> float:
        """Sum of all `pass_` since the start; valid until `restart`."""
        return self.since_boot - 5000.0

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self.unix += seconds
            self.since_boot += seconds

    def restart(self) -> None:
        """Reboot the machine."""
        self.boot, self.since_boot = self.boot + "'", 1.0


class SkippedWaits(threading.Event):
    """Replaces `CallServices.stopped`: a wait returns at once, and moves the clock by its time."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        """See threading.Event."""
        self._clock.pass_(timeout or 0.0)
        time.sleep(0)  # lets the other threads run, as a wait does
        return self.is_set()


def use_clock(monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> None:
    """Let every caller of a provider read `clock` for accounts and outages."""
    monkeypatch.setattr(retry, "ProviderState", partial(ProviderState, clock=clock))
