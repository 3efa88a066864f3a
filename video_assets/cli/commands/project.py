"""The project folder that a command works on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from video_assets.project_paths import ProjectPaths


def project_paths() -> ProjectPaths:
    """The project's paths."""
    from video_assets.project_paths import locate_project

    return locate_project()


def prepared_project_paths() -> ProjectPaths:
    """The project's paths, after the folders and the environment that Dagster needs are prepared."""
    from video_assets.project_paths import prepare

    paths = project_paths()
    prepare(paths, os.environ)
    return paths
