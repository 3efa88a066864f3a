"""Picture providers: the request for a section's picture, and the class that every provider implements.

Does not belong here: a particular provider, or the typesetting of slides (`slides`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from pydantic import Field

from video_assets.studio.core.errors import ContentError
from video_assets.studio.core.frame_layout import FrameLayout, plan_layout
from video_assets.studio.core.lookup import lookup
from video_assets.studio.core.settings import PresenterPlace, Settings, chain_of
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.lesson.script import SectionScript, Slide, SlideLook

from .moving import MovingPicture


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


def opening_sections(ids: Sequence[str], settings: Settings) -> frozenset[str]:
    """The sections of `ids` in which the lesson wants its presenter full in the frame: the first and the last, or none.

    The setting `presenter_opening` asks for it. A lesson without a presenter has none.
    """
    wanted = settings.presenter_opening and settings.presenter_place != "absent"
    return frozenset((*ids[:1], *ids[-1:])) if wanted else frozenset()


def section_place(slide: Slide, settings: Settings, *, opens: bool) -> PresenterPlace:
    """The presenter's place in a section with `slide`.

    `opens`: the section is one of `opening_sections`, and no provider paints its picture. If its slide has no room for
    a presenter who is full in the frame, the presenter is where the lesson wants it elsewhere.
    """
    if opens and presenter_place_for(slide, "full") == "full":
        return "full"
    return presenter_place_for(slide, settings.presenter_place)


def frame_layout_of(slide: Slide, settings: Settings, *, opens: bool) -> FrameLayout:
    """The layout of a section's frame: where its slide and the presenter are. `opens` as for `section_place`."""
    place = section_place(slide, settings, opens=opens)
    return plan_layout(settings.width_px, settings.height_px, place)


def picture_moves(section: SectionScript, settings: Settings) -> bool:
    """Whether the camera moves over the picture of `section`. It never does in a film without motion.

    A picture with labels stays still, because their lines end at places of it.
    """
    wanted = (section.picture_motion or settings.picture_motion) == "slow" and settings.motion != "none"
    shows_picture = section.slide.layout == "picture" or bool(section.scene)
    return wanted and shows_picture and not section.slide.picture_labels


class PictureRequest(FrozenModel):
    """A request for one picture: everything on which it depends, and nothing else (no index, no count, no clock)."""

    slide: Slide
    stage: FrameLayout
    look: SlideStyle
    language: str
    """BCP 47 tag. It determines hyphenation, quotes, direction and the shapes of Chinese characters."""
    looks: tuple[SlideLook, ...] = Field(default=(), exclude_if=lambda looks: not looks)
    """The states of the slide to paint besides the whole slide."""
    may_list: bool = Field(default=False, exclude_if=lambda may_list: not may_list)
    """Whether a diagram for which there is no room may be shown as a list of its parts (see `as_list`)."""
    moving: bool = Field(default=False, exclude_if=lambda moving: not moving)
    """Whether the camera will move over the picture of the slide."""


def picture_request(
    slide: Slide,
    place: PresenterPlace,
    settings: Settings,
    language: str,
    logo: str,
    looks: tuple[SlideLook, ...] = (),
    *,
    derived: bool = False,
    moving: bool = False,
) -> PictureRequest:
    """The request for the picture of `slide`, with the presenter at `place`. `logo` is the digest of its bytes.

    `derived` says that the slide's content is not the author's: only then may a diagram be shown as a list.
    """
    return PictureRequest(
        slide=slide,
        stage=plan_layout(settings.width_px, settings.height_px, place),
        look=SlideStyle(theme=settings.theme, accent=settings.accent, logo=logo),
        language=language,
        looks=looks,
        may_list=derived and slide.layout == "diagram",
        moving=moving,
    )


def as_list(request: PictureRequest) -> PictureRequest:
    """`request` with its diagram as a list of its parts. Its looks stay, because the parts keep their ids."""
    slide = request.slide.model_copy(update={"layout": "diagram-list"})
    return request.model_copy(update={"slide": slide, "may_list": False})


def files_of_picture(request: PictureRequest) -> tuple[str, ...]:
    """The digests of the files that the picture shows: the author's picture and the logo."""
    picture = request.slide.picture.digest if request.slide.picture else ""
    return tuple(digest for digest in (picture, request.look.logo) if digest)


class PictureProvider(ABC):
    """A provider of pictures."""

    name: str

    @abstractmethod
    def identity(self, request: PictureRequest | None = None) -> dict[str, str]:
        """The part of a recipe that identifies the provider: its name, version, and digests of fonts and templates.

        With `request`, also what only that request depends on, such as a system font for a rare character.
        """

    @abstractmethod
    def paint_states(self, request: PictureRequest, files: dict[str, bytes]) -> tuple[bytes, ...]:
        """The whole slide, then each of the request's looks: PNGs (8-bit RGB) of exactly the stage's size.

        `files` holds picture and logo bytes by digest. In all of them, each part of the slide has the same place.
        Raises ContentError (with `place` a JSON pointer relative to the section, e.g. `/equation`) or ProviderError.
        """

    def paint(self, request: PictureRequest, files: dict[str, bytes]) -> bytes:
        """The whole slide as `paint_states` makes it."""
        return self.paint_states(request.model_copy(update={"looks": ()}), files)[0]

    def moving_picture(self, request: PictureRequest, files: dict[str, bytes]) -> MovingPicture | None:
        """What a camera moves over: the slide's picture alone, and where it is seen. None if the slide shows none."""
        return None

    @abstractmethod
    def refusals(self, request: PictureRequest, files: Mapping[str, bytes]) -> tuple[ContentError, ...]:
        """Everything for which `paint` would refuse the slide, found without painting it; empty if it would not.

        There is a GlyphMissing for each character that no font has. `files` is as for `paint`.
        """


TYPESETTER = "slides"


def typesetter_of(settings: Settings, providers: Mapping[str, PictureProvider]) -> PictureProvider:
    """The provider that typesets the slides: the first in the setting `pictures` that can, else `slides`.

    Raises SettingInvalid.
    """
    named = [name for name in chain_of(settings.pictures) if name in providers]
    return lookup(providers, named[0] if named else TYPESETTER, "source of pictures")
