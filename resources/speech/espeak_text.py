"""The SSML that espeak-ng reads: one piece for a whole section, so that sentences keep their melody.

This module also knows the place of each word in it. Does not belong here: the letters that a voice reads
(`espeak_letters.py`), or the spoken form of symbols (`studio/spoken`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import NamedTuple

from video_assets.studio.core.errors import SpeechInvalid
from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.lesson.script import Pause, SpokenWord
from video_assets.studio.speech.provider import SpeechRequest
from video_assets.studio.spoken.letters import without_unsaid_accents

from .espeak_letters import CONSTRUCTED, unread_letters, writing_system


class MarkedUp(NamedTuple):
    """SSML, and for each spoken word the characters [start, end) of it that are the word."""

    source: str
    spans: tuple[tuple[int, int], ...]


class _MarkupDocument:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0

    def add(self, text: str) -> tuple[int, int]:
        start = self.length
        self.parts.append(text)
        self.length += len(text)
        return start, self.length


_EMPHASIS = {0: "", 1: ' volume="+25%" pitch="+12%"', 2: ' volume="+50%" pitch="+24%"'}
_EMPHASIS_RATE_PERCENT = {0: 100, 1: 93, 2: 86}


def marked_up(pieces: Sequence[SpokenWord | Pause], *, language: str, fastest_percent: int) -> MarkedUp:
    """The pieces as SSML for a voice of `language`, without accents that it would spell.

    A word's rate is a share of the voice's, at most `fastest_percent`; emphasis slows too.
    """
    draft = _MarkupDocument()
    draft.add("<speak>")
    spans: list[tuple[int, int]] = []
    before = ""
    for prosody, group in groupby(pieces, key=lambda piece: _prosody(piece, fastest_percent)):
        if prosody:
            draft.add(f"<prosody{prosody}>")
        for piece in group:
            if isinstance(piece, Pause):
                draft.add(f'<break time="{max(1, piece.milliseconds)}ms"/>')
                continue
            text = _without_strange_accents(_clean(piece.text), language)
            draft.add(_space(before, text))
            spans.append(draft.add(escape(text, quote=False)))
            before = text
        if prosody:
            draft.add("</prosody>")
    draft.add("</speak>")
    return MarkedUp("".join(draft.parts), tuple(spans))


def _prosody(piece: SpokenWord | Pause, fastest_percent: int) -> str:
    if isinstance(piece, Pause):
        return ""
    emphasis = max(0, min(2, piece.emphasis))
    rate = min(fastest_percent, piece.rate_percent * _EMPHASIS_RATE_PERCENT[emphasis] // 100)
    return _EMPHASIS[emphasis] + (f' rate="{rate}%"' if rate != 100 else "")


def _clean(text: str) -> str:
    # Control characters are commands to espeak-ng.
    return "".join(
        " " if unicodedata.category(character) in ("Cc", "Cf", "Cs") and character not in "\u200c\u200d" else character
        for character in text
    )


_READ_EVERY_ACCENT = ("gn", "vi", *CONSTRUCTED)


def _without_strange_accents(text: str, language: str) -> str:
    """Words of other languages: of `Nguyễn`, most voices spell every letter."""
    return (
        text
        if primary_subtag(language.casefold()) in _READ_EVERY_ACCENT
        else without_unsaid_accents(text, accents=True)
    )


def _space(before: str, text: str) -> str:
    """Between two words: a space, except between ideographs, which the dictionary looks up together."""
    if not before or (_is_wide(before[-1]) and _is_wide(text[:1])):
        return ""
    return " "


def _is_wide(character: str) -> bool:
    return (
        bool(character)
        and unicodedata.east_asian_width(character) == "W"
        and not writing_system(character).startswith("HANGUL")
    )


def check_sayable(request: SpeechRequest, language: str) -> None:
    """Raise SpeechInvalid for a word with letters that the voice of `language` does not read."""
    strange = [word.text for word in request.words if unread_letters(word.text, language)]
    if strange:
        raise SpeechInvalid(
            f"A voice of {language} cannot read {', '.join(repr(text) for text in strange[:5])}.",
            remedy="Write in the lesson's `pronunciations` how to say it, or set the lesson's language.",
        )
