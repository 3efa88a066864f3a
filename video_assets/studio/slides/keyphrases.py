"""What a narration is about: its key phrases, its topic and its formulas, found without any model.

Belongs here: finding short, self-contained pieces of a text by clause boundaries, function words and word frequency
(after RAKE, Rose et al. 2010, with clauses where RAKE has word runs). Does not belong here: markup (the caller hands
over visible text), or deciding what a slide looks like. Narrations come from anybody and may be 10,000 characters long:
all work here grows with the length of the text, whatever it holds; a test counts it.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

from video_assets.studio.core.languages import primary_subtag

from .function_words import FunctionWords, function_words_of

MOST_WORDS = 9
MOST_CHARACTERS = 64
_LEAST_SCORE = 0.75
"""Below this a phrase is worse than none; found by reading the slides of the golden file."""
_FEW_CHARACTERS = 56
"""Up to here a phrase may have more words, as they are short ones; definitions and double clauses may be longer."""
_SHARE_OF_TEXT = 0.25
"""A slide repeats at most this part of what is said: nobody reads one sentence while listening to another."""

_CJK = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_MOST_CJK_CHARACTERS = 20
_EDGE = "\"'“”„‟‘’‚‹›«»「」『』()[]{}（）【】,.;:!?…，。；：！？।、—–"
_TOKEN = re.compile(rf"[{_CJK}]|[^\s{_CJK}]+")
_ELISION = re.compile(r"(?:[ldnsjcmt]|qu|jusqu|lorsqu|puisqu)['’](?=\w)", re.IGNORECASE)

_TEXTS_KEPT = 16
"""Texts whose words are remembered: a section asks for those of its narration about ten times."""

_NONE, _COMMA, _STRONG, _SENTENCE = range(4)


class VisibleText(NamedTuple):
    """Text as an audience would read it, and which parts of it the author emphasised (start, end)."""

    text: str
    emphasised: tuple[tuple[int, int], ...] = ()


class _TextWord(NamedTuple):
    core: str
    """In lower case, without the punctuation around it."""
    start: int
    end: int
    gap: int
    """How strong a boundary follows."""
    formula: bool
    stem: str
    counts: bool
    """Whether it can carry a topic: a formula, or a word with letters that is no function word."""


class _Sentence(NamedTuple):
    words: tuple[_TextWord, ...]
    question: bool


class _Candidate(NamedTuple):
    start: int
    end: int
    stems: frozenset[str]
    score: float
    symbolic: bool = False
    """A formula: nobody hears one as well as they see it."""


# Formulas ------------------------------------------------------------------------------------------------------------

_GREEK = "α-ωΑ-Ωϑϕϵ"
_SCRIPTS = "₀-₉⁰¹²³⁴-⁹₊₋⁺⁻ₐ-ₜ"
_NAME = rf"(?:[A-Za-z{_GREEK}]++_\{{?\w++\}}?|[A-Za-z{_GREEK}][{_SCRIPTS}½¼¾]*)"
_FACTOR = rf"[−+\-±√∂∫∑∇Δ]*(?:\d++(?:[.,]\d++)?|[½¼¾⅓⅔]|{_NAME})[{_SCRIPTS}′!]*"
_TERM = re.compile(rf"[(|]*+(?:{_FACTOR}[()|{_SCRIPTS}/·×∙*^]*+)++")
_OPERATOR = re.compile(r"[=≈≠<>≤≥+−–\-·×*/∝→±]|&&")
_RELATION = re.compile(r"[=≈≠<>≤≥∝]")
_MOST_PIECES = 24
"""Pieces on either side of a relation sign; a formula that long is never short enough to show."""
_SHORT_NAME = re.compile(r"[a-zA-Z]{2,3}")
IDENTIFIER = re.compile(
    rf"(?<![\w{_SCRIPTS}])(?:[A-Za-z{_GREEK}]+_\{{?\w+\}}?|[{_GREEK}]|"
    rf"(?:[A-Z][a-z]?[₀-₉]*)*[A-Z][a-z]?[₀-₉]+(?:[A-Z][a-z]?[₀-₉]*)*)(?![\w{_SCRIPTS}])"
)
"""A symbol in running text: `V_GS`, `λ`, `C₆H₁₂O₆`."""


@lru_cache(maxsize=_TEXTS_KEPT)
def formulas(text: str) -> tuple[tuple[int, int], ...]:
    """Where `text` holds short formulas with a relation sign, such as `E = mc²` or `I_D = k(V_GS − V_T)²`, in order."""
    if not _RELATION.search(text):
        return ()
    pieces = [_piece(match) for match in re.finditer(r"\S+", text)]
    found: list[tuple[int, int]] = []
    for index, piece in enumerate(pieces):
        if (found and piece.start < found[-1][1]) or not piece.relates:
            continue
        first, last = _formula_run(pieces, index)
        span = _trimmed(text, pieces[first].start, pieces[last].end)
        if _is_formula(text[slice(*span)]):
            found.append(span)
    return tuple(found)


class _FormulaPart(NamedTuple):
    """A run of characters between spaces, and what it may be in a formula: looked at once, asked for many times."""

    start: int
    end: int
    relates: bool
    """It holds a relation sign."""
    connects: bool
    """It is an operator, punctuation aside, or holds a relation sign."""
    ends: bool
    """A clause ends with it."""
    operator: bool
    short: bool
    """A name of two or three letters, which may be a word."""
    term: bool


def _piece(match: re.Match[str]) -> _FormulaPart:
    text = match[0]
    core = text.strip("(),.;:!?[]|")
    relates = bool(_RELATION.search(text))
    return _FormulaPart(
        match.start(),
        match.end(),
        relates,
        relates or bool(_OPERATOR.fullmatch(text.strip("(),.;:!?"))),
        _ends_clause(text),
        bool(_OPERATOR.fullmatch(core)),
        bool(_SHORT_NAME.fullmatch(core)),
        len(core) > 0 and bool(_TERM.fullmatch(_joined(core))),
    )


def _formula_run(pieces: list[_FormulaPart], index: int) -> tuple[int, int]:
    """First and last of the pieces around the relation at `index` that belong to the formula."""
    first = last = index
    while max(0, index - _MOST_PIECES) < first and not pieces[first - 1].ends:
        if not _continues(pieces, first - 1, toward=1):
            break
        first -= 1
    while last + 1 < min(len(pieces), index + _MOST_PIECES) and not pieces[last].ends:
        if not _continues(pieces, last + 1, toward=-1):
            break
        last += 1
    return first, last


def _ends_clause(piece: str) -> bool:
    return (
        piece[-1] in ",;:.!?)—" and not (piece[-1] == ")" and piece.count(")") <= piece.count("(")) and len(piece) > 1
    )


def _continues(pieces: list[_FormulaPart], index: int, *, toward: int) -> bool:
    """Whether the piece at `index` is part of the formula that its neighbour `toward` it belongs to."""
    piece = pieces[index]
    if piece.operator:
        return True
    beside_operator = pieces[index + toward].connects
    if piece.short:
        return beside_operator and toward == -1
    return (beside_operator or toward == -1) and piece.term


def _joined(core: str) -> str:
    return re.sub(r"[=≈≠<>≤≥+−–\-]", "", core) or core


def _is_formula(text: str) -> bool:
    if len(text) > MOST_CHARACTERS:
        return False
    sides = _RELATION.split(text)
    return len(sides) >= 2 and all(re.search(r"\w", side) for side in sides)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without punctuation at the ends, keeping brackets that close what was opened inside."""
    excess = text.count("(", start, end) - text.count(")", start, end)
    while start < end and (text[start] in " ,;:.!?\"'“”" or (text[start] == "(" and excess > 0)):
        excess -= text[start] == "("
        start += 1
    while end > start and (text[end - 1] in " ,;:.!?\"'“”—" or (text[end - 1] == ")" and excess < 0)):
        excess += text[end - 1] == ")"
        end -= 1
    if text[start:end].startswith("(") and _closing(text, start, end) == end - 1:
        return start + 1, end - 1
    return start, end


def _closing(text: str, start: int, end: int) -> int:
    """Where the bracket that opens at `start` closes; -1 when it does not."""
    depth = 0
    for position in range(start, end):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position
    return -1


# Words and sentences -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=_TEXTS_KEPT)
def _sentences(text: str, language: str) -> tuple[_Sentence, ...]:
    """The text's sentences as words, a formula counting as one word."""
    sentences: list[_Sentence] = []
    words: list[_TextWord] = []
    for word, question in _scan(text, language):
        words.append(word)
        if word.gap == _SENTENCE:
            sentences.append(_Sentence(tuple(words), question))
            words = []
    return (*sentences, _Sentence(tuple(words), question=False)) if words else tuple(sentences)


def _scan(text: str, language: str) -> Iterator[tuple[_TextWord, bool]]:
    """Every word with the boundary after it, and whether that boundary is a question mark."""
    stop = function_words_of(language).stop
    spans = list(_word_spans(text, language))
    for index, (start, end, formula) in enumerate(spans):
        following = spans[index + 1][0] if index + 1 < len(spans) else len(text)
        between = text[end:following]
        gap = _gap(between, text[start:end], text[following : following + 1])
        core = text[start:end].lower().replace("’", "'")
        counts = formula or (core not in stop and any(map(str.isalnum, core)))
        yield _TextWord(core, start, end, gap, formula, _stem(core), counts), "?" in between or "？" in between


def _word_spans(text: str, language: str) -> Iterator[tuple[int, int, bool]]:
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
        for start, end in _parts(text, match.start(), match.end(), language):
            yield start, end, False


def _parts(text: str, start: int, end: int, language: str) -> Iterator[tuple[int, int]]:
    """A token without the punctuation around it, an elided French article apart."""
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        if text[end - 1] == ")" and text.find("(", start, end) >= 0:
            break
        end -= 1
    elided = _ELISION.match(text, start, end) if primary_subtag(language) == "fr" else None
    if elided:
        yield start, elided.end()
        start = elided.end()
    if start < end:
        yield start, end


def _gap(between: str, word: str, following: str) -> int:
    if between.isspace():
        return _NONE
    if re.search(r"[!?！？。।;；]", between):
        return _SENTENCE
    if "." in between and not (following.islower() or (word.isdigit() and len(word) <= 2 and following)):
        return _SENTENCE
    if re.search(r"[:：—（）…，\"“”„«»]|\s[–-]\s", between):
        return _STRONG
    return _COMMA if re.search(r"[,()]", between) else _NONE


# What counts ---------------------------------------------------------------------------------------------------------


def _stem(core: str) -> str:
    """A crude stem, the same for the forms of a word that matter here."""
    core = core.removesuffix("'s")
    if len(core) > 4 and core.isascii() and core.endswith("s") and not core.endswith("ss"):
        core = core[:-1]
    return core[:7]


def _weights(text: str, emphasised: tuple[tuple[int, int], ...], about: str, language: str) -> dict[str, float]:
    """How much each stem matters: how often it is said (up to 3), whether it is described or emphasised."""
    words = [word for sentence in _sentences(text, language) for word in sentence.words if word.counts]
    described = {word.stem for sentence in _sentences(about, language) for word in sentence.words}
    starts = [start for start, _ in emphasised]
    stressed = {word.stem for word in words if _inside(word, emphasised, starts)}
    said = Counter(word.stem for word in words)
    return {
        stem: min(count, 3) + (1.0 if stem in described else 0.0) + (1.5 if stem in stressed else 0.0)
        for stem, count in said.items()
    }


def _inside(word: _TextWord, spans: tuple[tuple[int, int], ...], starts: list[int]) -> bool:
    """Whether `word` lies in one of `spans`, which are in order and apart, and begin at `starts`."""
    before = bisect_right(starts, word.start)
    return before > 0 and word.end <= spans[before - 1][1]


# Candidates ----------------------------------------------------------------------------------------------------------


def key_phrases(
    visible: VisibleText, *, language: str, about: str = "", shown: tuple[str, ...] = (), most: int = 4
) -> tuple[str, ...]:
    """Up to `most` short phrases of `visible` that are worth projecting, in the order they are said.

    Each is a piece of the text as written (a clause, a definition, an emphasised term, a formula) of at most
    `MOST_WORDS` words, a few more when they are short. Without formulas they are at most a quarter of the text.
    `about` is the picture's description: what it mentions counts more; what `shown` says already is not said again.
    The same arguments give the same phrases.
    """
    weights, candidates = _ranked(visible, language, about)
    known = _Shown(shown, tuple(frozenset(_stems(text, language)) for text in shown))
    fresh = (one for one in candidates if known.lacks(visible.text[one.start : one.end], one))
    chosen = _chosen(fresh, len(visible.text) * _SHARE_OF_TEXT, most)
    if not chosen:
        spare = (one for one in _noun_phrases(visible.text, weights, language) if not known.says(one))
        chosen = sorted(spare, key=lambda one: -one.score)[:1]
    chosen.sort(key=lambda one: one.start)
    return tuple(_as_point(visible, one, language) for one in chosen)


@lru_cache(maxsize=2)
def _ranked(visible: VisibleText, language: str, about: str) -> tuple[dict[str, float], tuple[_Candidate, ...]]:
    """The weight of each stem, and the candidates, best first. A section asks twice: for its title and its points."""
    weights = _weights(visible.text, visible.emphasised, about, language)
    candidates = sorted(_candidates(visible, weights, language), key=lambda one: (-one.score, one.start, one.end))
    return weights, tuple(candidates)


@dataclass(frozen=True)
class _Shown:
    """Texts that the slide shows already, and the stems of each."""

    texts: tuple[str, ...]
    stems: tuple[frozenset[str], ...]

    @cached_property
    def _together(self) -> frozenset[str]:
        return frozenset().union(*self.stems)

    def lacks(self, text: str, candidate: _Candidate) -> bool:
        return text not in self.texts if candidate.symbolic else not self.says(candidate)

    def says(self, candidate: _Candidate) -> bool:
        """Whether one of the texts says as much, or two name as much; what relates them to each other is new."""
        return any(candidate.stems <= stems for stems in self.stems) or (
            len(candidate.stems) < 3 and candidate.stems <= self._together
        )


def _chosen(candidates: Iterator[_Candidate], budget: float, most: int) -> list[_Candidate]:
    """The best of `candidates` (best first) that differ from each other, of at most `budget` characters in all."""
    chosen: list[_Candidate] = []
    for candidate in candidates:
        if len(chosen) == most or candidate.score < _LEAST_SCORE:
            break
        length = 0 if candidate.symbolic else candidate.end - candidate.start
        if length <= budget and not _repeats(candidate, chosen):
            chosen.append(candidate)
            budget -= length
    return chosen


def _as_point(visible: VisibleText, candidate: _Candidate, language: str) -> str:
    text = visible.text[candidate.start : candidate.end]
    term = (candidate.start, candidate.end) in terms(visible, language=language)
    return sentence_cased(text.replace(",", "") if term else text)


def sentence_cased(text: str) -> str:
    """A piece of running text as it stands alone: one space between words, a capital at the start."""
    return capitalised(re.sub(r"\s+", " ", text).strip())


def _stems(text: str, language: str) -> Iterator[str]:
    for sentence in _sentences(text, language):
        yield from (word.stem for word in sentence.words if word.counts)


def overlap(visible: VisibleText, phrase: str, *, language: str) -> float:
    """The share (0 to 1) of the words of `phrase` that the narration says too."""
    said = frozenset(_stems(visible.text, language))
    stems = frozenset(_stems(phrase, language))
    return len(stems & said) / len(stems) if stems else 0.0


def _repeats(candidate: _Candidate, chosen: list[_Candidate]) -> bool:
    if any(candidate.start < other.end and other.start < candidate.end for other in chosen):
        return True
    return any(len(candidate.stems & other.stems) * 2 > min(len(candidate.stems), len(other.stems)) for other in chosen)


def capitalised(text: str) -> str:
    """`text` with a capital first letter, unless it starts with a formula or a name such as `pH` or `n-type`."""
    first = re.match(r"\S*", text)
    word = first.group().rstrip(",:;") if first else ""
    symbolic = any(start == 0 for start, _ in formulas(text))
    ordinary = re.sub(r"['’–-]", "", word).isalpha() and word.islower() and word[1:2] != "-"
    return text[0].upper() + text[1:] if ordinary and not symbolic else text


def _candidates(visible: VisibleText, weights: dict[str, float], language: str) -> Iterator[_Candidate]:
    wording = function_words_of(language)
    for sentence in _sentences(visible.text, language):
        yield from _clauses(visible, sentence, weights, wording)
        for word in sentence.words:
            if word.formula:
                yield _Candidate(word.start, word.end, frozenset({word.stem}), 6.0, symbolic=True)
    for start, end in terms(visible, language=language):
        single = not re.search(f"[ {_CJK}]", visible.text[start:end])
        if single and not _introduces(visible.text, (start, end), wording):
            continue
        stems = frozenset(_stems(visible.text[start:end], language))
        several = 0.5 if len(stems) > 1 else 0.0
        yield _Candidate(start, end, stems, 0.5 + several + max((weights.get(stem, 0) for stem in stems), default=0))


def _clauses(
    visible: VisibleText, sentence: _Sentence, weights: dict[str, float], wording: FunctionWords
) -> Iterator[_Candidate]:
    """Runs of words that begin and end where clauses do and can stand alone."""
    words = sentence.words
    if sentence.question:
        return
    context = _context(words, wording)
    for start in _clause_starts(words, wording):
        for end in range(start + 2, len(words) + 1):
            if words[end - 2].gap >= _STRONG or _too_long(visible.text, words[start:end], wording):
                break
            clause = _Clause(words, start, end, context)
            if clause.ends(wording) and clause.stands_alone(wording):
                yield _Candidate(
                    words[start].start, words[end - 1].end, clause.stems(wording), clause.score(weights, wording)
                )


def _too_long(text: str, words: tuple[_TextWord, ...], wording: FunctionWords) -> bool:
    piece = text[words[0].start : words[-1].end]
    if re.search(f"[{_CJK}]", piece):
        return len(piece) > _MOST_CJK_CHARACTERS
    roomy = (
        any(word.core in wording.copulas for word in words[1:5]) or words[0].core in wording.joints | wording.settings
    )
    return len(words) > MOST_WORDS and len(piece) > (MOST_CHARACTERS if roomy else _FEW_CHARACTERS)


def _defines(words: tuple[_TextWord, ...], wording: FunctionWords) -> bool:
    pairs = pairwise(words[1:6])
    return any(one.core in wording.copulas and two.core in wording.articles for one, two in pairs)


def _clause_starts(words: tuple[_TextWord, ...], wording: FunctionWords) -> Iterator[int]:
    raw = [0, *(index + 1 for index, word in enumerate(words[:-1]) if word.gap >= _COMMA)]
    after = _after_openers(words, wording)
    opened = dict.fromkeys(after[start] for start in raw)
    return (start for start in opened if start < len(words))


def _after_openers(words: tuple[_TextWord, ...], wording: FunctionWords) -> list[int]:
    """For each place in the sentence, where the words end that tie what follows to the clause before."""
    after = [*range(len(words) + 2)]
    for start in reversed(range(len(words))):
        length = _opener_length(words, start, wording)
        after[start] = after[start + length]
    return after


def _opener_length(words: tuple[_TextWord, ...], start: int, wording: FunctionWords) -> int:
    """How many words from `start` tie the clause to the one before it (two characters may be one Chinese word)."""
    pair = "".join(word.core for word in words[start : start + 2])
    if len(pair) == 2 and pair in wording.openers:
        return 2
    return int(words[start].core in wording.openers)


class _Context(NamedTuple):
    """What the clauses of one sentence ask about the words around them, found once for all of them.

    Counts are of the words before each place, so that the difference of two is the count between them.
    """

    segments: list[int]
    """Where the part of the sentence between dashes, colons and semicolons begins that holds the word."""
    openers: list[int]
    """The number of consecutive openers from there on."""
    doubts: list[int]
    personal: list[int]
    anaphors: list[int]


def _context(words: tuple[_TextWord, ...], wording: FunctionWords) -> _Context:
    segments, openers = [0], [0]
    for at, word in enumerate(words, 1):
        segments.append(at if word.gap >= _STRONG else segments[-1])
    for word in reversed(words):
        openers.append(openers[-1] + 1 if word.core in wording.openers else 0)

    def counted(wanted: frozenset[str]) -> list[int]:
        return [0, *accumulate(word.core in wanted for word in words)]

    return _Context(
        segments, openers[::-1], counted(wording.doubts), counted(wording.personal), counted(wording.anaphors)
    )


@dataclass(frozen=True)
class _Clause:
    """Words `start` to `end` (exclusive) of a sentence, and the tests of whether they are fit for a slide."""

    words: tuple[_TextWord, ...]
    start: int
    end: int
    context: _Context

    @cached_property
    def inside(self) -> tuple[_TextWord, ...]:
        return self.words[self.start : self.end]

    @property
    def segment(self) -> int:
        """Where the part of the sentence between dashes, colons and semicolons begins that holds the clause."""
        return self.context.segments[self.start]

    @property
    def whole(self) -> bool:
        """Whether it ends where its segment ends."""
        return self.end == len(self.words) or self.words[self.end - 1].gap >= _STRONG

    @property
    def two_parts(self) -> bool:
        """`When A, B` or `Do A, and B`: the second half would say too much without the first."""
        return self.whole and sum(word.gap == _COMMA for word in self.inside[:-1]) in (1, 2)

    def stems(self, wording: FunctionWords) -> frozenset[str]:
        return frozenset(word.stem for word in self.inside if word.counts)

    def ends(self, wording: FunctionWords) -> bool:
        if self.whole or self.words[self.end - 1].gap == _COMMA:
            return True
        last = self.words[self.end - 1]
        return self.words[self.end].core in wording.joints and (last.formula or last.core not in wording.stop)

    def stands_alone(self, wording: FunctionWords) -> bool:
        """Whether it says, on a slide, what it says in its sentence."""
        if self.context.personal[self.end] > self.context.personal[self.segment] or self.context.doubts[self.start]:
            return False
        after = self.words[self.end].core if self.end < len(self.words) else ""
        if after in wording.doubts or after in wording.contrasts:
            return False
        if any(_refers_back(self.inside, at, wording) for at in range(self.end - self.start)):
            return False
        if self._depends(wording) or self._starts_badly(wording) or self._ends_badly(wording):
            return False
        return len(self.stems(wording)) >= 2 and any(_wordy(word.core) for word in self.inside)

    def _depends(self, wording: FunctionWords) -> bool:
        """Whether the words before it set a condition, or hold what it refers to."""
        first = self.segment + self.context.openers[self.segment]
        if first >= self.start:
            return False
        core = self.words[first].core
        if core in wording.joints or core in wording.conditions or len(self.inside) < 3:
            return True
        if _commands(self.words[first : min(first + 2, self.start)], wording):
            return True
        return core in wording.settings and self.context.anaphors[self.start] > self.context.anaphors[first]

    def _starts_badly(self, wording: FunctionWords) -> bool:
        inside = self.inside
        if inside[0].gap == _COMMA and not _enumerates(inside):
            return True
        if self.two_parts and self.start - self.segment == self.context.openers[self.segment]:
            core = inside[0].core
            weak = core in wording.weak_starts and core not in wording.joints and core not in wording.settings
            return weak or self._orders(wording)
        if inside[1].core[0].isdigit() or inside[1].core[0] in "½⅓⅔¼¾":
            return False
        if _dated(inside[:3]) and not any(word.gap for word in inside[:3]):
            return False
        starts = (wording.weak_starts, wording.settings, wording.joints, wording.imperatives)
        return _commands(inside, wording) or any(core in words for core in _beginnings(inside) for words in starts)

    def _orders(self, wording: FunctionWords) -> bool:
        """Whether one of its parts tells the learner to do something, but for `Do this, and that follows`."""
        parts = [at + 1 for at in range(self.start, self.end - 1) if self.words[at].gap == _COMMA]
        follows = self.words[parts[0]].core in wording.openers
        later = any(
            _commands(self.words[at : self.end], wording) or self.words[at].core in wording.imperatives for at in parts
        )
        return later or (_commands(self.inside, wording) and not follows)

    def _ends_badly(self, wording: FunctionWords) -> bool:
        text = "".join(word.core for word in self.inside)
        if any(text.endswith(ending) for ending in wording.weak_ends):
            return True
        if not self.whole and len(self.inside) <= 4 and _dated(self.inside):
            return True
        return len(self.inside) > 1 and self.inside[-2].gap == _COMMA and not _enumerates(self.inside)

    def score(self, weights: dict[str, float], wording: FunctionWords) -> float:
        inside = self.inside
        score = sum(weights.get(stem, 0) for stem in sorted(self.stems(wording))) / len(inside) ** 0.6
        score += 0.8 if self.whole else 0.0
        score += 0.6 if self.start == self.segment else -0.6
        score += 0.6 if any(word.core in wording.copulas for word in inside[1:5]) else 0.0
        score += 0.8 if _defines(inside, wording) else 0.0
        score += 0.6 if any(character.isdigit() for word in inside for character in word.core) else 0.0
        denial = 1.0 if self.words[self.end - 1].gap == _SENTENCE else 2.0
        score -= denial * len({word.core for word in inside} & wording.doubts)
        stems = self.stems(wording)
        novel = all(weights.get(stem, 0) < 2 for stem in stems)
        characters = inside[-1].end - inside[0].start
        return (
            score
            - ((1.0 if len(stems) > 2 else 3.0) if novel else 0.0)
            - (0.8 if len(inside) < 3 else 0.0)
            - max(0, characters - 40) * 0.02
        )


def _wordy(core: str) -> bool:
    """Whether it is a word of a language rather than a symbol."""
    letters = all(unicodedata.category(character)[0] in "LM" for character in re.sub("['’-]", "", core))
    return letters and (len(core) > 2 or bool(re.match(f"[{_CJK}]", core)))


def _refers_back(words: tuple[_TextWord, ...], at: int, wording: FunctionWords) -> bool:
    """Whether the word means something said earlier: `they`, `this`, `a short one`."""
    if words[at].core == "one":
        return bool(words[at].gap) or (at > 0 and words[at - 1].counts)
    return words[at].core in wording.anaphors


def _commands(words: tuple[_TextWord, ...], wording: FunctionWords) -> bool:
    """Whether it starts with a verb: a word that is neither article nor opener, right before an article."""
    if len(words) < 2 or words[0].gap or words[0].core in wording.articles or words[0].core in wording.stop:
        return False
    return words[1].core in wording.articles


def _dated(words: tuple[_TextWord, ...]) -> bool:
    return any(re.fullmatch(r"[12]\d{3}", word.core) for word in words)


def _enumerates(words: tuple[_TextWord, ...]) -> bool:
    return sum(word.gap == _COMMA for word in words[:-1]) >= 2


def _beginnings(words: tuple[_TextWord, ...]) -> Iterator[str]:
    """The first word, the first two and the first three as one: two or three characters may be one Chinese word."""
    return accumulate(word.core for word in words[:3])


def _noun_phrases(text: str, weights: dict[str, float], language: str) -> Iterator[_Candidate]:
    """Runs of two to four content words after an article, as RAKE takes them: the last resort."""
    wording = function_words_of(language)
    articles = wording.articles - wording.anaphors
    for words in (sentence.words for sentence in _sentences(text, language)):
        for start in range(1, len(words)):
            first = words[start - 1]
            if first.core in wording.doubts:
                break
            if first.core not in articles or first.gap:
                continue
            end = _noun_phrase_end(words, start, wording)
            if 2 <= end - start <= _MOST_NOUNS:
                stems = [word.stem for word in words[start:end]]
                mean = sum(weights.get(stem, 0) for stem in stems) / len(stems)
                yield _Candidate(words[start].start, words[end - 1].end, frozenset(stems), mean)


_MOST_NOUNS = 4


def _noun_phrase_end(words: tuple[_TextWord, ...], start: int, wording: FunctionWords) -> int:
    """Where the run of content words from `start` ends; not much further than the longest that is of use."""
    end = start
    most = min(len(words), start + _MOST_NOUNS + 2)
    while end < most and words[end].counts and (end == start or not words[end - 1].gap):
        end += 1
    before_article = end < len(words) and end > start and not words[end - 1].gap and words[end].core in wording.articles
    return end - 1 if before_article else end  # what stands right before another article is the verb


# Terms and topics ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=_TEXTS_KEPT)
def terms(visible: VisibleText, *, language: str) -> tuple[tuple[int, int], ...]:
    """Emphasised parts that name something (not `*very*`, `*no channel at all*`), with the symbol that follows."""
    wording = function_words_of(language)
    found = []
    for start, end in visible.emphasised:
        words = [word for sentence in _sentences(visible.text[start:end], language) for word in sentence.words]
        if words and _names(visible.text, words, (start, end), wording):
            found.append((start, _with_symbol(visible.text, end)))
    return tuple(found)


def _names(text: str, words: list[_TextWord], span: tuple[int, int], wording: FunctionWords) -> bool:
    start, end = span
    if re.search(f"[{_CJK}]", text[start:end]):
        return 2 <= len(words) <= 8
    if len(words) > 4 or "," in text[start:end] or not (words[0].counts and words[-1].counts):
        return False
    adverb = words[-1].core.endswith("ly") and wording is function_words_of("en")
    pronoun = _before(text, start)[-1] in (wording.anaphors - wording.articles) | wording.personal
    if adverb or pronoun or (len(words) == 1 and _modifies(text, span, wording)):
        return False
    return not words[0].core[0].isdigit() and len(words[-1].core) > 2


def _modifies(text: str, span: tuple[int, int], wording: FunctionWords) -> bool:
    """Whether the word belongs to a noun that follows: `a *small* voltage`, `now *draw* the line`."""
    start, end = span
    following = _FOLLOWING.match(text, end)
    if not following or _before(text, start)[-1] not in wording.stop | {""}:
        return False
    return following[1].lower() not in wording.stop - wording.articles


_FOLLOWING = re.compile(r"\s+(\w[^\s,;:.]*)")
_SYMBOL_AFTER = re.compile(rf",? (?:{IDENTIFIER.pattern})")


def _before(text: str, at: int) -> list[str]:
    """The three words before `at` in its sentence, the last one last; empty words where there are none."""
    sentence = re.split(r"[.!?;।]\s", text[max(0, at - 60) : at])[-1]
    words = [piece.strip(_EDGE).lower() for piece in sentence.split()]
    return ["", "", "", *words][-3:]


def _with_symbol(text: str, end: int) -> int:
    match = _SYMBOL_AFTER.match(text, end)
    return match.end() if match else end


def _introduces(text: str, span: tuple[int, int], wording: FunctionWords) -> bool:
    """Whether what stands there is being named: `this is the …`, `we call it …`, `… कहते हैं`."""
    before, after = _before(text, span[0]), text[span[1] :].split(maxsplit=1)[:1]
    return bool(set(before[-2:]) & wording.copulas or {*before, *after} & wording.naming)


class Topic(NamedTuple):
    """A name for what a text is about; the higher the score, the surer."""

    text: str
    score: float


def topics(visible: VisibleText, *, language: str, about: str = "") -> tuple[Topic, ...]:
    """What the narration may be about, the likeliest first: what it defines, introduces or speaks of by name."""
    weights = _weights(visible.text, (), about, language)
    found = [
        *_introduced(visible, weights, language),
        *_defined(visible, weights, language),
        *_proper_names(visible, weights, language),
    ]
    return tuple(sorted(found, key=lambda one: (-one.score, visible.text.find(one.text), one.text)))


def _introduced(visible: VisibleText, weights: dict[str, float], language: str) -> Iterator[Topic]:
    """Emphasised terms. One of many is less likely the subject of all."""
    wording = function_words_of(language)
    spans = terms(visible, language=language)
    for start, end in spans:
        text = visible.text[start:end]
        said = [weights.get(stem, 0) for stem in _stems(text, language)]
        score = min(sum(said) / (3 if re.search(f"[{_CJK}]", text) else 1.5), 2.7)
        score += 2.5 if _introduces(visible.text, (start, end), wording) else 0.0
        score += 1.6 * (1 - start / len(visible.text)) - 0.3 * len(spans)
        score -= 1.5 if text.endswith("ed") and wording is function_words_of("en") else 0.0
        yield Topic(text.replace(",", ""), score)


def _defined(visible: VisibleText, weights: dict[str, float], language: str) -> Iterator[Topic]:
    """The subject of `X is a …` in the first two sentences, and of a first sentence that begins `A(n) X …`."""
    wording, german = function_words_of(language), primary_subtag(language) == "de"
    for number, sentence in enumerate(_sentences(visible.text, language)[:2]):
        words = sentence.words
        start = 1 if words[0].core in wording.articles else 0
        end = start
        while end < min(start + 3, len(words) - 1) and words[end].counts and (end == start or not words[end - 1].gap):
            end += 1
            if german and visible.text[words[end - 1].start].isupper():
                break
        if end == start or words[end - 1].gap or sentence.question:
            continue
        text = visible.text[words[start].start : words[end - 1].end]
        if not all(_wordy(word.core) for word in words[start:end]):
            continue
        weight = max(weights.get(word.stem, 0) for word in words[start:end]) / 2
        defines = words[end].core in wording.copulas and any(
            one.core in wording.articles for one in words[end + 1 : end + 2]
        )
        if defines:
            yield Topic(text, 4.5 + weight - number)
        elif words[0].core in wording.indefinite and number == 0 and (words[end].core in wording.stop or german):
            yield Topic(text, 3.7 + weight)


_PROPER = re.compile(
    r"(?:(?![A-ZÀ-Þ])[\w'’-])*+([A-ZÀ-Þ][\w'’-]++(?: (?:of |de |del |de la |du |des )?[A-ZÀ-Þ][\w'’-]++)+)|[\w'’-]++"
)
"""A name is the group; the other branch steps over a word without one as a whole, so that none is read twice."""


def _proper_names(visible: VisibleText, weights: dict[str, float], language: str) -> Iterator[Topic]:
    """Names of two or more words, in languages that write only names with capitals."""
    wording = function_words_of(language)
    for match in _PROPER.finditer(visible.text) if primary_subtag(language) in ("en", "fr", "es") else ():
        if match[1] is None:
            continue
        first, _, rest = match[1].partition(" ")
        text = rest if first.lower() in wording.stop else match[1]
        if " " in text:
            early = 1 - match.start(1) / len(visible.text)
            weight = max((weights.get(stem, 0) for stem in _stems(text, language)), default=0)
            yield Topic(text, 0.8 + weight / 2 + early)
