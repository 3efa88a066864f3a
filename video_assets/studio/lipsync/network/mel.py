"""The network's input of sound: a log-mel spectrogram of the whole sound, and a window of it for each frame.

The definition is that of the published network (Prajwal et al., "A Lip Sync Expert Is All You Need for Speech to Lip
Generation In the Wild", 2020): pre-emphasis 0.97; STFT of 800 samples every 200 at 16 kHz, Hann, centred; 80 Slaney
bands from 55 to 7600 Hz; decibels above 1e-5 minus 20; -100..0 dB to -4..4, clipped. Silence lies before and after the
sound, as in librosa since 0.9 (0.7 reflected the sound, which changes two columns at each end).

A cut in the *sound* would change the spectrogram and lose a window. There is therefore one spectrogram per sound, and
only the frames are divided among workers.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16000
BANDS = 80
WINDOW_COLUMNS = 16
"""Columns of one window: 0.2 s."""
COLUMNS_PER_SECOND = 80
SILENCE = -4.0
"""The value of every band in digital silence."""

_WINDOW, _HOP = 800, 200
_PRE_EMPHASIS = 0.97
_LOWEST_HZ, _HIGHEST_HZ = 55.0, 7600.0
_BLOCK_COLUMNS = 4096

Mel = NDArray[np.float32]
"""Bands x columns."""


def log_mel(sound: NDArray[np.float32]) -> Mel:
    """The spectrogram of a mono sound at 16 kHz: 80 x (1 + samples // 200), float32, from -4 to 4."""
    emphasised = sound.astype(np.float64)
    emphasised[1:] -= _PRE_EMPHASIS * sound[:-1].astype(np.float64)
    padded = np.pad(emphasised, _WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    # In blocks, because an hour of windows at once would take 2 GB.
    blocks = [_bands(frames[start : start + _BLOCK_COLUMNS]) for start in range(0, len(frames), _BLOCK_COLUMNS)]
    decibels = 20 * np.log10(np.maximum(1e-5, np.concatenate(blocks))) - 20
    return np.clip(8 * (decibels + 100) / 100 - 4, -4, 4).astype(np.float32).T


def window_starts(frames: int, rate: Fraction, lead: int, columns: int) -> tuple[int, ...]:
    """The first column of each frame's window: the exact floor of 80 (i - lead) / rate, at most the last full window.

    The network was trained with windows that begin one frame before their picture (lead 1); the published inference
    script uses 0, which shows the lips a frame early. In negative columns, before the sound, `windows` has silence.
    """
    last = max(0, columns - WINDOW_COLUMNS)
    step, per = COLUMNS_PER_SECOND * rate.denominator, rate.numerator
    return tuple(min(last, (index - lead) * step // per) for index in range(frames))


def windows(mel: Mel, starts: Sequence[int]) -> NDArray[np.float32]:
    """The windows that begin at `starts`: count x 80 x 16. Before and after the sound there is silence."""
    before = max(0, -min(starts, default=0))
    behind = max(0, max(starts, default=0) + WINDOW_COLUMNS - mel.shape[1])
    padded = np.pad(mel, ((0, 0), (before, behind)), constant_values=SILENCE)
    view = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_COLUMNS, axis=1)
    return np.ascontiguousarray(view[:, np.asarray(starts, np.intp) + before].transpose(1, 0, 2))


def silent_window() -> NDArray[np.float32]:
    """The window of digital silence: 80 x 16."""
    return np.full((BANDS, WINDOW_COLUMNS), SILENCE, np.float32)


def _bands(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    magnitudes = np.abs(np.fft.rfft(frames * _hann(), axis=1))
    return magnitudes @ _filters().T


@lru_cache(maxsize=1)
def _hann() -> NDArray[np.float64]:
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)


@lru_cache(maxsize=1)
def _filters() -> NDArray[np.float64]:
    """Slaney's triangles of equal area: 80 x 401 (Slaney, "Auditory Toolbox", 1998: linear below 1 kHz, then log)."""
    edges = _from_mels(np.linspace(_to_mels(_LOWEST_HZ), _to_mels(_HIGHEST_HZ), BANDS + 2))
    bins = np.arange(_WINDOW // 2 + 1) * RATE_HZ / _WINDOW
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]


_LINEAR_HZ = 200 / 3
"""Hertz per mel below the break."""
_BREAK_HZ, _BREAK_MELS = 1000.0, 15.0
_LOG_STEP = np.log(6.4) / 27


def _to_mels(hz: float) -> float:
    return hz / _LINEAR_HZ if hz < _BREAK_HZ else _BREAK_MELS + float(np.log(hz / _BREAK_HZ) / _LOG_STEP)


def _from_mels(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _BREAK_HZ * np.exp(_LOG_STEP * (mels - _BREAK_MELS))
    return np.where(mels < _BREAK_MELS, mels * _LINEAR_HZ, above)
