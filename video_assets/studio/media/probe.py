"""Probes a finished film: its streams, its times, and whether it decodes.

Only local MP4 files are opened: no playlists, no other protocols, no references to other files. Does not belong here:
the requirements on a film (`film/checks.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.audio.stream import AudioStream
from av.codec.context import Flags as CodecFlags
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition, Stream
from av.subtitles.stream import SubtitleStream
from av.video.stream import VideoStream
from numpy.typing import NDArray

from video_assets.studio.core.errors import MediaError
from video_assets.studio.core.values import FrozenModel

from .join import ChapterMark, TextCue

_BT709 = 1
_INPUT = {"protocol_whitelist": "file", "enable_drefs": "0"}


class VideoProbe(FrozenModel):
    """The pictures of a film, from its packets and headers."""

    codec: str
    profile: str
    pixel_format: str
    width_px: int
    height_px: int
    sample_aspect: Fraction
    frames: int
    start_seconds: Fraction
    duration_seconds: Fraction
    steps_seconds: tuple[Fraction, ...]
    """All distances between the times of neighbouring frames, ascending: one value if the rate is constant."""
    keyframes: tuple[int, ...]
    """Indexes of the frames that decode without other frames."""
    matrix: int
    primaries: int
    transfer: int
    """ITU-T H.273 code points; 1 is BT.709."""
    limited_range: bool


class SoundProbe(FrozenModel):
    """The sound of a film. Times are those of a player, without priming samples."""

    codec: str
    profile: str
    rate_hz: int
    channels: int
    language: str
    start_seconds: Fraction
    duration_seconds: Fraction


class CaptionProbe(FrozenModel):
    """The soft captions of a film."""

    codec: str
    language: str
    cues: tuple[TextCue, ...]


class Probe(FrozenModel):
    """The contents of a film file. A part or a silent film has no sound."""

    duration_seconds: Fraction
    tags: dict[str, str]
    index_first: bool
    """Whether the index is before the media, so that a player can start while the file loads."""
    video: VideoProbe
    sound: SoundProbe | None
    captions: CaptionProbe | None
    chapters: tuple[ChapterMark, ...]
    has_cover: bool


def probe(path: Path) -> Probe:
    """The contents of `path` (MP4), from headers and packets. Decodes nothing. Raises MediaError."""
    with path.open("rb") as file:
        index_first = _index_first(file)
    with _Opened(path) as container:
        videos = [stream for stream in container.streams.video if not _is_cover(stream)]
        if len(videos) != 1:
            raise MediaError(f"{path.name} holds {len(videos)} streams of pictures instead of one.")
        sounds, captions = container.streams.audio, container.streams.subtitles
        tracks = [videos[0], *captions]
        packets: dict[int, list[av.Packet]] = {track.index: [] for track in tracks}
        for packet in container.demux(tracks):
            if packet.size:
                packets[packet.stream_index].append(packet)
        return Probe(
            duration_seconds=Fraction(container.duration or 0, av.time_base),
            tags=dict(container.metadata),
            index_first=index_first,
            video=_video(videos[0], packets[videos[0].index]),
            sound=_sound(sounds[0]) if sounds else None,
            captions=_captions(captions[0], packets[captions[0].index]) if captions else None,
            chapters=tuple(_chapters(container)),
            has_cover=len(videos) < len(container.streams.video),
        )


def decode_frame(path: Path, index: int) -> NDArray[np.uint8]:
    """Frame `index` of a film as RGB, height x width x 3, by BT.709 if the file has that tag, else by BT.601."""
    return next(decode_frames(path, [index]))


def decode_frames(path: Path, indices: Iterable[int]) -> Iterator[NDArray[np.uint8]]:
    """These frames of a film, as `decode_frame` gives one. Each needs all frames from the key frame before it."""
    with _Opened(path) as container:
        stream = container.streams.video[0]
        rate, time_base = stream.average_rate, stream.time_base
        assert rate is not None and time_base is not None
        for index in indices:
            wanted = round(index / rate / time_base)
            container.seek(wanted, stream=stream, backward=True)
            later = (frame for frame in container.decode(stream) if frame.pts is not None and frame.pts >= wanted)
            frame = next(later, None)
            if frame is None:
                raise MediaError(f"{path.name} has no frame {index}.", remedy="Ask for a frame within its length.")
            yield _rgb(frame)


def decode_all_errors(path: Path) -> tuple[str, ...]:
    """Decode everything. Returns the errors, one line each, at most 20. Takes about 2 % of the length of the film."""
    found: list[str] = []
    with _Opened(path) as container:
        streams = [*container.streams.video, *container.streams.audio]
        for stream in streams:
            stream.codec_context.options = {"err_detect": "explode+crccheck+bitstream"}
        decoded = dict.fromkeys((stream.index for stream in streams), 0)
        for packet in _packets_until_broken(container, streams, found):
            decoded[packet.stream_index] += _decode(packet, found)
        found.extend(line for stream in streams if (line := _missing(stream, decoded[stream.index])))
    return tuple(found[:20])


def poster_jpeg(rgb: NDArray[np.uint8]) -> bytes:
    """An RGB picture (height x width x 3) as a JPEG file, with full chroma so that small text stays sharp."""
    height, width = rgb.shape[:2]
    encoder = av.VideoCodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj444p"
    encoder.time_base = Fraction(1)
    encoder.color_range = 2  # full, as JFIF requires
    encoder.flags |= CodecFlags.bitexact.value | CodecFlags.qscale.value
    encoder.qmin = encoder.qmax = 2
    picture = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
        format="yuvj444p", dst_colorspace="ITU601", dst_color_range="JPEG"
    )
    picture.pts = 0
    return b"".join(bytes(packet) for packet in (*encoder.encode(picture), *encoder.encode(None)))


class _Opened:
    """A film opened for reading. FFmpeg's errors become a MediaError that names the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._container: InputContainer | None = None

    def __enter__(self) -> InputContainer:
        try:
            self._container = av.open(str(self._path.resolve()), "r", format="mp4", container_options=_INPUT)
        except FFmpegError as error:
            raise self._named(error) from error
        return self._container

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        assert self._container is not None
        self._container.close()
        if isinstance(error, FFmpegError):
            raise self._named(error) from error

    def _named(self, error: FFmpegError) -> MediaError:
        return MediaError(f"Reading {self._path.name} as MP4: {error}", remedy="Render the film again.")


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & Disposition.attached_pic)


def _index_first(file: BinaryIO) -> bool:
    # ISO/IEC 14496-12, 4.2: a box is 32 bits of size and 4 letters of type. Size 1 means that 64 bits of size follow,
    # size 0 means up to the end.
    while len(head := file.read(8)) == 8:
        size, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind in (b"moov", b"mdat"):
            return kind == b"moov"
        read = 8
        if size == 1:
            size, read = int.from_bytes(file.read(8), "big"), 16
        if size < read:
            return False
        file.seek(size - read, 1)
    return False


def _video(stream: VideoStream, packets: list[av.Packet]) -> VideoProbe:
    context, time_base = stream.codec_context, _time_base(stream)
    shown = sorted((packet.pts or 0) for packet in packets)
    order = {pts: index for index, pts in enumerate(shown)}
    steps = sorted({later - earlier for earlier, later in pairwise(shown)})
    return VideoProbe(
        codec=context.name,
        profile=stream.profile or "",
        pixel_format=context.pix_fmt or "",
        width_px=context.width,
        height_px=context.height,
        sample_aspect=context.sample_aspect_ratio or Fraction(1),
        frames=len(packets),
        start_seconds=shown[0] * time_base if shown else Fraction(0),
        duration_seconds=(stream.duration or 0) * time_base,
        steps_seconds=tuple(step * time_base for step in steps),
        keyframes=tuple(order[packet.pts or 0] for packet in packets if packet.is_keyframe),
        matrix=context.colorspace,
        primaries=context.color_primaries,
        transfer=context.color_trc,
        limited_range=context.color_range == 1,
    )


def _sound(stream: AudioStream) -> SoundProbe:
    context, time_base = stream.codec_context, _time_base(stream)
    return SoundProbe(
        codec=context.name,
        profile=stream.profile or "",
        rate_hz=context.sample_rate,
        channels=context.channels,
        language=stream.language or "",
        start_seconds=(stream.start_time or 0) * time_base,
        duration_seconds=(stream.duration or 0) * time_base,
    )


def _captions(stream: SubtitleStream, packets: list[av.Packet]) -> CaptionProbe:
    time_base = _time_base(stream)
    cues = []
    for packet in packets:
        data = bytes(packet)
        text = data[2 : 2 + int.from_bytes(data[:2], "big")].decode("utf-8")
        start = (packet.pts or 0) * time_base
        if text:  # samples without text are gaps between cues
            cues.append(TextCue(start, start + (packet.duration or 0) * time_base, text))
    return CaptionProbe(codec=stream.codec_context.name, language=stream.language or "", cues=tuple(cues))


def _chapters(container: InputContainer) -> Iterator[ChapterMark]:
    for chapter in container.chapters():
        time_base = chapter["time_base"] or Fraction(1, 1000)
        title = chapter["metadata"].get("title", "")
        yield ChapterMark(chapter["start"] * time_base, chapter["end"] * time_base, title)


def _time_base(stream: Stream) -> Fraction:
    return stream.time_base or Fraction(1)


def _rgb(frame: av.VideoFrame) -> NDArray[np.uint8]:
    matrix = "ITU709" if frame.colorspace == _BT709 else "ITU601"
    whole = frame.reformat(format="rgb24", src_colorspace=matrix, src_color_range="MPEG", interpolation="BICUBIC")
    return np.asarray(whole.to_ndarray(), dtype=np.uint8)


def _packets_until_broken(container: InputContainer, streams: list[Stream], found: list[str]) -> Iterator[av.Packet]:
    try:
        yield from container.demux(streams)
    except FFmpegError as error:
        found.append(f"reading: {error}")


def _missing(stream: Stream, decoded: int) -> str:
    # The first frame of sound may be priming only, which decodes to nothing.
    expected = stream.frames - 1 if isinstance(stream, AudioStream) else stream.frames
    return f"{stream.type}: {decoded} of {stream.frames} frames decode" if decoded < expected else ""


def _decode(packet: av.Packet, found: list[str]) -> int:
    """Decode a packet and add its errors to `found`. Returns the number of frames."""
    place = f"{packet.stream.type} at {packet.pts}"
    try:
        frames = packet.decode()
    except FFmpegError as error:
        found.append(f"{place}: {error}")
        return 0
    found.extend(f"{place}: corrupt" for frame in frames if getattr(frame, "is_corrupt", False))
    return len(frames)
