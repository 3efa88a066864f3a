"""The interface of every lip-sync engine, and the values that it takes and returns.

An engine gets a face (one picture, or the pictures of a loop, with the box of the face in each), a sound, and the count
of frames. It returns one picture per frame, without sound, in one of two forms:

    mouths          the lower half of the face's box, which is then placed on the face. The built-in network makes them
                    (`mouth_pictures.py`).
    engine video    a video of the whole picture, with exactly one picture per frame. External engines make it
                    (`engine_video.py`).

The store keeps both as bytes. Their first line tells them apart. Every engine passes
tests/contracts/test_lip_engines.py.
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
    """The box of a face in a picture, in whole pixels. `right` and `bottom` are the first pixels outside."""

    left: int
    top: int
    right: int
    bottom: int


class Face(NamedTuple):
    """A photo (one picture) or a loop of some seconds, and the box of the face in each picture, pads included."""

    pictures: tuple[Picture, ...]
    boxes: tuple[FaceBox, ...]
    digest: str
    """SHA-256 of the file and of all values that shaped pictures and boxes."""
    file: bytes
    """The original file, for engines that read it themselves."""


class LipJob(NamedTuple):
    """A sound that a face speaks. Frame i shows the time from i / rate to (i + 1) / rate."""

    face: Face
    path: tuple[int, ...]
    """For each frame, the index of the picture of the face that it shows."""
    sound: Sound
    """The sound from frame 0 on, with the silence before the speech. It is as long as all frames together."""
    rate_hz: int
    rate: Fraction
    """Frames per second."""
    resting: tuple[bool, ...]
    """For each frame, whether the mouth rests: there has been silence for a while, and it continues."""
    seed: str

    @property
    def frames(self) -> int:
        """The number of pictures to make."""
        return len(self.path)


class LipEngine(ABC):
    """Makes lips. Every implementation passes tests/contracts/test_lip_engines.py."""

    name: str

    @abstractmethod
    def identity(self) -> dict[str, str]:
        """All values that shape the result: engine, version, model, options. Cheap.

        Raises StudioError if the engine cannot work.
        """

    def expects(self, milliseconds: int) -> PaidRequest | None:
        """See LipSyncer.expects."""
        return None

    @abstractmethod
    def session(self, slots: Slots, tell: Tell) -> AbstractContextManager[LipSession]:
        """Make lips inside the block; see LipSyncer.session."""


EngineOf = Callable[[Mapping[str, str], LipOptions], LipEngine]
"""Makes an engine from the table `[lips]` of a presenter's file and the lip options of a lesson.

Raises SettingInvalid.
"""


class LipSession(ABC):
    """An open engine. Several threads may call it at once."""

    @abstractmethod
    def speak(self, job: LipJob, call_context: CallContext | None = None) -> LipTrack:
        """The lips of a sound: exactly one picture per frame. Raises StudioError.

        A service that may cost money needs `call_context`.
        """
