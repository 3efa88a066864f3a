"""Makes the job of a lip-sync engine from a section: the sound with its lead, and the frames with a resting mouth."""

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
"""The mouth rests in silence of at least this length. Shorter silence belongs to the speech."""
HEARD_SECONDS = Fraction(1, 5)
"""How far ahead the sound shapes the lips: the mouth opens before the sound."""


def lip_job(request: PerformanceRequest, face: Face, sound: Sound, rate_hz: int) -> LipJob:
    """The job for `request`. `sound` is only the speech of the section, without the silence around it."""
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
    """For each frame, whether the mouth rests: only silence of REST_SECONDS or more shapes its lips.

    The silence before and after the speech has no limit.
    """
    resting = np.zeros(frames, bool)
    for start, end in _silences(times):
        first = 0 if start is None else lead_frames + -int(-start * rate // 1)
        last = frames if end is None else lead_frames + int((end - HEARD_SECONDS) * rate // 1)
        if start is None or end is None or end - start >= REST_SECONDS:
            resting[max(0, first) : max(0, last)] = True
    return tuple(map(bool, resting))


def _silences(times: SpeechTimes) -> Iterator[tuple[Fraction | None, Fraction | None]]:
    """Start and end of each silence in seconds from the start of the speech; None: unlimited."""
    sounds = [phone for phone in times.phones if phone.phone] or times.words  # not every voice gives phonemes
    ends: Fraction | None = None
    for each in sounds:
        yield ends, Fraction(each.start, times.rate_hz)
        ends = Fraction(each.end, times.rate_hz)
    yield ends, None


_BLOCKS_PER_SECOND = 100
_QUIET_DBFS = -50.0


def quiet_frames(sound: Sound, rate_hz: int, rate: Fraction, frames: int) -> tuple[bool, ...]:
    """As `resting_frames`, for a sound without word times. Silence is below -50 dBFS (RMS of 10 ms).

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
