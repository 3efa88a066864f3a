"""French numbers: ordinals, parts and decimals. The voice reads numbers well itself, including years."""

from __future__ import annotations

from .number_functions import NumberFunctions, one_by_one

_ORDINALS = (
    *("zéroième", "premier", "deuxième", "troisième", "quatrième", "cinquième", "sixième", "septième", "huitième"),
    *("neuvième", "dixième", "onzième", "douzième", "treizième", "quatorzième", "quinzième", "seizième"),
    *("dix-septième", "dix-huitième", "dix-neuvième", "vingtième", "vingt-et-unième"),
)
_PARTS = {2: "demi", 3: "tiers", 4: "quart"}


def _ordinal(value: int) -> str:
    return _ORDINALS[value] if value < len(_ORDINALS) else f"{value} ième"


_GENDERED = {
    "er": "premier", "ᵉʳ": "premier", "ʳᵉ": "première", "ère": "première", "re": "première",
    "nd": "second", "nde": "seconde",
}  # fmt: skip


def _ordinal_with(value: int, mark: str) -> str | None:
    """`re` -> `première`, `nde` -> `seconde`, and the plurals."""
    said = _GENDERED.get(mark.removesuffix("s"))
    if said is None or value not in (1, 2):
        return None
    return said + ("s" if mark.endswith("s") else "")


def _first(value: int) -> str:
    return "premier" if value == 1 else str(value)


def _part(numerator: int, denominator: int) -> str | None:
    if not 2 <= denominator <= 20:
        return None
    part = _PARTS.get(denominator) or _ordinal(denominator)
    return f"{'un' if numerator == 1 else numerator} {part}{'s' if numerator > 1 and part[-1] != 's' else ''}"


def _fraction_digits(text: str) -> str:
    """Up to three decimals are read as one number, as usual in French."""
    return text if len(text) <= 3 and text[0] != "0" else one_by_one(text)


FRENCH_NUMBERS = NumberFunctions(
    fraction_digits=_fraction_digits,
    part=_part,
    day=_first,
    ordinal=_ordinal,
    ordinal_with=_ordinal_with,
    regnal_ordinal=_first,
)
