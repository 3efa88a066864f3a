"""Pictures of sections."""

from __future__ import annotations

from abc import ABC, abstractmethod

from .records import Frozen
from .script import Slide
from .stage import Stage


class Look(Frozen):
    """How slides look: a theme's name and what the lesson changes in it."""

    theme: str
    accent: str = ""
    logo: str = ""
    """Digest of the logo's bytes in the store; empty for none."""


class PictureRequest(Frozen):
    slide: Slide
    stage: Stage
    look: Look
    language: str


class PictureProvider(ABC):
    name: str

    @abstractmethod
    def identity(self) -> dict[str, str]:
        """What a recipe must name: provider, version, digest of fonts and templates."""

    @abstractmethod
    def paint(self, request: PictureRequest, files: dict[str, bytes]) -> bytes:
        """A PNG (8-bit RGB) of exactly the stage's size. `files` holds picture and logo bytes by digest.

        Raises ContentError (with `place` a JSON pointer relative to the section, e.g. `/equation`) or ProviderError.
        """
