"""What a voice says for a narration, sentence by sentence, with the parts of the narration that the words stand for.

Does not belong here: where a sentence ends (`timeline`), or how a word is read (`spoken`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from video_assets.studio.spoken.languages.registry import language_of
from video_assets.studio.spoken.markup import parse
from video_assets.studio.spoken.tokens import tokenise

from .model import Section
from .script import Pause, SpokenWord, Token, spoken_text, write_section


class WordReading(NamedTuple):
    """A word for the voice. It stands for the characters `start` to `end` (exclusive) of the narration as written."""

    spoken: str
    shown: str
    """The word of the captions that it stands for."""
    start: int
    end: int
    emphasis: int
    rate_percent: int


class SentenceReading(NamedTuple):
    """A sentence of a narration: characters `start` to `end` (exclusive) of the narration as written."""

    spoken: str
    """All that the voice says; empty for a sentence that the author silenced."""
    shown: str
    start: int
    end: int
    words: tuple[WordReading | Pause, ...]


class SectionReading(NamedTuple):
    """The tokens of a narration, and where each lies in it as written (start, and end exclusive)."""

    tokens: tuple[Token, ...]
    spans: tuple[tuple[int, int], ...]
    speech: tuple[SpokenWord | Pause, ...]

    def sentences(self, ranges: Sequence[tuple[int, int]]) -> tuple[SentenceReading, ...]:
        """The sentences. `ranges` are their tokens: (first, end) indices without gaps, as of `sentence_ranges`."""
        of_sentence: list[list[SpokenWord | Pause]] = [[] for _ in ranges]
        starts = [first for first, _ in ranges]
        waiting: list[Pause] = []
        at = 0
        for piece in self.speech:
            if isinstance(piece, Pause):
                waiting.append(piece)
                continue
            at = bisect_right(starts, piece.token) - 1
            of_sentence[at] += [*waiting, piece]
            waiting = []
        if waiting:
            of_sentence[at] += waiting
        return tuple(
            self._sentence(first, end, pieces) for (first, end), pieces in zip(ranges, of_sentence, strict=True)
        )

    def _sentence(self, first: int, end: int, pieces: Sequence[SpokenWord | Pause]) -> SentenceReading:
        shown = "".join(f" {token.shown}" if token.space_before else token.shown for token in self.tokens[first:end])
        words = tuple(piece if isinstance(piece, Pause) else self._word(piece) for piece in pieces)
        return SentenceReading(spoken_text(pieces), shown.strip(), self.spans[first][0], self.spans[end - 1][1], words)

    def _word(self, word: SpokenWord) -> WordReading:
        start, end = self.spans[word.token]
        return WordReading(word.text, self.tokens[word.token].shown, start, end, word.emphasis, word.rate_percent)


def section_reading(section: Section, *, language: str, pronunciations: Mapping[str, str]) -> SectionReading:
    """What a render says for the narration of `section`. Raises ContentError as `write_section` does."""
    words = write_section(section, language=language, pronunciations=pronunciations)
    marked = parse(section.narration, place=section.pointer)
    spans = tuple(
        (marked.offsets[piece.start], marked.offsets[piece.end - 1] + 1)
        for piece in tokenise(marked, language_of(language))
    )
    return SectionReading(words.tokens, spans, words.speech)
