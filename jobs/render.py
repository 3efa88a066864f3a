"""The job that makes a lesson's film from its file: all six assets, each in its own process."""

from __future__ import annotations

import dagster as dg

from jobs.runs.executor import lesson_steps

JOB_NAME = "render_lesson"

IN_ONE_PROCESS = {"in_one_process": True}
"""Configuration of the executor: the steps run one after the other in the run's own process."""


def render_job() -> dg.UnresolvedAssetJobDefinition:
    """lesson → script → section_audio, section_image → lip_synced_clip → final_video."""
    return dg.define_asset_job(
        JOB_NAME,
        selection=dg.AssetSelection.groups("lessons"),
        description="Make the film of one lesson. What did not change is reused, section by section.",
        executor_def=lesson_steps,
    )
