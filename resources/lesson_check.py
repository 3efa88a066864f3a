"""Checks a lesson file and its settings without making anything, for `lessonreel check` and the sensor.

This module loads the inputs of the checks in `studio/preflight`. It imports no Dagster, so that `lessonreel check`
starts quickly.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from video_assets.project_paths import ProjectPaths
from video_assets.studio.choices.precedence import (
    RunOverrides,
    as_problem,
    setting_problems,
    settings_of,
    with_remembered,
)
from video_assets.studio.core.defects import defect_boundary, defect_problem
from video_assets.studio.core.errors import InternalDefect, Problem, SettingInvalid, StudioError
from video_assets.studio.core.settings import Settings
from video_assets.studio.lesson.files import read_logo
from video_assets.studio.lesson.project import read_project
from video_assets.studio.lesson.reader import ReadLesson, read_lesson
from video_assets.studio.pictures.provider import PictureProvider, typesetter_of
from video_assets.studio.preflight.lesson_check import problems_of
from video_assets.studio.preflight.slide_check import SlideCheck

from .catalogue import picture_providers
from .provider_names import providers_of


class LessonCheck:
    """The checks of a project. Construct it once for many lessons. Raises SettingInvalid for a bad project file."""

    def __init__(self, project_paths: ProjectPaths) -> None:
        self._choices = project_paths.choices
        self._project = read_project(project_paths.project_file)
        self._providers = providers_of(project_paths)
        self._slides = SlideChecks(project_paths.fonts)

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
        settings, faults = self._settings(path, key, read)
        if not rehearse:
            return (*read.problems, *faults)
        try:
            named = not any(fault.code == "unknown-name" for fault in faults)
            slides = self._slides.of_lesson(path, settings) if settings and named else None
        except SettingInvalid as error:
            slides, faults = None, (*faults, as_problem(str(path), error))
        return (*problems_of(str(path), read, self._project.pronunciations, slides), *faults)

    def _settings(self, path: Path, key: str, read: ReadLesson) -> tuple[Settings | None, tuple[Problem, ...]]:
        """The lesson's settings (None if they are invalid) and their problems."""
        try:
            choices = with_remembered(RunOverrides(), self._choices, key)
            found = settings_of(read, self._project, os.environ, choices)
        except StudioError as error:
            return None, (as_problem(str(path), error),)
        return found.settings, setting_problems(str(path), read, self._project, os.environ, choices, self._providers)


class SlideChecks:
    """Makes the checks of lessons' slides. Construct it once, because loading the fonts takes longer than a check."""

    def __init__(self, fonts: Path) -> None:
        self._fonts = fonts

    def of_lesson(self, path: Path, settings: Settings) -> SlideCheck:
        """The check for the lesson file `path` with its settings. Raises SettingInvalid if the logo is not accepted."""
        logo = read_logo(path.parent, settings.logo)
        return SlideCheck(settings, typesetter_of(settings, self._providers), logo)

    @cached_property
    def _providers(self) -> Mapping[str, PictureProvider]:
        return picture_providers(self._fonts)
