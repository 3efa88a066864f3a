"""Checks whether each slide of a lesson can be made: whether a font has every character, and everything has room.

Does not belong here: the slide's content (`slides.slide_plan`), or typesetting it (the picture provider).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from video_assets.studio.core.errors import ContentError, DoesNotFit, GlyphMissing, Problem
from video_assets.studio.core.settings import PresenterPlace, Settings
from video_assets.studio.core.values import digest_of
from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.reader import ReadLesson
from video_assets.studio.lesson.script import Slide
from video_assets.studio.lesson.text_places import TextPlace, place_at, place_in_file, places_of_cluster
from video_assets.studio.pictures.illustration import is_painted
from video_assets.studio.pictures.provider import (
    PictureProvider,
    PictureRequest,
    as_list,
    files_of_picture,
    opening_sections,
    picture_request,
    section_place,
)
from video_assets.studio.slides.slide_plan import derivation_of, end_slide, title_slide


class SlideCheck(NamedTuple):
    """The settings of a lesson, the provider that typesets its slides, and the bytes of its logo (None: no logo)."""

    settings: Settings
    provider: PictureProvider
    logo: bytes | None = None

    def of_section(self, file: str, read: ReadLesson, section: Section, slide: Slide) -> Iterator[Problem]:
        """The problems of the slide of `section`.

        If a provider paints it, only its characters are checked: the size depends on the painted picture.
        """
        assert read.lesson is not None
        painted = is_painted(slide, section.image_description, self.settings)
        opening = opening_sections([each.id for each in read.lesson.sections], self.settings)
        place = section_place(slide, self.settings, opens=section.id in opening and not painted)
        request = self._request(read, slide, place, derived=bool(derivation_of(section, slide)))
        for error in self._refusals(read, request):
            if isinstance(error, GlyphMissing) or not painted:
                yield from self._problems_of(file, read, section, request, error)

    def of_cards(self, file: str, read: ReadLesson) -> Iterator[Problem]:
        """The problems of the title card and the end card."""
        assert read.lesson is not None
        title = title_slide(read.lesson) if self.settings.title_card_ms else None
        end = end_slide(read.lesson) if self.settings.end_card_ms else None
        for slide in (title, end):
            for error in self._refusals(read, self._request(read, slide, "absent")) if slide else ():
                yield from _placed(file, read, None, error)

    def _problems_of(
        self, file: str, read: ReadLesson, section: Section, request: PictureRequest, error: ContentError
    ) -> Iterator[Problem]:
        """`error` as problems. A diagram that will be shown as a list is a warning."""
        if not (isinstance(error, DoesNotFit) and request.may_list) or self._refusals(read, as_list(request)):
            yield from _placed(file, read, section, error)
            return
        assert request.slide.diagram is not None
        kind = request.slide.diagram.title_of_kind
        remedy = "Shorten the description's labels, or give the section a diagram of its own."
        listed = DoesNotFit(f"The {kind} has no room, and is shown as a list", remedy=remedy, place=error.place)
        for problem in _placed(file, read, section, listed):
            yield problem.model_copy(update={"severity": "warning", "code": "diagram-as-list"})

    def _request(
        self, read: ReadLesson, slide: Slide, place: PresenterPlace, *, derived: bool = False
    ) -> PictureRequest:
        assert read.lesson is not None
        logo = digest_of(self.logo) if self.logo else ""
        return picture_request(slide, place, self.settings, read.lesson.language, logo, derived=derived)

    def _refusals(self, read: ReadLesson, request: PictureRequest) -> tuple[ContentError, ...]:
        files = {**read.files, **({request.look.logo: self.logo} if self.logo else {})}
        shown = {digest: files[digest] for digest in files_of_picture(request) if digest in files}
        return self.provider.refusals(request, shown)


_KEYS_ON_CARDS = {"/bullets": "/credits", "/subtitle": "/description", "/footer": "/licence"}
"""The places in a card's slide, and the keys of the lesson that are shown there."""


def _placed(file: str, read: ReadLesson, section: Section | None, error: ContentError) -> Iterator[Problem]:
    """`error` as problems; one for each place at which a missing character stands in the file."""
    assert read.source is not None
    pointer = place_in_file(error.place, section)
    places: tuple[TextPlace, ...] = ()
    if isinstance(error, GlyphMissing):
        places = places_of_cluster(read.source, pointer, error.cluster)
    elif section is None:
        pointer = _KEYS_ON_CARDS.get(error.place, error.place)
    for place in places or (place_at(read.source, pointer),):
        yield Problem(
            file=file,
            code=_CODES.get(type(error), "slide"),
            message=error.message.rstrip("."),
            remedy=error.remedy,
            **place._asdict(),
        )


_CODES: dict[type[ContentError], str] = {GlyphMissing: "no-glyph", DoesNotFit: "too-large"}
