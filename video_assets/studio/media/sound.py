"""Encodes, decodes and resamples sound. A sound is mono float32 with full scale at -1 and 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import Flags as ContainerFlags
from av.container import InputContainer
from av.error import FFmpegError
from numpy.typing import NDArray

from video_assets.studio.core.errors import MediaError

from .sound_files import SoundPart, sound_parts, states_mp3_frames

Sound = NDArray[np.float32]

# The formats of speech services. Other data (playlists, images, video) is refused before a demuxer opens it.
_CONTAINERS = "wav,flac,mp3,ogg,aac"
_CODECS = "pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_u8,flac,mp3,mp3float,vorbis,opus,libopus,libvorbis,aac"

# MP3 rounds its length to frames, and not every encoder states the priming that a decoder removes.
_MP3_FRAME = 1152

_LOWEST_HZ, _HIGHEST_HZ = 6000, 96_000
"""The range of rates of speech from outside. A file of a megabyte at 1 Hz would become gigabytes after resampling."""

_BLOCK = 4096
_FILTER_TAIL = 1024


def encode_flac(sound: Sound, rate_hz: int) -> bytes:
    """`sound` (mono, -1 to 1) as a 16-bit FLAC file. The same samples give the same bytes.

    Values beyond full scale are clipped.
    """
    samples = np.clip(np.rint(sound * 32768.0), -32768, 32767).astype(np.int16)
    file = BytesIO()
    with av.open(file, "w", format="flac") as container:
        container.flags |= ContainerFlags.bitexact.value
        stream = container.add_stream("flac", rate=rate_hz, layout="mono", options={"compression_level": "5"})
        for start in range(0, len(samples), _BLOCK):
            frame = av.AudioFrame.from_ndarray(samples[None, start : start + _BLOCK], format="s16", layout="mono")
            frame.sample_rate = rate_hz
            frame.pts = start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def decode_sound(data: bytes, *, longest_seconds: float | None = None) -> tuple[Sound, int]:
    """Decode a WAV, FLAC, MP3, Ogg or AAC file held in memory; returns the sound, mixed to mono, and its rate in Hz.

    Files that were joined without a change are decoded one behind the other, at the rate of the first one. Raises
    MediaError when `data` is none of these, does not decode, has no sound, or is shorter than its header says (a
    truncated download). Raw MP3 and AAC and streamed WAV state no length and cannot be checked. Set `longest_seconds`
    for untrusted data: a longer sound, or a rate that no voice has, then raises MediaError too. Decoding stops at that
    length, because a megabyte can contain days of silence.
    """
    left = longest_seconds
    decoded: list[tuple[Sound, int]] = []
    try:
        for part in sound_parts(data, longest_seconds=longest_seconds):
            decoded.append(_decode_part(part, left))
            left = None if left is None else left - len(decoded[-1][0]) / decoded[-1][1]
    except (FFmpegError, ValueError) as error:
        raise _undecodable(data, str(error)) from error
    sound, rate_hz = _joined(decoded)
    if len(sound) == 0:
        raise _undecodable(data, "it holds no samples")
    return sound, rate_hz


def _decode_part(part: SoundPart, longest_seconds: float | None) -> tuple[Sound, int]:
    """The sound and rate of one file. Raises ValueError and FFmpegError."""
    options = {"format_whitelist": _CONTAINERS, "codec_whitelist": _CODECS, "protocol_whitelist": ""}
    with av.open(BytesIO(part.data), "r", container_options=options) as container:
        stream = _only_sound(container)
        stated = part.stated_samples or _stated_samples(stream, part.data)
        rate_hz, codec = stream.codec_context.sample_rate, stream.codec_context.name
        most = None if longest_seconds is None else _most_samples(rate_hz, longest_seconds)
        pieces = list(_at_most(most, _mono(container, stream)))
        rate_hz = stream.codec_context.sample_rate
    sound = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
    # An encoder counts its delay and its padding differently, each less than a frame.
    slack = 2 * _MP3_FRAME if codec.startswith("mp3") else 0
    if len(sound) and stated is not None and len(sound) < stated - slack:
        raise ValueError(f"its header promises {stated} samples and {len(sound)} are there")
    if len(sound) and part.data.startswith(b"OggS") and not _ogg_is_closed(part.data):
        raise ValueError("its last page does not end the stream")
    return sound, rate_hz


def _joined(decoded: Sequence[tuple[Sound, int]]) -> tuple[Sound, int]:
    rate_hz = decoded[0][1]
    return np.concatenate([resample(sound, from_hz, rate_hz) for sound, from_hz in decoded]), rate_hz


def _most_samples(rate_hz: int, longest_seconds: float) -> int:
    if not _LOWEST_HZ <= rate_hz <= _HIGHEST_HZ:
        raise ValueError(f"it has {rate_hz} samples a second")
    return int(longest_seconds * rate_hz)


def _at_most(samples: int | None, pieces: Iterator[Sound]) -> Iterator[Sound]:
    """The pieces. Raises ValueError as soon as they have more than `samples` in total."""
    count = 0
    for piece in pieces:
        count += len(piece)
        if samples is not None and count > samples:
            raise ValueError("it is much longer than requested")
        yield piece


def resample(sound: Sound, from_hz: int, to_hz: int) -> Sound:
    """Change the sample rate with FFmpeg's swresample. Times do not change: sample i of n stays at i / rate.

    The result has exactly ceil(n * to_hz / from_hz) samples, so that no sound is lost.
    """
    if from_hz == to_hz or len(sound) == 0:
        return sound
    wanted = -(-len(sound) * to_hz // from_hz)
    resampler = av.AudioResampler(format="flt", layout="mono", rate=to_hz)
    # Silence after the sound fills the filter. Otherwise the filter would keep the end (or all of a very short sound).
    frame = sound_frame(np.pad(sound, (0, _FILTER_TAIL)), from_hz)
    pieces = [piece.to_ndarray()[0] for piece in (*resampler.resample(frame), *resampler.resample(None))]
    return np.concatenate(pieces)[:wanted]


def sound_frame(sound: Sound, rate_hz: int) -> av.AudioFrame:
    """The whole sound as one of FFmpeg's frames, for a resampler or a filter graph."""
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound, np.float32)[None], format="flt", layout="mono")
    frame.sample_rate = rate_hz
    frame.pts = 0
    frame.time_base = Fraction(1, rate_hz)
    return frame


def _only_sound(container: InputContainer) -> AudioStream:
    if len(container.streams.audio) != 1:
        raise ValueError(f"it holds {len(container.streams.audio)} streams of sound")
    return container.streams.audio[0]


def _mono(container: InputContainer, stream: AudioStream) -> Iterator[Sound]:
    # The mean of the channels, so that a voice on two equal channels does not change (swresample adds 3 dB).
    planar = av.AudioResampler(format="fltp")
    for frame in container.decode(stream):
        yield from (piece.to_ndarray().mean(axis=0) for piece in planar.resample(frame))


def _stated_samples(stream: AudioStream, data: bytes) -> int | None:
    """The number of samples that the header states; None if it states none."""
    if stream.duration is None or not (data.startswith(b"fLaC") or states_mp3_frames(data)):
        return None
    return int(stream.duration * (stream.time_base or 0) * stream.codec_context.sample_rate)


def _ogg_is_closed(data: bytes) -> bool:
    # RFC 3533, section 6: of a page header, byte 5 holds flags (4: last page of a stream), byte 26 the count of
    # segments, whose lengths follow.
    page = data[data.rfind(b"OggS") :]
    if len(page) < 27 or not page[5] & 4:
        return False
    segments = page[26]
    return len(page) >= 27 + segments + sum(page[27 : 27 + segments])


def _undecodable(data: bytes, reason: str) -> MediaError:
    return MediaError(
        f"Decoding {len(data)} bytes of sound that start with {data[:8]!r}: {reason}.",
        remedy="Expected a whole WAV, FLAC, MP3, Ogg or AAC file; ask the voice again, or for another format.",
    )
