"""A text as sentences and words, with what finding phrases needs to know about each word.

The work grows linearly with the length of the text, whatever it contains.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.core.sentences import (
    AMBIGUOUS_STOPS,
    CLAUSE_ENDS,
    CLOSERS,
    COMMAS,
    ELLIPSIS,
    OPENING_BRACKETS,
    QUESTION_MARKS,
    SENTENCE_ENDS,
)

from .formulas import TEXTS_KEPT, formulas
from .function_words import function_words_of

CJK = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""The ideographs and kana, as the inside of a character class in a regular expression."""
EDGE_PUNCTUATION = OPENING_BRACKETS + CLOSERS + "„‟‚" + COMMAS + CLAUSE_ENDS + SENTENCE_ENDS + "—–"
# A semicolon ends a statement as a full stop does. An ellipsis is often inside a statement.
_STATEMENT_ENDS = frozenset(SENTENCE_ENDS + ";；؛፤") - {*AMBIGUOUS_STOPS, ELLIPSIS}
_QUESTION_MARKS = frozenset(QUESTION_MARKS)
_TOKEN = re.compile(rf"[{CJK}]|[^\s{CJK}]+")
_ELISION = re.compile(r"(?:[ldnsjcmt]|qu|jusqu|lorsqu|puisqu)['’](?=\w)", re.IGNORECASE)

NO_GAP, COMMA_GAP, CLAUSE_GAP, SENTENCE_GAP = range(4)
"""How strong the boundary after a word is. CLAUSE_GAP: a dash, colon, quotation mark or another strong mark."""


class VisibleText(NamedTuple):
    """A text without markup, as an audience would read it, and start and end of each emphasised part.

    The emphasised parts are in order and do not overlap.
    """

    text: str
    emphasised: tuple[tuple[int, int], ...] = ()


class TextWord(NamedTuple):
    """A word, or a whole formula, at the characters [start, end) of the text."""

    core: str
    """The word in lower case, without the punctuation around it."""
    start: int
    end: int
    gap: int
    """The boundary that follows: NO_GAP to SENTENCE_GAP."""
    formula: bool
    stem: str
    counts: bool
    """Whether it can carry a topic: a formula, or a word with letters or digits that is not a function word."""


class Sentence(NamedTuple):
    """The words of a sentence, and whether it ends with a question mark."""

    words: tuple[TextWord, ...]
    question: bool


@lru_cache(maxsize=TEXTS_KEPT)
def sentences(text: str, language: str) -> tuple[Sentence, ...]:
    """The sentences of `text` as words. A formula counts as one word."""
    found: list[Sentence] = []
    words: list[TextWord] = []
    for word, question in _scan(text, language):
        words.append(word)
        if word.gap == SENTENCE_GAP:
            found.append(Sentence(tuple(words), question))
            words = []
    return (*found, Sentence(tuple(words), question=False)) if words else tuple(found)


def _scan(text: str, language: str) -> Iterator[tuple[TextWord, bool]]:
    """Each word with the boundary after it, and whether that boundary contains a question mark."""
    stop = function_words_of(language).stop
    spans = list(_word_spans(text, language))
    for index, (start, end, formula) in enumerate(spans):
        following = spans[index + 1][0] if index + 1 < len(spans) else len(text)
        between = text[end:following]
        gap = _gap_after(between, text[start:end], text[following : following + 1])
        core = text[start:end].lower().replace("’", "'")
        small = core in stop and not (core.isascii() and len(core) > 2 and text[start:end].isupper())
        counts = formula or (not small and any(map(str.isalnum, core)))
        yield (
            TextWord(core, start, end, gap, formula, stem_of(core), counts),
            not _QUESTION_MARKS.isdisjoint(between),
        )


def _word_spans(text: str, language: str) -> Iterator[tuple[int, int, bool]]:
    """Start and end of each word or formula, and whether it is a formula."""
    symbols = formulas(text)
    position = number = 0
    for match in _TOKEN.finditer(text):
        if match.start() < position:
            continue
        while number < len(symbols) and symbols[number][0] < match.start():
            number += 1
        if number < len(symbols) and symbols[number][0] < match.end():
            yield (*symbols[number], True)
            position = symbols[number][1]
            continue
        for start, end in _split_token(text, match.start(), match.end(), language):
            yield start, end, False


def _split_token(text: str, start: int, end: int, language: str) -> Iterator[tuple[int, int]]:
    """The words of a token without the punctuation around it: one, or two for an elided French article (`l'eau`)."""
    while start < end and text[start] in EDGE_PUNCTUATION:
        start += 1
    while end > start and text[end - 1] in EDGE_PUNCTUATION:
        if text[end - 1] == ")" and text.find("(", start, end) >= 0:
            break
        end -= 1
    elided = _ELISION.match(text, start, end) if primary_subtag(language) == "fr" else None
    if elided:
        yield start, elided.end()
        start = elided.end()
    if start < end:
        yield start, end


def _gap_after(between: str, word: str, following: str) -> int:
    if between.isspace():
        return NO_GAP
    if not _STATEMENT_ENDS.isdisjoint(between):
        return SENTENCE_GAP
    if "." in between and not (following.islower() or (word.isdigit() and len(word) <= 2 and following)):
        return SENTENCE_GAP
    if re.search(r"[:：—（）…，\"“”„«»]|\s[–-]\s", between):
        return CLAUSE_GAP
    return COMMA_GAP if re.search(r"[,()]", between) else NO_GAP


def stem_of(core: str) -> str:
    """A crude stem of a word in lower case: without a plural or possessive s, at most seven characters."""
    core = core.removesuffix("'s")
    if len(core) > 4 and core.endswith(("ches", "shes", "xes", "sses")):
        core = core[:-2]
    elif len(core) > 4 and core.isascii() and core.endswith("s") and not core.endswith("ss"):
        core = core[:-1]
    return core[:7]


def stem_weights(text: str, emphasised: tuple[tuple[int, int], ...], about: str, language: str) -> dict[str, float]:
    """The weight of each stem in `text`.

    The number of its occurrences (3 at most), plus 1 if `about` (the picture's description) contains it, plus 1.5 if
    it is emphasised somewhere.
    """
    words = [word for sentence in sentences(text, language) for word in sentence.words if word.counts]
    described = {word.stem for sentence in sentences(about, language) for word in sentence.words}
    starts = [start for start, _ in emphasised]
    stressed = {word.stem for word in words if _inside(word, emphasised, starts)}
    said = Counter(word.stem for word in words)
    return {
        stem: min(count, 3) + (1.0 if stem in described else 0.0) + (1.5 if stem in stressed else 0.0)
        for stem, count in said.items()
    }


def _inside(word: TextWord, spans: tuple[tuple[int, int], ...], starts: list[int]) -> bool:
    """Whether `word` lies in one of `spans`, which are in order, do not overlap and begin at `starts`."""
    before = bisect_right(starts, word.start)
    return before > 0 and word.end <= spans[before - 1][1]


def stems_of(text: str, language: str) -> Iterator[str]:
    """The stems of the words of `text` that can carry a topic, in order, with repetitions."""
    for sentence in sentences(text, language):
        yield from (word.stem for word in sentence.words if word.counts)


def sentence_cased(text: str) -> str:
    """A piece of running text as a line of its own: one space between words, a capital first letter."""
    return capitalised(re.sub(r"\s+", " ", text).strip())


def capitalised(text: str) -> str:
    """`text` with a capital first letter, unless it starts with a formula or a name such as `pH` or `n-type`."""
    first = re.match(r"\S*", text)
    word = first.group().rstrip(",:;") if first else ""
    symbolic = any(start == 0 for start, _ in formulas(text))
    ordinary = re.sub(r"['’–-]", "", word).isalpha() and word.islower() and word[1:2] != "-"
    return text[0].upper() + text[1:] if ordinary and not symbolic else text


def is_word(core: str) -> bool:
    """Whether the core of a word looks like a word of a language, not like a symbol."""
    letters = all(unicodedata.category(character)[0] in "LM" for character in re.sub("['’-]", "", core))
    return letters and (len(core) > 2 or bool(re.match(f"[{CJK}]", core)))
