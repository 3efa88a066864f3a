"""What every lip-sync engine is given and gives back.

An engine gets a face (a picture, or the pictures of a loop, and where the face is in each), a sound, and the count of
frames; it gives back one picture per frame, without sound, in one of two forms:

    mouths    the lower half of the face's box, of one size; we place it. What our own network makes (`pictures.py`).
    footage   a video of the whole picture, exactly one frame per frame. What other programs make (`footage.py`).

Both are bytes that the store keeps, and both are opened by what they begin with (`opened.py`). Belongs here: the
values and the interface, which tests/contracts/test_lip_engines.py holds every engine to. Does not belong here: any
engine.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from video_assets.studio.calls.context import CallContext
from video_assets.studio.calls.paid_responses import PaidRequest
from video_assets.studio.calls.slots import Slots
from video_assets.studio.media.sound import Sound
from video_assets.studio.presenter.provider import LipOptions, LipTrack, Tell

Picture = NDArray[np.uint8]
"""Red, green, blue: height x width x 3."""


class FaceBox(NamedTuple):
    """Where a face is in a picture, in whole pixels; `right` and `bottom` are the first pixels outside."""

    left: int
    top: int
    right: int
    bottom: int


class Face(NamedTuple):
    """A photo (one picture) or a loop of some seconds, and the box of the face in each picture, pads included."""

    pictures: tuple[Picture, ...]
    boxes: tuple[FaceBox, ...]
    digest: str
    """SHA-256 of the file and of everything that shaped pictures and boxes."""
    file: bytes
    """The file as the presenter's folder has it, for engines that read it themselves."""


class LipJob(NamedTuple):
    """A sound to be spoken by a face. Frame i shows the times i / rate to (i + 1) / rate."""

    face: Face
    path: tuple[int, ...]
    """For each frame, which of the face's pictures it shows."""
    sound: Sound
    """From frame 0 on: the silence before the speech is part of it, and it is as long as all frames together."""
    rate_hz: int
    rate: Fraction
    """Frames per second."""
    resting: tuple[bool, ...]
    """For each frame, whether the mouth rests: silence has lasted a while, and goes on."""
    seed: str

    @property
    def frames(self) -> int:
        """How many pictures there are to make."""
        return len(self.path)


class LipEngine(ABC):
    """Makes lips. Every implementation passes tests/contracts/test_lip_engines.py."""

    name: str

    @abstractmethod
    def identity(self) -> dict[str, str]:
        """What shapes the result: engine, version, model, options. Cheap; raises StudioError if it cannot work."""

    def expects(self, milliseconds: int) -> PaidRequest | None:
        """See LipSyncer.expects."""
        return None

    @abstractmethod
    def session(self, slots: Slots, tell: Tell) -> AbstractContextManager[LipSession]:
        """Make lips inside the block; see LipSyncer.session."""


EngineOf = Callable[[Mapping[str, str], LipOptions], LipEngine]
"""An engine as a presenter's file (its table `[lips]`) and a lesson's settings want it. Raises SettingInvalid."""


class LipSession(ABC):
    """An engine at work. Threads may ask at once."""

    @abstractmethod
    def speak(self, job: LipJob, call_context: CallContext | None = None) -> LipTrack:
        """The lips of a sound: exactly one picture per frame. Raises StudioError, and never gives fewer.

        An engine that somebody else runs, and may want money for, works on an errand only.
        """
