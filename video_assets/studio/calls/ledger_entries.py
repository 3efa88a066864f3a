"""The lines of the journal of paid calls, and what those about one call come to.

Belongs here: their shape, and reading them. Does not belong here: the file (`ledger.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from video_assets.studio.core.values import FrozenModel

from .pricing import BilledUsage

Outcome = Literal["done", "unusable", "unknown", "failed", "refused", "open"]
"""`done` and `unusable` are billed, `unknown` and `open` may be, `failed` and `refused` are not."""


class CallIntent(FrozenModel):
    """What is about to be asked."""

    kind: Literal["intent"] = "intent"
    id: str
    unix_seconds: float
    work: str
    """writing, speech, pictures or lips."""
    provider: str
    account: str
    model: str
    recipe: str
    """What it is for: the same wish has the same recipe, in every process and on every day."""
    lesson: str = ""
    section: str = ""
    run: str = ""
    budget: str = ""
    most: Decimal | None = None
    """The highest price of the call; None where the list has no price."""


class ProviderJob(FrozenModel):
    """The provider took it on, and can be asked about it."""

    kind: Literal["job"] = "job"
    id: str
    job: str


class CallOutcome(FrozenModel):
    """What came of it."""

    kind: Literal["end"] = "end"
    id: str
    unix_seconds: float
    outcome: Outcome
    units: BilledUsage = BilledUsage()
    cost: Decimal | None = Decimal(0)
    """None where the list has no price."""
    seconds: float = 0
    message: str = ""


class CallRecord(NamedTuple):
    """One try of one call, from intent to end."""

    intent: CallIntent
    end: CallOutcome | None
    job: str = ""

    @property
    def outcome(self) -> Outcome:
        """What came of it; `open` while it is in flight, or where its process was killed."""
        return self.end.outcome if self.end else "open"

    @property
    def cost(self) -> Decimal | None:
        """What it cost for certain; None where nobody knows the price."""
        return self.end.cost if self.end else Decimal(0)

    @property
    def max_cost(self) -> Decimal:
        """What it may have cost."""
        if self.end is None or self.end.outcome == "unknown":
            return self.intent.most or Decimal(0)
        return self.end.cost or Decimal(0)


Entry = CallIntent | ProviderJob | CallOutcome
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


def read_entries(data: bytes) -> Iterator[Entry]:
    """The entries in whole lines of the journal; a line that a kill has torn is none, and its call has no end."""
    for line in data.splitlines():
        try:
            yield _ENTRY.validate_json(line)
        except ValidationError:
            continue
