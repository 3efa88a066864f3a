"""The job that makes a lesson's film from its file: all six assets, each in a process of its own."""

from __future__ import annotations

import dagster as dg

JOB_NAME = "render_lesson"

IN_PROCESSES = {
    "multiprocess": {
        # Steps of one run at a time: only section_audio and section_image can run side by side.
        "max_concurrent": 2,
        # A forked step costs half of a spawned one; the modules are imported once for all six.
        "start_method": {"forkserver": {"preload_modules": ["video_assets.definitions"]}},
    }
}
IN_ONE_PROCESS: dict[str, dict[str, object]] = {
    # Whatever kills a step kills the run here, so there is nothing to retry, but an interruption would be.
    "in_process": {"retries": {"disabled": {}}}
}

EXECUTOR = dg.multiprocess_executor.configured(IN_PROCESSES["multiprocess"], name="lesson_steps")
"""For runs that Dagster's UI makes of a selection of assets."""


def render_job() -> dg.UnresolvedAssetJobDefinition:
    """lesson → script → section_audio, section_image → lip_synced_clip → final_video."""
    return dg.define_asset_job(
        JOB_NAME,
        selection=dg.AssetSelection.groups("lessons"),
        description="Make the film of one lesson. What did not change is reused, section by section.",
        executor_def=dg.multi_or_in_process_executor,
        config={"execution": {"config": IN_PROCESSES}},
    )
