"""How well a mouth follows its sound: metrics over the openings of any mouth, drawn or photographed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from video_assets.studio.core.lazy_import import lazy_import
from video_assets.studio.speech.provider import SpeechTimes

from .viseme_rules import (
    CLOSED_BELOW,
    LABIALS,
    RESTING_BELOW,
    visible_spans,
    with_silences,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_import("numpy")

_SILENT_AFTER_MS = 200
_LAG_STEP_MS, _LONGEST_LAG_MS = 5, 400


def closed_lips_recall(openings: Sequence[float], times: SpeechTimes, rate: Fraction, lead_frames: int) -> float:
    """The share of p, b and m with a closed frame between 40 ms before the burst and the end; 1 if there are none."""
    windows = visible_spans(times, LABIALS, rate, lead_frames)
    closed = [any(openings[frame] < CLOSED_BELOW for frame in window.frames(len(openings))) for window in windows]
    return sum(closed) / len(closed) if closed else 1.0


def movement_in_silence(openings: Sequence[float], times: SpeechTimes, rate: Fraction, lead_frames: int) -> int:
    """Count of frames with an open mouth although there was silence for 200 ms and until the end of the frame."""
    rest = _SILENT_AFTER_MS * times.rate_hz // 1000
    quiet = [(phone.start + rest, phone.end) for phone in with_silences(times) if not phone.phone]
    # The silence before and after the speech continues beyond the sound.
    quiet = [(start - rest if start == rest else start, end) for start, end in quiet]
    moved = 0
    for frame, opening in enumerate(openings):
        start = (frame - lead_frames) * times.rate_hz / rate
        end = (frame + 1 - lead_frames) * times.rate_hz / rate
        silent = end <= 0 or start >= times.samples + rest or any(low <= start and end <= high for low, high in quiet)
        moved += silent and opening > RESTING_BELOW
    return moved


class LipTiming(NamedTuple):
    """How a mouth follows its sound."""

    offset_ms: float
    """Delay of the lips in milliseconds; negative if the lips are early."""
    correlation: float
    """Correlation of opening and sound at that offset, from -1 to 1; 0 for a mouth that never moves."""


MISMATCHED_BELOW = 0.25
"""Below this correlation an offset means nothing. Measured on drawn mouths and on mouths estimated from pictures: 0.27
to 0.65 with the right sound, 0.01 to 0.28 with the sound of another section."""


def lip_timing(
    openings: Sequence[float], rate: Fraction, sound: NDArray[np.float32], rate_hz: int, lead_frames: int
) -> LipTiming:
    """The offset at which the opening of the mouth fits the sound best. It uses no phoneme times.

    It is the lag, within 400 ms, at which the opening correlates best with the energy in 300 to 3000 Hz minus the
    energy in 4000 to 8000 Hz, both in decibels on a grid of 5 ms, refined by a parabola. For 5 s of speech it is exact
    to 10 ms.
    """
    energy = _opening_heard(sound, rate_hz)
    lead_ms = float(lead_frames * 1000 / rate)
    longest = _LONGEST_LAG_MS // _LAG_STEP_MS
    steps = np.arange(-longest, len(energy) + longest)
    frame = np.floor((steps * _LAG_STEP_MS + _LAG_STEP_MS / 2 + lead_ms) * float(rate) / 1000).astype(int)
    track = np.asarray(openings, float)
    seen = np.where((frame >= 0) & (frame < len(track)), track[np.clip(frame, 0, len(track) - 1)], 0.0)
    if np.ptp(seen) == 0 or np.ptp(energy) == 0:
        return LipTiming(0.0, 0.0)
    scores = np.array([_correlation(energy, seen[lag : lag + len(energy)]) for lag in range(2 * longest + 1)])
    return LipTiming((_peak(scores) - longest) * _LAG_STEP_MS, float(scores.max()))


def _opening_heard(sound: NDArray[np.float32], rate_hz: int) -> NDArray[np.float64]:
    """How open the mouth sounds, every 5 ms: the level of the voice band minus that of the hiss band, in decibels."""
    hop, window = rate_hz * _LAG_STEP_MS // 1000, rate_hz * 20 // 1000
    padded = np.pad(sound.astype(np.float64), (window // 2, window))
    count = len(sound) // hop
    blocks = np.lib.stride_tricks.sliding_window_view(padded, window)[hop // 2 :: hop][:count]
    power = np.abs(np.fft.rfft(blocks * np.hanning(window), axis=1)) ** 2
    frequencies = np.fft.rfftfreq(window, 1 / rate_hz)
    voice = power[:, (frequencies >= 300) & (frequencies <= 3000)].sum(axis=1)
    hiss = power[:, (frequencies >= 4000) & (frequencies <= 8000)].sum(axis=1)
    floor = max(float(voice.max()) * 1e-5, 1e-12)
    level = 10 * np.log10(voice + floor) - 10 * np.log10(floor)
    return level - np.maximum(0, 10 * np.log10(hiss + floor) - 10 * np.log10(floor))


def _correlation(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    spread = left.std() * right.std()
    return float(((left - left.mean()) * (right - right.mean())).mean() / spread) if spread > 0 else 0.0


def _peak(scores: NDArray[np.float64]) -> float:
    best = int(scores.argmax())
    if not 0 < best < len(scores) - 1:
        return float(best)
    low, high, right = scores[best - 1], scores[best], scores[best + 1]
    return best + float((low - right) / (2 * (low - 2 * high + right)))
