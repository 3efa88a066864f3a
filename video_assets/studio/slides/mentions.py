"""Finds where a narration speaks of the parts of a slide.

A part is spoken of where several of its words stand close together. Rare words count more than frequent ones. Does not
belong here: what the slide shows then (`cues`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from math import log
from typing import NamedTuple

from video_assets.studio.lesson.diagrams import DiagramPart
from video_assets.studio.lesson.script import Token

from .phrases.words import COMMA_GAP, sentences, stem_of

_WHOLE, _PARTIAL = 0.6, 0.3
"""The least share of a part's words, by weight, that makes a mention, and one that only suggests the part."""
_NEARLY = 0.85
"""Of mentions with this share of the best score, the first one counts."""
_CLAUSE_WORDS = 6
"""A part appears with the start of its clause if that is at most so many words before its first word."""
_JOINTS = re.compile(r"[_^{}()/\\|=+*·×,;:]|(?<=\w)[-–](?=\w)")


class SpokenPhrase(NamedTuple):
    """A word of the narration that can carry a meaning."""

    stem: str
    token: int
    word: int
    """Index among all words of the narration."""


class Mention(NamedTuple):
    """A place where the narration speaks of a part."""

    part: str
    token: int
    """The token of the part's first word there."""
    score: float
    """The share of the part's words that are said there, by weight: 0 to 1."""


class Narration(NamedTuple):
    """The words of a narration, for searching."""

    words: tuple[SpokenPhrase, ...]
    weights: dict[str, float]
    """The weight of each stem."""
    sentence_starts: tuple[int, ...]
    """The first token of each sentence."""
    clause_starts: tuple[int, ...]
    """The first token of each clause, those of sentences included."""
    tokens: int


def narration_of(tokens: Sequence[Token], language: str) -> Narration:
    """The words of the narration with the given tokens."""
    text, starts = _text_of(tokens)
    words: list[SpokenPhrase] = []
    sentence_starts: list[int] = [0]
    clause_starts: list[int] = [0]
    number = 0
    for sentence in sentences(text, language):
        begins = True
        sentence_starts.append(bisect_right(starts, sentence.words[0].start) - 1)
        for word in sentence.words:
            token = bisect_right(starts, word.start) - 1
            if begins:
                clause_starts.append(token)
            begins = word.gap >= COMMA_GAP
            if word.counts:
                words.extend(SpokenPhrase(stem, token, number) for stem in _stems(word.core, formula=word.formula))
            number += 1
    counts = Counter(word.stem for word in words)
    weights = {stem: 1 / (1 + log(count)) for stem, count in counts.items()}
    return Narration(
        tuple(words),
        weights,
        tuple(dict.fromkeys(sentence_starts)),
        tuple(dict.fromkeys(clause_starts)),
        len(tokens),
    )


def _text_of(tokens: Sequence[Token]) -> tuple[str, list[int]]:
    """The shown text, and the index of each token's first character in it."""
    text, starts = "", []
    for token in tokens:
        text += " " * (token.space_before and bool(text))
        starts.append(len(text))
        text += token.shown
    return text, starts


def _stems(core: str, *, formula: bool) -> Iterator[str]:
    """The stems of a word: of a compound word or a formula also those of its parts."""
    yield stem_of(core)
    parts = [part for part in _JOINTS.split(core) if part and part != core]
    if len(parts) > 1 and not formula:
        yield from (stem_of(part) for part in parts)


def mentions_of(part: DiagramPart, narration: Narration, language: str) -> tuple[Mention, ...]:
    """The places where the narration speaks of `part`, in order; its texts are tried one after the other.

    Only the first text that is found counts: it is the most telling one.
    """
    for text in part.texts:
        found = tuple(_mentions(part.id, _part_stems(text, language), narration, _WHOLE))
        if found:
            return found
    return ()


def suggestion_of(part: DiagramPart, narration: Narration, language: str) -> Mention | None:
    """The place that is likeliest to mean `part`, if a part of its words is said there."""
    found = [
        mention
        for text in part.texts
        for mention in _mentions(part.id, _part_stems(text, language), narration, _PARTIAL)
    ]
    return max(found, key=lambda mention: mention.score, default=None)


def first_of(mentions: Sequence[Mention], after: int) -> Mention:
    """The mention with which a part appears: of those that are nearly the best, the first one not before `after`."""
    best = max(mention.score for mention in mentions)
    good = [mention for mention in mentions if mention.score >= _NEARLY * best]
    return next((mention for mention in good if mention.token >= after), good[0])


def clause_start(token: int, narration: Narration) -> int:
    """The token with which the clause of `token` starts, if that is near; else `token`."""
    start = narration.clause_starts[max(bisect_right(narration.clause_starts, token) - 1, 0)]
    return start if 0 <= token - start <= _CLAUSE_WORDS else token


def _part_stems(text: str, language: str) -> tuple[str, ...]:
    words = [word for sentence in sentences(text, language) for word in sentence.words]
    telling = [word for word in words if word.counts] or words
    return tuple(dict.fromkeys(stem for word in telling for stem in _stems(word.core, formula=word.formula)))


def _mentions(part: str, stems: Sequence[str], narration: Narration, least: float) -> Iterator[Mention]:
    """The mentions of a part with these stems: windows of the narration in which enough of them are said."""
    wanted = {stem: narration.weights.get(stem, 1.0) for stem in stems}
    total = sum(wanted.values())
    hits = [word for word in narration.words if word.stem in wanted]
    reach = 2 * len(stems) + 3
    skip_until = -1
    for index, hit in enumerate(hits):
        if hit.word <= skip_until:
            continue
        window = [word for word in hits[index : index + 3 * len(stems) + 3] if word.word < hit.word + reach]
        said = sum(wanted[stem] for stem in {word.stem for word in window})
        if said >= least * total:
            # What is said again at once is the same mention.
            skip_until = window[-1].word if len(stems) > 1 else hit.word
            yield Mention(part, hit.token, said / total)
