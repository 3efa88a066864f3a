"""Speech: sound with the times of its words and phonemes, and what makes it fit for a film.

Belongs here: the interface of every voice, the choice of a voice, cutting and joining silence so that the times stay
true, mastering (one rate, one loudness), and the check that an answer is speech of the text that was asked. Does not
belong here: any voice (`resources/speech`), files and codecs (`media`), or what the mouth does (`lips`).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from video_assets.studio.core.errors import SpeechInvalid
from video_assets.studio.core.lazy_import import lazy_import
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.lesson.script import Pause, SpokenWord

from .voices import ANY_LANGUAGE as ANY_LANGUAGE  # where callers look for them
from .voices import Voice as Voice
from .voices import choose_voice as choose_voice
from .voices import speaks as speaks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from video_assets.studio.calls.context import CallContext
    from video_assets.studio.calls.paid_responses import PaidRequest
    from video_assets.studio.media.loudness import Loudness
else:
    np = lazy_import("numpy")

SILENCE_BELOW_SPEECH_DB = 30
"""What lies this far below the level of the speech itself is taken for silence (about -53 dBFS once mastered)."""
EDGE_SILENCE_MS = 20
"""Left before and after the speech."""
LONGEST_DEAD_AIR_SECONDS = 1.5
"""Silence that nobody asked for may not last longer."""
HIGHEST_TRUE_PEAK_DBTP = -1.0
SILENT_LUFS = -69.0
"""A meter's floor is -70."""
SLOWEST_WPM, USUAL_WPM, FASTEST_WPM = 90, 155, 220
"""Words a minute. Outside the band a synthesis is truncated or runaway."""


class WordTime(FrozenModel):
    """When a spoken word sounds, in samples from the sound's start, end exclusive."""

    token: int
    start: int
    end: int


class PhoneTime(FrozenModel):
    """When a phoneme sounds. `phone` is IPA without stress and length marks; "" is silence.

    A stop (p b t d k g) starts at its burst, as synthesisers and aligners report it; its silent closure lies in the end
    of the phone before. The mouth must close earlier than the stop starts: `lips` does that.
    """

    phone: str
    start: int
    end: int


class SpeechTimes(FrozenModel):
    """The times of one section's speech. Words and phones are ordered, do not overlap and lie in [0, samples).

    `words` holds one entry per SpokenWord of the request, in its order.
    """

    rate_hz: int
    samples: int
    words: tuple[WordTime, ...]
    phones: tuple[PhoneTime, ...]

    def phones_of(self, word: WordTime) -> tuple[PhoneTime, ...]:
        """The phonemes of a word; none for what is only written, as a dash between two words."""
        return tuple(phone for phone in self.phones if phone.phone and word.start <= phone.start < word.end)


class SpeechRequest(FrozenModel):
    """One section to be spoken: everything that shapes the sound, and nothing else."""

    pieces: tuple[SpokenWord | Pause, ...]
    language: str
    voice: str
    rate_percent: int = 100
    instructions: str = ""
    """How to speak, in words, for voices that follow such (`SpeechProvider.instructible`)."""

    @property
    def words(self) -> tuple[SpokenWord, ...]:
        """The pieces that are said."""
        return tuple(piece for piece in self.pieces if isinstance(piece, SpokenWord))


class RawSpeech(NamedTuple):
    """What a provider answers: mono float32 samples in [-1, 1] at `times.rate_hz`, and the times."""

    sound: NDArray[np.float32]
    times: SpeechTimes
    facts: Mapping[str, str] = {}
    """What is worth knowing of how it came about, and shapes nothing."""


class MasteredSpeech(NamedTuple):
    """Mastered speech: mono float32 at the film's rate and the section's loudness, and the times at that rate."""

    sound: NDArray[np.float32]
    times: SpeechTimes
    loudness: Loudness
    """Measured after mastering."""
    facts: Mapping[str, str] = {}
    """The provider's."""


class SpeechProvider(ABC):
    """A source of speech."""

    name: str
    instructible: bool = False
    """Whether it follows `instructions` of a request."""
    at_once: int = 0
    """How many requests are worth making at a time; 0 leaves it to the machine's cores."""

    @abstractmethod
    def identity(self, voice: str) -> dict[str, str]:
        """What a recipe must name: provider, version, model, voice."""

    @abstractmethod
    def voices(self) -> tuple[Voice, ...]:
        """Every voice, the best of each language first."""

    @abstractmethod
    def speak(self, request: SpeechRequest, call_context: CallContext | None = None) -> RawSpeech:
        """Speak. The same request gives the same bytes where the provider promises it.

        A paid provider needs `call_context`.

        Silence before and after is at most 30 ms; a Pause is that much silence. Raises SettingInvalid for a voice that
        does not exist or does not speak the language, SpeechInvalid for words it cannot say, ProcessFailed or
        ProviderError when it fails.
        """

    def paid_requests(self, request: SpeechRequest) -> tuple[PaidRequest, ...]:
        """What `speak` would have to buy for the request, whether or not it was bought before: nothing, by default."""
        return ()


# --- silence -----------------------------------------------------------------------------------------------------


def level_of_speech(sound: NDArray[np.float32], rate_hz: int) -> float:
    """Root mean square of the parts that speak (10 ms blocks within 20 dB of the loudest); 0 for digital silence."""
    block = max(1, rate_hz // 100)
    whole = sound[: len(sound) // block * block].astype(np.float64).reshape(-1, block)
    powers = np.mean(whole**2, axis=1)
    if not powers.size or powers.max() == 0:
        return 0.0
    return float(np.sqrt(powers[powers >= powers.max() / 100].mean()))


def voice_activity(sound: NDArray[np.float32], rate_hz: int) -> NDArray[np.bool_]:
    """For each 5 ms block (the last one may be shorter), whether it is louder than SILENCE_BELOW_SPEECH_DB allows."""
    block = max(1, rate_hz // 200)
    padded = np.zeros(-(-len(sound) // block) * block)
    padded[: len(sound)] = sound
    powers = np.mean(padded.reshape(-1, block) ** 2, axis=1)
    limit = level_of_speech(sound, rate_hz) * 10 ** (-SILENCE_BELOW_SPEECH_DB / 20)
    return powers > limit**2


class Splice(NamedTuple):
    """Silence to change: the samples [start, end) are replaced by `length` samples of digital silence."""

    start: int
    end: int
    length: int


def splice_silence(raw: RawSpeech, splices: Sequence[Splice]) -> RawSpeech:
    """The speech with each splice made, and its times moved along. Splices are ordered and do not overlap.

    A time inside a splice keeps its distance to the splice's end as far as the new silence reaches.
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

    return raw._replace(sound=sound, times=_with_times(raw.times, moved, raw.times.rate_hz, len(sound)))


def apply_pauses(raw: RawSpeech, pieces: Sequence[SpokenWord | Pause]) -> RawSpeech:
    """The speech of `pieces` with every Pause exactly as long as it was asked, silence that nobody asked for at most
    LONGEST_DEAD_AIR_SECONDS long, and EDGE_SILENCE_MS at the ends. Each word starts where a phoneme does.
    """
    asked = _pauses_at(pieces, raw.times)
    raw = raw._replace(times=_parted(raw.times, asked))
    times = raw.times
    edge = EDGE_SILENCE_MS * times.rate_hz // 1000
    spoken = [phone for phone in times.phones if phone.phone]
    first, last = spoken[0].start, spoken[-1].end
    splices = [Splice(0, first, asked.pop(first, min(edge, first)))]
    for left, right in pairwise(spoken):
        gap = right.start - left.end
        if right.start in asked:
            splices.append(Splice(left.end, right.start, asked[right.start]))
        elif gap > LONGEST_DEAD_AIR_SECONDS * times.rate_hz:
            splices.append(Splice(left.end, right.start, round(LONGEST_DEAD_AIR_SECONDS * times.rate_hz)))
    splices.append(Splice(last, times.samples, asked.get(last, min(edge, times.samples - last))))
    return splice_silence(raw, splices)


def _parted(times: SpeechTimes, places: Container[int]) -> SpeechTimes:
    """The times with a sample of silence between what ends and what starts at `places`, where a pause is put in: it
    would otherwise belong to the sounds beside it.
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
    """The speech with each word at its own percentage of its pace; runs of words of one pace are changed as one.

    Cuts lie in the middle between two words. Raises MediaError for a pace that cannot be made.
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
        return min(int(offsets[part]) + _rounded(scaled), int(offsets[part + 1]))

    sound = np.concatenate(parts)
    return raw._replace(sound=sound, times=_with_times(times, moved, times.rate_hz, len(sound)))


def concatenate(parts: Sequence[RawSpeech], gap_ms: int) -> RawSpeech:
    """Several pieces of speech at one rate as one, with `gap_ms` of silence between them."""
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
    """Samples of silence that were asked, by where the phoneme after it starts (the last one's end, at the end)."""
    spoken = [phone for phone in times.phones if phone.phone]
    starts = [phone.start for phone in spoken]
    asked: dict[int, int] = {}
    word = 0
    for piece in pieces:
        if isinstance(piece, SpokenWord):
            word += 1
            continue
        after = bisect_left(starts, times.words[word].start) if word < len(times.words) else len(starts)
        place = starts[after] if after < len(starts) else spoken[-1].end
        asked[place] = asked.get(place, 0) + piece.milliseconds * times.rate_hz // 1000
    return asked


def _with_times(times: SpeechTimes, moved: Callable[[int], int], rate_hz: int, samples: int) -> SpeechTimes:
    words = [word.model_copy(update={"start": moved(word.start), "end": moved(word.end)}) for word in times.words]
    phones = [phone.model_copy(update={"start": moved(phone.start), "end": moved(phone.end)}) for phone in times.phones]
    kept = tuple(phone for phone in phones if phone.start < phone.end)
    return SpeechTimes(rate_hz=rate_hz, samples=samples, words=tuple(words), phones=kept)


# --- mastering ---------------------------------------------------------------------------------------------------


def master(raw: RawSpeech, *, rate_hz: int = 48000, loudness_lufs: float = -23.0) -> MasteredSpeech:
    """The speech at the film's rate and `loudness_lufs` (integrated, EBU R128), with times scaled exactly.

    Where that loudness would lift a true peak above -1 dBTP the section stays as loud as -1 dBTP allows: nothing clips.
    Raises SpeechInvalid for silence.
    """
    from video_assets.studio.media.sound import resample

    sound = resample(raw.sound, raw.times.rate_hz, rate_hz)
    scale = Fraction(rate_hz, raw.times.rate_hz)
    before = measure_speech(sound, rate_hz)
    if before.integrated_lufs <= SILENT_LUFS:
        raise SpeechInvalid("The speech is silent and has no loudness.", remedy="Check the voice and the text.")
    gain_db = min(loudness_lufs - before.integrated_lufs, HIGHEST_TRUE_PEAK_DBTP - before.true_peak_dbtp)
    sound = sound * np.float32(10 ** (gain_db / 20))
    times = _with_times(raw.times, lambda sample: _rounded(sample * scale), rate_hz, len(sound))
    return MasteredSpeech(sound, times, measure_speech(sound, rate_hz), raw.facts)


def measure_speech(sound: NDArray[np.float32], rate_hz: int) -> Loudness:
    """Loudness of a section, however short.

    R128 moves blocks of 400 ms by 100 ms and drops those that are not full, so that "Hi." would have no loudness and a
    short section's end would not count. Sound is continued with its own start to whole 100 ms, and to 3 s at least.
    """
    from video_assets.studio.media.loudness import measure_lufs

    if len(sound) == 0:
        raise SpeechInvalid("The speech has no samples.", remedy="Check the voice and the text.")
    steps = max(30, -(-10 * len(sound) // rate_hz))
    return measure_lufs(np.resize(sound, steps * rate_hz // 10), rate_hz)


def _rounded(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2))


# --- the check of an answer --------------------------------------------------------------------------------------


def check_speech(
    speech: RawSpeech | MasteredSpeech, request: SpeechRequest, expected_seconds: Fraction | float
) -> None:
    """Raise SpeechInvalid unless `speech` can be the request, spoken.

    `expected_seconds` is about how long a usual voice takes, the request's rate and pauses included. Refused: silence,
    clipping, times that are out of order or range or lack a word, words without sound, dead air, and a pace that is to
    the usual one as SLOWEST_WPM or FASTEST_WPM is to USUAL_WPM (which tells truncated and runaway synthesis).
    """
    for fault in _faults(speech.sound, speech.times, request, float(expected_seconds)):
        raise SpeechInvalid(
            f"The voice {request.voice!r} answered with unusable speech: {fault}.", remedy="Try another voice."
        )


def _faults(
    sound: NDArray[np.float32], times: SpeechTimes, request: SpeechRequest, expected_seconds: float
) -> Iterable[str]:
    # A generator: the later checks rely on what the earlier ones found.
    if not np.isfinite(sound).all() or len(sound) == 0 or float(np.abs(sound).max()) < 1e-3:
        yield "it is silent"
    if _clipped_share(sound) > 1e-3:
        yield f"{_clipped_share(sound):.1%} of it is clipped"
    if times.samples != len(sound):
        yield f"its times are for {times.samples} samples, and there are {len(sound)}"
    yield from _time_faults(times, request)
    yield from _pace_faults(times, request, expected_seconds)
    yield from _sound_faults(sound, times, request)


def _clipped_share(sound: NDArray[np.float32]) -> float:
    return float(np.mean(np.abs(sound) >= 0.999))


def _time_faults(times: SpeechTimes, request: SpeechRequest) -> Iterable[str]:
    said, asked = [word.token for word in times.words], [word.token for word in request.words]
    if said != asked:
        yield f"it has times for {len(said)} words, and {len(asked)} were asked, or in another order"
    spans: Sequence[Sequence[WordTime | PhoneTime]] = (times.words, times.phones)
    for kind, entries in zip(("words", "phonemes"), spans, strict=True):
        if not entries:
            yield f"it has no times of {kind}"
        if any(entry.start >= entry.end for entry in entries):
            yield f"some {kind} take no time"
        if any(left.end > right.start for left, right in pairwise(entries)):
            yield f"its {kind} overlap or are out of order"
        if entries[0].start < 0 or entries[-1].end > times.samples:
            yield f"some {kind} lie outside the sound"


def _pace_faults(times: SpeechTimes, request: SpeechRequest, expected_seconds: float) -> Iterable[str]:
    pauses = _asked_silence(request)
    expected = max(0.1, expected_seconds - pauses)
    seconds = max(1e-3, times.samples / times.rate_hz - pauses)
    # Few words say little about a pace: a single "strengths" is slow, a single "I" quick.
    slack = 1 + 0.8 / expected
    if seconds * slack * FASTEST_WPM < expected * USUAL_WPM:
        yield f"{seconds:.1f} s for what takes about {expected:.1f} s, so that it must be truncated"
    if seconds * SLOWEST_WPM > expected * slack * USUAL_WPM:
        yield f"{seconds:.1f} s for what takes about {expected:.1f} s, so that it must be runaway"


def _sound_faults(sound: NDArray[np.float32], times: SpeechTimes, request: SpeechRequest) -> Iterable[str]:
    loud = voice_activity(sound, times.rate_hz)
    block = max(1, times.rate_hz // 200)
    spoken = np.zeros(len(loud), bool)
    for word in times.words:
        spoken[word.start // block : max(word.start // block + 1, word.end // block)] = True
    if loud[spoken].mean() < 0.4:
        yield "most of its words are silent"
    longest = _longest_run(~loud) * block / times.rate_hz
    asked = max((piece.milliseconds / 1000 for piece in request.pieces if isinstance(piece, Pause)), default=0.0)
    if longest > max(LONGEST_DEAD_AIR_SECONDS, asked) + 0.25:
        yield f"it has {longest:.1f} s of dead air"


def _longest_run(flags: NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _asked_silence(request: SpeechRequest) -> float:
    return sum(piece.milliseconds for piece in request.pieces if isinstance(piece, Pause)) / 1000
