"""The inputs of a dry run for the lessons of a project, without Dagster."""

from __future__ import annotations

from video_assets.project_paths import ProjectPaths
from video_assets.studio.explain.inputs import ExplainInputs
from video_assets.studio.explain.read_only_store import ReadOnlyStore

from .catalogue import illustrators, picture_providers, presenter_providers, speech_providers, writers


def explain_inputs(project_paths: ProjectPaths, *, thorough: bool) -> ExplainInputs:
    """The inputs of a dry run. Make them once for many lessons.

    `thorough`: every object that would be reused is read and verified. Else only sizes are compared, and an unchanged
    lesson takes milliseconds.
    """
    return ExplainInputs(
        store=ReadOnlyStore(project_paths.store, thorough=thorough),
        voices=speech_providers(project_paths.providers, project_paths.weights),
        picture_providers=picture_providers(project_paths.fonts),
        presenters=presenter_providers(
            project_paths.presenters, project_paths.engines, project_paths.weights, project_paths.faces
        ),
        illustrators=illustrators(project_paths.providers),
        writers=writers(project_paths.providers),
        videos=project_paths.videos,
        pointers=project_paths.manifests,
        choices=project_paths.choices,
    )
