"""Illustrations: pictures that somebody paints after a section's description.

A painted picture is a still, and misspells: so the prompt asks for one moment without any writing, and title, labels,
formulas and code are typeset beside it, exactly. Belongs here: the request and its prompt, and the class that every
painter implements. Does not belong here: any painter (`resources/illustrators`), judging what came
(`accepted_pictures.py`), or slides (`slides.py`).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from video_assets.studio.core.errors import MediaError, SettingInvalid
from video_assets.studio.core.lookup import lookup
from video_assets.studio.core.settings import chain_of
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.lesson.model import PictureFile
from video_assets.studio.lesson.script import Slide

if TYPE_CHECKING:
    from video_assets.studio.calls.context import CallContext
    from video_assets.studio.calls.paid_responses import PaidRequest

PROMPT = "1"
"""Raised whenever the words around a description change."""
DEFAULT_STYLE = (
    "a calm, friendly textbook illustration with clean shapes, soft daylight colours and even lines, "
    "on a plain light background"
)
_MOST_DESCRIPTION = 2000
_DERIVED = frozenset({"diagram", "statement", "bullets"})
"""Layouts of slides that were made of a description; the others show what the author gave."""
_MOST_POINTS = 5


class IllustrationRequest(FrozenModel):
    """One picture to be painted: everything that shapes it."""

    description: str
    """What the author wants to be seen."""
    style: str
    """The same for all sections of a lesson, so that their pictures look like one hand's."""
    quality: str = ""
    """low, medium or high; empty leaves it to the painter."""
    width_px: int
    """Of the place it will have; a painter takes the size it has of the nearest shape."""
    height_px: int


class IllustrationProvider(ABC):
    """Somebody who paints."""

    name: str
    at_once: int = 1
    """How many requests are worth making at a time."""

    @abstractmethod
    def identity(self, request: IllustrationRequest) -> dict[str, str]:
        """What a recipe must name: provider, model, size and quality."""

    @abstractmethod
    def illustrate(self, request: IllustrationRequest, call_context: CallContext | None = None) -> bytes:
        """An accepted picture (see `accepted_pictures`) as PNG. Raises ProviderError; Refused for forbidden words."""

    def paid_requests(self, request: IllustrationRequest) -> tuple[PaidRequest, ...]:
        """What `illustrate` would have to buy, whether or not it was bought before: nothing, by default."""
        return ()


def wants_illustration(slide: Slide, description: str) -> bool:
    """Whether the section's picture may be painted: it is described, and the author gave nothing exact to show."""
    return bool(description.strip()) and slide.layout in _DERIVED


def illustrated(slide: Slide, picture: str) -> Slide:
    """`slide` with the picture whose digest is `picture`; its labels and points are typeset beside it."""
    points = dict.fromkeys((*slide.labels, slide.statement, *slide.bullets))
    shown = tuple(point for point in points if point and point != slide.title)[:_MOST_POINTS]
    painted = PictureFile(path="", digest=picture)
    return Slide(layout="picture", title=slide.title, bullets=shown, picture=painted, alt=slide.alt)


def prompt_of(request: IllustrationRequest) -> str:
    """What a painter is told. A description of a motion becomes one of its moments; nothing is to be written."""
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
    """A description without what a still cannot show, and without anything to be written into it."""
    text = " ".join(description.split())[:_MOST_DESCRIPTION]
    text = _LETTERED.sub(" with parts for ", text)
    text = _QUOTES.sub("", text)
    for pattern, instead in _MOVING:
        text = re.sub(pattern, instead, text, flags=re.IGNORECASE)
    text = re.sub(r"\s+([,.;])", r"\1", " ".join(text.split()))
    return text if text.endswith((".", "!", "?", "。")) else f"{text}."


def nearest_size(sizes: Iterable[str], width_px: int, height_px: int) -> str:
    """Of `sizes` (`1536x1024`) the one whose shape is nearest to the place's; the larger of two alike."""

    def away(size: str) -> tuple[float, int]:
        width, height = map(int, size.split("x"))
        ratio = (width * height_px) / (height * width_px)
        return max(ratio, 1 / ratio), -width * height

    listed = [size for size in sizes if re.fullmatch(r"\d{2,5}x\d{2,5}", size)]
    if not listed:
        raise MediaError("The painter's file names no size such as 1536x1024.", remedy="Add one to its `sizes`.")
    return min(listed, key=away)


def picture_sources(chain: str, known: Collection[str]) -> tuple[str, ...]:
    """The names in the setting `pictures`, at least one, each among `known`: painters and typesetters. Raises
    SettingInvalid.
    """
    names = chain_of(chain)
    if not names:
        raise SettingInvalid("Nobody is named to make pictures.", remedy='Set "pictures", as in: slides.')
    return tuple(lookup(dict.fromkeys(known, name), name, "source of pictures") for name in names)
