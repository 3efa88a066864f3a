"""Finds the words of a text in a recording, and those that it lacks, has besides, or has in place of others.

A Viterbi search over the phonemes of the text. Between two words there may be silence, or *other speech*; a word may be
left out. Both cost so much that a word that was said, however badly, is found at its place, and a word that was not
said is left out.

Does not belong here: the likelihoods (`phone_models.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from video_assets.studio.core.lazy_import import lazy_import

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_import("numpy")

OTHER_PER_FRAME = 3.2
"""What a frame of other speech costs, in nats below the best class."""
OTHER_AT_ALL = 12.0
LEFT_OUT = 20.0
"""What it costs to leave a word out."""
_QUIET_WORD, _QUIET_WORD_AT_BEST = -3.0, -0.7
"""What a frame of silence costs within a word (the closure of a stop, or a breath): more than between two words."""
_SILENCE, _SILENCE_PER_DB, _LOUD_SILENCE = -0.5, -0.25, -6.0
"""What a frame between two words costs: more the louder it is, so that a breath is none, and other speech is."""


class FoundWord(NamedTuple):
    """Where a word of the text lies, in frames; its phonemes by their first frames. Empty if it was not said."""

    start: int
    end: int
    phones: tuple[int, ...]


class OtherSpeech(NamedTuple):
    """Speech that is not the text, before the word `before`, in frames."""

    before: int
    start: int
    end: int


class Search(NamedTuple):
    """The best path."""

    words: tuple[FoundWord | None, ...]
    """None: left out."""
    others: tuple[OtherSpeech, ...]


def find_words(scores: NDArray[np.float32], above_db: NDArray[np.float32], words: Sequence[Sequence[int]]) -> Search:
    """The best path of `words` through the recording.

    `scores` are those of `phone_models.likelihoods`, `above_db` says how far each frame is above silence. Each word
    has the classes of the first halves of its phonemes, at least one.
    """
    lattice = _Lattice(words)
    moves, joints = lattice.forward(scores, above_db)
    return lattice.traced(moves, joints, len(scores))


_STAY, _NEXT, _ENTER = 0, 1, 2
"""Moves to a state: from itself, the state before, the joint before its word."""
_WORD, _PAUSE, _OTHER, _LEFT = 0, 1, 2, 3
"""Moves to a joint: from the word before it, silence, other speech, or the joint before (the word is left out)."""


class _Lattice:
    """The states: two for each phoneme, words one after the other. Joint n is before word n; the last is the end."""

    def __init__(self, words: Sequence[Sequence[int]]) -> None:
        self.lengths = np.array([2 * len(word) for word in words])
        self.ends = np.cumsum(self.lengths)
        self.firsts = self.ends - self.lengths
        self.classes = np.array([each for word in words for phone in word for each in (phone, phone + 1)])
        self.is_first = np.zeros(len(self.classes), bool)
        self.is_first[self.firsts] = True
        self.word_of = np.repeat(np.arange(len(words)), self.lengths)

    def forward(
        self, scores: NDArray[np.float32], above_db: NDArray[np.float32]
    ) -> tuple[list[tuple[NDArray[np.uint8], NDArray[np.uint8]]], list[NDArray[np.uint8]]]:
        """The moves to each state and to each joint, for each frame."""
        count, joints = len(self.classes), len(self.lengths) + 1
        never = np.float32(-1e9)
        state = np.full(count, never, np.float32)
        pause, other = np.full(joints, never, np.float32), np.full(joints, never, np.float32)
        steps = np.arange(joints, dtype=np.float32) * np.float32(LEFT_OUT)
        joint = -steps
        start = np.full(joints, _LEFT, np.uint8)
        all_moves: list[tuple[NDArray[np.uint8], NDArray[np.uint8]]] = []
        all_joints: list[NDArray[np.uint8]] = [start]
        options = np.full((3, count), never, np.float32)
        for frame, loud_db in zip(scores, above_db, strict=True):
            is_quiet = loud_db <= 0
            own = frame[self.classes]
            if is_quiet:
                own = np.clip(own, np.float32(_QUIET_WORD), np.float32(_QUIET_WORD_AT_BEST))
            options[_STAY] = state
            options[_NEXT, 1:] = np.where(self.is_first[1:], never, state[:-1])
            options[_ENTER] = np.where(self.is_first, joint[self.word_of], never)
            move = options.argmax(axis=0)
            state = options[move, np.arange(count)] + own
            stay_other = other >= joint - np.float32(OTHER_AT_ALL)
            stay_pause = pause >= joint
            silent_cost = np.float32(max(_LOUD_SILENCE, _SILENCE + _SILENCE_PER_DB * max(0.0, float(loud_db))))
            other_cost = np.float32(-OTHER_PER_FRAME)
            pause = np.where(stay_pause, pause, joint) + silent_cost
            other = np.where(stay_other, other, joint - np.float32(OTHER_AT_ALL)) + other_cost
            all_moves.append((np.packbits(move & 1), np.packbits(move >> 1)))
            word = np.concatenate([[never], state[self.ends - 1]])
            three = np.stack([word, pause, other])
            which = three.argmax(axis=0).astype(np.uint8)
            best = three[which, np.arange(joints)]
            reached = np.maximum.accumulate(best + steps) - steps
            which[reached > best] = _LEFT
            joint = reached
            all_joints.append(
                which | np.where(stay_pause, 4, 0).astype(np.uint8) | np.where(stay_other, 8, 0).astype(np.uint8)
            )
        return all_moves, all_joints

    def traced(
        self, moves: list[tuple[NDArray[np.uint8], NDArray[np.uint8]]], joints: list[NDArray[np.uint8]], frames: int
    ) -> Search:
        """The path back from the last joint."""
        words: list[FoundWord | None] = [None] * len(self.lengths)
        others: list[OtherSpeech] = []
        at, joint = frames, len(self.lengths)
        while at > 0 or joint > 0:
            kind = int(joints[at][joint])
            if kind & 3 == _LEFT:
                joint -= 1
            elif kind & 3 == _WORD:
                end = at
                joint -= 1
                at, starts = self._word(moves, joint, at)
                words[joint] = FoundWord(at, end, starts)
            else:
                end, flag = at, 4 if kind & 3 == _PAUSE else 8
                while int(joints[at][joint]) & flag:
                    at -= 1
                at -= 1
                if kind & 3 == _OTHER:
                    others.append(OtherSpeech(joint, at, end))
        return Search(tuple(words), tuple(reversed(others)))

    def _word(
        self, moves: list[tuple[NDArray[np.uint8], NDArray[np.uint8]]], word: int, at: int
    ) -> tuple[int, tuple[int, ...]]:
        """The first frame of the word that ends before frame `at`, and the first frames of its phonemes."""
        state = int(self.ends[word]) - 1
        starts = [0] * (int(self.lengths[word]) // 2)
        while True:
            at -= 1
            low, high = moves[at]
            move = _bit(low, state) | _bit(high, state) << 1
            starts[(state - int(self.firsts[word])) // 2] = at
            if move == _ENTER:
                return at, tuple(starts)
            state -= move


def _bit(packed: NDArray[np.uint8], at: int) -> int:
    return int(packed[at >> 3]) >> (7 - (at & 7)) & 1
