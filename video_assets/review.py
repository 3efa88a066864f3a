"""Shows in Dagster that a lesson waits for approval: a tag on its run, a warning in the run's log, an observation.

Does not belong here: the decision whether a lesson waits (`studio/film/approvals.py`).
"""

from __future__ import annotations

import dagster as dg

from video_assets.dagster_internals import PARTITION_NAME_TAG

WAITS_TAG = "lessonreel/waits-for-approval"
"""Tag of a run that stopped before the speech: `yes` while its script waits, later one of the values below."""
WAITS = "yes"
APPROVED = "no: approved"
SUPERSEDED = "no: a newer run waits"
NOT_REVIEWED = "no: a newer run was spoken"


def waiting_message(lesson: str) -> str:
    """The message about a lesson that waits for approval, with what to do."""
    return (
        f"{lesson} waits for approval. Until then no speech and no film is made. Look at the sections of `script` "
        f"and at the storyboard of `section_image`. Then launch the job `approve` for {lesson} (or type `lessonreel "
        f"approve {lesson}`), and materialize the lesson again."
    )


def mark_as_waiting(context: dg.AssetExecutionContext) -> None:
    """Mark the run and the asset of this step: the lesson waits for approval."""
    lesson = context.partition_key
    message = waiting_message(lesson)
    context.log.warning(message)
    metadata = {"state": "waits for approval, as of this run", "what to do": message}
    context.log_event(dg.AssetObservation(context.asset_key, partition=lesson, description=message, metadata=metadata))
    retag_older_runs(context.instance, lesson, SUPERSEDED)
    context.instance.add_run_tags(context.run.run_id, {WAITS_TAG: WAITS})


def retag_older_runs(instance: dg.DagsterInstance, lesson: str, outcome: str) -> None:
    """Replace the tag value of the lesson's waiting runs by `outcome`."""
    waiting = dg.RunsFilter(tags={WAITS_TAG: WAITS, PARTITION_NAME_TAG: lesson})
    for run in instance.get_runs(filters=waiting):
        instance.add_run_tags(run.run_id, {WAITS_TAG: outcome})
