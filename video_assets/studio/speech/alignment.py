"""Aligns speech without times to its known text, by comparison with a voice that gives times (the reference).

The reference speaks the same words. Dynamic time warping on mel cepstra every 10 ms maps the times of the reference to
the speech (Sakoe and Chiba, "Dynamic programming algorithm optimization for spoken word recognition", 1978). Average
errors of word starts, measured on other synthesisers: 24 to 29 ms; see docs/voices.md.

The same path shows whether the speech has another text: words without time, or sound without a word.

Does not belong here: an acoustic model (`resources/speech/aligner.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from video_assets.studio.core.lazy_import import lazy_import

from .provider import PhoneTime, RawSpeech, SpeechTimes, WordTime
from .silence import level_of_speech, voice_activity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Features = NDArray[np.float32]
else:
    np = lazy_import("numpy")

RATE_HZ = 16000
_HOP, _WINDOW, _SPECTRUM = 160, 400, 512
_BANDS, _CEPSTRA = 26, 13
_BAND_SECONDS, _BAND_SHARE = 3.0, 0.2
"""The largest distance of the path from the diagonal: pauses differ between voices."""
_SHORTEST_WORD_MS, _SHORTEST_SILENCE_MS = 20, 30


class Alignment(NamedTuple):
    """The times, and measures of how well sound and text fit."""

    times: SpeechTimes
    distance_ratio: float
    """Distance to the text, divided by that to the reversed text. Measured: 0.55 to 0.75 for other voices with the same
    words, 0.85 and more for noise, other words, or a sound at another rate."""
    distances: NDArray[np.float32]
    """The distance for each frame of the reference: it shows where in the text the sound differs."""
    distance: float
    """The mean distance along the path, in units of the features."""


def align_speech(reference: RawSpeech, sound: NDArray[np.float32], rate_hz: int) -> Alignment:
    """The times of `sound` (mono, float32, at `rate_hz`), in which a voice speaks the words of `reference`.

    A word starts where a phoneme does. A gap between words has a phoneme of silence.
    """
    usual, heard = speech_features(reference.sound, reference.times.rate_hz), speech_features(sound, rate_hz)
    path, distance = _path(usual, heard)
    _, backwards = _path(usual[::-1], heard)
    carried = _Carried(reference.times, path, sound, rate_hz)
    met = heard[np.rint(path).astype(np.int64).clip(0, len(heard) - 1)]
    distances = np.linalg.norm(usual - met, axis=1) / max(backwards, 1e-6)
    return Alignment(carried.times(), distance / max(backwards, 1e-6), distances, distance)


# --- how well it fits --------------------------------------------------------------------------------------------

_FURTHEST = 0.85
_LOUD_END_DB = 18.0
_STRETCH_SECONDS = 1.2
_SQUEEZED, _STRETCHED = 0.5, 1.7
"""Shares of the pace of the other words. Measured over a second: 0.82 to 1.12 for complete speech, up to 0.44 for
missing text."""
_LONGEST_BEYOND_SECONDS = 0.5
_MISSING_SECONDS, _MISSING_PACE, _MISSING_DISTANCE = 0.5, 0.4, 1.25
"""Limits for missing words: half a second of words that got little time and differ from the sound there. Measured: a
pace of 0.72 and more for complete speech; up to 0.34, at 1.4 of the usual distance and more, for missing words."""
_OTHER_SECONDS, _OTHER_DISTANCE, _LEAST_OTHER_DISTANCE = 2.0, 1.45, 0.65
"""Limits relative to the median distance of the frames, which differs between voices, and absolute minimum. Measured
over two seconds: complete speech up to 0.63, at least a fifth below the limit; swapped sentences 0.82 and more."""


def alignment_problems(alignment: Alignment, sound: NDArray[np.float32], reference: SpeechTimes) -> Iterator[str]:
    """The signs that `sound` is not exactly the text; none if it is.

    They are: an end in the middle of a sound, words without time (missing words), a part that is much too long
    (repeated or added words), a part that does not sound like its words (swapped sentences), and sound that is not
    speech of these words at all.
    """
    times = alignment.times
    if alignment.distance_ratio > _FURTHEST:
        yield f"it does not sound like the text (distance {alignment.distance_ratio:.2f} of that of other words)"
    if _ends_loud(sound, times.rate_hz):
        yield "it ends in the midst of a sound"
    whole = max(0.05, _pace(times, reference, 0, len(times.words)))
    for start, end in _stretches(reference, _STRETCH_SECONDS):
        pace = _pace(times, reference, start, end) / whole
        if pace > _STRETCHED:
            yield f"its words {start + 1} to {end} take {pace:.1f} times as long as the others: something is said twice"
        if pace < _SQUEEZED:
            yield f"its words {start + 1} to {end} take {pace:.0%} of their time, so that some must be missing"
    yield from _unlike_faults(alignment, reference, whole)
    beyond = voice_activity(sound, times.rate_hz)[times.words[-1].end * 200 // times.rate_hz :].sum() / 200
    if beyond > _LONGEST_BEYOND_SECONDS:
        yield f"{beyond:.1f} s of sound follow its last word"


def _unlike_faults(alignment: Alignment, reference: SpeechTimes, whole_pace: float) -> Iterator[str]:
    """Messages about missing and different words, found by the distance between the sound and the reference."""
    usual = float(np.median(alignment.distances))
    for start, end in _stretches(reference, _MISSING_SECONDS):
        pace = _pace(alignment.times, reference, start, end) / whole_pace
        if pace < _MISSING_PACE and _distance(alignment, reference, start, end) > _MISSING_DISTANCE * usual:
            yield f"its words {start + 1} to {end} take {pace:.0%} of their time, so that they must be missing"
    limit = max(_LEAST_OTHER_DISTANCE, _OTHER_DISTANCE * usual)
    for start, end in _stretches(reference, _OTHER_SECONDS):
        if _distance(alignment, reference, start, end) > limit:
            yield f"where its words {start + 1} to {end} belong, something else is said"


def _distance(alignment: Alignment, reference: SpeechTimes, first: int, last: int) -> float:
    """The distance between the words [first, last) and the sound in their place; 1 for different words."""
    start = reference.words[first].start * 100 // reference.rate_hz
    end = reference.words[last - 1].end * 100 // reference.rate_hz
    return float(alignment.distances[start : max(start + 1, end)].mean())


def _ends_loud(sound: NDArray[np.float32], rate_hz: int) -> bool:
    end = sound[-max(1, rate_hz * 15 // 1000) :].astype(np.float64)
    level = level_of_speech(sound, rate_hz)
    return level > 0 and float(np.sqrt(np.mean(end**2))) > level * 10 ** (-_LOUD_END_DB / 20)


def _stretches(reference: SpeechTimes, seconds: float) -> Iterator[tuple[int, int]]:
    """For each word, the shortest run of words up to it that lasts `seconds` in the reference."""
    words, enough = reference.words, round(seconds * reference.rate_hz)
    for last, word in enumerate(words):
        first = next((at for at in range(last, -1, -1) if word.end - words[at].start >= enough), None)
        if first is not None:
            yield first, last + 1


def _pace(times: SpeechTimes, reference: SpeechTimes, first: int, last: int) -> float:
    """The length of the words [first, last) without silences, divided by that in the reference."""
    spoken_seconds = sum(word.end - word.start for word in times.words[first:last]) / times.rate_hz
    usual = sum(word.end - word.start for word in reference.words[first:last]) / reference.rate_hz
    return spoken_seconds / max(usual, 0.05)


# --- the path ----------------------------------------------------------------------------------------------------


def speech_features(sound: NDArray[np.float32], rate_hz: int) -> Features:
    """Mel cepstra without their mean, their derivative, and loudness, every 10 ms."""
    from video_assets.studio.media.sound import resample

    at_rate = resample(sound, rate_hz, RATE_HZ).astype(np.float64)
    at_rate = at_rate / (level_of_speech(at_rate.astype(np.float32), RATE_HZ) or 1.0)
    padded = np.pad(at_rate, (_WINDOW // 2, _WINDOW))
    count = len(at_rate) // _HOP + 1
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:count]
    power = np.abs(np.fft.rfft(frames * np.hamming(_WINDOW), _SPECTRUM, axis=1)) ** 2
    bands = np.log(power @ _filters().T + 1e-2)
    cepstra = (bands @ _cosines().T)[:, 1:]
    loud = bands.mean(axis=1, keepdims=True)
    # Removes the timbre of the voice, which is the same in every frame.
    spoken = loud[:, 0] > np.median(loud)
    cepstra = cepstra - cepstra[spoken].mean(axis=0, keepdims=True) if spoken.any() else cepstra
    change = np.gradient(np.concatenate([cepstra, loud], axis=1), axis=0)
    return np.concatenate([cepstra, loud, 1.5 * change], axis=1).astype(np.float32)


@lru_cache(maxsize=1)
def _filters() -> NDArray[np.float64]:
    """Triangles on the mel scale (O'Shaughnessy 1987), 100 to 7000 Hz."""
    lowest, highest = (float(2595 * np.log10(1 + hz / 700)) for hz in (100.0, 7000.0))
    mels = np.linspace(lowest, highest, _BANDS + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)
    bins = np.arange(_SPECTRUM // 2 + 1) * RATE_HZ / _SPECTRUM
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling))


@lru_cache(maxsize=1)
def _cosines() -> NDArray[np.float64]:
    """The first rows of the discrete cosine transform (type II, orthonormal)."""
    place = (np.arange(_BANDS) + 0.5) * np.pi / _BANDS
    return np.sqrt(2 / _BANDS) * np.cos(np.arange(_CEPSTRA)[:, None] * place)


def _path(reference: Features, sound: Features) -> tuple[NDArray[np.float64], float]:
    """For each frame of the reference, the mean matching frame of the sound; and the mean distance along the path.

    Row by row: within a row, D[j] = d[j] + min(up[j], D[j - 1]) has the closed form D = C + running minimum of
    (up - C shifted by one), C the running sum of d, so that no cell is visited by Python.
    """
    rows, columns = len(reference), len(sound)
    half = max(50, round(max(_BAND_SECONDS * 100, _BAND_SHARE * max(rows, columns))))
    width = min(columns, 2 * half + 1)
    firsts = np.clip(np.arange(rows) * columns // rows - half, 0, columns - width)
    # One bit per cell: the table has 230 million cells for four minutes of speech.
    from_left = np.zeros((rows, -(-width // 8)), np.uint8)
    from_corner = np.zeros((rows, -(-width // 8)), np.uint8)
    left = np.zeros(width, bool)
    before, norms = np.full(width + 1, np.inf), (sound**2).sum(axis=1)
    for row in range(rows):
        first = firsts[row]
        part = sound[first : first + width]
        squares = norms[first : first + width] - 2 * part @ reference[row] + reference[row] @ reference[row]
        distance = np.sqrt(np.maximum(squares, 0), dtype=np.float64)
        moved = first - firsts[row - 1] if row else 0
        straight = np.concatenate([before[1 + moved :], np.full(moved, np.inf)])
        corner = np.concatenate([before[moved:-1], np.full(moved, np.inf)])
        if row == 0:
            straight[0] = 0.0
        from_corner[row] = np.packbits(corner <= straight)
        above = np.minimum(corner, straight)
        sums = np.cumsum(distance)
        entered = above - np.concatenate([[0.0], sums[:-1]])
        best = np.minimum.accumulate(entered)
        left[1:] = best[:-1] <= entered[1:]
        from_left[row] = np.packbits(left)
        before = np.concatenate([[np.inf], sums + best])
    end = columns - 1 - firsts[-1]
    return _traced(from_left, from_corner, firsts, end, rows), float(before[1 + end]) / (rows + columns) * 2


def _traced(
    from_left: NDArray[np.uint8], from_corner: NDArray[np.uint8], firsts: NDArray[np.int64], column: int, rows: int
) -> NDArray[np.float64]:
    """The path back through the table."""
    sums, counts = np.zeros(rows), np.zeros(rows)
    row, at = rows - 1, int(column)
    while row >= 0:
        sums[row] += firsts[row] + at
        counts[row] += 1
        if at > 0 and _bit(from_left[row], at):
            at -= 1
            continue
        if row == 0:
            break
        moved = int(firsts[row] - firsts[row - 1])
        at = at + moved - _bit(from_corner[row], at)
        row -= 1
        at = max(0, at)
    return sums / np.maximum(1, counts)


def _bit(packed: NDArray[np.uint8], at: int) -> int:
    return int(packed[at >> 3]) >> (7 - (at & 7)) & 1


# --- times -------------------------------------------------------------------------------------------------------


class _Carried:
    """The times of the reference, moved along the path and adjusted to the silences of the sound."""

    def __init__(
        self, reference: SpeechTimes, path: NDArray[np.float64], sound: NDArray[np.float32], rate_hz: int
    ) -> None:
        self._reference = reference
        self._path = path
        self._rate_hz = rate_hz
        self._samples = len(sound)
        self._loud = voice_activity(sound, rate_hz)
        self._block = max(1, rate_hz // 200)
        self._words = self._placed()

    def times(self) -> SpeechTimes:
        """See `align_speech`."""
        return SpeechTimes(
            rate_hz=self._rate_hz, samples=self._samples, words=self._words, phones=tuple(self._phones())
        )

    def _moved(self, sample: int) -> int:
        frame = sample * 100 / self._reference.rate_hz
        found = np.interp(frame, np.arange(len(self._path)), self._path)
        return min(self._samples, max(0, round(float(found) * self._rate_hz / 100)))

    def _placed(self) -> tuple[WordTime, ...]:
        """The words. None starts or ends in a silence, if it contains sound."""
        shortest = _SHORTEST_WORD_MS * self._rate_hz // 1000
        words: list[WordTime] = []
        usual = self._reference.words
        least = [self._samples - shortest * (len(usual) - number) for number in range(len(usual))]
        for number, word in enumerate(usual):
            floor = words[-1].end if words else 0
            if not self._reference.phones_of(word):
                words.append(WordTime(token=word.token, start=floor, end=floor + 1))
                continue
            start = max(floor, min(self._after_silence(self._moved(word.start), self._moved(word.end)), least[number]))
            end = max(start + shortest, self._before_silence(start, self._moved(word.end)))
            end = min(end, self._samples - shortest * (len(usual) - number - 1))
            words.append(WordTime(token=word.token, start=start, end=max(start + 1, end)))
        return tuple(words)

    def _after_silence(self, start: int, end: int) -> int:
        first, last = start // self._block, max(start // self._block, end // self._block)
        loud = np.flatnonzero(self._loud[first:last])
        return start if not len(loud) or loud[0] == 0 else (first + int(loud[0])) * self._block

    def _before_silence(self, start: int, end: int) -> int:
        first, last = start // self._block, end // self._block
        loud = np.flatnonzero(self._loud[first:last])
        return end if not len(loud) else min(end, (first + int(loud[-1]) + 1) * self._block)

    def _phones(self) -> Iterator[PhoneTime]:
        shortest = _SHORTEST_SILENCE_MS * self._rate_hz // 1000
        done = 0
        words = self._words
        for number, (word, theirs) in enumerate(zip(words, self._reference.words, strict=True)):
            members = self._reference.phones_of(theirs)
            if not members:
                continue
            if word.start - done >= shortest:
                yield PhoneTime(phone="", start=done, end=word.start)
                done = word.start
            end = words[number + 1].start if number + 1 < len(words) else word.end
            end = end if end - word.end < shortest else word.end
            yield from self._shared(members, word.start, end)
            done = end
        if self._samples - done >= shortest:
            yield PhoneTime(phone="", start=done, end=self._samples)

    def _shared(self, members: Sequence[PhoneTime], start: int, end: int) -> Iterator[PhoneTime]:
        """The phonemes of one word, distributed over all of its time."""
        inner = [min(max(self._moved(phone.start), start), end) for phone in members[1:]]
        cuts = np.maximum.accumulate(np.array([start, *inner, end]))
        for phone, (left, right) in zip(members, pairwise(map(int, cuts)), strict=True):
            if left < right:
                yield PhoneTime(phone=phone.phone, start=left, end=right)
