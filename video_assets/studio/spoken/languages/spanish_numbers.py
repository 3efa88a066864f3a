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


_TENS = ("", "décimo", "vigésimo", "trigésimo", "cuadragésimo", "quincuagésimo", "sexagésimo", "septuagésimo",
    "octogésimo", "nonagésimo")  # fmt: skip
_TEENS = {11: "undécimo", 12: "duodécimo"}


def _ordinal(value: int) -> str:
    """`3` -> `tercero`; above 99 the digits, as nearly everybody says them."""
    if value < len(_ORDINALS) or value in _TEENS:
        return _TEENS[value] if value in _TEENS else _ORDINALS[value]
    if value > 99:
        return str(value)
    tens, ones = divmod(value, 10)
    return f"{_TENS[tens]} {_ORDINALS[ones]}" if ones else _TENS[tens]


def _ordinal_with(value: int, mark: str) -> str | None:
    """`ª` -> `tercera`, `er` -> `tercer`."""
    said = _ordinal(value)
    if said[-1] != "o":
        return None
    many = "s" if mark.endswith("s") else ""
    if mark.rstrip("s")[-1] in "aª":
        return " ".join(word[:-1] + "a" for word in said.split()) + many
    if many:
        return said + many
    return said[:-1] if mark.rstrip("s").endswith(("er", "ᵉʳ")) and value % 10 in (1, 3) else None


def _regnal(value: int) -> str:
    """`Felipe II` has an ordinal, `Luis XIV` a plain number."""
    return _ordinal(value) if value <= 10 else str(value)


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
    ordinal_with=_ordinal_with,
    regnal_ordinal=_regnal,
    queen_ordinal=_feminine_ordinal,
)
