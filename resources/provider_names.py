"""The provider names that settings may hold in a project: voices, picture providers, presenters, writers.

They are collected without loading a provider, because `lessonreel check` must not wait for libraries that make films.
"""

from __future__ import annotations

from functools import partial

from video_assets.project_paths import ProjectPaths
from video_assets.studio.choices.precedence import Providers

from .catalogue import TYPESETTERS, ConfiguredProviders, presenter_ids, voice_sources
from .retirements import read_retirements, retirements_of


def providers_of(project_paths: ProjectPaths) -> Providers:
    """The provider names of this project. Raises SettingInvalid for an invalid provider file.

    Make it once for many lessons.
    """
    described = ConfiguredProviders(project_paths.providers)
    return Providers(
        voices=voice_sources(described, project_paths.weights),
        picture_providers=TYPESETTERS,
        presenters=partial(presenter_ids, project_paths.presenters),
        illustrators=described.illustrator_names,
        writers=described.writer_names,
        retirements=retirements_of(described.files, read_retirements(project_paths.retirements)),
    )
