"""The asset `section_image`: the picture of each section, and of the cards at the start and the end."""

from collections.abc import Mapping

import dagster as dg

from video_assets.studio.pictures.illustration import IllustrationProvider
from video_assets.studio.pictures.provider import PictureProvider
from video_assets.studio.pipeline.manifests import PictureManifest, ScriptManifest
from video_assets.studio.pipeline.stage_context import StageContextFactory

from .film_summary import pluralise
from .materialization import inline_picture, materialize_result
from .partitions import LESSONS
from .stage_runner import run_stage
from .studio.stages.section_image import CODE, contact_sheet, make_pictures


@dg.asset(
    partitions_def=LESSONS,
    code_version=CODE,
    group_name="lessons",
    kinds={"python", "image"},
    owners=["team:course-makers"],
    io_manager_key="manifests",
)
def section_image(
    context: dg.AssetExecutionContext,
    script: ScriptManifest,
    stage_contexts: dg.ResourceParam[StageContextFactory],
    pictures: dg.ResourceParam[Mapping[str, PictureProvider]],
    illustrators: dg.ResourceParam[Mapping[str, IllustrationProvider]],
) -> dg.MaterializeResult[PictureManifest]:
    """The picture of each section in the film's size: a typeset slide, with a font that has each of its characters.

    The slide contains a painted illustration, if the lesson has an illustration provider.
    """
    with run_stage(context, stage_contexts) as (stage_context, step):
        result = step.done(make_pictures(script, pictures, stage_context, illustrators))
        sheet = contact_sheet(result.manifest, script, stage_context.store, stage_context.fonts)
    return materialize_result(
        result,
        seconds=step.seconds,
        used=step.used,
        summary=pluralise(len(result.rows), "picture"),
        enlarge_storyboard=dg.MetadataValue.url(step.addresses.sections(context.partition_key)),
        storyboard=inline_picture(sheet),
    )
