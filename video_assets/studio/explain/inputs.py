"""The inputs of a dry run: the providers, and the folders of earlier results."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.choices.precedence import Providers
from video_assets.studio.choices.speakers import choosable
from video_assets.studio.pictures.illustration import IllustrationProvider
from video_assets.studio.pictures.provider import PictureProvider
from video_assets.studio.presenter.provider import PresenterProvider, presenter_names
from video_assets.studio.speech.provider import SpeechProvider
from video_assets.studio.stages.plans import StageProviders
from video_assets.studio.writing.provider import WritingProvider

from .read_only_store import ReadOnlyStore


class ExplainInputs(NamedTuple):
    """The providers, and the folders of earlier results. Make it once for many lessons."""

    store: ReadOnlyStore
    voices: Mapping[str, SpeechProvider]
    picture_providers: Mapping[str, PictureProvider]
    presenters: Mapping[str, PresenterProvider]
    videos: Path
    """Folder of the bundles."""
    pointers: Path
    """Folder of the references to manifests."""
    illustrators: Mapping[str, IllustrationProvider] = {}
    writers: Mapping[str, WritingProvider] = {}
    choices: Path | None = None
    """Folder of the choices that people made for each lesson; None: nothing is remembered."""

    @property
    def providers(self) -> Providers:
        """The providers that names in settings may refer to."""
        faces = partial(presenter_names, self.presenters)
        return Providers(
            choosable(self.voices), tuple(self.picture_providers), faces, tuple(self.illustrators), tuple(self.writers)
        )

    @property
    def stage_providers(self) -> StageProviders:
        """The providers of the stages' plans."""
        return StageProviders(self.voices, self.picture_providers, self.illustrators, self.presenters)
