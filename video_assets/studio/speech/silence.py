"""Changes to the silence and pace of speech that keep its times true: splices, pauses, stretching, joining."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from video_assets.studio.core.lazy_import import lazy_import
from video_assets.studio.lesson.script import Pause, SpokenWord

from .provider import PhoneTime, RawSpeech, SpeechTimes, WordTime

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_import("numpy")

SILENCE_BELOW_SPEECH_DB = 30
"""Sound this far below the level of the speech counts as silence (about -53 dBFS after mastering)."""

EDGE_SILENCE_MS = 20
"""Silence that is kept before and after the speech."""

LONGEST_DEAD_AIR_SECONDS = 1.5
"""The longest silence without a Pause."""


def level_of_speech(sound: NDArray[np.float32], rate_hz: int) -> float:
    """Root mean square of the speaking parts (10 ms blocks within 20 dB of the loudest); 0 for digital silence."""
    block = max(1, rate_hz // 100)
    whole = sound[: len(sound) // block * block].astype(np.float64).reshape(-1, block)
    powers = np.mean(whole**2, axis=1)
    if not powers.size or powers.max() == 0:
        return 0.0
    return float(np.sqrt(powers[powers >= powers.max() / 100].mean()))


def voice_activity(sound: NDArray[np.float32], rate_hz: int) -> NDArray[np.bool_]:
    """For each 5 ms block (the last one may be shorter), whether it is not silence by SILENCE_BELOW_SPEECH_DB."""
    limit = level_of_speech(sound, rate_hz) * 10 ** (-SILENCE_BELOW_SPEECH_DB / 20)
    return _block_powers(sound, rate_hz) > limit**2


def _block_powers(sound: NDArray[np.float32], rate_hz: int) -> NDArray[np.float64]:
    """The mean square of each 5 ms block; the last one may be shorter."""
    block = max(1, rate_hz // 200)
    padded = np.zeros(-(-len(sound) // block) * block)
    padded[: len(sound)] = sound
    return np.mean(padded.reshape(-1, block) ** 2, axis=1)


_NOTABLE_SILENCE_MS, _KEPT_SILENCE_MS = 800, 400
_NOTABLE_EDGE_MS, _KEPT_LEAD_MS, _KEPT_TAIL_MS = 200, 10, 100
"""An aligner copes with less. So usual speech is aligned as it is."""
_LONGEST_SOFT_MS, _SOFT_BELOW_SPEECH_DB = 100, 50
"""A voice may begin and end more softly than `voice_activity` hears, with an f or an h."""
_SHORTEST_SOUND_MS, _LONELY_MS = 30, 150


class WithoutSilences(NamedTuple):
    """A sound without most of its long silences, and the samples [start, end) of the whole sound that are left."""

    sound: NDArray[np.float32]
    kept: tuple[tuple[int, int], ...]

    def restore(self, times: SpeechTimes, samples: int) -> SpeechTimes:
        """The times of this sound as times in the whole sound of `samples` samples."""
        starts = [0]
        for start, end in self.kept:
            starts.append(starts[-1] + end - start)

        def moved(sample: int) -> int:
            piece = min(max(0, bisect_left(starts, sample) - 1), len(self.kept) - 1)
            return self.kept[piece][0] + sample - starts[piece]

        def moved_start(sample: int) -> int:
            piece = min(bisect_right(starts, sample) - 1, len(self.kept) - 1)
            return self.kept[piece][0] + sample - starts[piece]

        def entry(each: WordTime | PhoneTime) -> dict[str, int]:
            # No sound goes on over a long silence: the longer part of it counts.
            cuts = [cut for cut in starts[1:-1] if each.start < cut < each.end]
            edges = (each.start, *cuts, each.end)
            start, end = max(pairwise(edges), key=lambda part: part[1] - part[0])
            return {"start": moved_start(start), "end": moved(end)}

        words = tuple(word.model_copy(update=entry(word)) for word in times.words)
        phones = [phone.model_copy(update=entry(phone)) for phone in times.phones]
        if not phones:
            return times.model_copy(update={"samples": samples, "words": words})
        first, last = phones[0], phones[-1]
        phones[0] = first if first.phone else first.model_copy(update={"start": 0})
        phones[-1] = last if last.phone else last.model_copy(update={"end": samples})
        before = [PhoneTime(phone="", start=0, end=first.start)] if first.phone and first.start else []
        after = [PhoneTime(phone="", start=last.end, end=samples)] if last.phone and last.end < samples else []
        spoken = (*before, *phones, *after)
        gaps = (PhoneTime(phone="", start=left.end, end=right.start) for left, right in pairwise(spoken))
        filled = sorted((*spoken, *(gap for gap in gaps if gap.start < gap.end)), key=lambda phone: phone.start)
        return SpeechTimes(rate_hz=times.rate_hz, samples=samples, words=words, phones=tuple(filled))


def without_silences(sound: NDArray[np.float32], rate_hz: int) -> WithoutSilences:
    """`sound` with its long silences cut to a usual pause, so that an aligner need not give them to a word.

    Of a long silence at either end little is left. Clicks in a silence count as silence.
    """
    block = max(1, rate_hz // 200)
    places = np.flatnonzero(_without_clicks(voice_activity(sound, rate_hz)))
    if not len(places):
        return WithoutSilences(sound, ((0, len(sound)),))
    lead, tail, half = (each * rate_hz // 2000 for each in (2 * _KEPT_LEAD_MS, 2 * _KEPT_TAIL_MS, _KEPT_SILENCE_MS))
    first, last = _with_soft_ends(sound, rate_hz, int(places[0]), int(places[-1]))
    pieces: list[tuple[int, int]] = []
    start = first * block - lead if first * 5 > _NOTABLE_EDGE_MS else 0
    for before, after in pairwise(map(int, places)):
        if (after - before - 1) * 5 >= _NOTABLE_SILENCE_MS:
            pieces.append((start, (before + 1) * block + half))
            start = after * block - half
    end = (last + 1) * block + tail
    pieces.append((start, end if (len(sound) - end) * 1000 > _NOTABLE_EDGE_MS * rate_hz else len(sound)))
    return WithoutSilences(np.concatenate([sound[left:right] for left, right in pieces]), tuple(pieces))


def _with_soft_ends(sound: NDArray[np.float32], rate_hz: int, first: int, last: int) -> tuple[int, int]:
    """The first and last block of the voice, with the soft sounds before and after the loud ones."""
    powers, most = _block_powers(sound, rate_hz), _LONGEST_SOFT_MS // 5
    limit = level_of_speech(sound, rate_hz) * 10 ** (-_SOFT_BELOW_SPEECH_DB / 20)
    before = _soft_blocks(powers[:first][::-1], limit**2, most)
    return first - before, last + _soft_blocks(powers[last + 1 :], limit**2, most)


def _soft_blocks(outwards: NDArray[np.float64], least: float, most: int) -> int:
    """How many of the blocks next to the voice, seen from it, are soft sounds of it and not the noise behind them."""
    noise = float(np.median(outwards[most:])) if len(outwards) > most else 0.0
    quiet = np.flatnonzero(outwards[:most] <= max(least, 4 * noise))
    return int(quiet[0]) if len(quiet) else min(most, len(outwards))


def _without_clicks(loud: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The activity without short sounds that stand alone in a silence."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], loud.astype(np.int8), [0]))))
    runs = list(zip(map(int, edges[::2]), map(int, edges[1::2]), strict=True))
    cleaned = loud.copy()
    for number, (start, end) in enumerate(runs):
        before = start - (runs[number - 1][1] if number else -_LONELY_MS)
        after = (runs[number + 1][0] if number + 1 < len(runs) else len(loud) + _LONELY_MS) - end
        if (end - start) * 5 < _SHORTEST_SOUND_MS and min(before, after) * 5 >= _LONELY_MS:
            cleaned[start:end] = False
    return cleaned


class Splice(NamedTuple):
    """A change of silence: `length` samples of digital silence replace the samples [start, end)."""

    start: int
    end: int
    length: int


def splice_silence(raw: RawSpeech, splices: Sequence[Splice]) -> RawSpeech:
    """The speech with each splice applied to its sound and times. Splices are ordered and do not overlap.

    A time inside a splice keeps its distance to the end of the splice, but stays inside the new silence.
    """
    parts: list[NDArray[np.float32]] = []
    done = 0
    for splice in splices:
        parts += [raw.sound[done : splice.start], np.zeros(splice.length, np.float32)]
        done = splice.end
    sound = np.concatenate([*parts, raw.sound[done:]])

    def moved(sample: int) -> int:
        shift = 0
        for start, end, length in splices:
            if sample >= end:
                shift += length - (end - start)
            elif sample > start:
                return start + max(0, length - (end - sample)) + shift
        return sample + shift

    return raw._replace(sound=sound, times=with_moved_times(raw.times, moved, raw.times.rate_hz, len(sound)))


def apply_pauses(raw: RawSpeech, pieces: Sequence[SpokenWord | Pause]) -> RawSpeech:
    """The speech of `pieces` with every Pause at its exact length.

    Other silence lasts at most LONGEST_DEAD_AIR_SECONDS, and EDGE_SILENCE_MS at the ends. Each word starts where a
    phoneme does.
    """
    pauses = _pauses_at(pieces, raw.times)
    raw = raw._replace(times=_parted(raw.times, pauses))
    times = raw.times
    edge = EDGE_SILENCE_MS * times.rate_hz // 1000
    spoken = [phone for phone in times.phones if phone.phone]
    first, last = spoken[0].start, spoken[-1].end
    splices = [Splice(0, first, pauses.pop(first, min(edge, first)))]
    for left, right in pairwise(spoken):
        gap = right.start - left.end
        if right.start in pauses:
            splices.append(Splice(left.end, right.start, pauses[right.start]))
        elif gap > LONGEST_DEAD_AIR_SECONDS * times.rate_hz:
            splices.append(Splice(left.end, right.start, round(LONGEST_DEAD_AIR_SECONDS * times.rate_hz)))
    splices.append(Splice(last, times.samples, pauses.get(last, min(edge, times.samples - last))))
    return splice_silence(raw, splices)


def _parted(times: SpeechTimes, places: Container[int]) -> SpeechTimes:
    """The times with one sample of silence before each phoneme that starts at one of `places`, where a pause goes.

    Otherwise the pause would belong to the sounds beside it.
    """
    starts = {phone.start for phone in times.phones if phone.phone and phone.start in places}

    def before(start: int, end: int) -> int:
        return max(start + 1, end - 1) if end in starts else end

    phones: list[PhoneTime] = []
    for phone in times.phones:
        end = before(phone.start, phone.end)
        phones.append(phone.model_copy(update={"end": end}))
        if phone.phone and end < phone.end:
            phones.append(PhoneTime(phone="", start=end, end=phone.end))
    words = tuple(word.model_copy(update={"end": before(word.start, word.end)}) for word in times.words)
    return times.model_copy(update={"words": words, "phones": tuple(phones)})


def time_stretched(raw: RawSpeech, percents: Sequence[int]) -> RawSpeech:
    """The speech with each word at its percentage of its pace. Runs of words with one pace are stretched together.

    Cuts lie in the middle between two words. Raises MediaError for a pace that is out of range.
    """
    from video_assets.studio.media.pace import time_stretch

    words, times = raw.times.words, raw.times
    if all(percent == 100 for percent in percents):
        return raw
    firsts = [number for number in range(len(words)) if number == 0 or percents[number] != percents[number - 1]]
    cuts = [0, *((words[first - 1].end + words[first].start) // 2 for first in firsts[1:]), times.samples]
    parts = [
        time_stretch(raw.sound[start:end], times.rate_hz, percents[first])
        for first, (start, end) in zip(firsts, pairwise(cuts), strict=True)
    ]
    offsets = np.cumsum([0, *map(len, parts)])

    def moved(sample: int) -> int:
        part = min(bisect_right(cuts, sample) - 1, len(parts) - 1)
        scaled = Fraction((sample - cuts[part]) * 100, percents[firsts[part]])
        return min(int(offsets[part]) + round_half_up(scaled), int(offsets[part + 1]))

    sound = np.concatenate(parts)
    return raw._replace(sound=sound, times=with_moved_times(times, moved, times.rate_hz, len(sound)))


def concatenate(parts: Sequence[RawSpeech], gap_ms: int) -> RawSpeech:
    """Join pieces of speech with one sample rate, with `gap_ms` of silence between them."""
    if len(parts) == 1:
        return parts[0]
    rate_hz = parts[0].times.rate_hz
    gap = np.zeros(gap_ms * rate_hz // 1000, np.float32)
    sounds: list[NDArray[np.float32]] = []
    words: list[WordTime] = []
    phones: list[PhoneTime] = []
    at = 0
    for number, part in enumerate(parts):
        sounds += [part.sound] if number == len(parts) - 1 else [part.sound, gap]
        words += [word.model_copy(update={"start": word.start + at, "end": word.end + at}) for word in part.times.words]
        phones += [
            each.model_copy(update={"start": each.start + at, "end": each.end + at}) for each in part.times.phones
        ]
        at += len(part.sound) + len(gap)
    sound = np.concatenate(sounds)
    times = SpeechTimes(rate_hz=rate_hz, samples=len(sound), words=tuple(words), phones=tuple(phones))
    return RawSpeech(sound, times, parts[0].facts)


def _pauses_at(pieces: Sequence[SpokenWord | Pause], times: SpeechTimes) -> dict[int, int]:
    """Requested samples of silence, keyed by the start of the phoneme after it (at the end: by the last end)."""
    spoken = [phone for phone in times.phones if phone.phone]
    starts = [phone.start for phone in spoken]
    pauses: dict[int, int] = {}
    word = 0
    for piece in pieces:
        if isinstance(piece, SpokenWord):
            word += 1
            continue
        after = bisect_left(starts, times.words[word].start) if word < len(times.words) else len(starts)
        place = starts[after] if after < len(starts) else spoken[-1].end
        pauses[place] = pauses.get(place, 0) + piece.milliseconds * times.rate_hz // 1000
    return pauses


def with_moved_times(times: SpeechTimes, moved: Callable[[int], int], rate_hz: int, samples: int) -> SpeechTimes:
    """The times with `moved` applied to each sample position. A phoneme that becomes empty is left out."""
    words = [word.model_copy(update={"start": moved(word.start), "end": moved(word.end)}) for word in times.words]
    phones = [phone.model_copy(update={"start": moved(phone.start), "end": moved(phone.end)}) for phone in times.phones]
    kept = tuple(phone for phone in phones if phone.start < phone.end)
    return SpeechTimes(rate_hz=rate_hz, samples=samples, words=tuple(words), phones=kept)


def round_half_up(value: Fraction) -> int:
    """The nearest integer; halves are rounded up."""
    return math.floor(value + Fraction(1, 2))
