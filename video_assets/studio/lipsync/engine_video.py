"""Footage: what programs and services of others make of a face and a sound, a video of the whole picture.

The store keeps the file as it came, behind a line that says how many frames of it are shown: nothing is encoded twice
on its way into the film.

    lessonreel-footage/1 LF  |  a line of JSON: frames, rate  |  LF  |  the file

Belongs here: that form, and the checks on whatever comes back. Does not belong here: asking for it
(`command_engine.py`, `resources/presenters/http_engine.py`), or showing it (`resources/presenters/photographed.py`).
"""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import islice, pairwise
from typing import NamedTuple

import numpy as np

from video_assets.studio.core.errors import MediaError
from video_assets.studio.media.pictures import decode_pictures
from video_assets.studio.storage.store import Scalar

from .engine import LipJob, Picture

MAGIC = b"lessonreel-footage/1\n"
_LONGEST_PX = 1920
_STRETCHED = 0.03
"""Programs round sides to multiples of 2 to 64 pixels; more than this is another picture."""
_BLACK = 8
"""Levels of 255: a picture this dark is black."""
_NOISE_LEVELS, _MOVED = 12, 0.0003
"""Encoding changes a still picture by less than that; where a larger share of it changes by more, something moved.
Measured at crf 18: a still picture at most 6 levels, a speaking mouth in a corner 0.2 to 2 % by more than 12."""


class EngineVideo(NamedTuple):
    """A video, and how many of its pictures at `rate` are shown."""

    frames: int
    rate: Fraction
    video: bytes

    def pictures(self) -> tuple[Picture, ...]:
        """One picture per frame. Raises MediaError."""
        # No more than are shown: a small file can hold an hour.
        shown = tuple(islice(decode_pictures(self.video, self.rate, longest_px=_LONGEST_PX), self.frames))
        if len(shown) < self.frames:
            raise MediaError(
                f"{len(shown)} pictures came back for {self.frames} frames.",
                remedy="Raise frame_multiple in the engine's file, so that it gets more sound than it needs.",
            )
        return shown


def write_engine_video(footage: EngineVideo) -> bytes:
    """The same footage, the same bytes."""
    return MAGIC + json.dumps({"frames": footage.frames, "rate": str(footage.rate)}).encode() + b"\n" + footage.video


def is_engine_video(data: bytes) -> bool:
    """Whether `data` is what `write_engine_video` gives."""
    return data.startswith(MAGIC)


def read_engine_video(data: bytes) -> EngineVideo:
    """Raises MediaError when `data` is not what `write_engine_video` gives."""
    try:
        _, head, video = data.split(b"\n", 2)
        header = json.loads(head)
        return EngineVideo(int(header["frames"]), Fraction(header["rate"]), video)
    except (ValueError, KeyError, TypeError) as error:
        raise MediaError(
            f"Footage of {len(data)} bytes cannot be read: {error}.", remedy="Make the clip again."
        ) from error


def accepted(engine: str, video: bytes, job: LipJob) -> tuple[EngineVideo, dict[str, Scalar]]:
    """What an engine gave for a job, looked at whole: its footage, and what was measured of it.

    Raises MediaError when it does not decode, has fewer pictures than frames, shows another shape, is black, or does
    not move while something is said.
    """
    footage = EngineVideo(job.frames, job.rate, video)
    try:
        pictures = footage.pictures()
    except MediaError as error:
        raise MediaError(f"{engine}: {error.message}", remedy=error.remedy) from error
    height, width = pictures[0].shape[:2]
    asked_height, asked_width = job.face.pictures[0].shape[:2]
    if abs(width / height * asked_height / asked_width - 1) > _STRETCHED:
        raise MediaError(
            f"{engine}: pictures of {width} x {height} came back for a face of {asked_width} x {asked_height}.",
            remedy="Have it keep the picture's proportions.",
        )
    if max(int(picture.max()) for picture in pictures[:: max(1, len(pictures) // 8)]) <= _BLACK:
        raise MediaError(f"{engine}: what came back is black.", remedy="Run its command by hand and look at the video.")
    moved = [_moved(before, after) for before, after in pairwise(pictures)]
    spoken = [moves for moves, rests in zip(moved, job.resting[1:], strict=True) if not rests]
    if len(spoken) > job.rate / 2 and not any(spoken):
        raise MediaError(f"{engine}: nothing moves in what came back.", remedy="Run its command by hand and look.")
    quiet = [moves for moves, rests in zip(moved, job.resting[1:], strict=True) if rests]
    return footage, {
        "footage_width_px": width,
        "footage_height_px": height,
        "moved_in_silence_frames": sum(quiet),
    }


def _moved(before: Picture, after: Picture) -> bool:
    """Whether two pictures differ by more than encoding does, looking at every second row and column."""
    difference = np.abs(before[::2, ::2].astype(np.int16) - after[::2, ::2]).max(axis=2)
    return bool((difference > _NOISE_LEVELS).mean() > _MOVED)
