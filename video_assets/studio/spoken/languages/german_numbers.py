"""German numbers: ordinals, years and parts. The voice reads whole numbers well itself, but not years."""

from __future__ import annotations

from .number_functions import NumberFunctions

_ONES = (
    *("null", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"),
    *("dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"),
)
_TENS = ("", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")
_IRREGULAR = {1: "erste", 3: "dritte", 7: "siebte", 8: "achte"}
_PARTS = {
    3: "Drittel", 4: "Viertel", 5: "Fünftel", 6: "Sechstel", 7: "Siebtel", 8: "Achtel", 9: "Neuntel", 10: "Zehntel",
    12: "Zwölftel", 100: "Hundertstel", 1000: "Tausendstel",
}  # fmt: skip


def _ordinal(value: int) -> str:
    """`21` -> `einundzwanzigste`, for values below 100."""
    if value in _IRREGULAR:
        return _IRREGULAR[value]
    if value < 20:
        return _ONES[value] + "te"
    tens, ones = divmod(value, 10)
    return f"{_ONES[ones]}und{_TENS[tens]}ste" if ones else f"{_TENS[tens]}ste"


def _dated(value: int) -> str:
    """The ordinal before a month or a century, which German nearly always declines ("am dritten Mai").

    Above 99 the digits, which the voice reads as a number.
    """
    return _ordinal(value) + "n" if value < 100 else str(value)


_WEAK = frozenset({"der", "die", "das", "dieser", "diese", "dieses", "jeder", "jede", "jedes", "ins", "ans"})
"""After them an ordinal ends in -e, after the others in -en."""


def _ordinal_with(value: int, mark: str) -> str | None:
    """`2` after `das` -> `zweite`, after `im` -> `zweiten`; `90` with `er` -> `neunziger`."""
    if mark in ("er", "ern"):
        return _stem(value) + mark if value else None
    return _ordinal(value) if mark in _WEAK else None


def _stem(value: int) -> str:
    """`68` -> `achtundsechzig`, for values up to 100."""
    if value == 100 or value < 20:
        return "hundert" if value == 100 else _ONES[value]
    tens, ones = divmod(value, 10)
    return f"{_ONES[ones]}und{_TENS[tens]}" if ones else _TENS[tens]


def _part(numerator: int, denominator: int) -> str | None:
    if denominator == 2:
        return "ein halb" if numerator == 1 else f"{numerator} Halbe"
    count = "ein" if numerator == 1 else str(numerator)
    return f"{count} {_PARTS[denominator]}" if denominator in _PARTS else None


def _year(value: int) -> str:
    """`1969` -> `19 hundert 69`; from 2000 on like any number."""
    century, rest = divmod(value, 100)
    return str(value) if century >= 20 else f"{century} hundert {rest or ''}".strip()


GERMAN_NUMBERS = NumberFunctions(
    part=_part,
    day=_dated,
    year=_year,
    ordinal=_dated,
    ordinal_with=_ordinal_with,
    regnal_ordinal=lambda value: "der " + _ordinal(value) if value < 100 else str(value),
    regnal_genitive=lambda value: f"des {_ordinal(value)}n" if value < 100 else str(value),
    queen_ordinal=lambda value: "die " + _ordinal(value) if value < 100 else str(value),
)
