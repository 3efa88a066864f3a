"""Finds words that a voice said twice although the text has them once.

Alignment alone cannot tell: dynamic time warping must give every sound to some word, so a repeated word passes for a
slow one. Here the path through the text may also go back: from the end of a word to the start of that word or an
earlier one, at a price. If the cheapest path goes back in spite of the price, these words are said twice.

Does not belong here: the times of words (`alignment.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from video_assets.studio.core.lazy_import import lazy_import

from .alignment import speech_features
from .provider import RawSpeech

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_import("numpy")

_FRAMES_PER_SECOND = 50
_PRICE = 4.0
"""Of a way back, in frames at the mean distance. Measured with 11 voices in six languages: no whole speech pays even a
price of 0, four repeated words pay 6 and more, a single one 0 to 40."""
_MOST_WORDS_BACK = 12
"""Longer repetitions are found by the pace of the alignment as well."""
_BAND_SECONDS, _BAND_SHARE = 4.0, 0.15
_BLOCK = 256
_NEVER = -1


class Repetition(NamedTuple):
    """The words [first, last] of the text that are said twice, counted from 0."""

    first: int
    last: int


def find_repetition(
    reference: RawSpeech, sound: NDArray[np.float32], rate_hz: int, distance: float
) -> Repetition | None:
    """The words of `reference` that are said twice in `sound` (mono, at `rate_hz`); None if each is said once.

    `distance` is that of the alignment of both (`Alignment.distance`).
    """
    usual = speech_features(reference.sound, reference.times.rate_hz)[::2]
    frames = speech_features(sound, rate_hz)[::2]
    return _TextGraph(reference, usual, _PRICE * distance).repetition(frames)


class _Front(NamedTuple):
    """For each frame of the text, the cost of the best path that ends there, and its last way back (or _NEVER)."""

    cost: NDArray[np.float64]
    way: NDArray[np.int64]


class _TextGraph:
    """The frames of the text in order, with ways back from the end of each word to the starts before it."""

    def __init__(self, reference: RawSpeech, usual: NDArray[np.float32], price: float) -> None:
        words, rate_hz, rows = reference.times.words, reference.times.rate_hz, len(usual)
        ends = np.array([max(word.start + 1, word.end) * _FRAMES_PER_SECOND // rate_hz for word in words])
        self._usual = usual
        self._price = price
        self._starts = np.array([word.start * _FRAMES_PER_SECOND // rate_hz for word in words]).clip(0, rows - 1)
        later = np.arange(len(words))[:, None] + np.arange(_MOST_WORDS_BACK)[None, :]
        self._no_word = later >= len(words)
        self._last_words = np.minimum(later, len(words) - 1)
        """For each word, the words from whose ends a path may come back to its start."""
        self._ends = ends.clip(0, rows - 1)[self._last_words]

    def repetition(self, frames: NDArray[np.float32]) -> Repetition | None:
        """The words between the ends of the last way back that the best path takes; None if it takes none."""
        rows, columns = len(self._usual), len(frames)
        half = max(50, round(max(_BAND_SECONDS * _FRAMES_PER_SECOND, _BAND_SHARE * max(rows, columns))))
        front = _Front(np.full(rows, np.inf), np.full(rows, _NEVER))
        front.cost[0] = 0.0
        distances = np.zeros((0, rows))
        for column in range(columns):
            if column % _BLOCK == 0:
                distances = _distances(frames[column : column + _BLOCK], self._usual)
            middle = column * rows // columns
            band = slice(max(0, middle - half), min(rows, middle + half + 1))
            entered = self._entered(front) if column else front
            front = _climbed(entered, distances[column % _BLOCK], band)
        way = int(front.way[-1])
        return None if way == _NEVER else Repetition(*divmod(way, len(self._starts)))

    def _entered(self, front: _Front) -> _Front:
        """The costs at the next frame of the sound, before that frame is counted."""
        cost, way = front
        below = np.concatenate([[np.inf], cost[:-1]])
        is_diagonal = below <= cost
        cost = np.where(is_diagonal, below, cost)
        way = np.where(is_diagonal, np.concatenate([[_NEVER], way[:-1]]), way)
        from_ends = np.where(self._no_word, np.inf, front.cost[self._ends])
        words = np.arange(len(self._starts))
        nearest = from_ends.argmin(axis=1)
        back = from_ends[words, nearest] + self._price
        is_back = back < cost[self._starts]
        places = self._starts[is_back]
        cost[places] = back[is_back]
        way[places] = (words * len(words) + self._last_words[words, nearest])[is_back]
        return _Front(cost, way)


def _distances(frames: NDArray[np.float32], usual: NDArray[np.float32]) -> NDArray[np.float32]:
    squares = (frames**2).sum(axis=1)[:, None] + (usual**2).sum(axis=1)[None, :] - 2 * frames @ usual.T
    return np.sqrt(np.maximum(squares, 0))


def _climbed(entered: _Front, distance: NDArray[np.float32], band: slice) -> _Front:
    """The front with one frame of the sound counted. A path may pass over frames of the text, as `alignment` does."""
    sums = np.cumsum(distance[band], dtype=np.float64)
    ahead = entered.cost[band] - np.concatenate([[0.0], sums[:-1]])
    best = np.minimum.accumulate(ahead)
    source = np.maximum.accumulate(np.where(ahead <= best, np.arange(len(ahead)), 0))
    front = _Front(np.full(len(entered.cost), np.inf), np.full(len(entered.way), _NEVER))
    front.cost[band] = sums + best
    front.way[band] = entered.way[band][source]
    return front
