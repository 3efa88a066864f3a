"""Finds what a text leaves uncertain: `01/05/2024` in English, whose month may come first or second.

A check warns of each with its place and two ways to write it. Does not belong here: the reading itself, which picks
one of the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from video_assets.studio.spoken.languages.language import Language

from .markup import parse
from .reading import normalise


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


def uncertain_readings(text: str, language: Language) -> tuple[UncertainReading, ...]:
    """The uncertain readings of the visible `text`, in its order; they do not overlap."""
    found: list[UncertainReading] = []
    for doubt in sorted(_dates(text, language)):
        if found and doubt.start < found[-1].end:
            continue
        written = text[doubt.start : doubt.end]
        found.append(UncertainReading(doubt.start, doubt.end, written, _said(written, language), doubt.alternatives))
    return tuple(found)


def _said(written: str, language: Language) -> str:
    return " ".join(word.text for word in normalise(parse(written), language, {}))


_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})([/-])(\d{1,2})\2(\d{4})(?![\d/]|-\d)")


def _dates(text: str, language: Language) -> Iterator[_Doubt]:
    """`01/05/2024`: in English the month is first in America and second elsewhere."""
    if language.tag != "en":
        return
    for match in _SLASHED.finditer(text):
        first, second = int(match[1]), int(match[3])
        if first != second and 1 <= first <= 12 and 1 <= second <= 12:
            ways = (_written_date(language, first, second, match[4]), _written_date(language, second, first, match[4]))
            yield _Doubt(match.start(), match.end(), ways)


def _written_date(language: Language, month: int, day: int, year: str) -> str:
    return f"{language.months[month - 1]} {day}, {year}"
