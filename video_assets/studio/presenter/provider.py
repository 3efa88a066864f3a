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
from video_assets.studio.core.settings import Settings
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.media.sound import Sound
from video_assets.studio.speech.provider import SpeechTimes
from video_assets.studio.storage.store import Scalar


class PresenterInfo(FrozenModel):
    """The description of a presenter, for the choice of one."""

    id: str
    name: str
    description: str
    provider: str
    realistic: bool = False
    """Whether viewers could take it for a real person. The film then says that it is synthetic."""
    licence: str = ""
    consent: str = ""
    """For the face of a real person: who agreed that it speaks."""


class LipOptions(FrozenModel):
    """The settings of a lesson for photographed faces. Drawn faces do not use them."""

    resize_factor: int = 1
    """The picture of the face is reduced by this factor before the work on it."""
    smooth_face: bool = True
    """Whether the position of the face in a loop is averaged over some pictures."""
    lead: int = 1
    """How many frames before its picture the network's window of sound begins: 0, 1 or 2."""
    parallel: bool = True
    """Whether chunks of a section are computed in parallel. This and the next two options do not change the result."""
    chunk_seconds: int = 0
    """Length of a chunk; 0: chosen from the section and the devices."""
    batch: int = 0
    """Frames per batch; 0: chosen for the device."""


DEFAULT_LIP_OPTIONS = LipOptions()


def lip_options_of(settings: Settings) -> LipOptions:
    """The lip options in the settings of a lesson."""
    return LipOptions(
        resize_factor=settings.resize_factor,
        smooth_face=settings.smooth_face,
        lead=settings.lips_lead,
        parallel=settings.enable_parallel,
        chunk_seconds=settings.chunk_duration_seconds,
        batch=settings.lips_batch,
    )


class PerformanceRequest(FrozenModel):
    """A section to animate. Frame i shows the time i / rate seconds. Speech starts with frame `lead_frames`."""

    presenter: str
    box: Box
    rate: str
    """Frames per second, an exact fraction."""
    frames: int
    lead_frames: int
    times: SpeechTimes
    seed: str
    """Digest of the speech. Blinks and breaths follow from it, never from the place of the section in the film."""
    options: LipOptions = DEFAULT_LIP_OPTIONS
    news: tuple[int, ...] = ()
    """Frames at which something is new at the left of the presenter, on the slide. Drawn faces glance at some of it."""


Patch = NDArray[np.uint8]
"""A picture with transparency, height x width x 4."""


class Performance(NamedTuple):
    """`keys[i]` names the picture of frame i. Equal keys mean equal pictures.

    `patch(key)` is a read-only uint8 array, area height x area width x 4: red, green, blue, and alpha that is
    *straight* (colours are not multiplied by it; where alpha is 0 they are 0). Its place on the slide is
    `area`.
    """

    keys: tuple[str, ...]
    patch: Callable[[str], Patch]
    opening: Callable[[str], float] | None = None
    """How far the mouth is open in a picture, 0 to 1, if the provider knows it. The lip checks use it."""
    opening_estimated: bool = False
    """Whether `opening` is estimated from the pictures. It then shows when a mouth opens, but only roughly how far."""
    still: Patch | None = None
    """A fixed picture of the size of the request's box. It is drawn on the slide once, below every patch."""
    area: Box | None = None
    """The part of the frame that patches cover, inside the request's box. None: the whole box."""
    facts: Mapping[str, Scalar] = MappingProxyType({})
    """Facts for the record of the clip."""


class LipTrack(NamedTuple):
    """The lips of a section before they are placed in a frame. The store keeps them, because they cost most."""

    data: bytes
    facts: Mapping[str, Scalar]
    """How they were made (device, precision, seconds...), for the record. They must not shape the result."""


SoundSource = Callable[[], tuple[Sound, int]]
"""Decodes the sound of a section: samples (mono, -1 to 1) and their rate in Hz."""


class LipSync(Protocol):
    """Makes the lips of one section. A paid engine needs the call context.

    Several threads may call it at once. An engine can then fill its batches with frames of several sections.
    """

    def __call__(
        self, request: PerformanceRequest, source: SoundSource, call_context: CallContext | None = None
    ) -> LipTrack:
        """The lips. Raises StudioError."""
        ...


Tell = Callable[[str], None]
"""Shows one sentence to the user."""


class LipSyncer(ABC):
    """Makes the lips of a photographed presenter: a network, a program or a service. Independent of box and slide."""

    @abstractmethod
    def identity(self) -> dict[str, str]:
        """The parts of the identity of lips: engine, its version and model, digest of the face. Raises StudioError."""

    def expects(self, milliseconds: int) -> PaidRequest | None:
        """The largest paid request for a sound of that length; None if the engine is free."""
        return None

    @abstractmethod
    def session(self, slots: Slots, tell: Tell) -> AbstractContextManager[LipSync]:
        """Make lips inside the block.

        Expensive resources (a model, a device) are acquired for the first section and released at the end. Calls of a
        limited pool hold a slot of `slots`. `tell` shows messages to the user, for example that the work takes long.
        """


class PresenterProvider(ABC):
    """A source of faces. The same request gives the same keys and the same bytes."""

    name: str

    @abstractmethod
    def identity(self, presenter: str, options: LipOptions = DEFAULT_LIP_OPTIONS) -> dict[str, str]:
        """The parts of a recipe's identity: provider, version, digest of the presenter's files, and the options that
        shape its pictures. Raises SettingInvalid.
        """

    @abstractmethod
    def presenters(self) -> tuple[PresenterInfo, ...]:
        """Every presenter, the default first."""

    @abstractmethod
    def animate(self, request: PerformanceRequest, lips: bytes | None = None) -> Performance:
        """Animate one section. `lips` is the result of the presenter's `lip_syncer`, if it has one.

        Raises SettingInvalid for a presenter that does not exist.
        """

    def lip_syncer(self, presenter: str, options: LipOptions = DEFAULT_LIP_OPTIONS) -> LipSyncer | None:
        """The engine that makes this presenter's lips first; None if `animate` needs no lips."""
        return None


def provider_of(presenter: str, providers: Mapping[str, PresenterProvider]) -> PresenterProvider:
    """The provider of the presenter. Raises SettingInvalid if there is none."""
    by_presenter = {info.id: provider for provider in providers.values() for info in provider.presenters()}
    return lookup(by_presenter, presenter, "presenter")


def presenter_names(providers: Mapping[str, PresenterProvider]) -> tuple[str, ...]:
    """The ids of all presenters. Raises SettingInvalid if the file of a drawn presenter is damaged."""
    return tuple(info.id for provider in providers.values() for info in provider.presenters())
