"""The presenter: a face, and what it does in each frame."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .records import Frozen
from .speech import SpeechTimes
from .stage import Box


class PresenterInfo(Frozen):
    id: str
    name: str
    description: str
    provider: str
    realistic: bool = False
    licence: str = ""


class PerformanceRequest(Frozen):
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


class Performance(NamedTuple):
    """`keys[i]` names the picture of frame i; equal keys, equal pictures. `patch(key)` is RGBA, box height x width x 4."""

    keys: tuple[str, ...]
    patch: Callable[[str], NDArray[np.uint8]]


class PresenterProvider(ABC):
    name: str

    @abstractmethod
    def identity(self, presenter: str) -> dict[str, str]:
        """What a recipe must name: provider, version, digest of the presenter's files."""

    @abstractmethod
    def presenters(self) -> tuple[PresenterInfo, ...]: ...

    @abstractmethod
    def perform(self, request: PerformanceRequest) -> Performance: ...
