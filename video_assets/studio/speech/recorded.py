"""Follows a written text through a recording of it: the times of its words and phonemes, and where the two differ.

The reference is a synthesiser that says the same text with known times. A first alignment by comparison with it
(`alignment.py`) shows roughly which sound is which phoneme. Models of the speaker's own phonemes are learnt from that
(`phone_models.py`), and with these the words are searched (`word_search.py`).

Does not belong here: decoding (`media.recordings`), or what a difference means for a lesson (`recording_report.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from video_assets.studio.core.errors import SpeechInvalid
from video_assets.studio.core.lazy_import import lazy_import
from video_assets.studio.core.values import FrozenModel

from .alignment import align_speech, speech_features
from .phone_models import FRAMES_PER_SECOND, NO_CLASS, frame_labels, likelihoods, phone_classes
from .provider import PhoneTime, RawSpeech, SpeechTimes, WordTime
from .silence import SILENCE_BELOW_SPEECH_DB, level_of_speech
from .word_search import FoundWord, OtherSpeech, Search, find_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_import("numpy")

VERSION = "1"
"""Raised whenever the times or the differences change."""
_ROUNDS = 2
_LEARNT_FROM = -2.2
"""The mean log likelihood below which nothing is learnt from a word: it may be another word."""
_SHORTEST_JUDGED_SECONDS = 0.18
"""Shorter words ("a", "the") are swallowed in natural speech, so nothing is said about them."""
_SHORTEST_MISSING_SECONDS = 0.3
_UNLIKE, _RATHER_UNLIKE = -4.0, -2.0
_SQUEEZED, _RATHER_SQUEEZED = 0.15, 0.3
_HURRIED, _LONGEST_STRAGGLERS_SECONDS = 0.55, 0.8
_NOT_THE_TEXT = 0.93
"""The distance of the first alignment to the text, over that to the text backwards. Measured: 0.74 to 0.84 for right
recordings, natural and noisy ones too, and 0.97 or more for other texts and for noise."""
_PLAUSIBLE_LEAST, _PLAUSIBLE_MOST = 0.6, 2.0
"""Shares of the length that a word has at the pace of the others. A word that was not said finds no more."""
_SHORTEST_OTHER_SECONDS, _SHORTEST_EXTRA_SECONDS = 0.12, 0.16
"""A shorter sound between two words is a breath, or a sound of one of them."""
_CLEAR_SECONDS, _CLEARLY_DIFFERENT_SECONDS = 0.8, 1.2
"""A difference of this length is certain. Measured on natural voices: no false one reaches it; see docs/voices.md."""
_UNCLEAR_SHARE = 0.15
"""More of the text than this cannot be said otherwise by chance."""
_ONSET_SECONDS, _DECAY_SECONDS = 0.3, 0.5
"""How far a soft first or last sound may reach beyond the first and last phoneme that was found."""
_EDGE_SECONDS = 0.04
_FADE_SECONDS = 0.005


class Difference(FrozenModel):
    """A place where a recording does not say its text. Times count from the start of the recording's file."""

    kind: Literal["missing", "different", "extra"]
    first: int
    """The index of the first spoken word that it concerns; for `extra` the word before which something is said."""
    last: int
    """The index after the last such word; `first` for `extra`."""
    start_seconds: float
    end_seconds: float
    seconds: float
    """How much of the text, or of the sound, it is."""

    @property
    def is_clear(self) -> bool:
        """Whether it is too long to be a mistake of this comparison."""
        return self.seconds >= (_CLEARLY_DIFFERENT_SECONDS if self.kind == "different" else _CLEAR_SECONDS)


class FollowedText(NamedTuple):
    """The recording, trimmed to its speech, with times; and the differences from the text."""

    speech: RawSpeech
    differences: tuple[Difference, ...]


def clear_differences(differences: Sequence[Difference], text_seconds: float) -> tuple[Difference, ...]:
    """Those that are certain: the long ones, or all if they concern much of a text of `text_seconds` together."""
    if sum(each.seconds for each in differences) > max(_CLEAR_SECONDS, _UNCLEAR_SHARE * text_seconds):
        return tuple(differences)
    return tuple(each for each in differences if each.is_clear)


def follow_text(reference: RawSpeech, sound: NDArray[np.float32], rate_hz: int) -> FollowedText:
    """Find the words of `reference` in the recording `sound` (mono).

    The recording may have any voice, pace, pauses and some noise; nothing in it is changed but its length: silence
    before and after the speech is cut off. A word that is not said gets a single sample. Raises SpeechInvalid if the
    recording is silent, or too short for anything to be found.
    """
    if level_of_speech(sound, rate_hz) < 1e-4 or len(sound) < rate_hz // 5:
        raise SpeechInvalid("The recording is silent.", remedy="Record it again, closer to the microphone.")
    recording = _RecordingSearch(reference, sound, rate_hz)
    return recording.followed(recording.searched())


class _RecordingSearch:
    """The recording in frames of 10 ms, beside the reference."""

    def __init__(self, reference: RawSpeech, sound: NDArray[np.float32], rate_hz: int) -> None:
        self._reference, self._sound, self._rate_hz = reference, sound, rate_hz
        times = reference.times
        self._classes = phone_classes(times)
        self._usual = speech_features(reference.sound, times.rate_hz)
        self._frames = speech_features(sound, rate_hz)
        self._usual_labels = frame_labels(times, self._classes, len(self._usual))
        self._above_db = _above_silence_db(sound, rate_hz, len(self._frames))
        self._spoken = [number for number, word in enumerate(times.words) if times.phones_of(word)]
        self._members = [times.phones_of(times.words[number]) for number in self._spoken]
        self._words = [[self._classes.of(phone.phone) for phone in members] for members in self._members]
        usual = [sum(phone.end - phone.start for phone in members) / times.rate_hz for members in self._members]
        self._usual_seconds = np.array(usual)
        self._rough = align_speech(reference, sound, rate_hz)

    def searched(self) -> Search:
        """The words where the speaker's own phonemes are, without those that were squeezed in where they are not."""
        labels = self._without_silence(frame_labels(self._rough.times, self._classes, len(self._frames)))
        found, scores = self._round(labels)
        for _ in range(_ROUNDS - 1):
            found, scores = self._round(self._labels_of(found, scores, at_least=_LEARNT_FROM))
        return found._replace(words=self._without_squeezed(found, scores))

    def _round(self, labels: NDArray[np.int64]) -> tuple[Search, NDArray[np.float32]]:
        """The words by what is learnt from `labels`."""
        scores = likelihoods(self._frames, labels, self._usual, self._usual_labels, self._classes.total)
        return find_words(scores, self._above_db, self._words), scores

    def followed(self, search: Search) -> FollowedText:
        """The trimmed sound with the times of `search`, and the differences."""
        others = tuple(each for each in search.others if self._is_speech(each))
        times = _Times(self._reference.times, self._spoken, self._members, search.words, others, self._rate_hz)
        start, end = self._bounds(search.words, others)
        samples = _faded(self._sound[start:end].copy(), self._rate_hz)
        trimmed = RawSpeech(samples, times.between(start, end))
        if self._rough.distance_ratio > _NOT_THE_TEXT:
            whole = self._difference("different", 0, len(self._spoken), 0, len(self._frames), len(self._frames) / 100)
            return FollowedText(trimmed, (whole,))
        return FollowedText(trimmed, tuple(self._differences(search.words, others)))

    def _without_silence(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.where(self._above_db > 0, labels, NO_CLASS)

    def _word_labels(self, word: int, found: FoundWord) -> NDArray[np.int64]:
        """The class of each frame of a word."""
        labels = np.full(found.end - found.start, NO_CLASS)
        for first_half, (start, end) in zip(self._words[word], pairwise((*found.phones, found.end)), strict=True):
            middle = (start + end + 1) // 2
            labels[start - found.start : middle - found.start] = first_half
            labels[middle - found.start : end - found.start] = first_half + 1
        return self._without_silence_at(labels, found.start)

    def _without_silence_at(self, labels: NDArray[np.int64], start: int) -> NDArray[np.int64]:
        return np.where(self._above_db[start : start + len(labels)] > 0, labels, NO_CLASS)

    def _labels_of(self, search: Search, scores: NDArray[np.float32], at_least: float) -> NDArray[np.int64]:
        labels = np.full(len(self._frames), NO_CLASS)
        for number, found in enumerate(search.words):
            if found is not None and self._mean_score(number, found, scores) >= at_least:
                labels[found.start : found.end] = self._word_labels(number, found)
        return labels

    def _mean_score(self, word: int, found: FoundWord, scores: NDArray[np.float32]) -> float:
        labels = self._word_labels(word, found)
        loud = np.flatnonzero(labels != NO_CLASS)
        return float(scores[found.start + loud, labels[loud]].mean()) if len(loud) else float(scores.min())

    def _without_squeezed(self, search: Search, scores: NDArray[np.float32]) -> tuple[FoundWord | None, ...]:
        """The words that were said. A word that was not said may have been found in a few frames of another."""
        loud = [
            0.0 if found is None else float((self._above_db[found.start : found.end] > 0).sum()) / FRAMES_PER_SECOND
            for found in search.words
        ]
        shares = np.array(loud) / np.maximum(0.02, self._usual_seconds)
        pace = float(np.median(shares[shares > 0])) if (shares > 0).any() else 1.0
        words = [
            None if found is None or self._is_squeezed(number, found, shares[number] / pace, scores) else found
            for number, found in enumerate(search.words)
        ]
        return self._without_stragglers(words, np.array(loud) / pace)

    def _without_stragglers(
        self, words: list[FoundWord | None], usual_loud: NDArray[np.float64]
    ) -> tuple[FoundWord | None, ...]:
        """The words without hurried ones amid a passage that was not said: they were found in the sound beside it.

        `usual_loud` is how long each word sounds, in seconds at the pace of the reference.
        """
        usual = self._usual_seconds
        for (start, before), (after, end) in pairwise(list(_runs(words))):
            least, between = min(usual[start:before].sum(), usual[after:end].sum()), usual[before:after].sum()
            hurried = usual_loud[before:after].sum() < _HURRIED * between
            if hurried and between < _LONGEST_STRAGGLERS_SECONDS and least >= _SHORTEST_JUDGED_SECONDS:
                words[before:after] = [None] * (after - before)
        return tuple(words)

    def _is_squeezed(self, word: int, found: FoundWord, share: float, scores: NDArray[np.float32]) -> bool:
        if self._usual_seconds[word] < _SHORTEST_JUDGED_SECONDS:
            return False
        score = self._mean_score(word, found, scores)
        if share < _SQUEEZED or (share < _RATHER_SQUEEZED and score < _RATHER_UNLIKE):
            return True
        return score < _UNLIKE and not _PLAUSIBLE_LEAST <= share <= _PLAUSIBLE_MOST

    def _is_speech(self, other: OtherSpeech) -> bool:
        return float((self._above_db[other.start : other.end] > 0).sum()) >= _SHORTEST_OTHER_SECONDS * FRAMES_PER_SECOND

    def _bounds(self, words: Sequence[FoundWord | None], others: Sequence[OtherSpeech]) -> tuple[int, int]:
        """The first and the last sample that are kept."""
        parts = [*(word for word in words if word is not None), *others]
        if not parts:
            return 0, len(self._sound)
        loud = self._above_db > 0
        first, last = min(part.start for part in parts), max(part.end for part in parts)
        earliest = max(0, first - round(_ONSET_SECONDS * FRAMES_PER_SECOND))
        latest = min(len(loud), last + round(_DECAY_SECONDS * FRAMES_PER_SECOND))
        while first > earliest and loud[first - 1]:
            first -= 1
        while last < latest and loud[last]:
            last += 1
        edge = round(_EDGE_SECONDS * self._rate_hz)
        start = max(0, first * self._rate_hz // FRAMES_PER_SECOND - edge)
        return start, min(len(self._sound), last * self._rate_hz // FRAMES_PER_SECOND + edge)

    def _differences(self, words: Sequence[FoundWord | None], others: Sequence[OtherSpeech]) -> Iterator[Difference]:
        free = list(others)
        for first, last in _runs(words):
            beside = [other for other in free if first <= other.before <= last]
            free = [other for other in free if other not in beside]
            seconds = float(self._usual_seconds[first:last].sum())
            if seconds < _SHORTEST_JUDGED_SECONDS:
                continue
            before = max((word.end for word in words[:first] if word is not None), default=0)
            start = beside[0].start if beside else before
            end = beside[-1].end if beside else before
            # The sound in place of a missing word may be longer than the word.
            other_seconds = (end - start) / FRAMES_PER_SECOND
            kind = "different" if other_seconds >= 0.4 * seconds else "missing"
            if kind == "missing" and seconds < _SHORTEST_MISSING_SECONDS:
                continue
            yield self._difference(kind, first, last, start, end, max(seconds, other_seconds))
        for before, parts in groupby(free, key=lambda other: other.before):
            at_one_place = list(parts)
            length = sum(other.end - other.start for other in at_one_place) / FRAMES_PER_SECOND
            if length >= _SHORTEST_EXTRA_SECONDS:
                yield self._difference("extra", before, before, at_one_place[0].start, at_one_place[-1].end, length)

    def _difference(
        self,
        kind: Literal["missing", "different", "extra"],
        first: int,
        last: int,
        start: int,
        end: int,
        seconds: float,
    ) -> Difference:
        spoken = [*self._spoken, len(self._reference.times.words)]
        return Difference(
            kind=kind,
            first=spoken[first],
            last=spoken[last - 1] + 1 if last > first else spoken[first],
            start_seconds=start / FRAMES_PER_SECOND,
            end_seconds=end / FRAMES_PER_SECOND,
            seconds=round(seconds, 2),
        )


def _runs(words: Sequence[FoundWord | None]) -> Iterator[tuple[int, int]]:
    """The ranges of words that are not there."""
    first: int | None = None
    for number, word in enumerate((*words, FoundWord(0, 0, ()))):
        if word is None and first is None:
            first = number
        if word is not None and first is not None:
            yield first, number
            first = None


def _above_silence_db(sound: NDArray[np.float32], rate_hz: int, frames: int) -> NDArray[np.float32]:
    """How far each frame of 10 ms is above silence, in dB. Silence is what the quietest parts of the recording are, or
    SILENCE_BELOW_SPEECH_DB: in a room with a fan the pauses are as loud as the fan."""
    hop = rate_hz // FRAMES_PER_SECOND
    padded = np.zeros(frames * hop)
    # Frame n is about the sample n * hop.
    padded[: min(len(padded), len(sound) + hop // 2)] = np.pad(sound, (hop // 2, frames * hop))[
        : min(len(padded), len(sound) + hop // 2)
    ]
    levels = np.sqrt((padded.reshape(frames, hop) ** 2).mean(axis=1))
    speech = level_of_speech(sound, rate_hz)
    floor = float(np.percentile(levels[levels > 0], 8)) if (levels > 0).any() else 0.0
    limit = max(speech * 10 ** (-SILENCE_BELOW_SPEECH_DB / 20), min(2.5 * floor, 0.25 * speech))
    return (20 * np.log10(np.maximum(levels, 1e-9) / limit)).astype(np.float32)


def _faded(sound: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """The sound without a click where it was cut out of a room's noise."""
    length = min(len(sound) // 2, round(_FADE_SECONDS * rate_hz))
    if length:
        slope = np.linspace(0, 1, length, dtype=np.float32)
        sound[:length] *= slope
        sound[-length:] *= slope[::-1]
    return sound


_SHORTEST_GAP_SECONDS = 0.03
_OTHER_PHONE = "ə"
"""The mouth of speech that is not in the text moves as well."""


class _Times:
    """The times of words and phonemes, from frames."""

    def __init__(
        self,
        reference: SpeechTimes,
        spoken: Sequence[int],
        members: Sequence[Sequence[PhoneTime]],
        found: Sequence[FoundWord | None],
        others: Sequence[OtherSpeech],
        rate_hz: int,
    ) -> None:
        self._reference, self._rate_hz = reference, rate_hz
        self._found = dict(zip(spoken, found, strict=True))
        self._members = dict(zip(spoken, members, strict=True))
        self._others = others

    def between(self, start: int, end: int) -> SpeechTimes:
        """The times in the samples [start, end)."""

        def sample(frame: int) -> int:
            # The middle of a frame lies at its number, so it starts half a frame earlier.
            at = (2 * frame - 1) * self._rate_hz // (2 * FRAMES_PER_SECOND)
            return min(end - start, max(0, at - start))

        words: list[WordTime] = []
        sounds = [(sample(other.start), sample(other.end), _OTHER_PHONE) for other in self._others]
        total = len(self._reference.words)
        for number, usual in enumerate(self._reference.words):
            floor = words[-1].end if words else 0
            found = self._found.get(number)
            if found is None:
                words.append(WordTime(token=usual.token, start=floor, end=floor + 1))
                continue
            first = min(max(floor, sample(found.start)), end - start - (total - number))
            last = max(first + 1, min(sample(found.end), end - start - (total - number - 1)))
            words.append(WordTime(token=usual.token, start=first, end=last))
            cuts = [first, *(min(last, max(first, sample(at))) for at in found.phones[1:]), last]
            phones = zip(self._members[number], pairwise(cuts), strict=True)
            sounds += [(left, right, phone.phone) for phone, (left, right) in phones if left < right]
        return SpeechTimes(
            rate_hz=self._rate_hz,
            samples=end - start,
            words=tuple(words),
            phones=tuple(self._with_silences(sorted(sounds), end - start)),
        )

    def _with_silences(self, sounds: Sequence[tuple[int, int, str]], samples: int) -> Iterator[PhoneTime]:
        shortest = round(_SHORTEST_GAP_SECONDS * self._rate_hz)
        done = 0
        for number, (start, end, phone) in enumerate(sounds):
            first = max(start, done)
            if first - done >= shortest or (not number and first > 0):
                yield PhoneTime(phone="", start=done, end=first)
            following = sounds[number + 1][0] if number + 1 < len(sounds) else samples
            # A gap that is shorter than a silence belongs to the sound before it.
            done = max(first, following if 0 <= following - end < shortest else min(end, following))
            if first < done:
                yield PhoneTime(phone=phone, start=first, end=done)
        if done < samples:
            yield PhoneTime(phone="", start=done, end=samples)
