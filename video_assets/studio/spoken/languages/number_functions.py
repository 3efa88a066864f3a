"""The functions by which a language speaks numbers. A language whose voice reads digits well needs none of its own.

Does not belong here: words of any language.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_MOST_DIGITS = 12
"""Voices read longer numbers wrongly."""


def as_counted(text: str) -> str:
    """Digits for a voice that reads numbers well. Leading zeros, or too many digits, are read one by one."""
    return one_by_one(text) if is_code(text) else text


def is_code(text: str) -> bool:
    """Whether digits are read one by one: they have leading zeros, or there are too many."""
    return (len(text) > 1 and text[0] == "0") or len(text) > _MOST_DIGITS


def one_by_one(text: str) -> str:
    """`"07"` -> `"0 7"`."""
    return " ".join(text)


@dataclass(frozen=True, kw_only=True)
class NumberFunctions:
    """The rules for the numbers of one language. None: the language has no such form, or its file has a template."""

    cardinal: Callable[[str], str] = as_counted
    """Digits without sign or point -> the text for the voice."""
    digits: Callable[[str], str] = one_by_one
    """Digits one after another."""
    fraction_digits: Callable[[str], str] = one_by_one
    """Digits after the decimal point."""
    part: Callable[[int, int], str | None] | None = None
    """Numerator and denominator -> a fraction that has a name of its own ("three quarters"), or None."""
    day: Callable[[int], str] = str
    """The day of the month in a date."""
    year: Callable[[int], str] | None = None
    decade: Callable[[int], str] | None = None
    ordinal: Callable[[int], str] | None = None
    ordinal_with: Callable[[int, str], str | None] | None = None
    """A number, and its mark or the article before it -> the ordinal in that form, or None for the usual one."""
    regnal_ordinal: Callable[[int], str] | None = None
    regnal_genitive: Callable[[int], str] | None = None
    queen_ordinal: Callable[[int], str] | None = None
    clock: Callable[[int, int], str] | None = None
    """Hour and minute -> the time of the day."""
