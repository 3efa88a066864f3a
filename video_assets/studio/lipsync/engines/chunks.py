"""How a section's frames are dealt: chunks of some seconds, cut at pauses, worked on side by side.

Belongs here: where chunks begin and end. Does not belong here: the work (`lanes.py`). A sound is never cut, only its
frames are divided (`mel.py` says why), so that no choice made here changes a byte of the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

SHORTEST_SECONDS, LONGEST_SECONDS = 4, 30


class ChunkOptions(NamedTuple):
    """How work is dealt. None of it shapes the result."""

    parallel: bool = True
    """Whether chunks are worked on side by side, where there are several devices or many cores."""
    chunk_seconds: int = 0
    """Length of a chunk, 4 to 30 s; 0 follows from the section's length and how many can work at once."""
    batch: int = 0
    """Frames computed at a time; 0 takes what suits the device."""


def chunk_spans(
    frames: int, rate: Fraction, resting: Sequence[bool], lanes: int, dealing: ChunkOptions
) -> tuple[range, ...]:
    """The frames of each chunk, in order, together all of them. Borders lie at the pause nearest to where they would
    be if all chunks were equally long, when there is one within a quarter of a chunk.
    """
    seconds = _chunk_seconds(frames / rate, lanes, dealing)
    count = max(1, round(frames / (seconds * rate)))
    reach = frames // (4 * count)
    borders = [0, *(_border(frames * number // count, reach, resting) for number in range(1, count)), frames]
    return tuple(range(start, end) for start, end in pairwise(borders) if end > start)


def _chunk_seconds(seconds: Fraction, lanes: int, dealing: ChunkOptions) -> Fraction:
    if not dealing.parallel:
        return max(seconds, Fraction(1))
    if dealing.chunk_seconds:
        return Fraction(dealing.chunk_seconds)
    return min(Fraction(LONGEST_SECONDS), max(Fraction(SHORTEST_SECONDS), seconds / lanes))


def _border(ideal: int, reach: int, resting: Sequence[bool]) -> int:
    near = sorted(
        range(max(0, ideal - reach), min(len(resting), ideal + reach + 1)), key=lambda frame: abs(frame - ideal)
    )
    return next((frame for frame in near if resting[frame]), ideal)
