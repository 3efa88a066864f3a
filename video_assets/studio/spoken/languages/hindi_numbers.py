"""Hindi numbers: years and parts. The voice reads whole numbers well itself, but not years."""

from __future__ import annotations

from .number_functions import NumberFunctions

_PARTS = {(1, 2): "आधा", (1, 3): "एक तिहाई", (2, 3): "दो तिहाई", (1, 4): "एक चौथाई", (3, 4): "तीन चौथाई"}


def _year(value: int) -> str:
    """`1969` -> `19 सौ 69`; from 2000 on like any number."""
    century, rest = divmod(value, 100)
    return str(value) if century >= 20 else f"{century} सौ {rest or ''}".strip()


HINDI_NUMBERS = NumberFunctions(part=lambda numerator, denominator: _PARTS.get((numerator, denominator)), year=_year)
