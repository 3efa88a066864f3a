"""What is configured in the provider files: each kind of work with its model, server, key, price and end.

Nothing is asked of a server. Does not belong here: that (`provider_check.py`), or how the list is printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from video_assets.studio.calls.pricing import Price, Prices
from video_assets.studio.choices.retirement import ModelRetirement
from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.values import FrozenModel

from .provider_file import NO_KEY, ProviderFile, key_of
from .retirements import RetirementList, models_of

KeyState = Literal["set", "missing", "none needed"]


class ConfiguredModel(FrozenModel):
    """A model of a provider file."""

    provider: str
    kind: str
    """writing, speech or pictures."""
    model: str
    server: str
    """The base URL of its API."""
    key: KeyState
    key_problem: str = ""
    """Why the key is missing, and what to do."""
    price: str
    """In words; "unknown" if the list has none."""
    prices_of: str
    """The date of the price list; empty if the list has no price."""
    retirement: ModelRetirement | None = None


def configured_models(
    files: Mapping[str, ProviderFile], prices: Prices, retirements: RetirementList, environ: Mapping[str, str]
) -> tuple[ConfiguredModel, ...]:
    """Every model of the files, in their order."""
    found = []
    for name, file in files.items():
        state, problem = _key_of(name, file, environ)
        for kind, model in models_of(file):
            price = prices.models.get(f"{name}/{model}") or prices.models.get(model)
            found.append(
                ConfiguredModel(
                    provider=name,
                    kind=kind,
                    model=model,
                    server=file.url,
                    key=state,
                    key_problem=problem,
                    price="unknown" if price is None else price_in_words(price, prices.currency),
                    prices_of="" if price is None else prices.date,
                    retirement=retirements.end_of(file.url, model),
                )
            )
    return tuple(found)


def _key_of(name: str, file: ProviderFile, environ: Mapping[str, str]) -> tuple[KeyState, str]:
    try:
        keys = [key_of(name, account, environ) for account in file.accounts]
    except SettingInvalid as error:
        return "missing", str(error)
    return ("none needed" if all(key == NO_KEY for key in keys) else "set"), ""


def price_in_words(price: Price, currency: str) -> str:
    """`1 + 5 USD a million tokens`; "free" for a price of nothing."""
    parts = []
    if price.input_tokens_per_million or price.output_tokens_per_million:
        tokens = (price.input_tokens_per_million, price.output_tokens_per_million)
        parts.append(f"{' + '.join(_plain(each) for each in tokens if each)} {currency} a million tokens")
    if price.characters_per_million:
        parts.append(f"{_plain(price.characters_per_million)} {currency} a million characters")
    if price.sound_per_minute:
        parts.append(f"{_plain(price.sound_per_minute)} {currency} a minute")
    if price.picture:
        ends = dict.fromkeys((min(price.picture.values()), max(price.picture.values())))
        parts.append(f"{' to '.join(map(_plain, ends))} {currency} a picture")
    return ", ".join(parts) or "free"


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def near_ends(models: tuple[ConfiguredModel, ...], today: date) -> tuple[ConfiguredModel, ...]:
    """Those of `models` that are shut down or soon will be."""
    return tuple(each for each in models if each.retirement is not None and each.retirement.is_near(today))
