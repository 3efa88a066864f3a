"""From a section to be performed to what an engine is asked: the sound in its place, the frames at rest.

Belongs here: that. Does not belong here: any engine, or faces (`face.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from video_assets.studio.media.sound import Sound
from video_assets.studio.presenter.provider import PerformanceRequest
from video_assets.studio.speech.provider import SpeechTimes

from .engine import Face, LipJob
from .face import ping_pong

REST_SECONDS = Fraction(1, 4)
"""Silence that a mouth rests in; shorter ones belong to the speech."""
HEARD_SECONDS = Fraction(1, 5)
"""How far ahead lips are shaped by what comes: the mouth opens before the sound."""


def lip_job(request: PerformanceRequest, face: Face, sound: Sound, rate_hz: int) -> LipJob:
    """What an engine is asked for `request`; `sound` is the section's speech alone."""
    rate = Fraction(request.rate)
    starts = int(request.lead_frames * rate_hz / rate)
    whole = np.zeros(-int(-request.frames * rate_hz // rate), np.float32)
    heard = sound[: len(whole) - starts]
    whole[starts : starts + len(heard)] = heard
    return LipJob(
        face,
        ping_pong(len(face.pictures), request.frames),
        whole,
        rate_hz,
        rate,
        resting_frames(request.times, rate, request.frames, request.lead_frames),
        request.seed,
    )


def resting_frames(times: SpeechTimes, rate: Fraction, frames: int, lead_frames: int) -> tuple[bool, ...]:
    """For each frame, whether all that shapes its lips is silence: a quarter of a second or more, and still going on.

    Before and behind the speech there is silence without end.
    """
    resting = np.zeros(frames, bool)
    for start, end in _silences(times):
        first = 0 if start is None else lead_frames + -int(-start * rate // 1)
        last = frames if end is None else lead_frames + int((end - HEARD_SECONDS) * rate // 1)
        if start is None or end is None or end - start >= REST_SECONDS:
            resting[max(0, first) : max(0, last)] = True
    return tuple(map(bool, resting))


def _silences(times: SpeechTimes) -> Iterator[tuple[Fraction | None, Fraction | None]]:
    """Start and end in seconds from where the speech begins; None: without end."""
    said = [phone for phone in times.phones if phone.phone] or times.words  # not every voice tells phonemes
    ends: Fraction | None = None
    for each in said:
        yield ends, Fraction(each.start, times.rate_hz)
        ends = Fraction(each.end, times.rate_hz)
    yield ends, None


_BLOCKS_PER_SECOND = 100
_QUIET_DBFS = -50.0


def quiet_frames(sound: Sound, rate_hz: int, rate: Fraction, frames: int) -> tuple[bool, ...]:
    """As `resting_frames`, of a sound whose words nobody knows: silence is what stays below -50 dBFS (RMS of 10 ms).

    The sound begins with frame 0.
    """
    block = max(1, rate_hz // _BLOCKS_PER_SECOND)
    padded = np.pad(sound.astype(np.float64), (0, -len(sound) % block))
    loud = np.sqrt(np.mean(padded.reshape(-1, block) ** 2, axis=1)) > 10 ** (_QUIET_DBFS / 20)
    before = np.concatenate([[0], np.cumsum(loud)])

    def edge(seconds: Fraction) -> int:
        return min(len(loud), max(0, int(seconds * rate_hz / block)))

    heard = ((edge((index - 1) / rate), edge(index / rate + HEARD_SECONDS) + 1) for index in range(frames))
    return tuple(bool(before[min(end, len(loud))] == before[start]) for start, end in heard)
