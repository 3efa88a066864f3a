"""Measures loudness by ITU-R BS.1770 (FFmpeg's `ebur128`) and brings a sound to a target loudness without clipping.

Levelling uses one static gain and a true-peak limiter after it.

A film has its voice on two equal channels, because players would double a single channel anyway. A mono sound is
therefore measured as two channels. The result is the figure of a meter for the delivered file, 3 LU above that for a
mono file of the same samples.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av import error as ffmpeg
from av.filter import Graph
from numpy.typing import NDArray

from video_assets.studio.core.errors import MediaError
from video_assets.studio.core.values import FrozenModel

from .sound import Sound, sound_frame

FILM_LUFS = -16.0
CEILING_DBTP = -2.0
"""Half a decibel below the limit of a film (-1.5), because AAC raises limited peaks a little."""

# BS.1770 gates blocks of 400 ms. A shorter sound is measured as if it were repeated, because silence around it says
# nothing about its loudness.
_SHORTEST_SECONDS = 0.5
_SILENCE_LUFS = -69.0

_BLOCK = 16  # samples that share one gain before interpolation: 0.3 ms at 48 kHz
_LOOK_SECONDS = 0.012  # more than the period of a low voice, so that the gain follows the envelope, not the waveform
_OVERSAMPLING = 4
_HALF_TAPS = 12
_OVERSHOOT = 2.0  # a wave may exceed its samples by this factor between them; BS.1770-4 annex 2 names 3 dB and more
_HEADROOM_DB = 6.0  # static gain above the plain difference, to compensate for the limiter
_PASSES = 5
_CLOSE_ENOUGH_LU = 0.1
_TOLERANCE_LU = 0.3


class Loudness(FrozenModel):
    """The figures of a loudness meter. Silence is -70 LUFS and -120 dBTP."""

    integrated_lufs: float
    true_peak_dbtp: float


class LevelReport(FrozenModel):
    """How a sound was brought to its loudness, and the result."""

    gain_db: float
    """The static gain."""
    limited_db: float
    """The largest reduction by the limiter; 0 if it did nothing."""
    limited_share: float
    """The share of the sound, 0 to 1, that the limiter reduced."""
    integrated_lufs: float
    true_peak_dbtp: float


class _Blocks(NamedTuple):
    """Per block of samples, for a gain of 1: the peak of the continuous wave, and the energy."""

    peak: NDArray[np.float32]
    energy: NDArray[np.float32]


def measure_lufs(sound: Sound, rate_hz: int) -> Loudness:
    """Integrated loudness and true peak of a mono sound that is delivered on two equal channels (EBU R128).

    A sound below half a second is measured as if it were repeated.
    """
    return _measure(sound, rate_hz, with_peak=True)


def measure_file(path: Path) -> Loudness:
    """Integrated loudness and true peak of the decoded sound of a finished film, with all its channels."""
    try:
        with av.open(path, "r", format="mp4", container_options={"protocol_whitelist": "file"}) as container:
            context = container.streams.audio[0].codec_context
            frames = list(container.decode(audio=0))
            return _meter(frames, context.sample_rate, context.layout.name, with_peak=True)
    except (ffmpeg.FFmpegError, IndexError) as error:
        raise MediaError(f"Measuring the sound of {path.name}: {error}", remedy="Render the film again.") from error


def level(
    sound: Sound, rate_hz: int, target_lufs: float = FILM_LUFS, ceiling_dbtp: float = CEILING_DBTP
) -> tuple[Sound, LevelReport]:
    """Bring `sound` to `target_lufs` by one static gain, with no true peak above `ceiling_dbtp`.

    A look-ahead limiter (4 times oversampled) lowers the gain smoothly around peaks. The static gain is adjusted until
    the loudness after the limiter is correct, to 0.3 LU at worst. Raises MediaError for silence, and for a sound whose
    peaks do not allow that loudness.
    """
    before = _measure(sound, rate_hz, with_peak=False).integrated_lufs
    if before <= _SILENCE_LUFS:
        raise MediaError("Levelling a sound that is silent throughout.", remedy="Look at what the voice delivered.")
    ceiling = 10 ** (ceiling_dbtp / 20)
    raise_db = target_lufs - before
    blocks = _blocks(sound, harmless=ceiling / 10 ** ((raise_db + _HEADROOM_DB) / 20))
    passes = 0
    while True:
        curve = _raised(blocks, raise_db, ceiling, rate_hz)
        levelled = _apply(sound, curve)
        after = measure_lufs(levelled, rate_hz)
        passes += 1
        if abs(after.integrated_lufs - target_lufs) <= _CLOSE_ENOUGH_LU or passes == _PASSES:
            break
        raise_db += target_lufs - after.integrated_lufs
    return levelled, _report(curve, after, target_lufs)


def _report(curve: NDArray[np.float32], after: Loudness, target_lufs: float) -> LevelReport:
    if abs(after.integrated_lufs - target_lufs) > _TOLERANCE_LU:
        raise MediaError(
            f"Levelling to {target_lufs:g} LUFS reached {after.integrated_lufs:.1f} LUFS: the sound is too peaky.",
            remedy="Choose a lower loudness, or look at the sound: it may be clicks or noise instead of a voice.",
        )
    # Where the limiter did nothing, the curve is the static gain.
    static = float(curve.max())
    limited = curve < static * 0.999
    taken_db = 20 * float(np.log10(static / float(curve.min()))) if limited.any() else 0.0
    return LevelReport(
        gain_db=round(20 * float(np.log10(static)), 3),
        limited_db=round(taken_db, 3),
        limited_share=round(float(limited.mean()), 4),
        integrated_lufs=after.integrated_lufs,
        true_peak_dbtp=after.true_peak_dbtp,
    )


def _measure(sound: Sound, rate_hz: int, *, with_peak: bool) -> Loudness:
    if len(sound) == 0:
        return Loudness(integrated_lufs=-70.0, true_peak_dbtp=-120.0)
    shortest = int(_SHORTEST_SECONDS * rate_hz)
    measured = np.resize(sound, shortest) if len(sound) < shortest else sound
    return _meter([sound_frame(measured, rate_hz)], rate_hz, "mono", with_peak=with_peak)


def _meter(frames: list[av.AudioFrame], rate_hz: int, layout: str, *, with_peak: bool) -> Loudness:
    graph = Graph()
    name = frames[0].format.name
    source = graph.add_abuffer(sample_rate=rate_hz, format=name, layout=layout, time_base=Fraction(1, rate_hz))
    peak = ":peak=true" if with_peak else ""
    meter = graph.add("ebur128", f"metadata=1:dualmono=true:framelog=quiet{peak}")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    found: dict[str, str] = {}
    for frame in (*frames, None):
        graph.push(frame)
        while (measured := _pull(graph)) is not None:
            # The rest of the last 100 ms has no figures.
            found = measured.metadata or found
    peak_linear = max(float(found.get("lavfi.r128.true_peak", 0)), 1e-6)
    loudness = float(found.get("lavfi.r128.I", -70))
    return Loudness(integrated_lufs=loudness, true_peak_dbtp=round(20 * float(np.log10(peak_linear)), 2))


def _pull(graph: Graph) -> av.AudioFrame | None:
    try:
        frame = graph.pull()
    except (ffmpeg.BlockingIOError, ffmpeg.EOFError):
        return None
    assert isinstance(frame, av.AudioFrame)
    return frame


@cache
def _interpolators() -> tuple[tuple[float, ...], ...]:
    """Kaiser-windowed sinc filters for the three points between two samples (BS.1770-4 annex 2: 4 times, or more)."""
    taps = np.arange(-_HALF_TAPS + 1, _HALF_TAPS + 1)
    rows = []
    for phase in range(1, _OVERSAMPLING):
        at = taps - phase / _OVERSAMPLING
        window = np.i0(8 * np.sqrt(1 - (at / _HALF_TAPS) ** 2)) / np.i0(8)
        row = np.sinc(at) * window
        rows.append(tuple(float(tap) for tap in row / row.sum()))
    return tuple(rows)


def _blocks(sound: Sound, harmless: float) -> _Blocks:
    """The blocks of a sound. A block whose neighbourhood is far below `harmless` is not interpolated."""
    count = -(-len(sound) // _BLOCK)
    padded = np.zeros((count + 2) * _BLOCK, np.float32)
    padded[_BLOCK : _BLOCK + len(sound)] = sound
    sampled = np.abs(padded).reshape(-1, _BLOCK).max(axis=1)
    near = np.maximum(np.maximum(sampled[:-2], sampled[2:]), sampled[1:-1])
    peak = sampled[1:-1].copy()
    busy = np.flatnonzero(near * _OVERSHOOT > harmless)
    # Each row: one block of samples and its neighbours on both sides, into which the filters reach.
    around = np.lib.stride_tricks.sliding_window_view(padded, 3 * _BLOCK)[::_BLOCK][busy]
    for filter_taps in _interpolators():
        between = np.zeros((len(busy), _BLOCK), np.float32)
        for tap, weight in enumerate(filter_taps):
            start = _BLOCK - _HALF_TAPS + 1 + tap
            between += np.float32(weight) * around[:, start : start + _BLOCK]
        peak[busy] = np.maximum(peak[busy], np.abs(between).max(axis=1))
    energy = np.square(padded[_BLOCK:-_BLOCK]).reshape(-1, _BLOCK).sum(axis=1)
    return _Blocks(peak, energy)


def _raised(blocks: _Blocks, raise_db: float, ceiling: float, rate_hz: int) -> NDArray[np.float32]:
    """The gain curve that raises the energy of the sound by `raise_db`, with compensation for the limiter."""
    whole = float(np.sum(blocks.energy, dtype=np.float64))
    curve = _gain_curve(blocks.peak, 10 ** (raise_db / 20), ceiling, rate_hz)
    gain_db = raise_db
    for _ in range(_PASSES):
        reached = float(np.sum(blocks.energy * curve * curve, dtype=np.float64)) / whole
        short_db = raise_db - 10 * float(np.log10(reached))
        if short_db < _CLOSE_ENOUGH_LU / 4:
            break
        gain_db = min(gain_db + short_db, raise_db + _HEADROOM_DB)
        curve = _gain_curve(blocks.peak, 10 ** (gain_db / 20), ceiling, rate_hz)
    return curve


def _gain_curve(peak: NDArray[np.float32], gain: float, ceiling: float, rate_hz: int) -> NDArray[np.float32]:
    """Gain per block: never more than the peaks of it or its neighbours allow, and without steps (a Hann slope)."""
    allowed = np.minimum(gain, ceiling / np.maximum(peak, 1e-9))
    reach = max(1, round(_LOOK_SECONDS * rate_hz / _BLOCK))
    lowest = _sliding_minimum(allowed, reach + 1)
    window = np.hanning(2 * reach + 3)[1:-1]
    smooth = np.convolve(np.pad(lowest, reach, mode="edge"), window / window.sum(), mode="valid")
    return smooth.astype(np.float32)


def _sliding_minimum(values: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Minimum over `reach` values to both sides, in about log2(reach) passes."""
    width = 2 * reach + 1
    padded = np.pad(values, reach, mode="edge")
    covered = 1
    while covered < width:
        step = min(covered, width - covered)
        padded = np.minimum(padded[:-step], padded[step:])
        covered += step
    return padded


def _apply(sound: Sound, curve: NDArray[np.float32]) -> Sound:
    """`sound` times the block gains, interpolated linearly between the blocks' centres."""
    padded = np.zeros(len(curve) * _BLOCK, np.float32)
    padded[: len(sound)] = sound
    edges = np.pad(curve, 1, mode="edge")
    half = _BLOCK // 2
    ramp = ((np.arange(half) + 0.5) / _BLOCK).astype(np.float32)
    gains = np.empty((len(curve), _BLOCK), np.float32)
    gains[:, :half] = edges[:-2, None] + (edges[1:-1] - edges[:-2])[:, None] * (0.5 + ramp)
    gains[:, half:] = edges[1:-1, None] + (edges[2:] - edges[1:-1])[:, None] * ramp
    return (padded * gains.ravel())[: len(sound)]
