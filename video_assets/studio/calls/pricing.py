"""Amounts, the units that providers count, and the price list that turns one into the other.

Belongs here: exact money (decimals, never floats) and `data/prices.toml`. Does not belong here: what was spent
(`ledger.py`).
"""

from __future__ import annotations

import tomllib
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

from pydantic import Field, ValidationError

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.values import FrozenModel


class BilledUsage(FrozenModel):
    """What a call used, or may use at most, as providers count it."""

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
    """What a model costs, in the list's currency. What is 0 costs nothing."""

    input_tokens_per_million: Decimal = Decimal(0)
    output_tokens_per_million: Decimal = Decimal(0)
    characters_per_million: Decimal = Decimal(0)
    sound_per_minute: Decimal = Decimal(0)
    picture: dict[str, Decimal] = Field(default_factory=dict)
    """By `quality/size`."""

    def of(self, units: BilledUsage) -> Decimal:
        """The cost of `units`. A kind of picture without a price counts as the dearest kind: never too low."""
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
    """A price list, and when it was right."""

    date: str = ""
    """When the prices were looked up, YYYY-MM-DD."""
    currency: str = "USD"
    models: dict[str, Price] = Field(default_factory=dict)
    """By model, or `provider/model` where providers differ."""

    def cost(self, provider: str, model: str, units: BilledUsage) -> Decimal | None:
        """What `units` of the model cost; None when the list does not know it."""
        price = self.models.get(f"{provider}/{model}") or self.models.get(model)
        return None if price is None else price.of(units)


def read_prices(path: Path) -> Prices:
    """The price list in the file `path`; an empty one when there is no file. Raises SettingInvalid."""
    try:
        return Prices.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return Prices()
    except (tomllib.TOMLDecodeError, ValidationError, UnicodeDecodeError) as error:
        raise SettingInvalid(
            f"The price list {path.name} cannot be read: {' '.join(str(error).split())[:300]}.",
            remedy="Mend it; docs/providers.md shows what it holds.",
        ) from error


def format_amount(amount: Decimal, currency: str = "USD") -> str:
    """An amount for people: `0.0420 USD`."""
    return f"{amount.quantize(_SMALLEST_SHOWN)} {currency}"


def format_upper_bound(amount: Decimal, currency: str = "USD") -> str:
    """The most that something may cost, for people: never rounded down, so that it will do as a limit."""
    return f"{amount.quantize(_SMALLEST_SHOWN, ROUND_CEILING)} {currency}"


_SMALLEST_SHOWN = Decimal("0.0001")
