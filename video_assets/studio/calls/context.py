"""The context of a call: the services, slots and store that it uses, and the lesson that it is paid for.

Does not belong here: anything that shapes a result. The same request in another context gives the same result.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.storage.store import Store

from .ledger.ledger import Budget, Ledger
from .pricing import Prices
from .slots import Slots


class CallServices:
    """What all paid calls of a project share: the ledger, the provider states, the prices and the run's budget."""

    def __init__(self, folder: Path, prices: Prices | None = None, budget: Budget | None = None) -> None:
        self.folder = folder
        self.prices = prices or Prices()
        self.budget = budget
        self.ledger = Ledger(folder, currency=self.prices.currency)
        self.stopped = threading.Event()
        """Set on cancellation: every wait ends, and no further call is sent."""

    @property
    def provider_state(self) -> Path:
        """The folder with the shared state of each provider."""
        return self.folder / "gates"


class CallContext(NamedTuple):
    """What a stage hands to a provider besides the request, for one section."""

    services: CallServices
    slots: Slots
    store: Store
    """Paid responses are kept here unchanged, so that results can be made from them again."""
    lesson: str = ""
    section: str = ""
    run: str = ""
    notify: Callable[[str], None] = lambda _: None
    """Receives messages for people: a wait, a second attempt."""
    has_fallback: bool = False
    """Whether a fallback provider follows: a long outage is then not waited for."""

    def cancel(self) -> None:
        """Cancel: every wait (slot, provider, single-flight lock) raises Cancelled, and calls in flight are aborted."""
        self.services.stopped.set()
        self.slots.cancel()
        self.store.cancel()


def budget_of(name: str, most: str) -> Budget | None:
    """The budget `name` of at most `most`, in the price list's currency; None if `most` is empty.

    Raises SettingInvalid if `most` is not an amount.
    """
    if not most:
        return None
    try:
        amount = Decimal(most)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise SettingInvalid(f"{most!r} is not an amount of money.", remedy="Write one such as 2.50.")
    return Budget(name, amount)
