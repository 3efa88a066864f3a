"""The interfaces of presenter providers and lip-sync engines, and the values that they exchange.

Does not belong here: the poses of a drawn face (`poses.py`) or the shape of a phoneme (`viseme_rules.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from video_assets.studio.calls.context import CallContext
from video_assets.studio.calls.paid_responses import PaidRequest
from video_assets.studio.calls.slots import Slots
from video_assets.studio.core.frame_layout import Box
from video_assets.studio.core.lookup import lookup
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.media.sound import Sound
from video_assets.studio.speech.provider import SpeechTimes
from video_assets.studio.storage.store import Scalar


class PresenterInfo(FrozenModel):
    """What a person choosing a presenter is told."""

    id: str
    name: str
    description: str
    provider: str
    realistic: bool = False
    """True when viewers could take it for a real person; the film then says that it is synthetic."""
    licence: str = ""
    consent: str = ""
    """Who agreed that this face speaks, where it is a real person's."""


class LipOptions(FrozenModel):
    """What a lesson's settings say of photographed faces. Drawn faces have no use for it."""

    resize_factor: int = 1
    """The face is worked on in a picture reduced by this much."""
    smooth_face: bool = True
    """Whether the face's place in a loop is averaged over some pictures."""
    lead: int = 1
    """How many frames before its picture the network begins to hear: 0, 1 or 2."""
    parallel: bool = True
    """Whether chunks of a section are worked on side by side. Shapes no byte, nor does what follows."""
    chunk_seconds: int = 0
    """Length of a chunk; 0 follows from the section and the devices."""
    batch: int = 0
    """Frames computed at a time; 0 takes what suits the device."""


DEFAULT_LIP_OPTIONS = LipOptions()


class PerformanceRequest(FrozenModel):
    """A section to be performed. Frame i shows the time i / rate seconds; speech starts with frame `lead_frames`."""

    presenter: str
    box: Box
    rate: str
    """Frames per second, an exact fraction."""
    frames: int
    lead_frames: int
    times: SpeechTimes
    seed: str
    """Digest of the speech: blinks and breaths follow from it, never from the section's place in the film."""
    options: LipOptions = DEFAULT_LIP_OPTIONS


Patch = NDArray[np.uint8]
"""A picture with transparency, height x width x 4."""


class Performance(NamedTuple):
    """`keys[i]` names the picture of frame i; equal keys, equal pictures.

    `patch(key)` is a read-only uint8 array, area height x area width x 4: red, green, blue, and alpha that is
    *straight* (colours are not multiplied by it; where alpha is 0 they are 0). It lies on the slide at the area's
    place.
    """

    keys: tuple[str, ...]
    patch: Callable[[str], Patch]
    opening: Callable[[str], float] | None = None
    """How far the mouth is open in a picture, 0 to 1, where the provider knows it; lips are then checked by it."""
    opening_estimated: bool = False
    """Whether `opening` was read off the pictures rather than known: then it says when, and less well how far."""
    still: Patch | None = None
    """What never changes, of the size of the request's box: laid on the slide once, below every patch."""
    area: Box | None = None
    """The part of the frame that patches cover, inside the request's box; None: all of that box."""
    facts: Mapping[str, Scalar] = MappingProxyType({})
    """What the clip's record should know."""


class LipTrack(NamedTuple):
    """What was made of a section's sound before it is placed in a frame; kept in the store, as it costs most."""

    data: bytes
    facts: Mapping[str, Scalar]
    """How it was made (device, precision, seconds...), for the record; none of it may shape the result."""


SoundSource = Callable[[], tuple[Sound, int]]
"""Decodes a section's sound: samples (mono, -1 to 1) and their rate in Hz."""


class LipSync(Protocol):
    """Makes the lips of one section, for whom the errand says: who has to be paid makes none without it.

    Called by several threads at once: who can, fills batches across sections.
    """

    def __call__(
        self, request: PerformanceRequest, source: SoundSource, call_context: CallContext | None = None
    ) -> LipTrack:
        """The lips. Raises StudioError."""
        ...


Tell = Callable[[str], None]
"""Takes a word for whoever watches: one sentence."""


class LipSyncer(ABC):
    """Who makes a photographed presenter's lips: a network, a program, a service. Independent of box and slide."""

    @abstractmethod
    def identity(self) -> dict[str, str]:
        """What the recipe of lips must name: engine, its version and model, digest of the face. Raises StudioError."""

    def expects(self, milliseconds: int) -> PaidRequest | None:
        """What would be bought, at most, for a sound of that length; None where nothing is."""
        return None

    @abstractmethod
    def session(self, slots: Slots, tell: Tell) -> AbstractContextManager[LipSync]:
        """Make lips inside the block. Whatever is dear (a model, a device) is taken when the first section asks, and
        given back at the end; calls of a bounded pool hold a slot of `slots`. `tell` is told what a person should
        know: that it will take long, say.
        """


class PresenterProvider(ABC):
    """A source of faces. The same request gives the same keys and the same bytes."""

    name: str

    @abstractmethod
    def identity(self, presenter: str, options: LipOptions = DEFAULT_LIP_OPTIONS) -> dict[str, str]:
        """What a recipe must name: provider, version, digest of the presenter's files, and the options that shape
        its pictures. Raises SettingInvalid.
        """

    @abstractmethod
    def presenters(self) -> tuple[PresenterInfo, ...]:
        """Every presenter, the default first."""

    @abstractmethod
    def animate(self, request: PerformanceRequest, lips: bytes | None = None) -> Performance:
        """Perform one section. `lips` is what the presenter's `lip_syncer` made of it, where it has one.

        Raises SettingInvalid for a presenter that does not exist.
        """

    def lip_syncer(self, presenter: str, options: LipOptions = DEFAULT_LIP_OPTIONS) -> LipSyncer | None:
        """Who makes this presenter's lips beforehand; None where performing is all there is to do."""
        return None


def provider_of(presenter: str, providers: Mapping[str, PresenterProvider]) -> PresenterProvider:
    """The provider that has the presenter. Raises SettingInvalid where none has."""
    by_presenter = {info.id: provider for provider in providers.values() for info in provider.presenters()}
    return lookup(by_presenter, presenter, "presenter")


def presenter_names(providers: Mapping[str, PresenterProvider]) -> tuple[str, ...]:
    """The ids of all presenters. Raises SettingInvalid where a drawn one's file is damaged."""
    return tuple(info.id for provider in providers.values() for info in provider.presenters())
