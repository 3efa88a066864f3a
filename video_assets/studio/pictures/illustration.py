"""Illustrations: pictures that a provider generates from a section's description.

A generated picture is a still and contains misspelt words. So the prompt requests one moment without any writing, and
title and whole points are typeset beside the picture. Does not belong here: a particular provider, or the
check of generated pictures (`normalise`).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from video_assets.studio.core.errors import MediaError, SettingInvalid
from video_assets.studio.core.frame_layout import FrameLayout
from video_assets.studio.core.lookup import lookup
from video_assets.studio.core.sentences import with_sentence_end
from video_assets.studio.core.settings import Settings, chain_of
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.lesson.model import PictureFile
from video_assets.studio.lesson.script import Slide
from video_assets.studio.spoken.characters import is_unspaced

if TYPE_CHECKING:
    from video_assets.studio.calls.context import CallContext
    from video_assets.studio.calls.paid_responses import PaidRequest

PROMPT = "1"
"""Version of the prompt. Increase it when the words around a description change."""
DEFAULT_STYLE = (
    "a calm, friendly textbook illustration with clean shapes, soft daylight colours and even lines, "
    "on a plain light background"
)
_MOST_DESCRIPTION = 2000
_DERIVED = frozenset({"labels", "statement", "bullets"})
"""Layouts of slides that were derived from a description. The others show content that the author gave."""
_MOST_POINTS = 3
_CLAUSE_WORDS, _CLAUSE_SIGNS = 4, 6


class IllustrationRequest(FrozenModel):
    """A request for one illustration: everything on which it depends."""

    description: str
    """The author's description of the picture."""
    style: str
    """The style, the same for all sections of a lesson, so that their pictures look alike."""
    quality: str = ""
    """low, medium or high; empty for the provider's default."""
    width_px: int
    """Width of the area for the picture. A provider takes its size with the nearest aspect ratio."""
    height_px: int


class IllustrationProvider(ABC):
    """A service that generates illustrations."""

    name: str
    at_once: int = 1
    """The useful number of concurrent requests."""

    @abstractmethod
    def identity(self, request: IllustrationRequest) -> dict[str, str]:
        """The part of a recipe that identifies the provider: provider, model, size and quality."""

    @abstractmethod
    def illustrate(self, request: IllustrationRequest, call_context: CallContext | None = None) -> bytes:
        """A picture as PNG, as accepted by `normalise.accept_picture`.

        Raises ProviderError; ContentRefused for a description that the provider's rules forbid.
        """

    def paid_requests(self, request: IllustrationRequest) -> tuple[PaidRequest, ...]:
        """The paid requests that `illustrate` makes, including those with a stored response. None by default."""
        return ()


def wants_illustration(slide: Slide, description: str) -> bool:
    """Whether a section may have an illustration: it has a description, and the author gave no content to show."""
    return bool(description.strip()) and slide.layout in _DERIVED


TYPESET = "slides"
"""The value of the setting `pictures` with which no illustration is made."""


def is_painted(slide: Slide, description: str, settings: Settings) -> bool:
    """Whether a section's slide gets an illustration in the settings of its lesson."""
    return chain_of(settings.pictures)[:1] != (TYPESET,) and wants_illustration(slide, description)


def illustrated(slide: Slide, picture: str) -> Slide:
    """`slide` with the picture of the digest `picture`, and beside it at most three of its points.

    A label says nothing beside a picture that shows it already, so only points that stand alone are kept.
    """
    points = dict.fromkeys((slide.statement, *slide.bullets))
    shown = tuple(point for point in points if _stands_alone(point) and point != slide.title)[:_MOST_POINTS]
    illustration = PictureFile(path="", digest=picture, painted=True)
    return Slide(layout="picture", title=slide.title, bullets=shown, picture=illustration, alt=slide.alt)


def _stands_alone(point: str) -> bool:
    """Whether `point` is a clause and no label: it has several words, or as many signs in a script without spaces."""
    unspaced = sum(map(is_unspaced, point))
    return len(point.split()) >= _CLAUSE_WORDS or unspaced >= _CLAUSE_SIGNS


def illustration_request(description: str, layout: FrameLayout, settings: Settings) -> IllustrationRequest:
    """The request for an illustration in the settings of a lesson."""
    return IllustrationRequest(
        description=description,
        style=settings.picture_style or DEFAULT_STYLE,
        quality="" if settings.picture_quality == "auto" else settings.picture_quality,
        width_px=layout.content.width,
        height_px=layout.content.height,
    )


def prompt_of(request: IllustrationRequest) -> str:
    """The prompt for a provider. It requests one moment of a motion, and a picture without any writing."""
    return "\n".join(
        (
            f"A single still picture for a teaching video: {still(request.description)}",
            "If the scene moves or changes, show the one moment that explains it best.",
            "No text of any kind: no letters, digits, labels, captions, formulas, code, signatures or watermarks.",
            "They are added afterwards, exactly: where something would be labelled, leave it plain.",
            "Keep what matters in the middle, with calm space around it, nothing cut off at the edges.",
            f"Style, the same in every picture of the lesson: {request.style.strip() or DEFAULT_STYLE}.",
        )
    )


_MOVING = (
    (
        r"^\s*(?:an?\s+)?(?:short\s+)?(?:animated|animation(?:\s+of)?|video(?:\s+of)?|clip(?:\s+of)?)\s+",
        "a picture of ",
    ),
    (r"^a picture of (?=(?:showing|in which|where)\b)", "a picture "),
    (r",?\s*(?:then|and then)?\s*(?:the\s+camera|camera|we)\s+(?:slowly\s+)?(?:pans?|zooms?)\b[^.,;]*", ""),
    (r"\s*\b(?:slowly\s+)?(?:fad(?:es|ing)|slid(?:es|ing)|fl(?:ies|ying))\s+(?:in|out|up|down)\b", ""),
    (r"\s*,?\s*\bone (?:by one|after (?:another|the other))\b", ""),
)
_QUOTES = re.compile(r"[\"“”„«»「」『』]|(?<!\w)['‘’‚‹›]|['‘’‚‹›](?!\w)")
_LETTERED = re.compile(
    r",?\s*\b(?:clearly\s+)?(?:labelled|labeled|captioned|titled|marked)\s+(?:as|with)?\s*(?=[\"“„«'‘「])",
    re.IGNORECASE,
)


def still(description: str) -> str:
    """The description of a still without writing: words about motion, labels and quotation marks are removed."""
    text = " ".join(description.split())[:_MOST_DESCRIPTION]
    text = _LETTERED.sub(" with parts for ", text)
    text = _QUOTES.sub("", text)
    for pattern, instead in _MOVING:
        text = re.sub(pattern, instead, text, flags=re.IGNORECASE)
    text = re.sub(r"\s+([,.;])", r"\1", " ".join(text.split()))
    return with_sentence_end(text)


def nearest_size(sizes: Iterable[str], width_px: int, height_px: int) -> str:
    """The one of `sizes` (such as `1536x1024`) with the aspect ratio nearest to `width_px` : `height_px`.

    Of two with the same ratio, the larger one. Raises MediaError if there is no valid size.
    """

    def distance(size: str) -> tuple[float, int]:
        width, height = map(int, size.split("x"))
        ratio = (width * height_px) / (height * width_px)
        return max(ratio, 1 / ratio), -width * height

    listed = [size for size in sizes if re.fullmatch(r"\d{2,5}x\d{2,5}", size)]
    if not listed:
        raise MediaError("The provider's file has no size such as 1536x1024.", remedy="Add one to its `sizes`.")
    return min(listed, key=distance)


def picture_sources(chain: str, known: Collection[str]) -> tuple[str, ...]:
    """The names in the setting `pictures`, at least one. Raises SettingInvalid if one is not in `known`."""
    names = chain_of(chain)
    if not names:
        raise SettingInvalid("The setting `pictures` names no provider.", remedy='Set "pictures", as in: slides.')
    return tuple(lookup(dict.fromkeys(known, name), name, "source of pictures") for name in names)
