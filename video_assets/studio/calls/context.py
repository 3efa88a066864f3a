"""For whom a provider works: the slots its calls take, the journal they are noted in, the lesson they are paid for.

Belongs here: what a stage hands to a provider beside the request. Does not belong here: anything that shapes a result:
the same request on another errand gives the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.storage.store import Store

from .ledger import Budget, Ledger
from .pricing import Prices
from .slots import Slots


class CallServices:
    """What all paid calls of a checkout share: journal, gates, prices, and the budget of this run."""

    def __init__(self, folder: Path, prices: Prices | None = None, budget: Budget | None = None) -> None:
        self.folder = folder
        self.prices = prices or Prices()
        self.budget = budget
        self.ledger = Ledger(folder, currency=self.prices.currency)
        self.stopped = threading.Event()
        """Set when nobody waits for answers any more: waits end, and nothing more is asked."""

    @property
    def provider_state(self) -> Path:
        """Folder of what is known of each provider."""
        return self.folder / "gates"


class CallContext(NamedTuple):
    """A stage's wish to have something made for one section."""

    services: CallServices
    slots: Slots
    store: Store
    """Answers that were paid for are kept here as they came, so that what is made of them can be made again."""
    lesson: str = ""
    section: str = ""
    run: str = ""
    notify: Callable[[str], None] = lambda _: None
    """Told what a person may want to know: a wait, a second try."""
    has_fallback: bool = False
    """Whether somebody else takes over where this provider cannot: then it is not waited for until the end."""

    def cancel(self) -> None:
        """Nobody waits for the answers any more: who waits, here, for a slot or for another that asks the same, gets
        Stopped; calls are broken off.
        """
        self.services.stopped.set()
        self.slots.cancel()
        self.store.cancel()


def budget_of(name: str, most: str) -> Budget | None:
    """The budget called `name`, of `most` in the price list's currency; None where `most` is empty.

    Raises SettingInvalid where that is no amount.
    """
    if not most:
        return None
    try:
        amount = Decimal(most)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise SettingInvalid(f"{most!r} is no amount that may be spent.", remedy="Write one such as 2.50.")
    return Budget(name, amount)
