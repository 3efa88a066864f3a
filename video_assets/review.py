"""How Dagster shows that a lesson waits for an approval: a tag of its run, a warning in the run's log, an observation.

This module only shows it: what decides it is in `studio/approvals.py` and in the stage `section_audio`.
"""

from __future__ import annotations

import dagster as dg
from dagster._core.storage.tags import PARTITION_NAME_TAG

WAITS_TAG = "lessonreel/waits-for-approval"
"""On a run that stopped before anything was spoken: `yes` while its script waits, then what became of it."""
WAITS = "yes"
APPROVED = "no: approved"
SUPERSEDED = "no: a newer run waits"
NOT_REVIEWED = "no: a newer run was spoken"


def waiting_words(lesson: str) -> str:
    """What a person reads of a lesson that waits, and what to do."""
    return (
        f"{lesson} waits for approval: nothing is spoken and no film is made before. Look at the sections of `script` "
        f"and at the storyboard of `section_image`. Then launch the job `approve` for {lesson} (or type `lessonreel "
        f"approve {lesson}`), and materialize the lesson again."
    )


def show_that_it_waits(context: dg.AssetExecutionContext) -> None:
    """Say at the run and at the asset that its lesson waits for an approval."""
    lesson = context.partition_key
    words = waiting_words(lesson)
    context.log.warning(words)
    metadata = {"state": "waits for approval, as of this run", "what to do": words}
    context.log_event(dg.AssetObservation(context.asset_key, partition=lesson, description=words, metadata=metadata))
    settle_older(context.instance, lesson, SUPERSEDED)
    context.instance.add_run_tags(context.run.run_id, {WAITS_TAG: WAITS})


def settle_older(instance: dg.DagsterInstance, lesson: str, became: str) -> None:
    """Say at the runs of the lesson that are tagged as waiting what became of them."""
    waiting = dg.RunsFilter(tags={WAITS_TAG: WAITS, PARTITION_NAME_TAG: lesson})
    for run in instance.get_runs(filters=waiting):
        instance.add_run_tags(run.run_id, {WAITS_TAG: became})
