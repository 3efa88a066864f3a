"""Words in capitals: which are read as words (`THE CELL`), and which are spelled (`DNA`).

A title in capitals is read as a sentence. Elsewhere the shape of a word decides. Does not belong here: names with
humps, digits and underscores (`names.py`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from video_assets.studio.spoken.languages.language import Language

from .characters import LATIN

_V = "AEIOUY"
_C = "B-DF-HJ-NP-TV-XZ"
_ONSET = (
    "STR|SPR|SCR|SPL|SQU|THR|SHR|CHR|SCH(?:[LMNRW])?|PHR|SPH|PFL|PFR|ZW|"
    f"QU|BL|BR|CH|CL|CR|DR|DW|FL|FR|GL|GN|GR|GH|KL|KN|KR|PF|PH|PL|PR|PS|RH|SC|SH|SK|SL|SM|SN|SP|ST|SV|SW|TH|TR|TW|"
    f"VL|VR|WH|WR|[{_C}]"
)
_CODA = (
    "NGTHS?|NGST|NGS|NGT|NSCH|RSCH|TSCH|SCHT?|CHST|CHTS?|GHTS?|TCH|RCH|LCH|NCH|NTHS?|RTHS?|LTHS?|DTHS?|FTH|PTH|XTH|"
    "RLD|RST|NST|RNT|RNS|RKT|MPF|MPT|NKT|NFT|RFT|HLT|HRT|HNT|STS|NTS|NDS|RTS|RDS|LDS|LTS|CTS|PTS|FTS|CKS?|LLS|LMS|RMS|"
    "RKS|RPS|LKS|NKS|MPS|SKS|PHS|THS|BBL|RGT|LGT|LL|SS|FF|ZZ|TT|NN|MM|RR|NG|NK|ND|NT|NC|NS|NZ|MP|MB|MS|MN|LD|LT|LK|LM|"
    "LP|LF|LS|LB|LZ|LG|RD|RT|RK|RM|RN|RP|RS|RB|RF|RL|RG|RZ|CT|FT|PT|PS|TS|KS|BS|DS|GS|GH|GN|SH|SK|SP|ST|TH|TZ|CH|PH|PF|"
    f"WN|WS|WL|WK|XT|HN|HR|HL|HM|HT|BT|[{_C}]"
)
_SPOKEN = re.compile(f"(?:{_ONSET})?[{_V}]+(?:(?:{_CODA})?(?:{_ONSET})[{_V}]+)*(?:{_CODA})?")
"""A word as the languages with Latin letters build it. `NADH` and `ATP` end and `DNA` begins as no word does."""

_SEQUENCE = re.compile("[ACGTU]{4,}")
"""Bases of DNA and RNA."""
_LETTERS = re.compile(rf"[{LATIN}]+(?:['’][{LATIN}]+)*|[^\W\d_]")
"""A word of Latin letters, or a letter of another script, in which no title is all in capitals."""
_SENTENCE_MARKS = re.compile(r"[.!?¡¿。！？\n]")
_NEAR = 160
_SURELY_A_WORD, _NEVER_SPELLED = 5, 6
"""Letters. Five may be an acronym; none of six that has a vowel is spelled."""


@lru_cache(maxsize=4096)
def has_shape_of_a_word(word: str) -> bool:
    """Whether `word`, in capitals of ASCII, can be pronounced. A long word only needs a vowel."""
    if len(word) >= _NEVER_SPELLED and not _SEQUENCE.fullmatch(word):
        return bool(re.search(f"[{_V}]", word)) and not re.search(f"[{_C}]{{6}}", word)
    return bool(_SPOKEN.fullmatch(word))


def is_word_in_title(language: Language, text: str, start: int, end: int) -> bool:
    """Whether the capitals `text[start:end]` are a word of a title, or of a phrase, that is all in capitals."""
    word = text[start:end].replace("’", "'")
    before, after = _sentence_around(text, start, end)
    title = _is_title(language, [*before, word, *after])
    if not title and not any(_is_surely_a_word(language, near) for near in (before[-1:] or [""]) + (after[:1] or [""])):
        return False
    if word in language.acronyms and (not title or _is_named(language, word, before)):
        return False
    return word.lower() in language.common_capitals or has_shape_of_a_word(re.sub("'.*", "", word) or word)


def is_in_title(language: Language, text: str, start: int, end: int) -> bool:
    """Whether the single letter `text[start:end]` stands in a title that is all in capitals."""
    before, after = _sentence_around(text, start, end)
    return _is_title(language, [*before, *after])


def _is_named(language: Language, word: str, before: list[str]) -> bool:
    """Whether an acronym that is also a word has an article before it: `THE WHO`, `THE US`."""
    return word.lower() not in language.common_capitals or (bool(before) and before[-1] == "THE")


def _is_title(language: Language, words: list[str]) -> bool:
    several = [word for word in words if len(word) > 1]
    return (
        len(several) > 1
        and all(word.isupper() for word in (*several, *(word for word in words if not word.isascii())))
        and any(_is_surely_a_word(language, word) for word in several)
    )


def _is_surely_a_word(language: Language, word: str) -> bool:
    if len(word) < 2 or not word.isupper():
        return False
    if re.sub("['’].*", "", word.lower()) in language.common_capitals:
        return True
    unknown = word not in language.acronyms
    return unknown and (not word.isascii() or (len(word) >= _SURELY_A_WORD and has_shape_of_a_word(word)))


def _sentence_around(text: str, start: int, end: int) -> tuple[list[str], list[str]]:
    """The words of the sentence before and after `text[start:end]`."""
    left = _SENTENCE_MARKS.split(text[max(0, start - _NEAR) : start])[-1]
    right = _SENTENCE_MARKS.split(text[end : end + _NEAR], maxsplit=1)[0]
    before, after = _LETTERS.findall(left), _LETTERS.findall(right)
    # The window may begin or end inside a word.
    return (before[1:] if start > _NEAR and len(left) == _NEAR else before), (
        after[:-1] if len(right) == _NEAR else after
    )
