"""The asset `lesson`: a checked snapshot of the lesson file, with the settings for this film."""

import os
from collections.abc import Mapping
from functools import partial

import dagster as dg

from video_assets.studio.choices.precedence import Providers
from video_assets.studio.choices.remembered import Value
from video_assets.studio.choices.speakers import choosable
from video_assets.studio.core.errors import LessonInvalid
from video_assets.studio.lesson.project import LessonSource
from video_assets.studio.pictures.illustration import IllustrationProvider
from video_assets.studio.pictures.provider import PictureProvider
from video_assets.studio.pipeline.manifests import LessonManifest
from video_assets.studio.pipeline.stage_context import StageContext, StageContextFactory
from video_assets.studio.presenter.provider import PresenterProvider, presenter_names
from video_assets.studio.speech.provider import SpeechProvider
from video_assets.studio.writing.provider import WritingProvider

from .failures import problems_table
from .film_summary import pluralise
from .lesson_config import choices_from_config, lesson_config
from .materialization import materialize_result
from .partitions import LESSONS
from .stage_runner import run_stage
from .studio.stages.lesson import LoadedLesson, load_lesson


@dg.asset(
    partitions_def=LESSONS,
    code_version="1",
    group_name="lessons",
    kinds={"json"},
    owners=["team:course-makers"],
    io_manager_key="manifests",
    config_schema=lesson_config(),
)
def lesson(
    context: dg.AssetExecutionContext,
    stage_contexts: dg.ResourceParam[StageContextFactory],
    lesson_source: dg.ResourceParam[LessonSource],
    speech: dg.ResourceParam[Mapping[str, SpeechProvider]],
    pictures: dg.ResourceParam[Mapping[str, PictureProvider]],
    presenters: dg.ResourceParam[Mapping[str, PresenterProvider]],
    illustrators: dg.ResourceParam[Mapping[str, IllustrationProvider]],
    writers: dg.ResourceParam[Mapping[str, WritingProvider]],
) -> dg.MaterializeResult[LessonManifest]:
    """A checked snapshot of the lesson file.

    The whole run uses this snapshot. An edit during the run causes the next run, and never a film of two versions. The
    settings that were chosen for this run are remembered for later runs.
    """
    faces = partial(presenter_names, presenters)
    providers = Providers(choosable(speech), tuple(pictures), faces, tuple(illustrators), tuple(writers))
    with run_stage(context, stage_contexts) as (stage_context, step):
        loaded = _load(context, lesson_source, stage_context, providers)
        step.done(loaded.result)
    warnings = [*map(str, loaded.warnings), *loaded.made_with.overrides]
    for line in warnings:
        context.log.warning(line)
    details: dict[str, dg.MetadataValue] = {}
    if loaded.made_with.chosen:
        details["chosen"] = dg.MetadataValue.text(_listed(loaded.made_with.chosen))
    if loaded.warnings:
        details["problems"] = problems_table(loaded.warnings)
    content = loaded.result.manifest.lesson
    return materialize_result(
        loaded.result,
        seconds=step.seconds,
        used=step.used,
        summary=f"{pluralise(len(content.sections), 'section')}, language {content.language}",
        details=details,
        warnings=dg.MetadataValue.int(len(warnings)),
        file=dg.MetadataValue.text(loaded.file),
    )


def _load(
    context: dg.AssetExecutionContext, lesson_source: LessonSource, stage_context: StageContext, providers: Providers
) -> LoadedLesson:
    choices = choices_from_config(context.op_execution_context.op_config or {})
    try:
        return load_lesson(context.partition_key, lesson_source, os.environ, choices, stage_context, providers)
    except LessonInvalid as error:
        for problem in error.problems:
            if problem.severity == "warning":
                context.log.warning(str(problem))
        raise


def _listed(chosen: Mapping[str, Value]) -> str:
    return ", ".join(f"{name}={value}" for name, value in chosen.items())
