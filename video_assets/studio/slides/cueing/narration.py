"""The narration of a section as its cues need it: words as shown and as spoken, sentences, expected times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from video_assets.studio.core.sentences import CLAUSE_ENDS, COMMAS
from video_assets.studio.lesson.script import Pause, SectionWords, SpokenWord, Token, expected_seconds, shown_text
from video_assets.studio.spoken.characters import is_unspaced

from .word_forms import WordForm, word_forms


class NarratedWord(NamedTuple):
    """A word of the narration as it is compared, its token, and its sentence."""

    form: str
    token: int
    sentence: int
    stop: bool


class Narration(NamedTuple):
    """The words of a narration and their expected times."""

    shown: tuple[NarratedWord, ...]
    spoken: tuple[NarratedWord, ...]
    sentences: tuple[tuple[int, int], ...]
    """The tokens of each sentence: (first, end)."""
    clauses: tuple[int, ...]
    """The first token of each clause, the starts of sentences among them."""
    seconds: tuple[float, ...]
    """The expected time at which each token starts; last, the end of the narration."""

    @property
    def last_token(self) -> int:
        """The index of the last token."""
        return len(self.seconds) - 2

    def sentence_at(self, token: int) -> int:
        """The index of the sentence of `token`."""
        return max(0, bisect_right(self.sentences, (token, len(self.seconds))) - 1)

    def starts(self) -> tuple[int, ...]:
        """The first token of each sentence."""
        return tuple(first for first, _ in self.sentences)


def narration_of(words: SectionWords, sentences: Sequence[tuple[int, int]], language: str) -> Narration:
    """The narration of `words`. `sentences` are their tokens, as of `timeline.sentence_ranges`."""
    ranges = tuple(sentences)
    tokens = words.tokens
    spoken_text, spoken_starts, spoken_tokens = _spoken(words.speech)
    return Narration(
        shown=_words(shown_text(tokens), _starts(tokens), range(len(tokens)), ranges, language),
        spoken=_words(spoken_text, spoken_starts, spoken_tokens, ranges, language),
        sentences=ranges,
        clauses=_clauses(tokens, ranges),
        seconds=_seconds(words, language),
    )


def _words(
    text: str, starts: Sequence[int], tokens: Sequence[int], sentences: tuple[tuple[int, int], ...], language: str
) -> tuple[NarratedWord, ...]:
    """The words of `text`, which consists of pieces that begin at `starts` and belong to `tokens`."""
    firsts = [first for first, _ in sentences]

    def placed() -> Iterator[NarratedWord]:
        before = 0
        for word in word_forms(text, language):
            token = tokens[max(0, bisect_right(starts, word.start) - 1)]
            sentence = max(0, bisect_right(firsts, token) - 1)
            known = _without_article(word, language) if sentence != before or not word.start else word
            before = sentence
            yield NarratedWord(known.form, token, sentence, known.stop)

    return tuple(placed())


def _without_article(first: WordForm, language: str) -> WordForm:
    """The first word of a sentence: "A" is an article there, and not a name."""
    if len(first.form) > 1:
        return first
    within_text = word_forms(f"{first.form} x", language)[0]
    return first._replace(form=within_text.form, stop=within_text.stop)


def _starts(tokens: Sequence[Token]) -> list[int]:
    """The index of the first character of each token in their shown text."""
    starts, at = list[int](), 0
    for number, token in enumerate(tokens):
        at += token.space_before and number > 0
        starts.append(at)
        at += len(token.shown)
    return starts


def _spoken(speech: Sequence[SpokenWord | Pause]) -> tuple[str, list[int], list[int]]:
    """The spoken text, the start of each of its pieces, and their tokens."""
    text, starts, tokens = "", list[int](), list[int]()
    for piece in speech:
        if isinstance(piece, Pause):
            continue
        joined = not text or (is_unspaced(piece.text[0]) and is_unspaced(text[-1]))
        text += "" if joined else " "
        starts.append(len(text))
        tokens.append(piece.token)
        text += piece.text
    return text, starts, tokens


def _clauses(tokens: Sequence[Token], sentences: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    ends = COMMAS + CLAUSE_ENDS
    after_marks = (number + 1 for number, token in enumerate(tokens[:-1]) if token.shown[-1:] in ends)
    dashes = (number + 1 for number, token in enumerate(tokens[:-1]) if token.shown in {"–", "—"})
    return tuple(sorted({*after_marks, *dashes, *(first for first, _ in sentences)}))


def _seconds(words: SectionWords, language: str) -> tuple[float, ...]:
    """The expected start of each token, and the end of the last word, at the usual rate of a voice."""
    starts: dict[int, Fraction] = {}
    at = Fraction(0)
    for piece in words.speech:
        if isinstance(piece, SpokenWord):
            starts.setdefault(piece.token, at)
        at += expected_seconds((piece,), language=language)
    known = [*sorted(starts.items()), (len(words.tokens), at)]
    filled = [0.0] * (known[0][0] if known else 0)
    for (token, start), (following, _) in pairwise(known):
        filled += [float(start)] * (following - token)
    return (*filled, float(at))
