"""Hindi numbers: years, parts and times of the day. The voice reads whole numbers well itself, but not years."""

from __future__ import annotations

from .number_functions import NumberFunctions

_PARTS = {(1, 2): "आधा", (1, 3): "एक तिहाई", (2, 3): "दो तिहाई", (1, 4): "एक चौथाई", (3, 4): "तीन चौथाई"}


def _year(value: int) -> str:
    """`1969` -> `19 सौ 69`; from 2000 on like any number."""
    century, rest = divmod(value, 100)
    return str(value) if century >= 20 else f"{century} सौ {rest or ''}".strip()


_HALVES = {1: "डेढ़", 2: "ढाई"}


def _clock(hour: int, minute: int) -> str:
    """`9, 30` -> `साढ़े 9 बजे`; quarters have names only on a clock with twelve hours."""
    if minute == 0:
        return f"{hour} बजे"
    if minute % 15 or not 1 <= hour <= 12:
        return f"{hour} बजकर {minute} मिनट"
    if minute == 30:
        return f"{_HALVES.get(hour) or f'साढ़े {hour}'} बजे"
    return f"सवा {hour} बजे" if minute == 15 else f"पौने {hour % 12 + 1} बजे"


HINDI_NUMBERS = NumberFunctions(
    part=lambda numerator, denominator: _PARTS.get((numerator, denominator)), year=_year, clock=_clock
)
