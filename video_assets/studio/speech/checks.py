"""The check that an answer of a voice is speech of the requested text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from video_assets.studio.core.errors import SpeechInvalid
from video_assets.studio.core.lazy_import import lazy_import
from video_assets.studio.lesson.script import Pause, SpokenWord

from .provider import MasteredSpeech, PhoneTime, RawSpeech, SpeechRequest, SpeechTimes, WordTime
from .silence import LONGEST_DEAD_AIR_SECONDS, voice_activity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_import("numpy")

SLOWEST_WPM, USUAL_WPM, FASTEST_WPM = 90, 155, 220
"""Words per minute. Listeners follow this range."""
_QUICKEST_WPM = 330
"""A voice that says more is truncated. Measured: voices of other makers say up to 287 words a minute in a section, and
are whole; whether words are missing from a quick voice is for its alignment to tell."""


def check_speech(
    speech: RawSpeech | MasteredSpeech, request: SpeechRequest, expected_seconds: Fraction | float
) -> None:
    """Raise SpeechInvalid if `speech` cannot be the spoken request.

    `expected_seconds` is the approximate length with a usual voice, including the rate and pauses of the request.
    Faults are silence, clipping, times that are out of order, out of range or incomplete, words without sound, dead
    air, and a pace (relative to USUAL_WPM) below SLOWEST_WPM or above that of any voice, a sign of runaway or truncated
    speech.
    """
    for fault in _faults(speech.sound, speech.times, request, float(expected_seconds)):
        raise SpeechInvalid(
            f"The voice {request.voice!r} answered with unusable speech: {fault}.", remedy="Try another voice."
        )


def _faults(
    sound: NDArray[np.float32], times: SpeechTimes, request: SpeechRequest, expected_seconds: float
) -> Iterable[str]:
    # A generator, because the later checks rely on the earlier ones: they run only if those found no fault.
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
    timed, requested = [word.token for word in times.words], [word.token for word in request.words]
    if timed != requested:
        yield f"it has times for {len(timed)} words, and {len(requested)} were asked, or in another order"
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
    # A few words say little about the pace: a single "strengths" is slow, a single "I" is quick.
    slack = 1 + 0.8 / expected
    if seconds * slack * _QUICKEST_WPM < expected * USUAL_WPM:
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
    if longest > max(LONGEST_DEAD_AIR_SECONDS, _longest_pause(request)) + 0.25:
        yield f"it has {longest:.1f} s of dead air"


def _longest_pause(request: SpeechRequest) -> float:
    """The longest silence that is asked for, in seconds. Pauses without a word between them are one silence."""
    groups = groupby(request.pieces, key=lambda piece: isinstance(piece, Pause))
    return max((sum(map(_seconds, group)) for is_pause, group in groups if is_pause), default=0.0)


def _seconds(piece: SpokenWord | Pause) -> float:
    return piece.milliseconds / 1000 if isinstance(piece, Pause) else 0.0


def _longest_run(flags: NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _asked_silence(request: SpeechRequest) -> float:
    return sum(map(_seconds, request.pieces))
