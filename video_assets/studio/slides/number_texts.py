"""Numbers as a language writes them on a figure: decimal mark, groups of digits, percent and currency.

The conventions are those of the Unicode CLDR for each language. Does not belong here: numbers that are spoken.
"""

from __future__ import annotations

from video_assets.studio.core.languages import primary_subtag

_NARROW_SPACE = "\u202f"
_COMMA = frozenset(
    ("be", "bg", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fi", "fr", "hr", "hu", "id", "is", "it", "kk", "lt")
) | frozenset(("lv", "nb", "nl", "nn", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "tr", "uk", "vi"))
"""Languages with a decimal comma."""
_LAKHS = frozenset(("hi", "bn", "gu", "mr", "pa", "ta", "te", "kn", "ml", "ne"))
"""Languages that group digits by two above the thousands: 12,34,567."""
_SPACED_PERCENT = frozenset(
    (
        "be",
        "ca",
        "cs",
        "da",
        "de",
        "es",
        "eu",
        "fi",
        "fr",
        "hr",
        "kk",
        "lt",
        "nb",
        "nn",
        "no",
        "ro",
        "ru",
        "sk",
        "sl",
        "sv",
    )
)
_CURRENCIES = frozenset("$£€¥₹₩₽")
_LEAST, _MOST = 1e-4, 1e12
"""Numbers outside of these are written with a power of ten."""


def number_text(value: float, language: str) -> str:
    """`value` with at most twelve significant digits, as `language` writes it. Numbers of four digits are not grouped,
    because they may be years. The result is a text with inline markup: powers are raised."""
    size = abs(value)
    sign = "\u2212" if value < 0 else ""
    tag = primary_subtag(language)
    if size and not _LEAST <= size < _MOST:
        digits, _, power = f"{size:.11e}".partition("e")
        mantissa = digits.rstrip("0").rstrip(".")
        times = "" if mantissa == "1" else f"{_decimal(mantissa, tag)}\u00a0×\u00a0"
        return f"{sign}{times}10^{{{int(power)}}}".replace("{-", "{\u2212")
    text = f"{float(f'{size:.12g}'):.10f}".rstrip("0").rstrip(".")
    return sign + _decimal(text, tag)


def _decimal(text: str, tag: str) -> str:
    whole, mark, decimals = text.partition(".")
    return _grouped(whole, tag) + ("," if tag in _COMMA and mark else mark) + decimals


def _grouped(whole: str, tag: str) -> str:
    if len(whole) < 5:
        return whole
    head, last = whole[:-3], whole[-3:]
    width = 2 if tag in _LAKHS else 3
    start = len(head) % width
    groups = [head[:start]] if start else []
    groups += [head[n : n + width] for n in range(start, len(head), width)]
    return (_NARROW_SPACE if tag in _COMMA else ",").join((*groups, last))


def quantity_text(value: float, unit: str, language: str) -> str:
    """`value` with `unit`, which is left out if it is longer than two characters: it stands at the axis then."""
    number, tag = number_text(value, language), primary_subtag(language)
    if not unit or len(unit) > 2:
        return number
    if unit in _CURRENCIES and tag not in _COMMA:
        return f"\u2212{unit}{number[1:]}" if value < 0 else unit + number
    if unit == "%" and tag == "tr":
        return "%" + number
    if unit == "%" and tag not in _SPACED_PERCENT:
        return number + unit
    return number + _NARROW_SPACE + unit
