"""The asset `lip_synced_clip`: a video of each section with lip sync, not yet joined."""

from collections.abc import Mapping

import dagster as dg

from video_assets.studio.core.quantities import format_clock
from video_assets.studio.film.pages.pictures import sample_frame
from video_assets.studio.pipeline.manifests import ClipManifest, PictureManifest, SpeechManifest
from video_assets.studio.pipeline.stage_context import StageContextFactory
from video_assets.studio.presenter.provider import PresenterProvider

from .film_summary import pluralise
from .materialization import inline_picture, materialize_result
from .partitions import LESSONS
from .stage_runner import run_stage
from .studio.stages.lip_synced_clip import CODE, make_clips


@dg.asset(
    partitions_def=LESSONS,
    code_version=CODE,
    group_name="lessons",
    kinds={"python", "video"},
    owners=["team:course-makers"],
    io_manager_key="manifests",
)
def lip_synced_clip(
    context: dg.AssetExecutionContext,
    section_audio: SpeechManifest,
    section_image: PictureManifest,
    stage_contexts: dg.ResourceParam[StageContextFactory],
    presenters: dg.ResourceParam[Mapping[str, PresenterProvider]],
) -> dg.MaterializeResult[ClipManifest]:
    """Each section, composed of slide and presenter. It is encoded once, in closed pieces for a join by stream copy."""
    with run_stage(context, stage_contexts) as (stage_context, step):
        result = step.done(make_clips(section_audio, section_image, presenters, stage_context))
        frame = sample_frame(result.manifest, stage_context.store)
    return materialize_result(
        result,
        seconds=step.seconds,
        used=step.used,
        summary=f"{format_clock(result.figures['video_seconds'])} of video in {pluralise(len(result.rows), 'clip')}",
        frame=inline_picture(frame, alt="a frame of the film, with its presenter"),
    )
