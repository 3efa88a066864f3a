"""English numbers in words: cardinals, ordinals, years, decades, parts and clock times."""

from __future__ import annotations

from .number_functions import NumberFunctions

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)

_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

_SCALES = ("", "thousand", "million", "billion", "trillion", "quadrillion")

_IRREGULAR_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def digits(text: str) -> str:
    """`"07"` -> `"zero seven"`."""
    return " ".join(_ONES[int(digit)] for digit in text)


def cardinal(text: str) -> str:
    """Digits as words; with leading zeros, or beyond quadrillions, digit by digit."""
    if (len(text) > 1 and text[0] == "0") or len(text) > 3 * len(_SCALES):
        return digits(text)
    return _number(int(text))


def _number(value: int) -> str:
    if value < 1000:
        return _below_thousand(value) or "zero"
    parts = []
    for scale in reversed(range(len(_SCALES))):
        group = value // 1000**scale % 1000
        if group:
            parts.append(f"{_below_thousand(group)} {_SCALES[scale]}".strip())
    return " ".join(parts)


def _below_thousand(value: int) -> str:
    hundreds, rest = divmod(value, 100)
    parts = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    if rest:
        parts.append(_below_hundred(rest))
    return " ".join(parts)


def _below_hundred(value: int) -> str:
    if value < 20:
        return _ONES[value]
    tens, ones = divmod(value, 10)
    return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")


def ordinal(value: int) -> str:
    """`21` -> `twenty-first`."""
    head, joint, last = _split_last(_number(value))
    if last in _IRREGULAR_ORDINALS:
        return head + joint + _IRREGULAR_ORDINALS[last]
    return head + joint + (last[:-1] + "ieth" if last.endswith("y") else last + "th")


def _split_last(words: str) -> tuple[str, str, str]:
    at = max(words.rfind(" "), words.rfind("-"))
    return (words[:at], words[at], words[at + 1 :]) if at >= 0 else ("", "", words)


def year(value: int) -> str:
    """`1969` -> `nineteen sixty-nine`, `2005` -> `two thousand five`, `1905` -> `nineteen oh five`."""
    century, rest = divmod(value, 100)
    if value // 10 == 200 or (rest == 0 and century % 10 == 0):
        return _number(value)
    if rest == 0:
        return f"{_number(century)} hundred"
    return f"{_number(century)} {'oh ' if rest < 10 else ''}{_number(rest)}"


def decade(value: int) -> str:
    """`1990` -> `nineteen nineties`; `80` -> `eighties`."""
    head, joint, last = _split_last(year(value) if value > 99 else _number(value))
    return head + joint + (last[:-1] + "ies" if last.endswith("y") else last + "s")


def part(numerator: int, denominator: int) -> str | None:
    """`3, 4` -> `three quarters`; None for a denominator that is not named ("three over seventeen")."""
    if denominator < 2 or (denominator > 10 and denominator not in (12, 16, 20, 100, 1000)):
        return None
    special = {2: ("half", "halves"), 4: ("quarter", "quarters")}
    one, many = special.get(denominator, (ordinal(denominator), ordinal(denominator) + "s"))
    return f"{_number(numerator)} {one if numerator == 1 else many}"


def spoken_clock(hour: int, minute: int) -> str:
    """`9, 5` -> `nine oh five`; `9, 0` -> `nine o'clock`; `13, 0` -> `thirteen hundred hours`."""
    if minute == 0:
        return f"{_number(hour)} o'clock" if 1 <= hour <= 12 else f"{_number(hour)} hundred hours"
    return f"{_number(hour)} {'oh ' if minute < 10 else ''}{_number(minute)}"


ENGLISH_NUMBERS = NumberFunctions(
    cardinal=cardinal,
    digits=digits,
    fraction_digits=digits,
    part=part,
    day=ordinal,
    year=year,
    decade=decade,
    ordinal=ordinal,
    regnal_ordinal=lambda value: "the " + ordinal(value),
    clock=spoken_clock,
)
