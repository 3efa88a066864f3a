"""The asset `script`: the spoken and the shown text of each section."""

from collections.abc import Mapping

import dagster as dg

from video_assets.studio.pipeline.manifests import LessonManifest, ScriptManifest
from video_assets.studio.pipeline.stage_context import StageContextFactory
from video_assets.studio.writing.provider import WritingProvider

from .film_summary import pluralise
from .materialization import materialize_result
from .partitions import LESSONS
from .stage_runner import run_stage
from .studio.stages.script import write_script


@dg.asset(
    partitions_def=LESSONS,
    code_version="1",
    group_name="lessons",
    kinds={"python"},
    owners=["team:course-makers"],
    io_manager_key="manifests",
)
def script(
    context: dg.AssetExecutionContext,
    lesson: LessonManifest,
    stage_contexts: dg.ResourceParam[StageContextFactory],
    writers: dg.ResourceParam[Mapping[str, WritingProvider]],
) -> dg.MaterializeResult[ScriptManifest]:
    """The spoken and the shown text of each section, and the plan of its slide.

    In the spoken text, numbers, units and symbols are words for the voice. The slide is the author's, or it is derived
    from the description and the narration. Missing text is written by the writing provider, if the lesson has one.
    """
    with run_stage(context, stage_contexts) as (stage_context, step):
        result = step.done(write_script(lesson, stage_context, writers))
    sections = result.manifest.sections
    words = sum(len(section.tokens) for section in sections)
    summary = f"{pluralise(len(sections), 'section')}, {pluralise(words, 'word')} shown and spoken"
    return materialize_result(result, seconds=step.seconds, used=step.used, summary=summary)
