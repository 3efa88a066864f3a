"""What is wrong with a lesson file and the settings it would be made with, for whoever looks before making.

Belongs here: putting together what a checkout knows. No Dagster: `lessonreel check` must not wait for it. Does not
belong here: finding the faults (the studio), or telling them.
"""

from __future__ import annotations

import os
from pathlib import Path

from video_assets.checkout import Checkout
from video_assets.studio.defects import defect_problem, reporting_defects
from video_assets.studio.errors import InternalDefect, Problem, StudioError
from video_assets.studio.lesson import ReadLesson, read_lesson
from video_assets.studio.lesson_settings import Choices, as_problem, recalled, setting_problems
from video_assets.studio.rehearsal import problems_of
from video_assets.studio.shelf import read_project

from .provider_names import providers_of


class LessonCheck:
    """The checks of a checkout; make it once for many lessons. Raises SettingInvalid if the project file is wrong."""

    def __init__(self, checkout: Checkout) -> None:
        self._choices = checkout.choices
        self._project = read_project(checkout.project_file)
        self._providers = providers_of(checkout)

    def problems(self, path: Path, key: str, *, rehearse: bool = True) -> tuple[Problem, ...]:
        """Errors and warnings of the lesson file `path`, whose key is `key`: of the file, else of its text (unless
        `rehearse` is false, which saves most of the time) and of its settings, wherever they come from.
        An internal error of ours is a problem of this file, too.
        """
        try:
            with reporting_defects(str(path)):
                return self._found(path, key, rehearse=rehearse)
        except InternalDefect as defect:
            return (defect_problem(str(path), defect),)

    def _found(self, path: Path, key: str, *, rehearse: bool) -> tuple[Problem, ...]:
        read = read_lesson(path)
        if read.lesson is None:
            return read.problems
        told = problems_of(str(path), read, self._project.pronunciations) if rehearse else read.problems
        return (*told, *self._of_settings(path, key, read))

    def _of_settings(self, path: Path, key: str, read: ReadLesson) -> tuple[Problem, ...]:
        try:
            choices = recalled(Choices(), self._choices, key)
        except StudioError as error:
            return (as_problem(str(path), error),)
        return setting_problems(str(path), read, self._project, os.environ, choices, self._providers)
