"""Rules for the time of the day in digits.

Does not belong here: dates (`dates.py`), or ratios, which words nearby distinguish from times (`ranges.py`).
"""

from __future__ import annotations

import re

from video_assets.studio.spoken.languages.language import Language

from .passage import Entry, Passage, SpokenPiece, SpokenPieces
from .ranges import is_ratio_near

_NEAR = 30
_HALF_DAY = r"([AaPp])(?:m|M|\.\s?[mM](?:\.|(?!\w)))(?![\w²³/·⁻])"


def clock_rules(language: Language) -> list[Entry]:
    """The rules for times with a colon or a full stop between hours and minutes, and for hours before `am` and `pm`."""
    after = language.amounts.clock_after
    hour_word = rf"[ \u00a0](?:{after or '(?!)'})(?![\w\u0900-\u0963])"
    rules: list[Entry] = [
        (rf"(?<![\d:])(\d{{1,2}})(?:[:.]([0-5]\d))?[ \u00a0\u202f]?{_HALF_DAY}", _half_day),
        (rf"(\d{{1,2}}):([0-5]\d)(?::([0-5]\d))?(?![\d:]|[.,]\d| \d{{3}}(?!\d))(?:{hour_word})?", _clock),
    ]
    if after:
        rules.append((rf"(?<![\d.,])(\d{{1,2}})\.([0-5]\d)(){hour_word}", _clock))
        ranged = rf"(?=\s?[–—-]\s?\d{{1,2}}(?:[.:][0-5]\d)?{hour_word})"
        rules.append((rf"(?<![\d.,])(\d{{1,2}})\.([0-5]\d)(){ranged}", _clock))
    if "h" in after.split("|"):
        ends = r"(?![\w.,]\d)(?!\w|[ \u00a0\u202f](?:min|m)\b)"
        rules.append((rf"(?<![\d.,])(\d{{1,2}})[ \u00a0\u202f]?h[ \u00a0\u202f]?([0-5]\d)(){ends}", _clock))
    return rules


def _half_day(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`9:00 AM` -> "nine A M". Where `pm` is also a length, a word before it or minutes must show that it is a time."""
    language, hour = passage.language, int(match[1])
    if not 1 <= hour <= 12 or (not match[2] and not _is_time(match, passage)):
        return None
    minutes = int(match[2] or 0)
    said = language.clock(hour, minutes) if minutes else language.cardinal(match[1])
    named = [SpokenPiece(_letter(language, letter), match.start(3)) for letter in (match[3], "m")]
    pieces = (SpokenPiece(said, match.start()), *named)
    ends = match[0].endswith(".") and re.match(r"\s*$|\s+[A-Z]", passage.text[match.end() :])
    return (*pieces, SpokenPiece(".", match.end() - 1)) if ends else pieces


def _letter(language: Language, letter: str) -> str:
    name = language.letter(letter)
    return name.upper() if len(name) == 1 and name.isascii() else name


def _is_time(match: re.Match[str], passage: Passage) -> bool:
    words = passage.language.amounts.clock_before
    before = passage.text[max(0, match.start() - _NEAR) : match.start()]
    if not words or "." in match[0]:
        return True
    ranged = r"(?:\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]m)?\s?[–-]\s?)?"
    return bool(re.search(rf"(?<![^\W\d_])(?i:{words})\s?{ranged}$", before)) or match[0][-1] == "M"


def _clock(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    named = not match[0][-1].isdigit()
    if int(match[1]) > 24 or (not (named or match[3]) and is_ratio_near(passage, match.start(), match.end())):
        return None
    said = passage.language.clock(int(match[1]), int(match[2]))
    seconds = f" {passage.language.cardinal(str(int(match[3])))}" if match[3] else ""
    return (SpokenPiece(said + seconds, match.start()),)
