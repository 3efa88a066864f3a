"""The lessons of this project as a Dagster resource."""

from __future__ import annotations

import dagster as dg

from video_assets.project_paths import ProjectPaths

from .lesson_folder import LessonFolder


def lessons_resource(project_paths: ProjectPaths) -> dg.ResourceDefinition:
    """The lesson source of a project."""
    return dg.ResourceDefinition(
        lambda _: LessonFolder(lambda: project_paths.lessons, project_paths.register, project_paths.project_file),
        description="The lesson files, by key.",
    )
