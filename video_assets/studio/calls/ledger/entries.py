"""The entries of the ledger of paid calls, and the record that the entries of one attempt add up to.

Does not belong here: the file (`ledger.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from video_assets.studio.calls.pricing import BilledUsage
from video_assets.studio.core.values import FrozenModel

Outcome = Literal["done", "unusable", "unknown", "failed", "refused", "open"]
"""`done` and `unusable` are billed. `unknown` and `open` may be billed. `failed` and `refused` are not billed."""


class CallIntent(FrozenModel):
    """An attempt that is about to be sent."""

    kind: Literal["intent"] = "intent"
    id: str
    unix_seconds: float
    work: str
    """writing, speech, pictures or lips."""
    provider: str
    account: str
    model: str
    recipe: str
    """The idempotency key: equal requests have equal recipes, in every process and on every day."""
    lesson: str = ""
    section: str = ""
    run: str = ""
    budget: str = ""
    most: Decimal | None = None
    """The highest price of the call; None if the list has no price. The name is a key of the ledger's file."""


class ProviderJob(FrozenModel):
    """The provider has accepted the call as a job, which can be polled."""

    kind: Literal["job"] = "job"
    id: str
    job: str


class CallOutcome(FrozenModel):
    """The end of an attempt."""

    kind: Literal["end"] = "end"
    id: str
    unix_seconds: float
    outcome: Outcome
    units: BilledUsage = BilledUsage()
    cost: Decimal | None = Decimal(0)
    """None if the list has no price."""
    seconds: float = 0
    message: str = ""


class CallRecord(NamedTuple):
    """One attempt of a call, from intent to end."""

    intent: CallIntent
    end: CallOutcome | None
    job: str = ""

    @property
    def outcome(self) -> Outcome:
        """The outcome; `open` while the attempt is in flight, or if its process was killed."""
        return self.end.outcome if self.end else "open"

    @property
    def cost(self) -> Decimal | None:
        """The certain cost; None if the price is not known."""
        return self.end.cost if self.end else Decimal(0)

    @property
    def max_cost(self) -> Decimal:
        """The most that it may have cost."""
        if self.end is None or self.end.outcome == "unknown":
            return self.intent.most or Decimal(0)
        return self.end.cost or Decimal(0)


Entry = CallIntent | ProviderJob | CallOutcome
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


def read_entries(data: bytes) -> Iterator[Entry]:
    """The entries in whole lines of the ledger. A line that a killed process left incomplete is skipped."""
    for line in data.splitlines():
        try:
            yield _ENTRY.validate_json(line)
        except ValidationError:
            continue
