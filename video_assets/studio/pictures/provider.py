"""Picture providers: the request for a section's picture, and the class that every provider implements.

Does not belong here: a particular provider, or the typesetting of slides (`slides`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from video_assets.studio.core.frame_layout import FrameLayout, plan_layout
from video_assets.studio.core.settings import PresenterPlace, Settings
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.lesson.script import Slide


class SlideStyle(FrozenModel):
    """The style of slides: a theme's name and the lesson's changes to it."""

    theme: str
    accent: str = ""
    """Colour `#rrggbb` that replaces the theme's accent. Its lightness is changed until text in it is legible."""
    logo: str = ""
    """Digest of the logo's bytes in the store; empty for none."""


_BESIDE_A_FULL_PRESENTER = frozenset({"title", "statement", "bullets", "equation"})
_MOST_BULLETS = 4


def presenter_place_for(slide: Slide, wanted: PresenterPlace) -> PresenterPlace:
    """The presenter's place on this slide: `wanted`, but "side" if "full" leaves too little room for the slide.

    With "full", the slide has the lower half of the frame. This is enough for a title, a statement, an equation or a
    few bullets, but not for code, a table, a picture or a diagram.
    """
    fits = slide.layout in _BESIDE_A_FULL_PRESENTER and len(slide.bullets) <= _MOST_BULLETS
    return "side" if wanted == "full" and not fits else wanted


def frame_layout_of(slide: Slide, settings: Settings) -> FrameLayout:
    """The layout of a section's frame: where its slide and the presenter are."""
    place = presenter_place_for(slide, settings.presenter_place)
    return plan_layout(settings.width_px, settings.height_px, place)


class PictureRequest(FrozenModel):
    """A request for one picture: everything on which it depends, and nothing else (no index, no count, no clock)."""

    slide: Slide
    stage: FrameLayout
    look: SlideStyle
    language: str
    """BCP 47 tag. It determines hyphenation, quotes, direction and the shapes of Chinese characters."""


class PictureProvider(ABC):
    """A provider of pictures."""

    name: str

    @abstractmethod
    def identity(self, request: PictureRequest | None = None) -> dict[str, str]:
        """The part of a recipe that identifies the provider: its name, version, and digests of fonts and templates.

        With `request`, also what only that request depends on, such as a system font for a rare character.
        """

    @abstractmethod
    def paint(self, request: PictureRequest, files: dict[str, bytes]) -> bytes:
        """A PNG (8-bit RGB) of exactly the stage's size. `files` holds picture and logo bytes by digest.

        Raises ContentError (with `place` a JSON pointer relative to the section, e.g. `/equation`) or ProviderError.
        """
