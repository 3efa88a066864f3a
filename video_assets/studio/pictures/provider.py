"""Pictures: what shows while a section speaks.

Belongs here: the values that describe a picture to be made, and the class that every source of pictures implements.
Does not belong here: any particular source (`resources/pictures`), laying out a slide (`slides.py`), or where in the
frame things stand (`stage.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from video_assets.studio.core.frame_layout import FrameLayout
from video_assets.studio.core.settings import PresenterPlace
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.lesson.script import Slide


class SlideStyle(FrozenModel):
    """How slides look: a theme's name and what the lesson changes in it."""

    theme: str
    accent: str = ""
    """Colour `#rrggbb` that replaces the theme's accent; its lightness is moved until text in it is legible."""
    logo: str = ""
    """Digest of the logo's bytes in the store; empty for none."""


_BESIDE_A_FULL_PRESENTER = frozenset({"title", "statement", "bullets", "equation"})
_MOST_BULLETS = 4


def presenter_place_for(slide: Slide, wanted: PresenterPlace) -> PresenterPlace:
    """Where the presenter stands beside this slide: as wanted, but at the side where "full" leaves too little room.

    Beside a presenter in full the slide has the lower half of the frame: enough for a title, a statement, an equation
    or a few bullets; not for code, a table, a picture or a diagram.
    """
    fits = slide.layout in _BESIDE_A_FULL_PRESENTER and len(slide.bullets) <= _MOST_BULLETS
    return "side" if wanted == "full" and not fits else wanted


class PictureRequest(FrozenModel):
    """One picture to be made: everything that shapes it, and nothing else (no index, no count, no clock)."""

    slide: Slide
    stage: FrameLayout
    look: SlideStyle
    language: str
    """BCP 47 tag: decides hyphenation, quotes, direction and the shapes of Chinese characters."""


class PictureProvider(ABC):
    """A source of pictures."""

    name: str

    @abstractmethod
    def identity(self, request: PictureRequest | None = None) -> dict[str, str]:
        """What a recipe must name: provider, version, digest of fonts and templates.

        With `request`, also what only that request draws on (a font of the system for a rare character).
        """

    @abstractmethod
    def paint(self, request: PictureRequest, files: dict[str, bytes]) -> bytes:
        """A PNG (8-bit RGB) of exactly the stage's size. `files` holds picture and logo bytes by digest.

        Raises ContentError (with `place` a JSON pointer relative to the section, e.g. `/equation`) or ProviderError.
        """
