"""Plans a render: which lessons to make, and with which settings. All errors are reported before the first run starts.

Does not belong here: executing the plan (`render.py`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from resources.explain_inputs import explain_inputs
from resources.lesson_check import SlideChecks
from resources.lesson_folder import LessonFolder
from resources.provider_names import providers_of
from video_assets.project_paths import ProjectPaths
from video_assets.studio.choices.precedence import (
    LessonSettings,
    Providers,
    RunOverrides,
    as_problem,
    name_problems,
    settings_of,
    with_remembered,
)
from video_assets.studio.choices.retirement import retirement_problems
from video_assets.studio.core.defects import defect_boundary, defect_problem
from video_assets.studio.core.errors import InternalDefect, LessonInvalid, Problem, SettingInvalid, StudioError
from video_assets.studio.core.settings import Settings
from video_assets.studio.explain.dry_run import explain_file
from video_assets.studio.explain.inputs import ExplainInputs
from video_assets.studio.explain.model import Explanation
from video_assets.studio.lesson.project import ProjectFile
from video_assets.studio.lesson.reader import ReadLesson, problems_as_text, read_lesson
from video_assets.studio.lesson.script import merge_pronunciations
from video_assets.studio.preflight.lesson_check import problems_of
from video_assets.studio.preflight.slide_check import SlideCheck
from video_assets.studio.stages.lesson import only_section
from video_assets.studio.telemetry.estimate import EVERYTHING, Estimate, Rates

from .lesson_options import LessonOptions
from .lessons import files_of
from .time_estimate import estimate_of, known_rates, shares_to_make


@dataclass(frozen=True, kw_only=True)
class RenderOptions(LessonOptions):
    """The options of `lessonreel render`, with the names of its parameters."""

    storyboard: bool = False
    sequential: bool = False
    output: Path | None = None
    changed: bool = False
    """Whether lessons are left out of which a run would make nothing."""
    failed: bool = False
    """Whether lessons are left out whose last run did not fail."""
    at_once: int = 1
    """The number of lessons that are made in parallel."""
    report: Path | None = None
    """The file for the summary as JSON."""
    max_cost: str = ""
    """The highest total cost of this command's paid calls; empty for no limit."""
    budget: str = ""
    """The id of the budget, under which the ledger adds up the cost. It is no option: `render` sets it."""

    @property
    def overrides(self) -> RunOverrides:
        """See LessonOptions. Choices for a storyboard are not remembered, because it is only a preview."""
        return super().overrides._replace(remember=not self.storyboard)


class RenderJob(NamedTuple):
    """A lesson to make."""

    key: str
    language: str
    made_with: LessonSettings
    estimate: Estimate

    @property
    def settings(self) -> Settings:
        """The settings of the lesson's film."""
        return self.made_with.settings


class RenderPlan(NamedTuple):
    """The lessons to make, and the number of refused lessons."""

    jobs: tuple[RenderJob, ...]
    refused: int
    unchanged: int
    """The number of lessons that were left out because a run would make nothing."""


class _Lesson(NamedTuple):
    """The part of a lesson file that stays in memory. The pictures of a thousand lessons would not fit."""

    job: RenderJob | None
    problems: tuple[Problem, ...]


Forecast = Callable[[Path, str], Mapping[str, float]]
"""For a lesson file and its key, the share (0 to 1) of each stage that a render would make."""


class PlanContext(NamedTuple):
    """The inputs that are the same for all lessons of a plan."""

    project: ProjectFile
    choices: Path
    providers: Providers
    rates: Rates
    forecast: Forecast
    slides: SlideChecks


def plan_render(project_paths: ProjectPaths, paths: Sequence[Path], options: RenderOptions) -> RenderPlan:
    """Read every lesson, print all problems, and plan the valid lessons.

    With `changed`, lessons of which a run would make nothing are left out. Raises LessonInvalid if all lessons are
    invalid, and SettingInvalid for an unknown name in a setting that applies to all of them.
    """
    lesson_source = LessonFolder(project_paths.lessons, project_paths.register, project_paths.project_file)
    files, by_key, project = files_of(paths), lesson_source.by_key(), lesson_source.project()
    keys: dict[Path, str] = {}
    missing = tuple(problem for path in files if not path.exists() for problem in read_lesson(path).problems)
    for path in files:
        if not path.exists():
            continue
        try:
            with defect_boundary(str(path)):
                keys[path] = options.key(lesson_source.key_of(path, among=by_key))
        except StudioError as clash:
            sys.stderr.write(f"{path}: error: {clash}\n")
    explain = _Explainer(project_paths, project, options.overrides)
    wanted = _changed(explain, keys) if options.changed else keys
    forecast = _forecast(explain, of=len(wanted))
    context = PlanContext(
        project,
        project_paths.choices,
        providers_of(project_paths),
        known_rates(project_paths.state),
        forecast,
        SlideChecks(project_paths.fonts),
    )
    lessons = [_lesson(path, key, context, options) for path, key in wanted.items()]
    problems = (*missing, *(problem for lesson in lessons for problem in lesson.problems))
    jobs = tuple(lesson.job for lesson in lessons if lesson.job is not None)
    if problems and not jobs:
        raise LessonInvalid(problems)
    if problems:
        sys.stderr.write(problems_as_text(problems))
    return RenderPlan(
        jobs, refused=len(files) - len(keys) + len(lessons) - len(jobs), unchanged=len(keys) - len(wanted)
    )


class _Explainer:
    """Explains lessons with a quick check. The first call loads the providers."""

    def __init__(self, project_paths: ProjectPaths, project: ProjectFile, choices: RunOverrides) -> None:
        self._project_paths = project_paths
        self._project = project
        self._choices = choices

    @cached_property
    def _inputs(self) -> ExplainInputs:
        return explain_inputs(self._project_paths, thorough=False)

    def __call__(self, path: Path, key: str) -> Explanation:
        return explain_file(key, path, self._project, os.environ, self._choices, self._inputs)


def _changed(explain: _Explainer, keys: Mapping[Path, str]) -> dict[Path, str]:
    """The lessons of which a run would make something. Unreadable lessons are included. Their errors follow later."""
    return {path: key for path, key in keys.items() if _is_due(explain, path, key)}


_MAX_FORECASTS = 20
"""With more lessons than this, the forecast ignores what can be reused, because finding that out takes long."""


def _forecast(explain: _Explainer, *, of: int) -> Forecast:
    if of > _MAX_FORECASTS:
        return lambda path, key: EVERYTHING

    def forecast(path: Path, key: str) -> Mapping[str, float]:
        try:
            return shares_to_make(explain(path, key))
        except StudioError:
            return EVERYTHING  # the error is reported where the lesson is read

    return forecast


def _is_due(explain: _Explainer, path: Path, key: str) -> bool:
    try:
        with defect_boundary(str(path)):
            return explain(path, key).anything_to_make
    except SettingInvalid:
        raise
    except StudioError:
        return True


def _lesson(path: Path, key: str, context: PlanContext, options: RenderOptions) -> _Lesson:
    try:
        with defect_boundary(str(path)):
            return _read(path, key, context, options)
    except InternalDefect as defect:
        return _Lesson(None, (defect_problem(str(path), defect),))


def _read(path: Path, key: str, context: PlanContext, options: RenderOptions) -> _Lesson:
    read = read_lesson(path)
    if read.lesson is None:
        return _Lesson(None, read.problems)
    pronunciations = context.project.pronunciations
    try:
        choices = with_remembered(options.overrides, context.choices, key)
    except StudioError as error:
        return _Lesson(None, (*problems_of(str(path), read, pronunciations), as_problem(str(path), error)))
    found = settings_of(read, context.project, os.environ, choices)
    faults = name_problems(read, found, context.providers)
    shares = context.forecast(path, key)
    slides = _slide_check(path, found.settings, context, shares) if not faults else None
    problems = problems_of(str(path), read, pronunciations, slides)
    if any(problem.severity == "error" for problem in problems):
        return _Lesson(None, problems)
    for fault in faults:
        if not fault.concerns_one_lesson:
            raise SettingInvalid(str(fault))  # reported once, not for each lesson
    if faults:
        return _Lesson(None, (*problems, *(fault.problem(str(path)) for fault in faults)))
    ending = retirement_problems(str(path), found.settings, context.providers.retirements, datetime.now(UTC).date())
    return _Lesson(_job(key, read, context, found, options, shares), (*problems, *ending))


def _slide_check(
    path: Path, settings: Settings, context: PlanContext, shares: Mapping[str, float]
) -> SlideCheck | None:
    """The check of the slides; None if the lesson already has all its pictures."""
    return context.slides.of_lesson(path, settings) if shares.get("section_image", 1.0) else None


def _job(
    key: str,
    read: ReadLesson,
    context: PlanContext,
    found: LessonSettings,
    options: RenderOptions,
    shares: Mapping[str, float],
) -> RenderJob:
    assert read.lesson is not None
    pronunciations = merge_pronunciations(context.project.pronunciations, read.lesson.pronunciations)
    expected = estimate_of(
        only_section(read.lesson, options.section), pronunciations, found.settings, context.rates, shares
    )
    return RenderJob(key, read.lesson.language, found, expected)
