"""The asset `final_video`: the finished film and its bundle, checked, published whole or not at all."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from .failures import ONCE_AGAIN
from .partitions import LESSONS
from .recording import checked, inline_picture, recorded
from .shell import stage
from .studio.manifests import ClipManifest, FilmManifest
from .studio.stages.final_video import CHECKS, RejectedFilm, finish_film
from .studio.workshop import Bench


@dg.asset(
    partitions_def=LESSONS,
    code_version="1",
    group_name="lessons",
    kinds={"python", "video"},
    owners=["team:course-makers"],
    io_manager_key="manifests",
    retry_policy=ONCE_AGAIN,
    check_specs=[
        dg.AssetCheckSpec(name, asset="final_video", description=description, blocking=True)
        for name, description in CHECKS.items()
    ],
)
def final_video(
    context: dg.AssetExecutionContext,
    lip_synced_clip: ClipManifest,
    bench: dg.ResourceParam[Bench],
    videos: dg.ResourceParam[Path],
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[FilmManifest]]:
    """Clips joined by stream copy, sound at one loudness, captions from real word times, chapters, poster, transcript.
    A film that fails one of its checks is not published, and this asset is not materialized.
    """
    with stage(context, bench) as (workshop, step):
        try:
            film = finish_film(lip_synced_clip, videos, workshop)
        except RejectedFilm as rejected:
            yield from checked(context.partition_key, rejected.findings)
            raise
        step.done(film.result)
    yield from checked(context.partition_key, film.findings)
    name = next(name for name in film.result.manifest.files if name.endswith(".mp4"))
    yield recorded(
        film.result,
        seconds=step.seconds,
        used=step.used,
        version=film.result.manifest.bundle,
        watch=dg.MetadataValue.url(step.addresses.watch(context.partition_key)),
        enlarge_storyboard=dg.MetadataValue.url(step.addresses.storyboard(context.partition_key)),
        storyboard=inline_picture(film.sheet),
        film=dg.MetadataValue.path(film.folder / name),
        bundle=dg.MetadataValue.path(film.folder),
    )
