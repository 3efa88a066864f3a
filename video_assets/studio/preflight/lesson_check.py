"""Checks whether the stages can process a lesson's text and slides, without making sound or pictures.

It runs the text functions of the stages on a valid lesson and reports their errors as Problems with places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from video_assets.studio.core.errors import ContentError, Problem
from video_assets.studio.core.settings import Settings
from video_assets.studio.lesson.json_source.source import JsonSource
from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.reader import ReadLesson, presented_problems
from video_assets.studio.lesson.script import (
    Slide,
    expected_seconds,
    merge_pronunciations,
    shown_text,
    write_section,
)
from video_assets.studio.lesson.text_places import TextPlace, narration_pointer, place_at
from video_assets.studio.pictures.illustration import illustrated, is_painted
from video_assets.studio.slides.cueing import resolve_signals
from video_assets.studio.slides.equations.latex_to_typst import typeset_latex
from video_assets.studio.slides.parts import parts_of
from video_assets.studio.slides.slide_plan import plan_slide
from video_assets.studio.slides.titles import plan_titles
from video_assets.studio.spoken.reading import UnreadableText

from .doubtful_readings import doubtful_readings
from .recording_check import recording_problems
from .slide_check import SlideCheck
from .text_check import FORBIDDING, CheckedText, text_problems


def problems_of(
    file: str, read: ReadLesson, pronunciations: Mapping[str, str], slides: SlideCheck | None = None
) -> tuple[Problem, ...]:
    """The problems of a lesson that was read: those of its file, or else also those of its text and its slides.

    The command `check`, the render and the asset `lesson` all use this function, so that they report the same problems.
    `pronunciations` are those of the project. Without `slides`, the slides are planned but not typeset.
    """
    if read.lesson is None:
        return read.problems
    merged = merge_pronunciations(pronunciations, read.lesson.pronunciations)
    found = (*dry_check(file, read, merged, slides), *recording_problems(file, read, merged))
    return presented_problems((*read.problems, *found)) if found else read.problems


def dry_check(
    file: str, read: ReadLesson, pronunciations: Mapping[str, str], slides: SlideCheck | None = None
) -> tuple[Problem, ...]:
    """The problems of all sections in order: what cannot be spoken, shown or typeset, and doubtful readings.

    Sections without a narration are left out, because their text is still to be written.
    """
    if read.lesson is None or read.source is None:
        return ()
    check = _SectionCheck(file, read, read.source, pronunciations, slides)
    sections = [section for section in read.lesson.sections if section.narration]
    found = tuple(chain.from_iterable(map(check.problems, sections)))
    if slides is None:
        return found
    found = (*found, *slides.of_cards(file, read))
    is_sound = not any(problem.severity == "error" for problem in found)
    return (*found, *check.text_errors(sections, slides.settings)) if is_sound else found


class _SectionCheck:
    """The checks of one lesson's sections."""

    def __init__(
        self,
        file: str,
        read: ReadLesson,
        source: JsonSource,
        pronunciations: Mapping[str, str],
        slides: SlideCheck | None,
    ) -> None:
        assert read.lesson is not None
        self._file = file
        self._read = read
        self._source = source
        self._language = read.lesson.language
        self._pronunciations = pronunciations
        self._slides = slides

    def problems(self, section: Section) -> Iterator[Problem]:
        """Everything wrong with `section`."""
        yield from self._of_words(section)
        yield from self._of_slide(section)

    def text_errors(self, sections: Sequence[Section], settings: Settings) -> Iterator[Problem]:
        """What the text check forbids in the settings of the lesson. All `sections` are sound otherwise."""
        if settings.text_check not in FORBIDDING:
            return
        titles = plan_titles(sections, language=self._language)
        texts = [
            self._checked_text(section, title, settings.rate_percent)
            for section, title in zip(sections, titles, strict=True)
        ]
        for fault in text_problems(texts, settings.text_check, language=self._language):
            if fault.severity == "error":
                place = place_at(self._source, fault.pointer)
                yield _problem(self._file, fault.code, place, fault.message, fault.suggestion)

    def _checked_text(self, section: Section, title: str, rate_percent: int) -> CheckedText:
        words = write_section(section, language=self._language, pronunciations=self._pronunciations)
        seconds = expected_seconds(words.speech, rate_percent, language=self._language)
        pointer = narration_pointer(self._source, section)
        return CheckedText(section.id, title, shown_text(words.tokens), float(seconds), pointer)

    def _of_words(self, section: Section) -> Iterator[Problem]:
        pointer = narration_pointer(self._source, section)

        def locate(character: int | None) -> TextPlace:
            return place_at(self._source, pointer, character)

        yield from word_problems(self._file, section, self._language, self._pronunciations, locate)

    def _of_slide(self, section: Section) -> Iterator[Problem]:
        try:
            _, slide = plan_slide(section, language=self._language)
            if section.show.equation:
                typeset_latex(section.show.equation, "/equation")
        except ContentError as error:
            code = "equation" if error.place == "/equation" else "slide"
            pointer = error.place if error.place.startswith(section.pointer) else section.pointer + error.place
            yield _problem(self._file, code, place_at(self._source, pointer), error.message, error.remedy)
            return
        if "[show" in section.narration or "[point" in section.narration:
            yield from self._of_signals(section, slide)
        if self._slides:
            yield from self._slides.of_section(self._file, self._read, section, slide)

    def _of_signals(self, section: Section, slide: Slide) -> Iterator[Problem]:
        """The `[show]` and `[point]` that name no part of `slide`."""
        try:
            words = write_section(section, language=self._language, pronunciations=self._pronunciations)
        except ContentError:
            return  # told by the check of its words
        pointer = narration_pointer(self._source, section)
        if self._slides and is_painted(slide, section.image_description, self._slides.settings):
            slide = illustrated(slide, "painted later")
        for fault in resolve_signals(parts_of(slide), words.signals, self._language).problems:
            place = place_at(self._source, pointer, fault.offset)
            yield _problem(self._file, "unknown-part", place, fault.message, fault.remedy)


LocateCharacter = Callable[[int | None], TextPlace]
"""The place of a character of a narration by its index, or of the narration itself (None)."""


def word_problems(
    file: str, section: Section, language: str, pronunciations: Mapping[str, str], locate: LocateCharacter
) -> tuple[Problem, ...]:
    """Everything in the narration of `section` that cannot be said, or else its doubtful readings as warnings."""
    try:
        write_section(section, language=language, pronunciations=pronunciations)
    except UnreadableText as error:
        return tuple(
            _problem(file, "unspeakable", locate(each.offset), each.message, each.remedy) for each in error.characters
        )
    except ContentError as error:
        return (_problem(file, "unspeakable", locate(None), error.message, error.remedy),)
    return tuple(
        _problem(file, "doubtful-reading", locate(finding.start), finding.message, finding.remedy, warning=True)
        for finding in doubtful_readings(section.narration, language, pronunciations)
    )


def _problem(file: str, code: str, place: TextPlace, message: str, remedy: str, *, warning: bool = False) -> Problem:
    return Problem(
        file=file,
        code=code,
        severity="warning" if warning else "error",
        message=message.rstrip("."),
        remedy=remedy,
        **place._asdict(),
    )
