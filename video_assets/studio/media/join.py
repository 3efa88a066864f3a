"""Joins encoded parts, sound, captions and chapters into a film: the MP4 file, its streams, tags and times."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from av.audio.stream import AudioStream
from av.codec.context import Flags as CodecFlags
from av.container import Flags as ContainerFlags
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.subtitles.stream import SubtitleStream
from av.video.stream import VideoStream

from video_assets.studio.core.errors import MediaError
from video_assets.studio.core.values import FrozenModel

from .languages import iso_639_2
from .marks import SourceType, xmp_box
from .sound import Sound

Part = bytes | Path
"""An encoded part (`encode_parts`), as bytes or as the file that holds them."""

_MILLISECONDS = Fraction(1, 1000)
_AAC_FRAME = 1024
_CHANNELS = 2  # the voice is on both, at the loudness that loudness.py measures

# The mov_text encoder takes only its style from this header. The texts are written directly as samples, so that braces
# and backslashes of a lesson are not read as markup.
_ASS_HEADER = b"""[Script Info]
ScriptType: v4.00+
PlayResX: 384
PlayResY: 288

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Sans,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


class TextCue(NamedTuple):
    """A caption from `start_seconds` to `end_seconds`. Lines are separated by a line feed."""

    start_seconds: Fraction
    end_seconds: Fraction
    text: str


class ChapterMark(NamedTuple):
    """A chapter of the film."""

    start_seconds: Fraction
    end_seconds: Fraction
    title: str


class FilmTags(NamedTuple):
    """The tags of the file. Empty texts are left out. No tag may come from the clock."""

    title: str = ""
    language: str = "und"
    """BCP 47 tag, for sound and captions."""
    artist: str = ""
    date: str = ""
    comment: str = ""
    description: str = ""
    copyright: str = ""
    source_type: SourceType | None = None
    """The origin of the pictures, for the machine-readable mark (`marks.py`); None: no mark."""


class FilmSource(NamedTuple):
    """The input of a film. `sound` is mono, levelled, and as long as the pictures to within a frame."""

    parts: Sequence[Part]
    sound: Sound
    sound_hz: int
    cues: Sequence[TextCue] = ()
    chapters: Sequence[ChapterMark] = ()
    tags: FilmTags = FilmTags()
    poster_jpeg: bytes = b""
    """The cover of the film in file managers and players; empty: no cover."""


class FilmFacts(FrozenModel):
    """Facts about the written film."""

    frames: int
    rate: str
    sound_samples: int
    sound_hz: int
    bytes: int


class _Timed(NamedTuple):
    """A packet and its decoding time, for interleaving. `order` breaks ties: pictures, sound, captions."""

    seconds: Fraction
    order: int
    packet: av.Packet


def write_film(path: Path, film: FilmSource, audio_kbps: int = 128) -> FilmFacts:
    """Write `film` to `path` as MP4: H.264 copied from the parts, AAC-LC at 48 kHz, mov_text, chapters, cover, tags.

    Frame i is shown at exactly i / rate, independent of the times in the parts. The sound starts with the first frame.
    The index is before the media (+faststart). The same film gives the same bytes. Raises MediaError when parts do not
    belong together, lengths differ by more than a frame, or FFmpeg fails. `path` may then hold a broken file.
    """
    if not film.parts:
        raise MediaError("A film of no parts was to be written.", remedy="Give it at least one section.")
    try:
        with (
            _open_part(film.parts[0]) as first,
            av.open(path, "w", format="mp4", container_options={"movflags": "+faststart"}) as container,
        ):
            facts = _write(container, first, film, audio_kbps)
        if film.tags.source_type:
            with path.open("ab") as file:
                file.write(xmp_box(film.tags.source_type))
    except (FFmpegError, OSError) as error:
        raise MediaError(f"Writing {path.name}: {error}", remedy="Look for a full disk or a damaged part.") from error
    return facts.model_copy(update={"bytes": path.stat().st_size})


def _write(container: OutputContainer, first: InputContainer, film: FilmSource, audio_kbps: int) -> FilmFacts:
    container.flags |= ContainerFlags.bitexact.value
    template = first.streams.video[0]
    rate = _rate(template)
    video = container.add_stream_from_template(template)
    video.time_base = 1 / rate
    audio = _add_sound(container, film, audio_kbps)
    captions = _add_captions(container, film.tags.language) if film.cues else None
    cover = _add_cover(container, film.poster_jpeg) if film.poster_jpeg else None
    _tag(container, film)
    frames = _Counter()
    tracks = [_pictures(film.parts, video, template, frames), _sound(film.sound, audio)]
    if captions is not None:
        tracks.append(_texts(film.cues, captions))
    container.start_encoding()
    if cover is not None:
        container.mux(_cover_packet(film.poster_jpeg, cover))
    for timed in heapq.merge(*tracks, key=lambda timed: timed[:2]):
        container.mux_one(timed.packet)
    _compare_lengths(frames.count / rate, Fraction(len(film.sound), film.sound_hz), 1 / rate)
    return FilmFacts(
        frames=frames.count, rate=str(rate), sound_samples=len(film.sound), sound_hz=film.sound_hz, bytes=0
    )


class _Counter:
    """Counts the frames, which are known only after the parts are read."""

    count = 0


def _open_part(part: Part) -> InputContainer:
    source = BytesIO(part) if isinstance(part, bytes) else part
    options = {"protocol_whitelist": "file", "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2"}
    return av.open(source, "r", format="mp4", container_options=options)


def _rate(stream: VideoStream) -> Fraction:
    rate = stream.codec_context.framerate or stream.average_rate
    if not rate:
        raise MediaError("A part states no frame rate.", remedy="Encode it again.")
    return Fraction(rate)


def _pictures(parts: Iterable[Part], target: VideoStream, template: VideoStream, frames: _Counter) -> Iterator[_Timed]:
    """The packets of the parts, timed by their index: parts have no reordered frames, so packet i is frame i."""
    wanted = template.codec_context.extradata
    duration = 1 / _rate(template)
    for number, part in enumerate(parts):
        with _open_part(part) as source:
            stream = source.streams.video[0]
            if stream.codec_context.extradata != wanted or stream.codec_context.has_b_frames:
                raise MediaError(
                    f"Part {number} of a film was encoded with other parameters than part 0.",
                    remedy="Encode all parts of a film with the same settings and the same version of the encoder.",
                )
            for packet in source.demux(stream):
                if packet.size == 0:
                    continue
                packet.stream = target
                packet.time_base = duration
                packet.pts = packet.dts = frames.count
                packet.duration = 1
                yield _Timed(frames.count * duration, 0, packet)
                frames.count += 1


def _add_sound(container: OutputContainer, film: FilmSource, kbps: int) -> AudioStream:
    # The "fast" coder takes a fifth of the time of the default one and is closer to the voice at the same bit rate.
    stream = container.add_stream("aac", rate=film.sound_hz, layout="stereo", options={"aac_coder": "fast"})
    stream.codec_context.bit_rate = kbps * 1000
    stream.codec_context.flags |= CodecFlags.bitexact.value | CodecFlags.global_header.value
    stream.codec_context.time_base = Fraction(1, film.sound_hz)
    stream.metadata["language"] = iso_639_2(film.tags.language)
    return stream


def _sound(sound: Sound, stream: AudioStream) -> Iterator[_Timed]:
    rate_hz = stream.codec_context.sample_rate
    for start in range(0, len(sound), _AAC_FRAME):
        block = np.broadcast_to(sound[start : start + _AAC_FRAME], (_CHANNELS, min(_AAC_FRAME, len(sound) - start)))
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, start, Fraction(1, rate_hz)
        yield from _sound_packets(stream.encode(frame), len(sound))
    yield from _sound_packets(stream.encode(None), len(sound))


def _sound_packets(packets: Iterable[av.Packet], samples: int) -> Iterator[_Timed]:
    for packet in packets:
        assert packet.pts is not None
        # The last frame is padded with silence. The stated duration keeps the track as long as the film.
        packet.duration = min(_AAC_FRAME, samples - packet.pts)
        if packet.duration > 0:
            yield _Timed(packet.pts * packet.time_base, 1, packet)


def _add_captions(container: OutputContainer, language: str) -> SubtitleStream:
    stream = container.add_stream("mov_text")
    assert isinstance(stream, SubtitleStream)
    stream.codec_context.subtitle_header = _ASS_HEADER
    stream.codec_context.time_base = _MILLISECONDS
    stream.time_base = _MILLISECONDS
    stream.metadata["language"] = iso_639_2(language)
    stream.metadata["handler_name"] = "Captions"
    return stream


def _texts(cues: Iterable[TextCue], stream: SubtitleStream) -> Iterator[_Timed]:
    """Captions as text samples (3GPP TS 26.245, 5.17): the length in two bytes, then UTF-8."""
    for cue in cues:
        text = cue.text.encode("utf-8")
        packet = av.Packet(len(text).to_bytes(2, "big") + text)
        start = round(cue.start_seconds / _MILLISECONDS)
        packet.stream, packet.time_base = stream, _MILLISECONDS
        packet.pts = packet.dts = start
        packet.duration = round(cue.end_seconds / _MILLISECONDS) - start
        packet.is_keyframe = True
        yield _Timed(cue.start_seconds, 2, packet)


def _add_cover(container: OutputContainer, jpeg: bytes) -> VideoStream:
    with av.open(BytesIO(jpeg), format="jpeg_pipe") as source:
        stream = container.add_stream_from_template(source.streams.video[0])
    stream.disposition = Disposition.attached_pic
    return stream


def _cover_packet(jpeg: bytes, stream: VideoStream) -> av.Packet:
    packet = av.Packet(jpeg)
    packet.stream = stream
    packet.pts = packet.dts = 0
    packet.is_keyframe = True
    return packet


def _tag(container: OutputContainer, film: FilmSource) -> None:
    texts: Mapping[str, Any] = film.tags._asdict()
    for name in ("title", "artist", "date", "comment", "description", "copyright"):
        if texts[name]:
            container.metadata[name] = texts[name]
    container.set_chapters(
        [
            {
                "id": number,
                "start": round(mark.start_seconds / _MILLISECONDS),
                "end": round(mark.end_seconds / _MILLISECONDS),
                "time_base": _MILLISECONDS,
                "metadata": {"title": mark.title},
            }
            for number, mark in enumerate(film.chapters)
        ]
    )


def _compare_lengths(pictures: Fraction, sound: Fraction, frame: Fraction) -> None:
    if abs(pictures - sound) > frame:
        raise MediaError(
            f"Pictures last {float(pictures):.3f} s and the sound {float(sound):.3f} s.",
            remedy="Make every section's sound as long as its frames.",
        )
