"""Time stretching: another pace with the same pitch, by FFmpeg's `atempo` (overlap-add of similar waveforms)."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
from av.error import FFmpegError
from av.filter import Graph

from video_assets.studio.core.errors import MediaError

from .sound import Sound, sound_frame

SLOWEST_PERCENT, FASTEST_PERCENT = 50, 300


def time_stretch(sound: Sound, rate_hz: int, percent: int) -> Sound:
    """`sound` at `percent` of its pace: exactly `round(samples * 100 / percent)` samples, the same bytes each time.

    Raises MediaError outside SLOWEST_PERCENT to FASTEST_PERCENT.
    """
    if percent == 100 or len(sound) == 0:
        return sound
    if not SLOWEST_PERCENT <= percent <= FASTEST_PERCENT:
        raise MediaError(f"A pace of {percent} % was asked for.", remedy="From 50 to 300 % can be made.")
    wanted = round(Fraction(len(sound) * 100, percent))
    pieces = list(_stretched(np.pad(sound, (0, rate_hz // 10)), rate_hz, percent))
    stretched = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
    return np.pad(stretched[:wanted], (0, max(0, wanted - len(stretched))))


def _stretched(sound: Sound, rate_hz: int, percent: int) -> list[Sound]:
    graph = Graph()
    source = graph.add_abuffer(sample_rate=rate_hz, format="flt", layout="mono", time_base=Fraction(1, rate_hz))
    tempo = graph.add("atempo", f"tempo={percent / 100}")
    form = graph.add("aformat", "sample_fmts=flt:channel_layouts=mono")
    sink = graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(form)
    form.link_to(sink)
    graph.configure()
    graph.push(sound_frame(sound, rate_hz))
    graph.push(None)
    pieces: list[Sound] = []
    while True:
        try:
            frame = graph.pull()
        except (BlockingIOError, EOFError):
            return pieces
        except FFmpegError as error:
            raise MediaError(f"Changing the pace failed: {error}.", remedy="Please report it.") from error
        assert isinstance(frame, av.AudioFrame)
        pieces.append(frame.to_ndarray()[0])
