"""Recordings of any format that people make decode to the same sound, and files that are none are refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.kit.recordings import Samples, encoded
from video_assets.studio.core.errors import MediaError
from video_assets.studio.media.recordings import RECORDING_HZ, decode_recording, look_at_recording

SECONDS = 1.5


def tone(rate_hz: int = 44100, hz: float = 440) -> Samples:
    """A tone that swells, so that its place in time can be seen."""
    at = np.arange(round(SECONDS * rate_hz)) / rate_hz
    return (0.3 * np.sin(2 * np.pi * hz * at) * np.sin(np.pi * at / SECONDS)).astype(np.float32)


FORMATS = [
    ("wav", "pcm_s16le", 44100, False),
    ("wav", "pcm_s24le", 96000, False),
    ("wav", "pcm_f32le", 16000, False),
    ("wav", "pcm_mulaw", 8000, False),
    ("aiff", "pcm_s16be", 44100, False),
    ("flac", "flac", 48000, False),
    ("mp3", "libmp3lame", 44100, False),
    ("mp4", "aac", 44100, False),
    ("mp4", "alac", 44100, False),
    ("adts", "aac", 44100, False),
    ("ogg", "flac", 44100, False),
    ("ogg", "libopus", 48000, False),
    ("webm", "libopus", 48000, False),
    ("matroska", "flac", 44100, True),
    ("mp4", "aac", 48000, True),
    ("mov", "pcm_s16le", 48000, True),
    ("avi", "libmp3lame", 44100, True),
]


@pytest.mark.parametrize(("kind", "codec", "rate_hz", "video"), FORMATS)
@pytest.mark.parametrize("channels", [1, 2])
def test_every_format_of_a_phone_or_recorder_is_taken(
    kind: str, codec: str, rate_hz: int, video: bool, channels: int
) -> None:
    """A teacher would have to convert what the phone recorded, and not know to what."""
    original = tone(rate_hz)
    found = decode_recording(encoded([original] * channels, rate_hz, kind, codec, video=video))
    assert abs(len(found.sound) / RECORDING_HZ - SECONDS) < 0.12
    level = float(np.sqrt((found.sound**2).mean()))
    assert level == pytest.approx(float(np.sqrt((original**2).mean())), rel=0.12)
    assert found.clipped_share == 0


def test_channels_become_one_voice() -> None:
    """A headset on one channel, or a microphone with inverted wires, would leave a film without a voice."""
    voice, nothing = tone(), np.zeros_like(tone())
    one_sided = decode_recording(encoded([voice, nothing], 44100, "flac", "flac")).sound
    inverted = decode_recording(encoded([voice, -voice], 44100, "flac", "flac")).sound
    assert float(np.abs(one_sided).max()) == pytest.approx(0.15, abs=0.01)
    assert float(np.abs(inverted).max()) == pytest.approx(0.3, abs=0.01)


def test_flattened_peaks_are_seen() -> None:
    """A lesson would crackle in every loud word, and nobody would be told."""
    loud = np.clip(tone() * 12, -1, 1)
    assert decode_recording(encoded([loud], 44100, "wav", "pcm_s16le")).clipped_share > 0.01


def _png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(file, "PNG")
    return file.getvalue()


def _silent_film() -> bytes:
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=25, width=64, height=64)
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no sound at all",
        _png(),
        _silent_film(),
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        encoded([tone()], 44100, "mp4", "aac")[:4000],
    ],
    ids=["empty", "text", "picture", "film without sound", "script", "playlist", "cut off"],
)
def test_what_is_no_recording_is_refused(data: bytes) -> None:
    """A lesson from a stranger would read files of this machine, or stop a run in its middle."""
    with pytest.raises(MediaError) as refused:
        look_at_recording(data)
        decode_recording(data)
    assert refused.value.remedy


def test_a_recording_of_hours_is_refused_before_it_fills_the_memory() -> None:
    """A megabyte of silence could fill the memory of the machine that makes everyone's films."""
    hours = encoded([np.zeros(8000 * 1000, np.float32)], 8000, "flac", "flac")
    assert len(hours) < 1_000_000
    with pytest.raises(MediaError, match="longer than 15 minutes"):
        decode_recording(hours)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_recordings_raise_nothing_else(data: st.DataObject) -> None:
    """A file with one wrong byte would stop the step with an error that nobody understands."""
    kind, codec = data.draw(
        st.sampled_from([("wav", "pcm_s16le"), ("flac", "flac"), ("mp4", "aac"), ("ogg", "libopus")])
    )
    whole = bytearray(encoded([tone(48000)[:12000]], 48000, kind, codec))
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(whole)))
    try:
        found = decode_recording(bytes(whole[:cut]))
    except MediaError:
        return
    assert np.isfinite(found.sound).all()
