"""The providers of this checkout as Dagster resources.

Belongs here: their configuration. Does not belong here: which there are (`catalogue.py`), an adapter (its own module),
or the choice among them (`studio/stages`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from video_assets.studio.illustration import IllustrationProvider
from video_assets.studio.pictures import PictureProvider
from video_assets.studio.presenter import PresenterProvider
from video_assets.studio.speech import SpeechProvider
from video_assets.studio.writing import WritingProvider

from .catalogue import illustrators, picture_providers, presenter_providers, speech_providers, writers


class SpeechResource(dg.ConfigurableResource[Mapping[str, SpeechProvider]]):
    """The voices."""

    providers_folder: str

    def create_resource(self, context: dg.InitResourceContext) -> Mapping[str, SpeechProvider]:
        """Providers of speech by name."""
        return speech_providers(Path(self.providers_folder))


class IllustratorsResource(dg.ConfigurableResource[Mapping[str, IllustrationProvider]]):
    """The painters."""

    providers_folder: str

    def create_resource(self, context: dg.InitResourceContext) -> Mapping[str, IllustrationProvider]:
        """Providers of illustrations by name."""
        return illustrators(Path(self.providers_folder))


class WritersResource(dg.ConfigurableResource[Mapping[str, WritingProvider]]):
    """The writers."""

    providers_folder: str

    def create_resource(self, context: dg.InitResourceContext) -> Mapping[str, WritingProvider]:
        """Providers of texts by name."""
        return writers(Path(self.providers_folder))


class PicturesResource(dg.ConfigurableResource[Mapping[str, PictureProvider]]):
    """The sources of pictures."""

    fonts_folder: str

    def create_resource(self, context: dg.InitResourceContext) -> Mapping[str, PictureProvider]:
        """Providers of pictures by name."""
        return picture_providers(Path(self.fonts_folder))


class PresentersResource(dg.ConfigurableResource[Mapping[str, PresenterProvider]]):
    """The presenters."""

    folder: str
    weights_folder: str
    state_folder: str

    def create_resource(self, context: dg.InitResourceContext) -> Mapping[str, PresenterProvider]:
        """Providers of presenters by name."""
        return presenter_providers(Path(self.folder), Path(self.weights_folder), Path(self.state_folder))
