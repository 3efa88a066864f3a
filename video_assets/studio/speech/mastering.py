"""Mastering: every section at one sample rate and one loudness."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from video_assets.studio.core.errors import SpeechInvalid
from video_assets.studio.core.lazy_import import lazy_import

from .provider import MasteredSpeech, RawSpeech
from .silence import round_half_up, with_moved_times

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from video_assets.studio.media.loudness import Loudness
else:
    np = lazy_import("numpy")

HIGHEST_TRUE_PEAK_DBTP = -1.0
SILENT_LUFS = -69.0
"""The floor of a loudness meter is -70."""


def master(raw: RawSpeech, *, rate_hz: int = 48000, loudness_lufs: float = -23.0) -> MasteredSpeech:
    """The speech at the film's rate and `loudness_lufs` (integrated, EBU R128), with times scaled exactly.

    If that would raise a true peak above -1 dBTP, the section is only as loud as -1 dBTP allows. Nothing clips.
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
    times = with_moved_times(raw.times, lambda sample: round_half_up(sample * scale), rate_hz, len(sound))
    return MasteredSpeech(sound, times, measure_speech(sound, rate_hz), raw.facts)


def measure_speech(sound: NDArray[np.float32], rate_hz: int) -> Loudness:
    """The loudness of a section of any length. Raises SpeechInvalid for a sound without samples.

    R128 moves blocks of 400 ms in steps of 100 ms and drops incomplete blocks. "Hi." would have no loudness, and the
    end of a short section would not count. The sound is therefore repeated up to whole 100 ms, and to 3 s at least.
    """
    from video_assets.studio.media.loudness import measure_lufs

    if len(sound) == 0:
        raise SpeechInvalid("The speech has no samples.", remedy="Check the voice and the text.")
    steps = max(30, -(-10 * len(sound) // rate_hz))
    return measure_lufs(np.resize(sound, steps * rate_hz // 10), rate_hz)
