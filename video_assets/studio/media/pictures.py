"""Decodes short videos from outside as pictures at the frame rate of a film, with limits on their cost.

Does not belong here: finished films of this project (`probe.py`).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from fractions import Fraction
from io import BytesIO
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from video_assets.studio.core.errors import MediaError

# Formats that cameras, editors and lip-sync programs write. Playlists and other formats that name files are refused.
_CONTAINERS = "mov,mp4,matroska,webm,avi"
_OPTIONS = {"format_whitelist": _CONTAINERS, "protocol_whitelist": ""}
_QUARTER = 90


def decode_pictures(
    data: bytes, rate: Fraction | None = None, longest_seconds: int = 3600, longest_px: int = 4096
) -> Generator[NDArray[np.uint8], None, None]:
    """The pictures of a video in RGB, upright, height x width x 3: at `rate` frames per second, or all pictures.

    With a rate, picture i is the one shown at the time i / rate. A picture with a side longer than `longest_px`
    is scaled down. Sound is not read. Raises MediaError when `data` is no video, does not decode, or is longer than
    `longest_seconds`.
    """
    try:
        # The options limit the input to these bytes.
        with av.open(BytesIO(data), "r", container_options=_OPTIONS) as container:
            frames = container.decode(_only_pictures(container))
            yield from _pictures(frames, rate, longest_seconds, longest_px)
    except (FFmpegError, ValueError) as error:
        raise MediaError(
            f"Decoding {len(data)} bytes of video that start with {data[:12]!r}: {error}.",
            remedy="Expected a whole MP4, MOV, MKV, WebM or AVI file.",
        ) from error


def _only_pictures(container: InputContainer) -> VideoStream:
    if not container.streams.video:
        raise ValueError("it holds no pictures")
    return container.streams.video[0]


def _pictures(
    frames: Iterator[VideoFrame], rate: Fraction | None, longest_seconds: int, longest_px: int
) -> Generator[NDArray[np.uint8], None, None]:
    shown, first, given = None, None, 0
    for frame in frames:
        time = _seconds(frame)
        first = time if first is None else first
        if time - first > longest_seconds:
            raise ValueError(f"it is longer than {longest_seconds} s")
        picture = _upright(frame, longest_px)
        if rate is None:
            yield picture
            continue
        while shown is not None and Fraction(given) / rate < time - first:
            yield shown
            given += 1
        shown = picture
    if shown is not None:
        yield shown


def _seconds(frame: VideoFrame) -> Fraction:
    if frame.pts is None or frame.time_base is None:
        raise ValueError("a picture has no time")
    return frame.pts * frame.time_base


def _upright(frame: VideoFrame, longest_px: int) -> NDArray[np.uint8]:
    share = min(1.0, longest_px / max(frame.width, frame.height))
    size: dict[str, Any] = {}
    if share < 1:
        size = {"width": max(2, round(frame.width * share)), "height": max(2, round(frame.height * share))}
    picture: NDArray[Any] = frame.reformat(format="rgb24", src_colorspace=_matrix(frame), **size).to_ndarray()
    # Phones store the rotation of a picture instead of rotating it.
    return np.ascontiguousarray(np.rot90(picture, (frame.rotation // _QUARTER) % 4))


def _matrix(frame: VideoFrame) -> str:
    """Without a tag, small pictures are BT.601 and large ones BT.709, as players assume."""
    tagged = {1: "ITU709", 5: "ITU601", 6: "ITU601"}.get(int(frame.colorspace))
    return tagged or ("ITU709" if frame.height >= 720 else "ITU601")
