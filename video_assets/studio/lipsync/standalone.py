"""Makes a video from a sound and a face, without a lesson, a slide or the orchestrator.

The video has the proportions of the face's picture. Spans of two seconds are encoded in parallel. Their borders follow
from the length alone, so that the same sound and face give the same file on any number of cores.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from video_assets.studio.calls.context import CallContext
from video_assets.studio.core.frame_layout import Box
from video_assets.studio.core.settings import Preset
from video_assets.studio.media.compose import Shot
from video_assets.studio.media.encode import PART_FRAMES, Span, VideoEncoding, encode_parts
from video_assets.studio.media.join import FilmSource, FilmTags, write_film
from video_assets.studio.media.sound import Sound, resample
from video_assets.studio.presenter.provider import Patch
from video_assets.studio.storage.filesystem import temp_path_beside
from video_assets.studio.storage.store import Scalar
from video_assets.studio.telemetry.resource_usage import cores

from .ai_label import stamp
from .engine import Face, LipJob, LipSession, Picture
from .engine_video import EngineVideo, is_engine_video, read_engine_video
from .face import ping_pong
from .jobs import quiet_frames
from .mouth_pictures import Mouths, read_mouths
from .placing import PhotoFraming, Rect, View, composite, mouth_patch

_STRETCH_SECONDS = 2
_SOUND_HZ = 48000


class VideoOptions(NamedTuple):
    """The options of the video."""

    rate: Fraction = Fraction(25)
    height_px: int = 720
    """The largest height. Smaller pictures are not enlarged."""
    preset: Preset = "fast"
    crf: int = 23
    mark: bool = True
    """Whether the picture shows the mark of a synthetic face."""


class TalkingHead(NamedTuple):
    """Facts about the finished video, and the seconds of the work."""

    frames: int
    lips_seconds: float
    encoding_seconds: float
    facts: dict[str, Scalar]


class LipSyncRunner(NamedTuple):
    """An open engine, and the call context for paid calls."""

    session: LipSession
    call_context: CallContext | None = None


def render_talking_head(
    sound: Sound, rate_hz: int, face: Face, runner: LipSyncRunner, options: VideoOptions, path: Path
) -> TalkingHead:
    """Write the video of `face` speaking `sound` to `path`, completely or not at all. Raises StudioError."""
    frames = -int(-Fraction(len(sound), rate_hz) * options.rate // 1)
    whole = np.zeros(-int(-frames * rate_hz // options.rate), np.float32)
    whole[: len(sound)] = sound
    path_through_loop = ping_pong(len(face.pictures), frames)
    job = LipJob(
        face,
        path_through_loop,
        whole,
        rate_hz,
        options.rate,
        quiet_frames(sound, rate_hz, options.rate, frames),
        "alone",
    )
    started = time.monotonic()
    lips = runner.session.speak(job, runner.call_context)
    lips_done = time.monotonic()
    if is_engine_video(lips.data):
        shot = _footage_shot(read_engine_video(lips.data), options)
    else:
        shot = _shot(face, path_through_loop, read_mouths(lips.data), options)
    parts = _encoded(shot, options)
    _publish(FilmSource(parts, resample(whole, rate_hz, _SOUND_HZ), _SOUND_HZ, tags=_TAGS), path)
    return TalkingHead(frames, lips_done - started, time.monotonic() - lips_done, dict(lips.facts))


_TAGS = FilmTags(
    comment="Made with lessonreel. The movement of the lips is generated.",
    source_type="compositeWithTrainedAlgorithmicMedia",
)


def _shot(face: Face, path_through_loop: Sequence[int], mouths: Mouths, options: VideoOptions) -> Shot:
    """A shot of the whole picture. For a photo only the mouth is drawn again for each frame."""
    box, framing = _fitted(face.pictures[0], options.height_px)

    def scaled(picture: int) -> Patch:
        return _opaque(face.pictures[picture], box)

    def patch(key: str) -> Patch:
        picture, mouth = map(int, key.split("-"))
        piece = mouth_patch(face.boxes[picture], framing)
        if len(face.pictures) == 1:
            return composite(mouths.pictures[mouth], still, piece)
        whole, rect = scaled(picture), piece.rect
        whole[rect.top : rect.bottom, rect.left : rect.right] = composite(mouths.pictures[mouth], whole, piece)
        return stamp(whole, box) if options.mark else whole

    still = stamp(scaled(0), box) if options.mark else scaled(0)
    keys = tuple(f"{picture}-{mouth}" for picture, mouth in zip(path_through_loop, mouths.shown, strict=True))
    area = mouth_patch(face.boxes[0], framing).area(box) if len(face.pictures) == 1 else box
    return Shot(np.ascontiguousarray(still[..., :3]), area, keys, patch)


def _footage_shot(footage: EngineVideo, options: VideoOptions) -> Shot:
    """A shot of an engine's video, which has every frame as a whole picture."""
    pictures = footage.pictures()
    box, _ = _fitted(pictures[0], options.height_px)

    def patch(key: str) -> Patch:
        whole = _opaque(pictures[int(key)], box)
        return stamp(whole, box) if options.mark else whole

    return Shot(np.ascontiguousarray(patch("0")[..., :3]), box, tuple(map(str, range(footage.frames))), patch)


def _fitted(picture: Picture, height_px: int) -> tuple[Box, PhotoFraming]:
    """The frame for a picture, with even sides, and its framing: all of the picture except at most a row or column."""
    height, width = picture.shape[:2]
    share = min(1.0, height_px / height)
    box = Box(x=0, y=0, width=max(2, round(width * share) // 2 * 2), height=max(2, round(height * share) // 2 * 2))
    scale = min(width / box.width, height / box.height)
    view = View(0, 0, box.width * scale, box.height * scale)
    return box, PhotoFraming(view, Rect(0, 0, box.width, box.height))


def _opaque(picture: Picture, box: Box) -> Patch:
    height, width = picture.shape[:2]
    scale = min(width / box.width, height / box.height)
    part = (0, 0, box.width * scale, box.height * scale)
    scaled = Image.fromarray(picture).resize((box.width, box.height), Image.Resampling.LANCZOS, box=part)
    return np.dstack([np.asarray(scaled), np.full((box.height, box.width), 255, np.uint8)])


def _encoded(shot: Shot, options: VideoOptions) -> tuple[bytes, ...]:
    height, width = shot.slide.shape[:2]
    encoding = VideoEncoding(
        width_px=width,
        height_px=height,
        rate=str(options.rate),
        preset=options.preset,
        crf=options.crf,
        keyframe_seconds=_STRETCH_SECONDS,
    )
    spans = _spans(len(shot.keys), round(_STRETCH_SECONDS * options.rate))
    with ThreadPoolExecutor(cores()) as pool:
        parts = pool.map(lambda span: encode_parts(shot, (span,), encoding), spans)
    return tuple(part for each in parts for part in each)


def _spans(frames: int, length: int) -> tuple[Span, ...]:
    """Spans of `length` frames. The last may be up to twice as long; none is too short to be joined."""
    count = max(1, frames // max(length, PART_FRAMES))
    starts = [number * length for number in range(count)]
    return tuple(Span(*edges) for edges in pairwise([*starts, frames]))


def _publish(film: FilmSource, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temp_path_beside(path)
    try:
        write_film(temporary, film)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
