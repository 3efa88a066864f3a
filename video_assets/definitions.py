"""Dagster's definitions: assets, resources, jobs, schedules and sensors.

Does not belong here: anything that has a side effect at import.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from jobs.approve import approve, waiting_for_approval
from jobs.archive_report import archive_report, backfill_reports
from jobs.lessons.find_lessons import find_lessons
from jobs.lessons.nightly_check import catch_up, nightly
from jobs.lessons.sensor import lesson_sensor
from jobs.render import render_job
from jobs.runs.executor import lesson_steps
from jobs.store_maintenance import tend_store, weekly
from resources.lessons import lessons_resource
from resources.providers import provider_resources
from resources.slots import slots_resource
from resources.stage_contexts import folder_resource, stage_contexts_resource
from resources.store import manifests_resource, store_resource
from video_assets.studio.telemetry.resource_usage import cores, gpus

from .final_video import final_video
from .lesson import lesson
from .lip_synced_clip import lip_synced_clip
from .project_paths import ProjectPaths, locate_project
from .script import script
from .section_audio import section_audio
from .section_image import section_image

ASSETS = (lesson, script, section_audio, section_image, lip_synced_clip, final_video)


def resources_of(project_paths: ProjectPaths) -> dict[str, Any]:
    """The project's resources. Its folders are fixed here: none of them is part of a run's configuration."""
    limits = {"rendering": cores(), "gpu": max(1, gpus()), "lips": 1}
    return {
        "store": store_resource(project_paths.store),
        "manifests": manifests_resource(project_paths.manifests),
        "slots": slots_resource(limits, project_paths.semaphores, project_paths.providers),
        "stage_contexts": stage_contexts_resource(project_paths),
        "lesson_source": lessons_resource(project_paths),
        "videos": folder_resource(project_paths.videos),
        **provider_resources(project_paths),
    }


def build_defs(resource_overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """The project's definitions; `resource_overrides` replaces resources by name (tests, other providers)."""
    return dg.Definitions(
        assets=list(ASSETS),
        jobs=[render_job(), approve, waiting_for_approval, find_lessons, catch_up, tend_store, archive_report],
        schedules=[nightly, weekly],
        sensors=[lesson_sensor(), backfill_reports],
        resources={**resources_of(locate_project()), **(resource_overrides or {})},
        executor=lesson_steps,
    )


defs = build_defs()
