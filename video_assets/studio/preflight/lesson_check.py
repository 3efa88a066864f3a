"""Checks whether the stages can process a lesson's text, without making sound or pictures.

It runs the text functions of the stages on a valid lesson and reports their errors as Problems with places. It cannot
find what only rendering shows, such as text that does not fit on a slide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from video_assets.studio.core.errors import ContentError, Problem
from video_assets.studio.lesson.model import Lesson, Section
from video_assets.studio.lesson.reader import ReadLesson
from video_assets.studio.lesson.script import merge_pronunciations, write_section
from video_assets.studio.slides.equations.latex_to_typst import typeset_latex
from video_assets.studio.slides.slide_plan import plan_slide

from .recording_check import recording_problems


def problems_of(file: str, read: ReadLesson, pronunciations: Mapping[str, str]) -> tuple[Problem, ...]:
    """The problems of a lesson that was read: those of its file, or else those of its text.

    The command `check`, the render and the asset `lesson` all use this function, so that they report the same problems.
    `pronunciations` are those of the project.
    """
    if read.lesson is None:
        return read.problems
    merged = merge_pronunciations(pronunciations, read.lesson.pronunciations)
    return (*read.problems, *dry_check(file, read.lesson, merged), *recording_problems(file, read, merged))


def dry_check(file: str, lesson: Lesson, pronunciations: Mapping[str, str]) -> tuple[Problem, ...]:
    """The problems of all sections in order: words that cannot be spoken, contradictory slides, invalid equations.

    Sections without a narration are left out, because their text is still to be written.
    """
    return tuple(
        problem
        for section in lesson.sections
        if section.narration
        for problem in _of_section(file, section, lesson, pronunciations)
    )


def _of_section(file: str, section: Section, lesson: Lesson, merged: Mapping[str, str]) -> Iterator[Problem]:
    checks: Mapping[str, Callable[[], object]] = {
        "unspeakable": lambda: write_section(section, language=lesson.language, pronunciations=merged),
        "slide": lambda: plan_slide(section, language=lesson.language),
        "equation": lambda: section.show.equation and typeset_latex(section.show.equation, "/equation"),
    }
    for code, check in checks.items():
        try:
            check()
        except ContentError as error:
            yield _problem(file, code, section, error)


def _problem(file: str, code: str, section: Section, error: ContentError) -> Problem:
    inside = error.place.startswith(section.pointer)
    return Problem(
        file=file,
        code=code,
        line=section.line,
        column=1,
        pointer=error.place if inside else section.pointer + error.place,
        message=error.message.rstrip("."),
        remedy=error.remedy,
    )
