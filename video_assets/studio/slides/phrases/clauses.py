"""Clauses and noun phrases of a sentence that can stand alone on a slide, each with a score.

The method follows RAKE (Rose et al. 2010), but takes clauses where RAKE takes runs of content words. The work grows
linearly with the length of the text, whatever it contains.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple

from .formulas import MOST_CHARACTERS
from .function_words import FunctionWords, function_words_of
from .words import CJK, CLAUSE_GAP, COMMA_GAP, SENTENCE_GAP, Sentence, TextWord, VisibleText, is_word, sentences

MOST_WORDS = 9
_FEW_CHARACTERS = 56
"""A phrase of at most this length may have more than MOST_WORDS words, because they are short. A definition or a phrase
of two clauses may have MOST_CHARACTERS."""
_MOST_CJK_CHARACTERS = 20
_MOST_NOUNS = 4
_MOST_ITEM_WORDS = 8


class Candidate(NamedTuple):
    """The characters [start, end) of a text that may become a phrase on a slide."""

    start: int
    end: int
    stems: frozenset[str]
    score: float
    symbolic: bool = False
    """Whether it is a formula. Formulas are exempt from the limits on repeated text: they are hard to follow by ear."""


def clause_candidates(
    visible: VisibleText, sentence: Sentence, weights: dict[str, float], function_words: FunctionWords
) -> Iterator[Candidate]:
    """The runs of words of `sentence` that begin and end at clause boundaries and can stand alone.

    A question has none.
    """
    words = sentence.words
    if sentence.question:
        return
    context = _context(words, function_words)
    for start in _clause_starts(words, function_words):
        for end in range(start + 2, len(words) + 1):
            if words[end - 2].gap >= CLAUSE_GAP or _too_long(visible.text, words[start:end], function_words):
                break
            clause = _Clause(words, start, end, context)
            if clause.ends(function_words) and clause.stands_alone(function_words):
                yield Candidate(
                    words[start].start,
                    words[end - 1].end,
                    clause.stems(function_words),
                    clause.score(weights, function_words),
                )


def is_predicate(words: tuple[TextWord, ...], at: int, function_words: FunctionWords) -> bool:
    """Whether the word at `at` is a verb that says something of the words before it. Never, without a list of verbs."""
    core, before = words[at].core, words[at - 1].core if at else ""
    if core in function_words.verbs or (core in function_words.noun_verbs and core.endswith("ed")):
        return True
    after = words[at + 1].core if at + 1 < len(words) and not words[at].gap else ""
    if after in function_words.verbs:
        return False
    nominal = not before or before in function_words.articles or before in function_words.settings or after == "of"
    if core in function_words.noun_verbs:
        agrees = core.endswith(("s", "ed", "ing")) or before.endswith("s")
        return agrees and not nominal and (not after or after in function_words.stop or not words[at + 1].counts)
    return bool(function_words.verbs) and len(core) > 4 and core.endswith("ed") and not nominal


def _has_predicate(words: tuple[TextWord, ...], function_words: FunctionWords) -> bool:
    """Whether `words` have a verb; always true in a language without a list of verbs."""
    return not function_words.verbs or any(
        is_predicate(words, at, function_words) or _may_be_predicate(words, at, function_words)
        for at in range(1, len(words))
        if words[at - 1].core not in function_words.articles and words[at - 1].core not in function_words.settings
    )


def _may_be_predicate(words: tuple[TextWord, ...], at: int, function_words: FunctionWords) -> bool:
    """Whether the word at `at` has a form of a verb that agrees with the word before: prices rise, the price rises."""
    core, before = words[at].core, words[at - 1].core
    return core in function_words.noun_verbs and (core.endswith(("s", "ed")) or before.endswith("s"))


def _too_long(text: str, words: tuple[TextWord, ...], function_words: FunctionWords) -> bool:
    piece = text[words[0].start : words[-1].end]
    if re.search(f"[{CJK}]", piece):
        return len(piece) > _MOST_CJK_CHARACTERS
    roomy = (
        any(word.core in function_words.copulas for word in words[1:5])
        or words[0].core in function_words.joints | function_words.settings
    )
    return len(words) > MOST_WORDS and len(piece) > (MOST_CHARACTERS if roomy else _FEW_CHARACTERS)


def _defines(words: tuple[TextWord, ...], function_words: FunctionWords) -> bool:
    pairs = pairwise(words[1:6])
    return any(one.core in function_words.copulas and two.core in function_words.articles for one, two in pairs)


def _clause_starts(words: tuple[TextWord, ...], function_words: FunctionWords) -> Iterator[int]:
    raw = [0, *(index + 1 for index, word in enumerate(words[:-1]) if word.gap >= COMMA_GAP)]
    after = _after_openers(words, function_words)
    opened = dict.fromkeys(after[start] for start in raw)
    return (start for start in opened if start < len(words))


def _after_openers(words: tuple[TextWord, ...], function_words: FunctionWords) -> list[int]:
    """For each index in the sentence, the index of the first word from there that is not an opener."""
    after = [*range(len(words) + 2)]
    for start in reversed(range(len(words))):
        length = _opener_length(words, start, function_words)
        after[start] = after[start + length]
    return after


def _opener_length(words: tuple[TextWord, ...], start: int, function_words: FunctionWords) -> int:
    """The number of words at `start` that form one opener, or 0. Two characters may be one Chinese word."""
    pair = "".join(word.core for word in words[start : start + 2])
    if len(pair) == 2 and pair in function_words.openers:
        return 2
    return int(words[start].core in function_words.openers)


class _Context(NamedTuple):
    """Facts about the words of a sentence, computed once for all its clauses. A list has one entry more than words.

    `doubts`, `personal` and `anaphors` count the words before each index, so that the difference of two entries is the
    count between them.
    """

    segments: list[int]
    """The index at which the word's segment begins. A segment is a part of the sentence between dashes, colons and
    other strong marks."""
    openers: list[int]
    """The number of consecutive openers from this index on."""
    doubts: list[int]
    personal: list[int]
    anaphors: list[int]
    joints: list[int]


def _context(words: tuple[TextWord, ...], function_words: FunctionWords) -> _Context:
    segments, openers = [0], [0]
    for at, word in enumerate(words, 1):
        segments.append(at if word.gap >= CLAUSE_GAP else segments[-1])
    for word in reversed(words):
        openers.append(openers[-1] + 1 if word.core in function_words.openers else 0)

    def counted(wanted: frozenset[str]) -> list[int]:
        return [0, *accumulate(word.core in wanted for word in words)]

    return _Context(
        segments,
        openers[::-1],
        counted(function_words.doubts),
        counted(function_words.personal),
        counted(function_words.anaphors),
        counted(function_words.joints),
    )


@dataclass(frozen=True)
class _Clause:
    """The words [start, end) of a sentence, and the tests of whether they are fit for a slide."""

    words: tuple[TextWord, ...]
    start: int
    end: int
    context: _Context

    @cached_property
    def inside(self) -> tuple[TextWord, ...]:
        return self.words[self.start : self.end]

    @property
    def segment(self) -> int:
        """The index of the first word of the segment (see `_Context`) in which the clause begins."""
        return self.context.segments[self.start]

    @property
    def whole(self) -> bool:
        """Whether the clause ends at the end of a segment."""
        return self.end == len(self.words) or self.words[self.end - 1].gap >= CLAUSE_GAP

    @property
    def two_parts(self) -> bool:
        """Whether the clause has the form `When A, B` or `Do A, and B`: B alone would claim too much."""
        return self.whole and sum(word.gap == COMMA_GAP for word in self.inside[:-1]) in (1, 2)

    def stems(self, function_words: FunctionWords) -> frozenset[str]:
        return frozenset(word.stem for word in self.inside if word.counts)

    def ends(self, function_words: FunctionWords) -> bool:
        if self.whole:
            return True
        if self.words[self.end - 1].gap == COMMA_GAP:
            return not self._is_listing(function_words)
        last = self.words[self.end - 1]
        return self.words[self.end].core in function_words.joints and (
            last.formula or last.core not in function_words.stop
        )

    def _is_listing(self, function_words: FunctionWords) -> bool:
        """Whether the clause ends inside a list: `liberalism wanted rights, markets and parliaments`."""
        if not function_words.verbs or not self.words[self.end].counts:
            return False
        rest = self.words[self.end : self.end + _MOST_ITEM_WORDS]
        last = next((at for at, word in enumerate(rest) if word.gap), len(rest) - 1)
        listed = any(word.core in ("and", "or") for word in rest)
        return listed and not _has_predicate(rest[: last + 1], function_words)

    def stands_alone(self, function_words: FunctionWords) -> bool:
        """Whether the clause means on a slide what it means in its sentence."""
        if self.context.personal[self.end] > self.context.personal[self.segment] or self.context.doubts[self.start]:
            return False
        after = self.words[self.end].core if self.end < len(self.words) else ""
        if after in function_words.doubts or after in function_words.contrasts:
            return False
        if any(_refers_back(self.inside, at, function_words) for at in range(self.end - self.start)):
            return False
        if not _has_predicate(self.inside, function_words):
            return False
        if self._depends(function_words) or self._starts_badly(function_words) or self._ends_badly(function_words):
            return False
        return len(self.stems(function_words)) >= 2 and any(is_word(word.core) for word in self.inside)

    def _depends(self, function_words: FunctionWords) -> bool:
        """Whether the words before the clause set a condition for it or contain what it refers to."""
        first = self.segment + self.context.openers[self.segment]
        if first >= self.start:
            return False
        core = self.words[first].core
        if self.context.joints[self.start] > self.context.joints[first]:
            return True
        if core in function_words.joints or core in function_words.conditions or len(self.inside) < 3:
            return True
        if _commands(self.words[first : min(first + 2, self.start)], function_words):
            return True
        return core in function_words.settings and self.context.anaphors[self.start] > self.context.anaphors[first]

    def _starts_badly(self, function_words: FunctionWords) -> bool:
        inside = self.inside
        if inside[0].gap == COMMA_GAP and not _enumerates(inside):
            return True
        if self.two_parts and self.start - self.segment == self.context.openers[self.segment]:
            core = inside[0].core
            weak = (
                core in function_words.weak_starts
                and core not in function_words.joints
                and core not in function_words.settings
            )
            return weak or self._orders(function_words)
        if inside[1].core[0].isdigit() or inside[1].core[0] in "½⅓⅔¼¾":
            return False
        if _dated(inside[:3]) and not any(word.gap for word in inside[:3]):
            return False
        starts = (
            function_words.weak_starts,
            function_words.settings,
            function_words.joints,
            function_words.imperatives,
        )
        return _commands(inside, function_words) or any(
            core in words for core in _beginnings(inside) for words in starts
        )

    def _orders(self, function_words: FunctionWords) -> bool:
        """Whether a part of the clause tells the learner to do something, except in `Do this, and that follows`."""
        parts = [at + 1 for at in range(self.start, self.end - 1) if self.words[at].gap == COMMA_GAP]
        follows = self.words[parts[0]].core in function_words.openers
        later = any(
            _commands(self.words[at : self.end], function_words) or self.words[at].core in function_words.imperatives
            for at in parts
        )
        return later or (_commands(self.inside, function_words) and not follows)

    def _ends_badly(self, function_words: FunctionWords) -> bool:
        text = "".join(word.core for word in self.inside)
        if any(text.endswith(ending) for ending in function_words.weak_ends):
            return True
        if not self.whole and len(self.inside) <= 4 and _dated(self.inside):
            return True
        return len(self.inside) > 1 and self.inside[-2].gap == COMMA_GAP and not _enumerates(self.inside)

    def score(self, weights: dict[str, float], function_words: FunctionWords) -> float:
        inside = self.inside
        score = sum(weights.get(stem, 0) for stem in sorted(self.stems(function_words))) / len(inside) ** 0.6
        score += 0.8 if self.whole else 0.0
        score += 0.6 if self.start == self.segment else -0.6
        score += 0.6 if any(word.core in function_words.copulas for word in inside[1:5]) else 0.0
        score += 0.8 if _defines(inside, function_words) else 0.0
        score += 0.6 if any(character.isdigit() for word in inside for character in word.core) else 0.0
        denial = 1.0 if self.words[self.end - 1].gap == SENTENCE_GAP else 2.0
        score -= denial * len({word.core for word in inside} & function_words.doubts)
        stems = self.stems(function_words)
        novel = all(weights.get(stem, 0) < 2 for stem in stems)
        characters = inside[-1].end - inside[0].start
        return (
            score
            - ((1.0 if len(stems) > 2 else 3.0) if novel else 0.0)
            - (0.8 if len(inside) < 3 else 0.0)
            - max(0, characters - 40) * 0.02
        )


def _refers_back(words: tuple[TextWord, ...], at: int, function_words: FunctionWords) -> bool:
    """Whether the word at `at` refers to something said earlier: `they`, `this`, `a short one`."""
    if words[at].core == "one":
        return bool(words[at].gap) or (at > 0 and words[at - 1].counts)
    return words[at].core in function_words.anaphors


def _commands(words: tuple[TextWord, ...], function_words: FunctionWords) -> bool:
    """Whether `words` start with a verb, as a command does: a word that is no function word, followed by an article."""
    if (
        len(words) < 2
        or words[0].gap
        or words[0].core in function_words.articles
        or words[0].core in function_words.stop
    ):
        return False
    return words[1].core in function_words.articles


def _dated(words: tuple[TextWord, ...]) -> bool:
    return any(re.fullmatch(r"[12]\d{3}", word.core) for word in words)


def _enumerates(words: tuple[TextWord, ...]) -> bool:
    return sum(word.gap == COMMA_GAP for word in words[:-1]) >= 2


def _beginnings(words: tuple[TextWord, ...]) -> Iterator[str]:
    """The first word, the first two and the first three joined: two or three characters may be one Chinese word."""
    return accumulate(word.core for word in words[:3])


def noun_phrase_candidates(text: str, weights: dict[str, float], language: str) -> Iterator[Candidate]:
    """Runs of two to four content words after an article, as in RAKE: the last resort."""
    function_words = function_words_of(language)
    articles = function_words.articles - function_words.anaphors
    for words in (sentence.words for sentence in sentences(text, language)):
        for start in range(1, len(words)):
            first = words[start - 1]
            if first.core in function_words.doubts:
                break
            if first.core not in articles or first.gap:
                continue
            end = _noun_phrase_end(words, start, function_words)
            if 2 <= end - start <= _MOST_NOUNS:
                stems = [word.stem for word in words[start:end]]
                mean = sum(weights.get(stem, 0) for stem in stems) / len(stems)
                yield Candidate(words[start].start, words[end - 1].end, frozenset(stems), mean)


def _noun_phrase_end(words: tuple[TextWord, ...], start: int, function_words: FunctionWords) -> int:
    """The index at which the run of content words from `start` ends.

    The search stops two words after the longest run that can be used.
    """
    end = start
    most = min(len(words), start + _MOST_NOUNS + 2)
    while end < most and words[end].counts and (end == start or not words[end - 1].gap):
        if end > start and is_predicate(words, end, function_words):
            return end
        end += 1
    before_article = (
        end < len(words) and end > start and not words[end - 1].gap and words[end].core in function_words.articles
    )
    return end - 1 if before_article else end  # the word right before another article is the verb
