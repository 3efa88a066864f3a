"""Measures text for readers: the widths of its grapheme clusters, and its direction.

Widths are whole units, so that Latin and CJK text share one rule. In a section of Latin-like text a line holds 42
narrow or 16 wide characters, or a mixture. In a CJK section it holds 16 wide ones, and a narrow one counts as half.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Literal, NamedTuple

from video_assets.studio.core.graphemes import clusters
from video_assets.studio.core.languages import primary_subtag

LINE_UNITS = 672
"""Units of a full line: 42 x 16 = 16 x 42 = 32 x 21."""

_CJK_LANGUAGES = frozenset({"zh", "ja", "ko", "yue", "cmn", "wuu", "nan", "hak"})
_RTL_LANGUAGES = frozenset({"ar", "he", "iw", "fa", "ur", "ps", "yi", "dv", "ug", "sd", "ckb"})
_RTL_SCRIPTS = frozenset({"arab", "hebr", "thaa", "syrc", "nkoo"})


class Measure(NamedTuple):
    """Units of a narrow and of a wide character, and reading speeds in characters per second."""

    narrow: int
    wide: int
    character: int
    """Units of the character in which reading speeds are counted."""
    target_speed: int
    most_speed: int
    """The comfortable speed (`target_speed`) and the limit, in characters per second."""


LATIN = Measure(narrow=16, wide=42, character=16, target_speed=17, most_speed=20)
CJK = Measure(narrow=21, wide=42, character=42, target_speed=8, most_speed=9)


def is_wide(cluster: str) -> bool:
    """Whether `cluster` takes a full-width cell (Unicode Standard Annex 11: wide or full-width)."""
    return unicodedata.east_asian_width(cluster[0]) in {"W", "F"}


def text_width(text: str, measure: Measure) -> int:
    """The width of `text` in units of `measure`."""
    return sum(measure.wide if is_wide(cluster) else measure.narrow for cluster in clusters(text))


def measure_of(texts: Iterable[str], language: str) -> Measure:
    """The measure of a section: CJK if its language or most of its characters are, else Latin."""
    if primary_subtag(language) in _CJK_LANGUAGES:
        return CJK
    seen = [is_wide(cluster) for text in texts for cluster in clusters(text)]
    return CJK if 2 * sum(seen) > len(seen) else LATIN


def direction_of_language(language: str) -> Literal["ltr", "rtl"]:
    """The direction in which `language` (a BCP 47 tag) is written; a script in the tag decides over the language."""
    first, *others = language.replace("_", "-").casefold().split("-")
    scripts = [part for part in others if len(part) == 4 and part.isalpha()]
    if scripts:
        return "rtl" if scripts[0] in _RTL_SCRIPTS else "ltr"
    return "rtl" if first in _RTL_LANGUAGES else "ltr"


def with_direction(line: str, language: str) -> str:
    """`line`, with a direction mark before it if its first strong character would give it the wrong direction.

    Players take a line's direction from its first strong character (UAX 9, rules P2 and P3). An Arabic line that
    starts with `V_GS` would be laid out from the left without the mark. Other lines do not change.
    """
    wanted = direction_of_language(language)
    strong = (unicodedata.bidirectional(character) for character in line)
    first = next(({"L": "ltr"}.get(kind, "rtl") for kind in strong if kind in {"L", "R", "AL"}), wanted)
    if first == wanted:
        return line
    return ("\u200f" if wanted == "rtl" else "\u200e") + line
