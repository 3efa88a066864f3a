"""Engine videos: external programs and services make a video of the whole picture from a face and a sound.

The store keeps the file unchanged, after a header with the number of frames to show. Nothing is encoded twice on its
way into the film.

    lessonreel-footage/1 LF  |  a line of JSON: frames, rate  |  LF  |  the file

Does not belong here: the calls of engines (`engines/command_engine.py`, `resources/presenters/http_engine.py`).
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
"""Programs round sides to multiples of 2 to 64 pixels. A larger change of proportions is an error."""
_BLACK = 8
"""A picture whose brightest level (of 255) is not above this is black."""
_NOISE_LEVELS, _MOVED = 12, 0.0003
"""A picture moved if a larger share than _MOVED changes by more than _NOISE_LEVELS. Encoding alone changes it less.
Measured at crf 18: a still picture changes by at most 6 levels, a speaking mouth in a corner changes 0.2 to 2 % of the
picture by more than 12."""


class EngineVideo(NamedTuple):
    """A video of which the first `frames` pictures at `rate` are shown."""

    frames: int
    rate: Fraction
    video: bytes

    def pictures(self) -> tuple[Picture, ...]:
        """One picture per frame. Raises MediaError."""
        # Only as many as are shown, because a small file can hold an hour.
        shown = tuple(islice(decode_pictures(self.video, self.rate, longest_px=_LONGEST_PX), self.frames))
        if len(shown) < self.frames:
            raise MediaError(
                f"{len(shown)} pictures came back for {self.frames} frames.",
                remedy="Raise frame_multiple in the engine's file, so that it gets more sound than it needs.",
            )
        return shown


def write_engine_video(footage: EngineVideo) -> bytes:
    """The bytes of `footage`. The same video gives the same bytes."""
    return MAGIC + json.dumps({"frames": footage.frames, "rate": str(footage.rate)}).encode() + b"\n" + footage.video


def is_engine_video(data: bytes) -> bool:
    """Whether `write_engine_video` wrote `data`."""
    return data.startswith(MAGIC)


def read_engine_video(data: bytes) -> EngineVideo:
    """The engine video in `data`. Raises MediaError when `write_engine_video` did not write it."""
    try:
        _, head, video = data.split(b"\n", 2)
        header = json.loads(head)
        return EngineVideo(int(header["frames"]), Fraction(header["rate"]), video)
    except (ValueError, KeyError, TypeError) as error:
        raise MediaError(
            f"Footage of {len(data)} bytes cannot be read: {error}.", remedy="Make the clip again."
        ) from error


def accepted(engine: str, video: bytes, job: LipJob) -> tuple[EngineVideo, dict[str, Scalar]]:
    """Check all pictures of an engine's video for a job. Returns the video and its measurements.

    Raises MediaError when the video does not decode, has fewer pictures than frames, has other proportions, is black,
    or does not move during speech.
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
    """Whether two pictures differ by more than the noise of encoding. Compares every second row and column."""
    difference = np.abs(before[::2, ::2].astype(np.int16) - after[::2, ::2]).max(axis=2)
    return bool((difference > _NOISE_LEVELS).mean() > _MOVED)
