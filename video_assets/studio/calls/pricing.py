"""Amounts of money, billed usage, and the price list (`data/prices.toml`) that converts usage to amounts.

Amounts are decimals, never floats. Does not belong here: what was spent (`ledger.py`).
"""

from __future__ import annotations

import tomllib
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

from pydantic import Field, ValidationError

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.values import FrozenModel


class BilledUsage(FrozenModel):
    """The usage of a call, or its upper bound, in the units that providers bill."""

    input_tokens: int = 0
    output_tokens: int = 0
    characters: int = 0
    pictures: int = 0
    picture_kind: str = ""
    """`quality/size` of the pictures, e.g. `medium/1536x1024`: it decides their price."""
    sound_milliseconds: int = 0

    def __add__(self, other: BilledUsage) -> BilledUsage:
        return BilledUsage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            characters=self.characters + other.characters,
            pictures=self.pictures + other.pictures,
            picture_kind=self.picture_kind or other.picture_kind,
            sound_milliseconds=self.sound_milliseconds + other.sound_milliseconds,
        )


class Price(FrozenModel):
    """The price of a model, in the list's currency. A price of 0 means that the unit is free."""

    input_tokens_per_million: Decimal = Decimal(0)
    output_tokens_per_million: Decimal = Decimal(0)
    characters_per_million: Decimal = Decimal(0)
    sound_per_minute: Decimal = Decimal(0)
    picture: dict[str, Decimal] = Field(default_factory=dict)
    """By `quality/size`."""

    def of(self, units: BilledUsage) -> Decimal:
        """The cost of `units`. A kind of picture without a price counts as the dearest kind, so it is never too low."""
        million = Decimal(1_000_000)
        each = self.picture.get(units.picture_kind, max(self.picture.values(), default=Decimal(0)))
        return (
            units.input_tokens * self.input_tokens_per_million / million
            + units.output_tokens * self.output_tokens_per_million / million
            + units.characters * self.characters_per_million / million
            + Decimal(units.sound_milliseconds) * self.sound_per_minute / 60_000
            + units.pictures * each
        )


class Prices(FrozenModel):
    """A price list and its date."""

    date: str = ""
    """When the prices were looked up, YYYY-MM-DD."""
    currency: str = "USD"
    models: dict[str, Price] = Field(default_factory=dict)
    """By model, or `provider/model` where providers differ."""

    def cost(self, provider: str, model: str, units: BilledUsage) -> Decimal | None:
        """The cost of `units` of the model; None if the list has no price for it."""
        price = self.models.get(f"{provider}/{model}") or self.models.get(model)
        return None if price is None else price.of(units)


def read_prices(path: Path) -> Prices:
    """The price list in the file `path`; an empty one if there is no file. Raises SettingInvalid."""
    try:
        return Prices.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return Prices()
    except (tomllib.TOMLDecodeError, ValidationError, UnicodeDecodeError) as error:
        raise SettingInvalid(
            f"The price list {path.name} cannot be read: {' '.join(str(error).split())[:300]}.",
            remedy="Correct it. docs/providers.md describes its format.",
        ) from error


def format_amount(amount: Decimal, currency: str = "USD") -> str:
    """An amount for people: `0.0420 USD`."""
    return f"{amount.quantize(_SMALLEST_SHOWN)} {currency}"


def format_upper_bound(amount: Decimal, currency: str = "USD") -> str:
    """An upper bound of a cost, for people: rounded up, so that it can be used as a limit."""
    return f"{amount.quantize(_SMALLEST_SHOWN, ROUND_CEILING)} {currency}"


_SMALLEST_SHOWN = Decimal("0.0001")
