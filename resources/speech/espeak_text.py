"""The SSML that espeak-ng reads: one piece for a whole section, so that sentences keep their melody.

This module also knows the place of each word in it, and the scripts that a voice can read. Does not belong here: the
spoken form of symbols (`studio/spoken`).
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


_CONSTRUCTED = ("piqd", "qdb", "qya", "sjn", "xex")
"""Languages with scripts outside Unicode's names; their voices are not checked."""

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


_READ_EVERY_ACCENT = ("gn", "vi", *_CONSTRUCTED)


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
        and not _script(character).startswith("HANGUL")
    )


# --- what a voice can read ---------------------------------------------------------------------------------------

_LANGUAGES_OF_SCRIPT = {
    "ARABIC": ("ar", "fa", "ku", "sd", "ug", "ur"),
    "ARMENIAN": ("hy", "hyw"),
    "BENGALI": ("as", "bn", "bpy"),
    "BOPOMOFO": ("cmn", "hak", "yue"),
    "CHEROKEE": ("chr",),
    "CJK": ("cmn", "hak", "yue", "ja", "ko"),
    "CYRILLIC": ("ba", "be", "bg", "cv", "kk", "ky", "mk", "nog", "ru", "sr", "tt", "uk"),
    "DEVANAGARI": ("hi", "kok", "mr", "ne"),
    "ETHIOPIC": ("am", "ti"),
    "GEORGIAN": ("ka",),
    "GREEK": ("el", "grc"),
    "GUJARATI": ("gu",),
    "GURMUKHI": ("pa",),
    "HANGUL": ("ko",),
    "HEBREW": ("he",),
    "HIRAGANA": ("ja",),
    "KANNADA": ("kn",),
    "KATAKANA": ("ja",),
    "KATAKANA-HIRAGANA": ("ja",),
    "MALAYALAM": ("ml",),
    "MYANMAR": ("my", "shn"),
    "ORIYA": ("or",),
    "SHAVIAN": ("en-shaw",),
    "SINHALA": ("si",),
    "TAMIL": ("ta",),
    "TELUGU": ("te",),
    "THAI": ("th",),
}


def check_sayable(request: SpeechRequest, language: str) -> None:
    """Raise SpeechInvalid for a word in a script that the voice of `language` does not read.

    Every voice reads Latin letters (others switch to English for them) and the name of a single Greek letter. It would
    spell out anything else as "letter, letter", which is not intelligible.
    """
    tag = language.casefold()
    family = primary_subtag(tag)
    if family in _CONSTRUCTED:
        return
    known = [script for script, languages in _LANGUAGES_OF_SCRIPT.items() if {tag, family} & set(languages)]
    strange = [word.text for word in request.words if not _readable(word.text, known)]
    if strange:
        raise SpeechInvalid(
            f"A voice of {language} cannot read {', '.join(repr(text) for text in strange[:5])}.",
            remedy="Write in the lesson's `pronunciations` how to say it, or set the lesson's language.",
        )


def _readable(text: str, known: Sequence[str]) -> bool:
    letters = [character for character in text if unicodedata.category(character).startswith("L")]
    foreign = [
        script for script in map(_script, letters) if script not in ("LATIN", "MODIFIER", "MICRO", "OHM", *known)
    ]
    return not foreign or (len(letters) == 1 and foreign == ["GREEK"])


def _script(character: str) -> str:
    return unicodedata.name(character, "UNKNOWN").split(" ")[0]
