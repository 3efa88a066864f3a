"""Divides the frames of a section into chunks of some seconds, cut at pauses, which workers compute in parallel.

A sound is never cut; only its frames are divided (`network/mel.py` gives the reason). No choice made here changes a
byte of the result. Does not belong here: the computation (`network/batching.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

SHORTEST_SECONDS, LONGEST_SECONDS = 4, 30


class ChunkOptions(NamedTuple):
    """How the work is divided. No option shapes the result."""

    parallel: bool = True
    """Whether chunks are computed in parallel on several devices or many cores."""
    chunk_seconds: int = 0
    """Length of a chunk, 4 to 30 s; 0: chosen from the length of the section and the number of workers."""
    batch: int = 0
    """Frames per batch; 0: chosen for the device."""


def chunk_spans(
    frames: int, rate: Fraction, resting: Sequence[bool], workers: int, options: ChunkOptions
) -> tuple[range, ...]:
    """The frames of each chunk, in order and without gaps.

    Chunks are equally long, but each border moves to the nearest pause within a quarter of a chunk, if there is one.
    """
    seconds = _chunk_seconds(frames / rate, workers, options)
    count = max(1, round(frames / (seconds * rate)))
    reach = frames // (4 * count)
    borders = [0, *(_border(frames * number // count, reach, resting) for number in range(1, count)), frames]
    return tuple(range(start, end) for start, end in pairwise(borders) if end > start)


def _chunk_seconds(seconds: Fraction, workers: int, options: ChunkOptions) -> Fraction:
    if not options.parallel:
        return max(seconds, Fraction(1))
    if options.chunk_seconds:
        return Fraction(options.chunk_seconds)
    return min(Fraction(LONGEST_SECONDS), max(Fraction(SHORTEST_SECONDS), seconds / workers))


def _border(ideal: int, reach: int, resting: Sequence[bool]) -> int:
    near = sorted(
        range(max(0, ideal - reach), min(len(resting), ideal + reach + 1)), key=lambda frame: abs(frame - ideal)
    )
    return next((frame for frame in near if resting[frame]), ideal)
