"""The key phrases of a narration: short pieces of its text that are worth showing, chosen without a model.

Narrations come from any author and may have 10,000 characters. The work grows linearly with the length of the text,
whatever it contains; a test counts it. Does not belong here: markup (callers pass visible text), or the choice of a
slide's layout (`slide_plan`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from .clauses import Candidate, clause_candidates, noun_phrase_candidates
from .function_words import function_words_of
from .terms import terms
from .words import CJK, VisibleText, sentence_cased, sentences, stem_weights, stems_of

_LEAST_SCORE = 0.75
"""No phrase at all is better than one with a lower score. Chosen by reading the slides of the golden file."""
_LEAST_NEW = 2
"""A phrase that has the whole title in it adds at least as many stems to it."""
_SHARE_OF_TEXT = 0.25
"""The part of the narration that a slide may repeat: people cannot read one sentence while they listen to another."""


def key_phrases(
    visible: VisibleText, *, language: str, about: str = "", shown: tuple[str, ...] = (), most: int = 4
) -> tuple[str, ...]:
    """At most `most` short phrases of `visible` that are worth showing, in the order of the text.

    Each phrase is a piece of the text as written: a clause, a definition, an emphasised term or a formula. It has at
    most `clauses.MOST_WORDS` words, or a few more if they are short. All phrases that are not formulas together have at
    most a quarter of the text's characters. `about` is the picture's description; its words get more weight. `shown`
    are the texts that the slide shows already; a phrase that repeats them is left out. The same arguments give the same
    phrases.
    """
    _, candidates = _ranked(visible, language, about)
    known = _Shown(shown, tuple(frozenset(stems_of(text, language)) for text in shown))
    fresh = (one for one in candidates if known.lacks(visible.text[one.start : one.end], one))
    chosen = _choose(fresh, len(visible.text) * _SHARE_OF_TEXT, most)
    chosen.sort(key=lambda one: one.start)
    return tuple(_as_point(visible, one, language) for one in chosen)


@lru_cache(maxsize=2)
def _ranked(visible: VisibleText, language: str, about: str) -> tuple[dict[str, float], tuple[Candidate, ...]]:
    """The weight of each stem, and the candidates, best first.

    Cached, because planning a section calls it twice: for the title and for the phrases.
    """
    weights = stem_weights(visible.text, visible.emphasised, about, language)
    candidates = sorted(_candidates(visible, weights, language), key=lambda one: (-one.score, one.start, one.end))
    return weights, tuple(candidates)


@dataclass(frozen=True)
class _Shown:
    """The texts that the slide shows already, and the stems of each."""

    texts: tuple[str, ...]
    stems: tuple[frozenset[str], ...]

    @cached_property
    def _together(self) -> frozenset[str]:
        return frozenset().union(*self.stems)

    def lacks(self, text: str, candidate: Candidate) -> bool:
        return text not in self.texts if candidate.symbolic else not self.says(candidate)

    def says(self, candidate: Candidate) -> bool:
        """Whether one text has all stems of the candidate, or the first text, the title, all but one.

        For a candidate of one or two stems, all texts together may have them. A longer one relates them to each other,
        which is new.
        """
        title = self.stems[0] if self.stems else frozenset[str]()
        if title and title < candidate.stems and len(candidate.stems - title) < _LEAST_NEW:
            return True
        if any(candidate.stems <= stems for stems in self.stems):
            return True
        return len(candidate.stems) < 3 and candidate.stems <= self._together


def _choose(candidates: Iterator[Candidate], budget: float, most: int) -> list[Candidate]:
    """The first of `candidates` (best first) that differ from each other and have at most `budget` characters together.

    Formulas do not count towards the budget.
    """
    chosen: list[Candidate] = []
    for candidate in candidates:
        if len(chosen) == most or candidate.score < _LEAST_SCORE:
            break
        length = 0 if candidate.symbolic else candidate.end - candidate.start
        if length <= budget and not _repeats(candidate, chosen):
            chosen.append(candidate)
            budget -= length
    return chosen


def noun_phrases(visible: VisibleText, *, language: str, about: str = "") -> Iterator[str]:
    """The noun phrases of the narration as written, the most important first."""
    weights, _ = _ranked(visible, language, about)
    found = sorted(noun_phrase_candidates(visible.text, weights, language), key=lambda one: (-one.score, one.start))
    return (visible.text[one.start : one.end] for one in found[:_MOST_NOUN_PHRASES])


_MOST_NOUN_PHRASES = 6


def _as_point(visible: VisibleText, candidate: Candidate, language: str) -> str:
    text = visible.text[candidate.start : candidate.end]
    term = (candidate.start, candidate.end) in terms(visible, language=language)
    return sentence_cased(text.replace(",", "") if term else text)


def overlap(visible: VisibleText, phrase: str, *, language: str) -> float:
    """The share (0 to 1) of the stems of `phrase` that the narration contains too."""
    said = frozenset(stems_of(visible.text, language))
    stems = frozenset(stems_of(phrase, language))
    return len(stems & said) / len(stems) if stems else 0.0


def _repeats(candidate: Candidate, chosen: list[Candidate]) -> bool:
    if any(candidate.start < other.end and other.start < candidate.end for other in chosen):
        return True
    return any(len(candidate.stems & other.stems) * 2 > min(len(candidate.stems), len(other.stems)) for other in chosen)


def _candidates(visible: VisibleText, weights: dict[str, float], language: str) -> Iterator[Candidate]:
    function_words = function_words_of(language)
    for sentence in sentences(visible.text, language):
        yield from clause_candidates(visible, sentence, weights, function_words)
        for word in sentence.words:
            if word.formula:
                yield Candidate(word.start, word.end, frozenset({word.stem}), 6.0, symbolic=True)
    for start, end in terms(visible, language=language):
        single = " " not in visible.text[start:end] and not re.search(f"[{CJK}]", visible.text[start:end])
        if single:
            continue
        stems = frozenset(stems_of(visible.text[start:end], language))
        several = 0.5 if len(stems) > 1 else 0.0
        yield Candidate(start, end, stems, 0.5 + several + max((weights.get(stem, 0) for stem in stems), default=0))
