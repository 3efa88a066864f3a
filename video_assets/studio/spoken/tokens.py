"""Splits the visible text of the author into tokens, the words that captions show.

A caption may break between tokens only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from video_assets.studio.spoken.languages.language import Language

from .characters import MELODY, NO_BREAK_SPACES, SILENT, is_unspaced
from .markup import Marked


class TextPiece(NamedTuple):
    """Visible characters `start` to `end` (exclusive) that are one token."""

    start: int
    end: int
    space_before: bool


_INK = rf"[^\s{NO_BREAK_SPACES}]"
_WORD = re.compile(rf"{_INK}(?:(?:\S|[{NO_BREAK_SPACES}])*{_INK})?")
_GROUPING = r"(?<!\d{4})(?<=\d) (?=\d{3}(?!\d))"
"""The space in `10 000`, in languages that group digits with spaces."""
_WORD_OR_GROUPED = re.compile(rf"{_INK}(?:(?:\S|[{NO_BREAK_SPACES}]|{_GROUPING})*{_INK})?")
_WIDE_OPENING = frozenset("（［｛「『《〈【〔“‘")
_OPENING = _WIDE_OPENING | frozenset("¿¡«‹„([{$€£¥")
_STOPS = frozenset("，。；：？！、）］｝」』》〉】〕”’…—")
_CLINGING = frozenset("々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮーヽヾゝゞ")
"""Kana and signs that may not start a line."""


def tokenise(marked: Marked, language: Language) -> tuple[TextPiece, ...]:
    """The tokens of `marked` in order. They cover every visible character except the spaces between words.

    In languages without spaces a token is one Han or Kana character, or a run of other characters, with its
    punctuation.
    """
    unspaced = language.unspaced
    pieces: list[TextPiece] = []
    for word in _words(marked.text, language):
        ends = _ends_within(marked.text, word) if unspaced else [word.end()]
        starts = [word.start(), *ends[:-1]]
        pieces += [
            TextPiece(start, end, start == word.start() and bool(pieces))
            for start, end in zip(starts, ends, strict=True)
        ]
    return tuple(pieces)


def _words(text: str, language: Language) -> Iterator[re.Match[str]]:
    return (_WORD_OR_GROUPED if " " in language.group else _WORD).finditer(text)


def _ends_within(text: str, word: re.Match[str]) -> list[int]:
    inner = [at for at in range(word.start() + 1, word.end()) if _breaks_between(text[at - 1], text[at])]
    return [*inner, word.end()]


def _breaks_between(before: str, after: str) -> bool:
    if before in _OPENING or after in _CLINGING:
        return False
    if is_unspaced(after) or after in _WIDE_OPENING:
        return True
    if (after in MELODY or after in SILENT) and after not in _OPENING:
        return False
    return (is_unspaced(before) or before in _STOPS) and not unicodedata.combining(after)
