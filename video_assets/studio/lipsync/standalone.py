"""A sound and a face become a video by themselves: no lesson, no slide, no orchestrator.

Belongs here: the way from a sound and a face to the finished file, and what it took. Does not belong here: engines, or
arguments (`cli/lipsync.py`).

The video has the face's own proportions. It is encoded in stretches of two seconds side by side; where they begin
follows from its length alone, so that the same sound and face give the same file on any number of cores.
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
    """What the video is to be like."""

    rate: Fraction = Fraction(25)
    height_px: int = 720
    """At most; a picture that is smaller is not enlarged."""
    preset: Preset = "fast"
    crf: int = 23
    mark: bool = True
    """Whether the picture says that it is synthetic."""


class TalkingHead(NamedTuple):
    """What was made, and the seconds it took."""

    frames: int
    lips_seconds: float
    encoding_seconds: float
    facts: dict[str, Scalar]


class LipSyncRunner(NamedTuple):
    """Who makes the lips, and for whom."""

    session: LipSession
    call_context: CallContext | None = None


def render_talking_head(
    sound: Sound, rate_hz: int, face: Face, maker: LipSyncRunner, wanted: VideoOptions, path: Path
) -> TalkingHead:
    """Write the video of `face` saying `sound` to `path`, whole or not at all. Raises StudioError."""
    frames = -int(-Fraction(len(sound), rate_hz) * wanted.rate // 1)
    whole = np.zeros(-int(-frames * rate_hz // wanted.rate), np.float32)
    whole[: len(sound)] = sound
    way = ping_pong(len(face.pictures), frames)
    job = LipJob(face, way, whole, rate_hz, wanted.rate, quiet_frames(sound, rate_hz, wanted.rate, frames), "alone")
    started = time.monotonic()
    lips = maker.session.speak(job, maker.call_context)
    spoken = time.monotonic()
    if is_engine_video(lips.data):
        shot = _footage_shot(read_engine_video(lips.data), wanted)
    else:
        shot = _shot(face, way, read_mouths(lips.data), wanted)
    parts = _encoded(shot, wanted)
    _publish(FilmSource(parts, resample(whole, rate_hz, _SOUND_HZ), _SOUND_HZ, tags=_TAGS), path)
    return TalkingHead(frames, spoken - started, time.monotonic() - spoken, dict(lips.facts))


_TAGS = FilmTags(
    comment="Made with lessonreel. The movement of the lips is generated.",
    source_type="compositeWithTrainedAlgorithmicMedia",
)


def _shot(face: Face, way: Sequence[int], mouths: Mouths, wanted: VideoOptions) -> Shot:
    """The whole picture; of a photo only the mouth is laid again for each frame."""
    box, framing = _fitted(face.pictures[0], wanted.height_px)

    def scaled(picture: int) -> Patch:
        return _opaque(face.pictures[picture], box)

    def patch(key: str) -> Patch:
        picture, mouth = map(int, key.split("-"))
        piece = mouth_patch(face.boxes[picture], framing)
        if len(face.pictures) == 1:
            return composite(mouths.pictures[mouth], still, piece)
        whole, rect = scaled(picture), piece.rect
        whole[rect.top : rect.bottom, rect.left : rect.right] = composite(mouths.pictures[mouth], whole, piece)
        return stamp(whole, box) if wanted.mark else whole

    still = stamp(scaled(0), box) if wanted.mark else scaled(0)
    keys = tuple(f"{picture}-{mouth}" for picture, mouth in zip(way, mouths.shown, strict=True))
    area = mouth_patch(face.boxes[0], framing).area(box) if len(face.pictures) == 1 else box
    return Shot(np.ascontiguousarray(still[..., :3]), area, keys, patch)


def _footage_shot(footage: EngineVideo, wanted: VideoOptions) -> Shot:
    """Every frame is a picture that an engine made of all of it."""
    pictures = footage.pictures()
    box, _ = _fitted(pictures[0], wanted.height_px)

    def patch(key: str) -> Patch:
        whole = _opaque(pictures[int(key)], box)
        return stamp(whole, box) if wanted.mark else whole

    return Shot(np.ascontiguousarray(patch("0")[..., :3]), box, tuple(map(str, range(footage.frames))), patch)


def _fitted(picture: Picture, height_px: int) -> tuple[Box, PhotoFraming]:
    """The frame for a picture, with even sides, and what of the picture is seen: all but a column or row."""
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


def _encoded(shot: Shot, wanted: VideoOptions) -> tuple[bytes, ...]:
    height, width = shot.slide.shape[:2]
    encoding = VideoEncoding(
        width_px=width,
        height_px=height,
        rate=str(wanted.rate),
        preset=wanted.preset,
        crf=wanted.crf,
        keyframe_seconds=_STRETCH_SECONDS,
    )
    spans = _stretches(len(shot.keys), round(_STRETCH_SECONDS * wanted.rate))
    with ThreadPoolExecutor(cores()) as pool:
        parts = pool.map(lambda span: encode_parts(shot, (span,), encoding), spans)
    return tuple(part for each in parts for part in each)


def _stretches(frames: int, length: int) -> tuple[Span, ...]:
    """Stretches of `length` frames; the last one may be up to twice as long, and none is too short to be joined."""
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
