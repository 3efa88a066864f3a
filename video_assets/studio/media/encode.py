"""Encodes a clip as closed-GOP parts that any film can join by stream copy, with one fixed set of encoder parameters.

A part is an MP4 file of one H.264 stream that starts with an IDR frame and refers to nothing outside itself. Parts with
an equal `VideoEncoding` have identical parameter sets, so a film has one set and every part fits anywhere in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from typing import NamedTuple

import av
import numpy as np
from av.codec.context import Flags as CodecFlags
from av.container import Flags as ContainerFlags
from av.container import OutputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream
from numpy.typing import NDArray

from video_assets.studio.core.errors import MediaError
from video_assets.studio.core.settings import Preset
from video_assets.studio.core.values import FrozenModel

from .camera import Move, moved_frames
from .compose import Composer, Shot, still_shot

PART_FRAMES = 8
"""The shortest part. A part of one frame broke the timestamps of a join, and head and tail must carry a transition."""

# On slides, x264 spends most of its time on searches that find nothing: scene cuts, fades, motion over the whole frame.
# Without these searches and without B-frames, a preset takes two thirds of its time. Better key frames (ipratio), from
# which every still part of the picture is copied, make up for the loss. Measured at 720p on slides with a talking
# presenter: higher PSNR of slide and presenter than the plain preset, less pulsing at key frames, and 6 to 15 % (fast)
# or 15 to 30 % (veryfast) more bytes in a small film. Without B-frames no timestamp needs reordering.
_TUNING = {
    "scenecut": "0",
    "rc-lookahead": "0",
    "mbtree": "0",
    "bframes": "0",
    "b-adapt": "0",
    "weightp": "0",
    "ref": "1",
    "aq-strength": "0.5",
    "ipratio": "3.0",
}
# One thread and no choices by processor: the same frames give the same bytes on any machine.
_PINNED = {"threads": "1", "lookahead-threads": "1", "cpu-independent": "1", "open-gop": "0", "force-cfr": "1"}

# Keeps the file size of a crf about the same as with standard settings: x264 (ratecontrol.c) adds (1 - qcomp) * 13.5 =
# 5.4 when macroblock-tree is on, as in every preset except ultrafast, and the better key frames cost about 2 more.
_CRF_OFFSET = Fraction(75, 10)
_CRF_OFFSET_ULTRAFAST = _CRF_OFFSET - Fraction(54, 10)

_BT709 = 1
_LIMITED_RANGE = 1


class VideoEncoding(FrozenModel):
    """All parameters that shape the encoded bytes besides the pictures. The recipe of a part contains it."""

    width_px: int
    height_px: int
    rate: str
    """Frames per second, an exact fraction."""
    preset: Preset
    crf: int
    keyframe_seconds: int


class Span(NamedTuple):
    """Frames `start` to `stop`, exclusive."""

    start: int
    stop: int


def encoder_identity() -> dict[str, str]:
    """The parts of a recipe besides `VideoEncoding`: the encoding libraries, and the parameters fixed here."""
    parameters = _x264_parameters()
    version = ".".join(map(str, av.library_versions["libavcodec"]))
    return {"encoder": "libx264", "pyav": av.__version__, "libavcodec": version, "x264_parameters": parameters}


def part_spans(frames: int, edge_frames: int = PART_FRAMES) -> tuple[Span, ...]:
    """Cut a clip of `frames` frames into head, body and tail, each of `PART_FRAMES` frames or more.

    Head and tail have `edge_frames` frames. A clip that is too short for three parts gives head and tail, or one part.
    """
    if frames < 1 or edge_frames < PART_FRAMES:
        raise MediaError(
            f"A clip of {frames} frames cannot be cut into parts with edges of {edge_frames}.",
            remedy=f"A clip has at least one frame, an edge at least {PART_FRAMES}.",
        )
    if frames >= 2 * edge_frames + PART_FRAMES:
        cuts = (0, edge_frames, frames - edge_frames, frames)
    elif frames >= edge_frames + PART_FRAMES:
        cuts = (0, edge_frames, frames)
    else:
        cuts = (0, frames)
    return tuple(Span(start, stop) for start, stop in pairwise(cuts))


def encode_parts(
    shot: Shot, spans: Iterable[Span], encoding: VideoEncoding, move: Move | None = None
) -> tuple[bytes, ...]:
    """Encode the `spans` of a shot, each as a separate part. With `move`, its picture moves.

    The bytes of a part do not depend on the other spans.

    Runs in the calling thread with one encoder thread. The encoder releases the GIL, so several shots can be encoded
    in parallel. Raises MediaError when the pictures do not fit `encoding` or the encoder fails.
    """
    composer = Composer(shot)
    if (composer.width_px, composer.height_px) != (encoding.width_px, encoding.height_px):
        raise MediaError(
            f"A slide of {composer.width_px}x{composer.height_px} was to be encoded as "
            f"{encoding.width_px}x{encoding.height_px}.",
            remedy="Paint the slide in the size of the film.",
        )

    def frames(span: Span) -> Iterator[av.VideoFrame]:
        composed = composer.frames(span.start, span.stop)
        return composed if move is None else moved_frames(composed, span.start, move, shot)

    return tuple(_encode_part(frames(span), span, encoding) for span in spans)


def encode_still(slide: NDArray[np.uint8], frames: int, encoding: VideoEncoding) -> tuple[bytes, ...]:
    """Encode `frames` frames of an unchanging RGB slide (a card) as parts, cut like any clip."""
    return encode_parts(still_shot(slide, frames), part_spans(frames), encoding)


def _encode_part(frames: Iterator[av.VideoFrame], span: Span, encoding: VideoEncoding) -> bytes:
    file = BytesIO()
    try:
        with av.open(file, "w", format="mp4") as container:
            container.flags |= ContainerFlags.bitexact.value
            stream = _add_video(container, encoding)
            for frame in frames:
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    except FFmpegError as error:
        raise MediaError(
            f"Encoding frames {span.start} to {span.stop} with {encoding.preset} at crf {encoding.crf}: {error}",
            remedy="If this repeats, the installed av package lacks libx264; reinstall the pinned one.",
        ) from error
    return file.getvalue()


def _add_video(container: OutputContainer, encoding: VideoEncoding) -> VideoStream:
    rate = Fraction(encoding.rate)
    stream = container.add_stream("libx264", rate=rate)
    context = stream.codec_context
    context.width, context.height, context.pix_fmt = encoding.width_px, encoding.height_px, "yuv420p"
    context.time_base = 1 / rate
    context.sample_aspect_ratio = Fraction(1)
    context.gop_size = round(encoding.keyframe_seconds * rate)
    context.thread_count = 1
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _LIMITED_RANGE
    context.flags |= CodecFlags.closed_gop.value | CodecFlags.bitexact.value | CodecFlags.global_header.value
    context.options = {
        "preset": encoding.preset,
        "crf": str(float(_rate_factor(encoding))),
        "profile": "high",
        "x264-params": _x264_parameters(),
    }
    return stream


def _rate_factor(encoding: VideoEncoding) -> Fraction:
    return encoding.crf + (_CRF_OFFSET_ULTRAFAST if encoding.preset == "ultrafast" else _CRF_OFFSET)


def _x264_parameters() -> str:
    return ":".join(f"{name}={value}" for name, value in (_TUNING | _PINNED).items())
