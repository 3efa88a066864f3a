"""When the parts of a slide appear, and which of them is marked, by the words of the narration.

A part appears when it is first spoken of. A part that is never spoken of appears between its neighbours, at the start
of a sentence. The part that is spoken about is marked, until another one is. Does not belong here: times (`film`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from video_assets.studio.core.settings import Reveal
from video_assets.studio.lesson.diagrams import DiagramPart
from video_assets.studio.lesson.script import Slide, SlideCue, SlideLook, Token

from .mentions import Mention, Narration, clause_start, first_of, mentions_of, narration_of, suggestion_of
from .parts import parts_of

MOST_LOOKS = 24
_LEAST_WORDS_APART = 3
"""Another mark needs so many words, or the eye would be sent to and fro."""
_LONG_WORDS = 14
"""After so many words without a change, the part that the sentence suggests is marked."""


class _Mark(NamedTuple):
    """From this token on, these parts are marked."""

    token: int
    parts: tuple[str, ...]


def cues_of(slide: Slide, tokens: Sequence[Token], language: str, reveal: Reveal) -> tuple[SlideCue, ...]:
    """The states of `slide` while the narration with these tokens is spoken; the first one has the token -1.

    Every part appears once, at the latest at the start of the last sentence, and never before a part that it belongs
    to. Empty, for a slide that is whole from the start, if `reveal` is "all" or there is nothing to reveal.
    """
    parts = parts_of(slide)
    if reveal == "all" or not parts or not tokens:
        return ()
    narration = narration_of(tokens, language)
    found = {part.id: mentions_of(part, narration, language) for part in parts}
    appear = appearances(parts, found, narration, language, at_once=_at_once(slide))
    marks = _marks(parts, found, appear, narration, language)
    return tuple(_cues(parts, appear, marks))


def _at_once(slide: Slide) -> bool:
    """Whether the parts are there from the start, and are only marked: code and tables are read as a whole."""
    return slide.layout in ("code", "equation")


def appearances(
    parts: Sequence[DiagramPart],
    found: Mapping[str, Sequence[Mention]],
    narration: Narration,
    language: str,
    *,
    at_once: bool = False,
) -> dict[str, int]:
    """The token at which each part appears; -1 for those that are there from the first frame."""
    if at_once:
        return dict.fromkeys((part.id for part in parts), -1)
    known: dict[str, int] = {}
    before = 0
    for part in parts:
        mentions = found[part.id] or tuple(filter(None, (suggestion_of(part, narration, language),)))
        if mentions:
            token = first_of(mentions, before).token
            known[part.id] = clause_start(token, narration) if _is_clause(part) else token
            before = max(before, known[part.id])
    spoken = [part for part in parts if part.texts or not part.after]
    placed = known | _between(spoken, known, narration)
    for part in parts:
        earliest = max((placed[id_] for id_ in part.after if id_ in placed), default=-1)
        placed[part.id] = max(placed.get(part.id, earliest), earliest)
    return placed


def _is_clause(part: DiagramPart) -> bool:
    return bool(part.texts) and len(part.texts[0].split()) > 3


def _between(parts: Sequence[DiagramPart], known: Mapping[str, int], narration: Narration) -> dict[str, int]:
    """The tokens of the parts that are never spoken of: starts of sentences between their neighbours, evenly."""
    starts = narration.sentence_starts
    placed: dict[str, int] = {}
    places = [-1, *(index for index, part in enumerate(parts) if part.id in known), len(parts)]
    for left, right in pairwise(places):
        missing = parts[left + 1 : right]
        first = _sentence_of(known[parts[left].id], starts) if left >= 0 else 0
        last = _sentence_of(known[parts[right].id], starts) if right < len(parts) else len(starts) - 1
        last = max(first, last)
        steps = len(missing) + (right < len(parts))
        for number, part in enumerate(missing):
            share = number if left < 0 else number + 1
            sentence = first + (last - first) * share // max(steps, 1)
            placed[part.id] = max(starts[sentence], known[parts[left].id] if left >= 0 else 0)
    return placed


def _sentence_of(token: int, starts: Sequence[int]) -> int:
    return max(bisect_right(starts, token) - 1, 0)


def _marks(
    parts: Sequence[DiagramPart],
    found: Mapping[str, Sequence[Mention]],
    appear: Mapping[str, int],
    narration: Narration,
    language: str,
) -> tuple[_Mark, ...]:
    """What is marked, in order: each part when it appears and whenever it is spoken of again."""
    spoken = [part for part in parts if part.texts]
    events = [(appear[part.id], part.id) for part in spoken if appear[part.id] >= 0]
    for part in spoken:
        events += [(m.token, part.id) for m in found[part.id] if m.token > appear[part.id] + _LEAST_WORDS_APART]
    firsts = {appear[part.id] for part in spoken}
    marks = list(_thinned(sorted(events), firsts))
    marks += _suggested(spoken, marks, appear, narration, language)
    return tuple(_different(sorted(marks)))


def _thinned(events: Iterable[tuple[int, str]], firsts: set[int]) -> Iterator[_Mark]:
    """The events as marks. Those at the same token are one; those too close to the one before them are left out."""
    by_token: dict[int, list[str]] = {}
    for token, part in events:
        by_token.setdefault(token, []).append(part)
    last = -_LEAST_WORDS_APART
    for token, ids in by_token.items():
        if token in firsts or token - last >= _LEAST_WORDS_APART:
            yield _Mark(token, tuple(ids))
            last = token


def _suggested(
    parts: Sequence[DiagramPart],
    marks: Sequence[_Mark],
    appear: Mapping[str, int],
    narration: Narration,
    language: str,
) -> Iterator[_Mark]:
    """Marks in the sentences of a long stretch without a change: of the part that the sentence suggests."""
    busy = sorted([0, *(mark.token for mark in marks), narration.tokens])
    for start, end in zip(narration.sentence_starts, (*narration.sentence_starts[1:], narration.tokens), strict=True):
        before = busy[max(bisect_right(busy, start) - 1, 0)]
        after = busy[min(bisect_right(busy, start), len(busy) - 1)]
        if min(end, after) - before < _LONG_WORDS or start - before < _LEAST_WORDS_APART or after - start < 4:
            continue
        there = narration._replace(words=tuple(word for word in narration.words if start <= word.token < end))
        shown = [part for part in parts if appear[part.id] <= start]
        suggestions = filter(None, (suggestion_of(part, there, language) for part in shown))
        best = max(suggestions, key=lambda mention: mention.score, default=None)
        yield _Mark(start, (best.part,) if best else ())
        busy = sorted([*busy, start])


def _different(marks: Sequence[_Mark]) -> Iterator[_Mark]:
    """The marks that differ from the one before them, at most MOST_LOOKS."""
    now: tuple[str, ...] = ()
    kept = 0
    for mark in marks:
        if mark.parts != now and kept < MOST_LOOKS:
            yield mark
            now = mark.parts
            kept += 1


def _cues(parts: Sequence[DiagramPart], appear: Mapping[str, int], marks: Sequence[_Mark]) -> Iterator[SlideCue]:
    moments = sorted({-1, *appear.values(), *(mark.token for mark in marks)})
    last: SlideLook | None = None
    for moment in moments:
        shown = tuple(part.id for part in parts if appear[part.id] <= moment)
        marked = next((mark.parts for mark in reversed(marks) if mark.token <= moment), ())
        look = SlideLook(shown=shown, marked=tuple(id_ for id_ in marked if id_ in shown))
        if look != last:
            yield SlideCue(look=look, token=moment)
            last = look
