"""The tables of a language that has no file: only what is right in every language.

The voice gets letters, digits and punctuation unchanged. Greek letters have their names. Any other character is an
error that names it.
"""

from __future__ import annotations

from types import MappingProxyType

from .build import EVERY_LETTER
from .language import Language, Maths
from .language_file import neutral_symbols

_UNSPACED = frozenset({"ja", "yue", "wuu", "hak"})
_GREEK_LANGUAGE = "el"


def neutral(tag: str) -> Language:
    """The tables for the language `tag`. They are almost empty, so that little is wrong."""
    return Language(
        tag=tag,
        has_tables=False,
        unspaced=tag in _UNSPACED,
        script=EVERY_LETTER,
        point="",
        decimal=".,",
        group="\u00a0\u202f\u2009",
        cardinal=str,
        digits=" ".join,
        fraction_digits=str,
        fraction=lambda numerator, denominator: f"{numerator} {denominator}",
        date=lambda year, month, day: f"{year} {month} {day}",
        clock=lambda hour, minute: f"{hour} {minute}",
        percent="{} %",
        to="",
        per="",
        square="{}",
        cubic="{}",
        square_one="{}",
        cubic_one="{}",
        time_squared="{}",
        units={},
        money={},
        maths=_UNKNOWN_MATHS,
        symbols=MappingProxyType({} if tag == _GREEK_LANGUAGE else neutral_symbols()),
    )


_UNKNOWN_MATHS = Maths(
    minus="", negative="", times="", over="", of="", quantity="", squared="", cubed="", power="", prime="",
    inverse="", transposed="", factorial="", absolute="", limits={}, scientific="",
    triple_prime="", dot_product="", cross_product="", by="", base="", norm="", floor="", ceiling="", given="",
    limit="", accents={}, ellipsis="", domains={}, states={},
)  # fmt: skip
