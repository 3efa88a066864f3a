"""Finds what a text leaves uncertain: `01/05/2024` in English, whose month may come first or second.

A check warns of each with its place and two ways to write it. Does not belong here: the reading itself, which picks
one of the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from video_assets.studio.spoken.languages.language import Language

from .characters import OPERATORS
from .markup import parse
from .reading import normalise

_NEAR = 24


class UncertainReading(NamedTuple):
    """Characters `start` to `end` (exclusive) that have two readings: the chosen one, and two ways to write it."""

    start: int
    end: int
    written: str
    said: str
    alternatives: tuple[str, str]


class _Doubt(NamedTuple):
    start: int
    end: int
    alternatives: tuple[str, str]


def uncertain_readings(narration: str, language: Language) -> tuple[UncertainReading, ...]:
    """The uncertain readings of `narration`, in its order; they do not overlap.

    Places count the characters of the narration, markup too. `said` is what the voice says for the characters there.
    What the author has said with `[shown|said]` is certain. Empty for a language without tables, whose digits go to
    the voice as they are. Raises ContentError as `parse` and `normalise` do.
    """
    marked = parse(narration)
    if not language.has_tables:
        return ()
    found: list[_Doubt] = []
    for doubt in sorted(doubt for rule in _RULES for doubt in rule(marked.text, language)):
        decided = any(doubt.start < override.end and override.start < doubt.end for override in marked.overrides)
        if not decided and (not found or doubt.start >= found[-1].end):
            found.append(doubt)
    spoken = normalise(marked, language, {}) if found else ()
    return tuple(
        UncertainReading(
            marked.offsets[doubt.start],
            marked.offsets[doubt.end - 1] + 1,
            marked.text[doubt.start : doubt.end],
            " ".join(word.text for word in spoken if doubt.start <= word.at < doubt.end).rstrip(",.;:?!，。；：？！、"),
            doubt.alternatives,
        )
        for doubt in found
    )


_DATE = re.compile(r"(?<![\d/.-])(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/]|-\d)")


def _dates(text: str, language: Language) -> Iterator[_Doubt]:
    """`01/05/2024`: in English the month is first in America and second elsewhere."""
    if language.tag != "en":
        return
    for match in _DATE.finditer(text):
        first, second = int(match[1]), int(match[3])
        if first != second and 1 <= first <= 12 and 1 <= second <= 12 and (match[2] == "/" or len(match[4]) == 4):
            months = (language.months[first - 1], language.months[second - 1])
            year = match[4] if len(match[4]) == 4 else str(int(match[4]) + (1900 if int(match[4]) >= 50 else 2000))
            yield _Doubt(*match.span(), (f"{months[0]} {second}, {year}", f"{months[1]} {first}, {year}"))


_THREE_DIGITS = re.compile(r"(?<![\w.,:/$€£¥￥₹+×=-])([1-9]\d{0,2})([.,])(\d{3})(?![\d.,]*\d)(?!\s?[-+×=*/^]|\s?±)")


def _three_digits(text: str, language: Language) -> Iterator[_Doubt]:
    """`1.234`: a thousand where the point groups digits, and little more than one where it is the decimal sign.

    Certain where the language uses the sign for one of the two only.
    """
    for match in _THREE_DIGITS.finditer(text):
        sign = match[2]
        if not (sign in language.decimal and sign in language.group) or _stands_in_formula(text, match):
            continue
        other = "," if sign == "." else "."
        yield _Doubt(*match.span(), (f"{match[1]}{match[3]}", f"{match[1]}{other}{match[3]}"))


def _stands_in_formula(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 3) : match.start()].rstrip()[-1:]
    after = text[match.end() : match.end() + 3].lstrip()[:1]
    return any(sign in OPERATORS for sign in (before, after) if sign)


_SHORT_TIME = re.compile(r"(?<![\d:.,])([1-9]|1[0-2]):([1-5]0)(?![\d:])(?!\s?(?:[AaPp]\.?[Mm]|Uhr|h\b|बजे))")


def _times(text: str, language: Language) -> Iterator[_Doubt]:
    """`1:20` after a colon or alone in brackets may be a ratio or a time."""
    for match in _SHORT_TIME.finditer(text):
        before = text[max(0, match.start() - _NEAR) : match.start()]
        if not re.search(r"[(（]\s*$", before) or text[match.end() : match.end() + 1] not in (")", "）"):
            continue
        clock = language.clock(int(match[1]), int(match[2]))
        yield _Doubt(*match.span(), (clock, f"{match[1]} {language.amounts.ratio} {match[2]}"))


_FRACTION = re.compile(r"(?<![\w/.,^(=+×-])([1-9]|[12]\d|3[01])/([1-9]|1[0-2])(?![\w/^)=+×²³]|[.,]\d)(?!\s?[=+×*^/−-])")


def _fractions(text: str, language: Language) -> Iterator[_Doubt]:
    """`5/6` after a word for dates, as in "on 5/6", is a date or a fraction."""
    words = language.amounts.dated
    for match in _FRACTION.finditer(text):
        before = text[max(0, match.start() - _NEAR) : match.start()]
        if not words or not re.search(rf"(?<!\w)(?:{words})\s$", before):
            continue
        month, day = int(match[1]), int(match[2])
        if not language.month_first:
            month, day = day, month
        if month > 12:
            month, day = day, month
        written = language.amounts.day_of_month.format(month=language.months[month - 1], day=day)
        yield _Doubt(*match.span(), (written, language.fraction(int(match[1]), int(match[2]))))


_BIG = re.compile(r"(?<![\w.,:/$€£¥￥₹-])(1[1-9]\d\d|20\d\d)(?![\w%]|[.,:/-]\d)")


def _years(text: str, language: Language) -> Iterator[_Doubt]:
    """`in 1500 cells`: a count where a year would stand."""
    words = language.amounts.counted_or_year
    if not words:
        return
    for match in _BIG.finditer(text):
        before = text[max(0, match.start() - _NEAR) : match.start()]
        behind = text[match.end() : match.end() + _NEAR]
        if re.search(rf"(?<!\w)(?:{words})\s$", before) and re.match(r"\s[a-z]{3,}s\b(?!\s(?:of|are|were))", behind):
            yield _Doubt(*match.span(), (f"{int(match[1]):,}", f"the year {match[1]}"))


_MINUS = re.compile(r"(?<![\w.,/:-])(\d{1,4}) - (\d{1,4})(?![\w/:-]|[.,]\d)(?!\s?[-+=×*/^<>])")


def _differences(text: str, language: Language) -> Iterator[_Doubt]:
    """`10 - 20`: a hyphen with spaces takes away, and is often typed for a range."""
    for match in _MINUS.finditer(text):
        if (
            int(match[2]) <= int(match[1])
            or _stands_in_formula(text, match)
            or "=" in text[max(0, match.start() - 2) : match.start()]
        ):
            continue
        yield _Doubt(*match.span(), (f"{match[1]}–{match[2]}", f"{match[1]} − {match[2]}"))


_RULES: tuple[Callable[[str, Language], Iterator[_Doubt]], ...] = (
    _dates,
    _three_digits,
    _times,
    _fractions,
    _years,
    _differences,
)
