"""Checks a lesson file and its settings without making anything, for `lessonreel check` and the sensor.

This module loads the inputs of the checks in `studio/preflight`. It imports no Dagster, so that `lessonreel check`
starts quickly.
"""

from __future__ import annotations

import os
from pathlib import Path

from video_assets.project_paths import ProjectPaths
from video_assets.studio.choices.precedence import RunOverrides, as_problem, setting_problems, with_remembered
from video_assets.studio.core.defects import defect_boundary, defect_problem
from video_assets.studio.core.errors import InternalDefect, Problem, StudioError
from video_assets.studio.lesson.project import read_project
from video_assets.studio.lesson.reader import ReadLesson, read_lesson
from video_assets.studio.preflight.lesson_check import problems_of

from .provider_names import providers_of


class LessonCheck:
    """The checks of a project. Construct it once for many lessons. Raises SettingInvalid for a bad project file."""

    def __init__(self, project_paths: ProjectPaths) -> None:
        self._choices = project_paths.choices
        self._project = read_project(project_paths.project_file)
        self._providers = providers_of(project_paths)

    def problems(self, path: Path, key: str, *, rehearse: bool = True) -> tuple[Problem, ...]:
        """Errors and warnings of the lesson file `path`, whose partition key is `key`.

        A file that cannot be read as a lesson has only the problems of its format. Otherwise the problems of its text
        and of its settings in all layers follow. `rehearse=False` skips the text, which takes most of the time. An
        internal error is a problem of the file as well.
        """
        try:
            with defect_boundary(str(path)):
                return self._found(path, key, rehearse=rehearse)
        except InternalDefect as defect:
            return (defect_problem(str(path), defect),)

    def _found(self, path: Path, key: str, *, rehearse: bool) -> tuple[Problem, ...]:
        read = read_lesson(path)
        if read.lesson is None:
            return read.problems
        problems = problems_of(str(path), read, self._project.pronunciations) if rehearse else read.problems
        return (*problems, *self._of_settings(path, key, read))

    def _of_settings(self, path: Path, key: str, read: ReadLesson) -> tuple[Problem, ...]:
        try:
            choices = with_remembered(RunOverrides(), self._choices, key)
        except StudioError as error:
            return (as_problem(str(path), error),)
        return setting_problems(str(path), read, self._project, os.environ, choices, self._providers)
