"""The asset `final_video`: the finished film and its bundle. A bundle that fails a check is not published."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from video_assets.studio.pipeline.manifests import ClipManifest, FilmManifest, read_sources
from video_assets.studio.pipeline.stage_context import StageContextFactory

from .film_summary import archive_in_words, film_in_words, target_in_words
from .materialization import check_specs, inline_picture, materialize_result, passed_checks, rejected_checks
from .partitions import LESSONS
from .stage_runner import run_stage
from .studio.stages.final_video import CHECKS, CODE, FilmFailedChecks, finish_film


@dg.asset(
    partitions_def=LESSONS,
    code_version=CODE,
    group_name="lessons",
    kinds={"python", "video"},
    owners=["team:course-makers"],
    io_manager_key="manifests",
    check_specs=check_specs("final_video", CHECKS),
)
def final_video(
    context: dg.AssetExecutionContext,
    lip_synced_clip: ClipManifest,
    stage_contexts: dg.ResourceParam[StageContextFactory],
    videos: dg.ResourceParam[Path],
) -> Iterator[dg.AssetCheckEvaluation | dg.MaterializeResult[FilmManifest]]:
    """The film: clips joined by stream copy, sound at one loudness, captions from real word times, chapters, poster,
    transcript.

    A film that fails a check is not published, and this asset is not materialized.
    """
    with run_stage(context, stage_contexts) as (stage_context, step):
        try:
            film = finish_film(lip_synced_clip, videos, stage_context)
        except FilmFailedChecks as rejected:
            yield from rejected_checks(context.asset_key, context.partition_key, rejected.findings)
            raise
        step.done(film.result)
        sources = read_sources(lip_synced_clip, stage_context.store)
    manifest = film.result.manifest
    name = next(name for name in manifest.files if name.endswith(".mp4"))
    target = target_in_words(context, manifest, sources)
    yield materialize_result(
        film.result,
        seconds=step.seconds,
        used=step.used,
        version=manifest.bundle,
        checks=passed_checks(film.findings),
        watch=dg.MetadataValue.url(step.addresses.watch(context.partition_key)),
        summary=film_in_words(manifest, sources),
        enlarge_storyboard=dg.MetadataValue.url(step.addresses.storyboard(context.partition_key)),
        film=dg.MetadataValue.path(film.folder / name),
        bundle=dg.MetadataValue.path(film.folder),
        storyboard=inline_picture(film.sheet),
        details={"target": dg.MetadataValue.text(target)} if target else None,
        archive=dg.MetadataValue.text(archive_in_words(context.instance, context.asset_key, context.partition_key)),
    )
