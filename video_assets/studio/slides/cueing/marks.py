"""Which part of a slide is marked as spoken about, and from which token on.

Does not belong here: when a part appears (`appearance`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from .mentions import SAID, Mention
from .narration import Narration
from .signals import PartSignal

_LONGEST_STILL_SECONDS = 5.0
"""In a longer time without a change, sentences that only could mean a part mark it too."""
_COULD_MEAN = 0.18
_LINE_COST, _LINE_BACK_COST = 0.08, 0.12
"""What a line of code loses for each line between it and the one that is expected next."""
_LEAST_WORTH = 0.12
AUTHORS = 2.0
"""The score of what the author says."""


class MarkChange(NamedTuple):
    """From the start of `token` on, `part` is spoken about; None: no part."""

    token: int
    part: int | None
    score: float


def mark_changes(
    mentions: Sequence[tuple[Mention, ...]],
    appearances: Sequence[int],
    narration: Narration,
    signals: Sequence[PartSignal],
    lines: frozenset[int] = frozenset(),
) -> tuple[MarkChange, ...]:
    """When which part is spoken about, in order. Only parts that have appeared are.

    `lines` are the parts that are lines of code. They share most of their words and are explained from top to bottom.
    """
    said = [
        MarkChange(mention.start, part, mention.score)
        for part, found in enumerate(mentions)
        for mention in found
        if mention.score >= SAID and mention.start >= appearances[part]
    ]
    if lines:
        said = [*(change for change in said if change.part not in lines), *_lines_in_order(mentions, lines, narration)]
    others = [() if part in lines else found for part, found in enumerate(mentions)]
    meant = _placed_by_sentence(others, appearances, said)
    changes = _one_each([*said, *meant])
    changes = sorted([*changes, *_in_still_times(changes, others, appearances, narration)])
    return tuple(_with_signals(changes, signals, narration))


def _lines_in_order(
    mentions: Sequence[tuple[Mention, ...]], lines: frozenset[int], narration: Narration
) -> Iterator[MarkChange]:
    """For each clause the line of code that it most likely explains: the words count, and the place after the last."""
    expected = min(lines)
    for first, end in pairwise((*narration.clauses, narration.last_token + 1)):
        here = [
            (_worth_of_line(mention, line - expected), line, mention)
            for line in sorted(lines)
            for mention in mentions[line]
            if first <= mention.start < end
        ]
        worth, line, mention = max(here, default=(0.0, 0, None), key=lambda each: each[0])
        if mention is not None and worth > _LEAST_WORTH:
            yield MarkChange(mention.start, line, max(mention.score, SAID))
            expected = line + 1


def _worth_of_line(mention: Mention, lines_ahead: int) -> float:
    """How likely a clause explains a line of code that is so many lines after the expected one.

    The number of its words that are said counts more than their share: nobody reads out all signs of a line.
    """
    cost = _LINE_COST * lines_ahead if lines_ahead >= 0 else _LINE_BACK_COST * -lines_ahead
    return 0.3 * min(mention.size, 2) + 0.1 * mention.score - cost


def _placed_by_sentence(
    mentions: Sequence[tuple[Mention, ...]], appearances: Sequence[int], said: Sequence[MarkChange]
) -> Iterator[MarkChange]:
    """Marks of parts that appear with a sentence or a phrase that only could mean them."""
    spoken_of = {change.part for change in said}
    for part, (found, token) in enumerate(zip(mentions, appearances, strict=True)):
        ahead = [mention for mention in found if mention.start >= token and mention.score >= _COULD_MEAN]
        if token >= 0 and ahead and (part not in spoken_of or ahead[0].score < SAID):
            yield MarkChange(token, part, ahead[0].score)


def _one_each(changes: Sequence[MarkChange]) -> list[MarkChange]:
    """At each token the surest change."""
    best: dict[int, MarkChange] = {}
    for change in changes:
        known = best.get(change.token)
        if known is None or change.score > known.score:
            best[change.token] = change
    return [best[token] for token in sorted(best)]


def _in_still_times(
    changes: Sequence[MarkChange],
    mentions: Sequence[tuple[Mention, ...]],
    appearances: Sequence[int],
    narration: Narration,
) -> Iterator[MarkChange]:
    """In each long time without a change, marks of the parts that its sentences could mean."""
    weak = sorted(
        MarkChange(mention.start, part, mention.score)
        for part, found in enumerate(mentions)
        for mention in found
        if _COULD_MEAN <= mention.score < SAID and mention.start >= appearances[part]
    )
    moments = sorted(
        {
            0,
            *(token for token in appearances if token > 0),
            *(change.token for change in changes),
            len(narration.seconds) - 1,
        }
    )
    for low, high in pairwise(moments):
        if narration.seconds[high] - narration.seconds[low] <= _LONGEST_STILL_SECONDS:
            continue
        before = bisect_right([change.token for change in changes], low) - 1
        current = changes[before].part if before >= 0 else None
        for sentence in range(narration.sentence_at(low), narration.sentence_at(max(low, high - 1)) + 1):
            first, end = narration.sentences[sentence]
            here = [each for each in weak if max(first, low + 1) <= each.token < min(end, high)]
            best = max(here, key=lambda each: each.score, default=None)
            if best and best.part != current:
                current = best.part
                yield best


def _with_signals(
    changes: Sequence[MarkChange], signals: Sequence[PartSignal], narration: Narration
) -> Iterator[MarkChange]:
    """The changes with those of the author.

    What `[point x]` marks stays marked until the end of its sentence and the author's next signal of a mark.
    """
    own = [MarkChange(signal.token, signal.part, AUTHORS) for signal in signals]
    held = [(signal.token, _end_of_hold(signal, signals, narration)) for signal in signals if signal.part is not None]
    free = [change for change in changes if not any(first <= change.token < end for first, end in held)]
    yield from sorted([*free, *own], key=lambda change: (change.token, change.score))


def _end_of_hold(signal: PartSignal, signals: Sequence[PartSignal], narration: Narration) -> int:
    end = narration.sentences[narration.sentence_at(signal.token)][1]
    later = [other.token for other in signals if other.token > signal.token]
    return min([end, *later])
