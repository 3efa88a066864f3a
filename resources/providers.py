"""The providers of a project as Dagster resources, one for each kind.

Does not belong here: which providers there are (`catalogue.py`), or the choice among them (`studio/stages`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg

from video_assets.project_paths import ProjectPaths

from .catalogue import illustrators, picture_providers, presenter_providers, speech_providers, writers


def provider_resources(project_paths: ProjectPaths) -> dict[str, dg.ResourceDefinition]:
    """The resources by name; each gives providers by the names that settings use."""
    return {
        "speech": _resource(
            lambda: speech_providers(project_paths.providers, project_paths.weights), "The speech providers."
        ),
        "illustrators": _resource(lambda: illustrators(project_paths.providers), "The illustration providers."),
        "writers": _resource(lambda: writers(project_paths.providers), "The writing providers."),
        "pictures": _resource(lambda: picture_providers(project_paths.fonts), "The slide renderers."),
        "presenters": _resource(
            lambda: presenter_providers(
                project_paths.presenters, project_paths.engines, project_paths.weights, project_paths.faces
            ),
            "The presenter providers.",
        ),
    }


def _resource(made: Callable[[], Mapping[str, Any]], description: str) -> dg.ResourceDefinition:
    return dg.ResourceDefinition(lambda _: made(), description=description)
