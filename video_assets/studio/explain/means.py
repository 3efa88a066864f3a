"""What lessons would be made with.

Belongs here: the providers, and where what was made lies. Does not belong here: putting them together for a checkout
(`cli/explain.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.choices.precedence import Providers
from video_assets.studio.pictures.illustration import IllustrationProvider
from video_assets.studio.pictures.provider import PictureProvider
from video_assets.studio.presenter.provider import PresenterProvider, presenter_names
from video_assets.studio.speech.provider import SpeechProvider
from video_assets.studio.writing.provider import WritingProvider

from .glance import ReadOnlyStore


class ExplainInputs(NamedTuple):
    """What lessons would be made with, and where what was made lies. Make it once for many lessons."""

    store: ReadOnlyStore
    voices: Mapping[str, SpeechProvider]
    picture_providers: Mapping[str, PictureProvider]
    presenters: Mapping[str, PresenterProvider]
    videos: Path
    """Folder of the bundles."""
    pointers: Path
    """Folder of the pointers to manifests."""
    illustrators: Mapping[str, IllustrationProvider] = {}
    writers: Mapping[str, WritingProvider] = {}
    choices: Path | None = None
    """Folder of what people chose for each lesson; None: nothing is remembered."""

    @property
    def providers(self) -> Providers:
        """What the names in settings may mean."""
        faces = partial(presenter_names, self.presenters)
        return Providers(
            self.voices, tuple(self.picture_providers), faces, tuple(self.illustrators), tuple(self.writers)
        )
