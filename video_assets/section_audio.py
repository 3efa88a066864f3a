"""The asset `section_audio`: the speech of each section, with the times of its words and phonemes."""

from collections.abc import Iterator, Mapping

import dagster as dg

from video_assets.studio.core.values import canonical_json, digest_of
from video_assets.studio.pipeline.manifests import ScriptManifest, SpeechManifest
from video_assets.studio.pipeline.stage_context import StageContextFactory
from video_assets.studio.speech.provider import SpeechProvider

from .film_summary import speech_in_words
from .materialization import materialize_result
from .partitions import LESSONS
from .review import NOT_REVIEWED, mark_as_waiting, retag_older_runs
from .stage_runner import run_stage
from .studio.stages.section_audio import CODE, speak_script, waits_for_approval


@dg.asset(
    partitions_def=LESSONS,
    code_version=CODE,
    group_name="lessons",
    kinds={"python", "audio"},
    owners=["team:course-makers"],
    io_manager_key="manifests",
    output_required=False,  # no output while a lesson waits for approval; the assets after it are skipped
)
def section_audio(
    context: dg.AssetExecutionContext,
    script: ScriptManifest,
    stage_contexts: dg.ResourceParam[StageContextFactory],
    speech: dg.ResourceParam[Mapping[str, SpeechProvider]],
) -> Iterator[dg.MaterializeResult[SpeechManifest]]:
    """The speech of each section, checked and brought to one loudness. Unchanged text is not spoken again.

    With the setting `review`, this asset and those after it are skipped until the script and the pictures are approved.
    """
    with run_stage(context, stage_contexts) as (stage_context, step):
        if waits_for_approval(script, stage_context):
            step.films.waits(digest_of(canonical_json(script)))
            mark_as_waiting(context)
            return
        result = step.done(speak_script(script, speech, stage_context))
    retag_older_runs(context.instance, context.partition_key, NOT_REVIEWED)
    yield materialize_result(
        result,
        seconds=step.seconds,
        used=step.used,
        summary=speech_in_words(result.manifest),
        listen=dg.MetadataValue.url(step.addresses.sections(context.partition_key)),
    )
