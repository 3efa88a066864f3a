"""The names that settings may hold in a checkout: voices, painters, presenters, writers.

Belongs here: gathering them for the check of names, without loading a provider: `lessonreel check` must not wait for
libraries that make films. Does not belong here: the providers (`catalogue.py`), or the check (`lesson_settings.py`).
"""

from __future__ import annotations

from functools import partial

from video_assets.project_paths import ProjectPaths
from video_assets.studio.choices.precedence import Providers

from .catalogue import TYPESETTERS, ConfiguredProviders, presenter_names, voice_sources


def providers_of(project_paths: ProjectPaths) -> Providers:
    """What the names in settings may mean in this checkout. Raises SettingInvalid for a provider's file that is wrong.

    Make it once for many lessons.
    """
    described = ConfiguredProviders(project_paths.providers)
    return Providers(
        voices=voice_sources(described),
        picture_providers=TYPESETTERS,
        presenters=partial(presenter_names, project_paths.presenters),
        illustrators=described.illustrator_names,
        writers=described.writer_names,
    )
