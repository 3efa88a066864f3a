"""Chinese numbers: digits one by one. The voice reads whole numbers itself, but not digits after the point."""

from __future__ import annotations

from .number_functions import NumberFunctions, is_code

_DIGITS = "零一二三四五六七八九"


def _one_by_one(text: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in text)


def _cardinal(text: str) -> str:
    return _one_by_one(text) if is_code(text) else text


CHINESE_NUMBERS = NumberFunctions(
    cardinal=_cardinal,
    digits=_one_by_one,
    fraction_digits=_one_by_one,
    year=lambda value: _one_by_one(str(value)),
)
