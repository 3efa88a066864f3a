"""Break costs: how much a break between two words disturbs a reader, from punctuation and small words per language.

The scale: 0 is the end of a sentence, 100 a border between two words without any hint, and 2000 a border that is used
only when there is no other way. Does not belong here: widths, times, or the choice among the borders (`search.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from video_assets.studio.core.graphemes import clusters
from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.core.sentences import (
    CLAUSE_ENDS,
    CLOSING_BRACKETS,
    COMMAS,
    ELLIPSIS,
    OPENING_BRACKETS,
    SENTENCE_ENDS,
)
from video_assets.studio.spoken.languages.language_file import written_words

from .measure import is_wide

SENTENCE = 0
CLAUSE = 15
COMMA = 25
BRACKET = 30
CONJUNCTION = 45
PREPOSITION = 60
PLAIN = 100
WIDE = 130
CLOSE = 180
INSIDE_BRACKETS = 40
INSIDE_WORD = 400
FORBIDDEN = 2000

_CLAUSE_ENDS = frozenset(CLAUSE_ENDS + "—–")
_COMMAS = frozenset(COMMAS + "‚")
NO_LINE_END = frozenset(OPENING_BRACKETS + "“‘«„¿¡")
_CLOSERS = frozenset(CLOSING_BRACKETS + "”’»")
# Kinsoku: characters that may not start a line (JIS X 4051, GB/T 15834). NO_LINE_END may not end one.
NO_LINE_START = _CLOSERS | frozenset(
    SENTENCE_ENDS + CLAUSE_ENDS + COMMAS + "‥・·ーゝゞ々ぁぃぅぇぉっゃゅょァィゥェォッャュョ%％℃°"
)
_AROUND_WORDS = "\"'“”‘’«»" + COMMAS + CLAUSE_ENDS + SENTENCE_ENDS.replace(ELLIPSIS, "")
_OPERATORS = frozenset("=≠<>≤≥≈+−×·÷/→∝±")


class Words(NamedTuple):
    """The small words of a language.

    A break is good before the first two kinds. It is bad before `clinging` or after `leaning` words.
    """

    conjunctions: frozenset[str] = frozenset()
    prepositions: frozenset[str] = frozenset()
    leaning: frozenset[str] = frozenset()
    """Words that belong to the next word: articles, prepositions, auxiliaries, conjunctions."""
    clinging: frozenset[str] = frozenset()
    """Words that belong to the word before: postpositions, particles."""
    closing: frozenset[str] = frozenset()
    """Words after which a break is good: particles that close a phrase."""


@lru_cache(maxsize=64)
def break_words_of(language: str) -> Words:
    """The small words of `language` (a BCP 47 tag). Empty for a language without a list: punctuation then decides."""
    listed = written_words(primary_subtag(language)).captions
    before, around, leaning = (
        frozenset(words.split()) for words in (listed.conjunctions, listed.prepositions, listed.leaning)
    )
    clinging, closing = (frozenset(words.split()) for words in (listed.clinging, listed.closing))
    return Words(before, around, before | around | leaning, clinging, closing)


class CaptionPiece(NamedTuple):
    """A token (or a part of one that is longer than a line) as input of `break_costs`."""

    shown: str
    space_before: bool
    ends_sentence: bool
    begins_word: bool = False
    """Whether it begins a word of a script without spaces, inside a token."""


def break_costs(pieces: Sequence[CaptionPiece], words: Words) -> tuple[int, ...]:
    """`costs[i]` is the cost of a break before `pieces[i]`; `costs[0]` is 0."""
    if not pieces:
        return ()
    costs = [0]
    depth = 0
    for before, after in pairwise(pieces):
        depth = max(0, depth + _opened(before.shown))
        costs.append(_border(before, after, words) + (INSIDE_BRACKETS if depth else 0))
    return tuple(costs)


def _opened(text: str) -> int:
    return sum((character in OPENING_BRACKETS) - (character in CLOSING_BRACKETS) for character in text)


def _border(before: CaptionPiece, after: CaptionPiece, words: Words) -> int:
    for rule in (_forced, _by_punctuation):
        cost = rule(before, after)
        if cost is not None:
            return cost
    cost = _by_words(before.shown, after.shown, words)
    # In scripts without spaces between words, a space is between phrases, so it is the better place.
    return max(cost, WIDE) if after.begins_word else cost


def _forced(before: CaptionPiece, after: CaptionPiece) -> int | None:
    # “ opens in English and closes in German, so only an opening bracket or a token of openers keeps the next word.
    opens = before.shown[-1] in OPENING_BRACKETS or set(before.shown) <= NO_LINE_END
    if after.shown[0] in NO_LINE_START or opens:
        return FORBIDDEN
    if after.space_before or after.begins_word or before.ends_sentence:
        return None
    if is_wide(after.shown) or is_wide(clusters(before.shown)[-1]):
        return None
    return INSIDE_WORD


def _by_punctuation(before: CaptionPiece, after: CaptionPiece) -> int | None:
    if before.ends_sentence:
        return SENTENCE
    last = before.shown.rstrip("".join(_CLOSERS))[-1:] or before.shown[-1]
    if last in _CLAUSE_ENDS:
        return CLAUSE
    if last in _COMMAS:
        return COMMA
    return BRACKET if before.shown[-1] in _CLOSERS or after.shown[0] in NO_LINE_END else None


def _by_words(before: str, after: str, words: Words) -> int:
    left, right = (text.casefold().strip(_AROUND_WORDS) for text in (before, after))
    if (
        before in _OPERATORS
        or after in _OPERATORS
        or (left.replace(".", "").replace(",", "").isdigit() and len(right) <= 3)
    ):
        return CLOSE
    if right in words.clinging or left in words.leaning:
        return CLOSE
    if right in words.conjunctions:
        return CONJUNCTION
    if right in words.prepositions or left in words.closing:
        return PREPOSITION
    return WIDE if is_wide(after) and is_wide(clusters(before)[-1]) else PLAIN
