"""Decodes recordings that people made: any container and codec of sound, any rate, any number of channels.

Does not belong here: the answers of speech services (`sound`), which have fewer formats and stricter promises.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import NamedTuple

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from video_assets.studio.core.errors import MediaError

from .sound import Sound

RECORDING_HZ = 48_000
LONGEST_RECORDING_SECONDS = 900
"""The longest narration takes eleven minutes."""

# All that people record with. Playlists, images and scripts of FFmpeg stay out, and pictures of videos are not decoded.
_CONTAINERS = (
    "wav,flac,mp3,ogg,aac,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,aiff,caf,w64,asf,amr,mpegts,mpeg,flv,au,ac3,eac3"
)
_CODECS = (
    "flac,mp3,mp3float,mp2,mp2float,vorbis,libvorbis,opus,libopus,aac,aac_latm,alac,ac3,eac3,amrnb,amrwb,wmav1,wmav2,"
    "wmapro,wmalossless,speex,libspeex,gsm,gsm_ms,adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,pcm_u8,pcm_s8,pcm_s16le,"
    "pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,pcm_alaw,pcm_mulaw"
)
_LOWEST_HZ, _HIGHEST_HZ = 6000, 384_000
_CANCELLED = 0.1
"""Share of the power of the louder channel below which the mean of the channels has cancelled out."""


class Recorded(NamedTuple):
    """A decoded recording."""

    sound: Sound
    """Mono, at RECORDING_HZ."""
    clipped_share: float
    """Share of the samples that lie at full scale beside others that do: flattened peaks."""


def look_at_recording(data: bytes) -> None:
    """Raise MediaError if `data` does not open or has no sound. Decodes only what FFmpeg needs to know the format."""
    with _opened(data):
        pass


def decode_recording(data: bytes) -> Recorded:
    """The sound of the recording `data`: the mean of the channels of its main stream of sound, at RECORDING_HZ.

    Where the channels cancel out, because one of them is inverted, the louder one. Raises MediaError if it does not
    decode, has no samples, lasts longer than LONGEST_RECORDING_SECONDS, or is shorter than its header says.
    """
    with _opened(data) as (container, stream):
        stated = _stated_seconds(container, stream)
        pieces = list(_pieces(data, container, stream))
    channels = np.concatenate(pieces, axis=1) if pieces else np.zeros((1, 0), np.float32)
    seconds = channels.shape[1] / RECORDING_HZ
    if not channels.shape[1]:
        raise _refused(data, "it holds no samples", "Record it again.")
    if stated is not None and seconds < 0.95 * stated - 0.5:
        found = f"its header promises {stated:.1f} s and {seconds:.1f} s are there"
        raise _refused(data, found, "It is cut off: copy or save it again.")
    finite = np.nan_to_num(channels, nan=0.0, posinf=1.0, neginf=-1.0)
    return Recorded(_mixed(finite), _clipped_share(finite))


@contextmanager
def _opened(data: bytes) -> Iterator[tuple[InputContainer, AudioStream]]:
    options = {"format_whitelist": _CONTAINERS, "codec_whitelist": _CODECS, "protocol_whitelist": ""}
    try:
        with av.open(BytesIO(data), "r", container_options=options) as container:
            stream = container.streams.best("audio")
            if not isinstance(stream, AudioStream):
                raise _refused(data, "it has no sound", "Name a recording with sound.")
            if not _LOWEST_HZ <= stream.codec_context.sample_rate <= _HIGHEST_HZ:
                raise _refused(data, f"it has {stream.codec_context.sample_rate} samples a second", _SAVE_AS_WAV)
            yield container, stream
    except (FFmpegError, ValueError) as error:
        raise _refused(data, str(error), _SAVE_AS_WAV) from error


_SAVE_AS_WAV = "Save it as WAV, FLAC, MP3, M4A or Ogg."


def _pieces(data: bytes, container: InputContainer, stream: AudioStream) -> Iterator[Sound]:
    resampler = av.AudioResampler(format="fltp", rate=RECORDING_HZ)
    count = 0
    for frame in _with_end(container, stream):
        for piece in resampler.resample(frame):
            count += piece.samples
            if count > LONGEST_RECORDING_SECONDS * RECORDING_HZ:
                found = f"it is longer than {LONGEST_RECORDING_SECONDS // 60} minutes"
                raise _refused(data, found, "Divide the section and its recording.")
            yield piece.to_ndarray()[:2].astype(np.float32, copy=False)


def _with_end(container: InputContainer, stream: AudioStream) -> Iterator[av.AudioFrame | None]:
    """All frames, and None, with which a resampler gives what it still holds."""
    yield from container.decode(stream)
    yield None


def _stated_seconds(container: InputContainer, stream: AudioStream) -> float | None:
    """The length by the header of the stream. Raw streams (MP3, AAC) only estimate theirs, so it is not used."""
    if stream.duration is None or stream.time_base is None or container.format.name in {"mp3", "aac", "amr", "ac3"}:
        return None
    return float(stream.duration * stream.time_base)


def _mixed(channels: Sound) -> Sound:
    mean = channels.mean(axis=0)
    powers = (channels.astype(np.float64) ** 2).mean(axis=1)
    if float((mean.astype(np.float64) ** 2).mean()) < _CANCELLED * powers.max():
        return channels[int(powers.argmax())]
    return mean


def _clipped_share(channels: Sound) -> float:
    flat = np.abs(channels) >= 0.999
    return float((flat[:, 1:] & flat[:, :-1]).mean()) if channels.shape[1] > 1 else 0.0


def _refused(data: bytes, reason: str, remedy: str) -> MediaError:
    return MediaError(f"The recording ({len(data)} bytes) cannot be used: {reason}.", remedy=remedy)
