"""Spanish numbers: ordinals, parts and decimals. The voice reads numbers well itself, including years."""

from __future__ import annotations

from .number_functions import NumberFunctions, one_by_one

_ORDINALS = (
    *("cero", "primero", "segundo", "tercero", "cuarto", "quinto"),
    *("sexto", "séptimo", "octavo", "noveno", "décimo"),
)
_PARTS = {
    2: "medio", 3: "tercio", 4: "cuarto", 5: "quinto", 6: "sexto", 7: "séptimo", 8: "octavo", 9: "noveno",
    10: "décimo", 100: "centésimo", 1000: "milésimo",
}  # fmt: skip


def _ordinal(value: int) -> str:
    return _ORDINALS[value] if value < len(_ORDINALS) else str(value)


def _feminine_ordinal(value: int) -> str:
    said = _ordinal(value)
    return said[:-1] + "a" if said.endswith("o") else said


def _part(numerator: int, denominator: int) -> str | None:
    part = _PARTS.get(denominator)
    if not part:
        return None
    return f"un {part}" if numerator == 1 else f"{numerator} {part}s"


def _fraction_digits(text: str) -> str:
    """Up to two decimals are read as one number, as usual in Spanish."""
    return text if len(text) <= 2 and text[0] != "0" else one_by_one(text)


SPANISH_NUMBERS = NumberFunctions(
    fraction_digits=_fraction_digits,
    part=_part,
    ordinal=_ordinal,
    regnal_ordinal=_ordinal,
    queen_ordinal=_feminine_ordinal,
)
