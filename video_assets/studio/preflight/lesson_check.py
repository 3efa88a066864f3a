"""What a lesson would fail at later, found from its text alone: no sound, no picture is made.

Belongs here: trying the stages' text work on a checked lesson and saying what it refuses as Problems with their place.
Does not belong here: the work itself, or what only rendering can tell (whether a slide's text fits).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from video_assets.studio.core.errors import ContentError, Problem
from video_assets.studio.lesson.model import Lesson, Section
from video_assets.studio.lesson.reader import ReadLesson
from video_assets.studio.lesson.script import merge_pronunciations, write_section
from video_assets.studio.slides.equations.latex_to_typst import typeset_latex
from video_assets.studio.slides.slide_plan import plan_slide


def problems_of(file: str, read: ReadLesson, pronunciations: Mapping[str, str]) -> tuple[Problem, ...]:
    """Everything wrong with a lesson that was read: its file's faults, else what its text would be refused for.

    The command's check, the render and the asset `lesson` all ask here, so that they say the same. `pronunciations`
    are the project's.
    """
    if read.lesson is None:
        return read.problems
    said = merge_pronunciations(pronunciations, read.lesson.pronunciations)
    return (*read.problems, *dry_check(file, read.lesson, said))


def dry_check(file: str, lesson: Lesson, pronunciations: Mapping[str, str]) -> tuple[Problem, ...]:
    """Every section's refusals, in the lesson's order: words that cannot be said, slides that contradict themselves,
    equations that do not parse. What is still to be written cannot be refused yet.
    """
    return tuple(
        problem
        for section in lesson.sections
        if section.narration
        for problem in _of_section(file, section, lesson, pronunciations)
    )


def _of_section(file: str, section: Section, lesson: Lesson, said: Mapping[str, str]) -> Iterator[Problem]:
    tries: Mapping[str, Callable[[], object]] = {
        "unspeakable": lambda: write_section(section, language=lesson.language, pronunciations=said),
        "slide": lambda: plan_slide(section, language=lesson.language),
        "equation": lambda: section.show.equation and typeset_latex(section.show.equation, "/equation"),
    }
    for code, attempt in tries.items():
        try:
            attempt()
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
