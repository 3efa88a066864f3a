"""The providers of this checkout, by the names that settings use.

Belongs here: which there are, and their configuration. Does not belong here: an adapter (its own module), or the
choice among them (`studio/stages`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from video_assets.studio.pictures import PictureProvider
from video_assets.studio.presenter import PresenterProvider
from video_assets.studio.speech import SpeechProvider


def speech_providers() -> dict[str, SpeechProvider]:
    """Who can speak."""
    from .speech.espeak import EspeakSpeech

    return {"espeak": EspeakSpeech()}


def picture_providers(fonts: Path) -> dict[str, PictureProvider]:
    """Who can make pictures."""
    from .pictures.slides import SlidePictures

    return {"slides": SlidePictures(fonts)}


def presenter_providers(presenters: Path) -> dict[str, PresenterProvider]:
    """Who can present."""
    from .presenters.drawn import DrawnPresenters

    return {"drawn": DrawnPresenters(presenters)}


# The adapters are imported when a step needs them: definitions load in every step, and must stay light.


class SpeechResource(dg.ConfigurableResource[Mapping[str, SpeechProvider]]):
    """The voices."""

    def create_resource(self, context: dg.InitResourceContext) -> Mapping[str, SpeechProvider]:
        """Providers of speech by name."""
        return speech_providers()


class PicturesResource(dg.ConfigurableResource[Mapping[str, PictureProvider]]):
    """The sources of pictures."""

    fonts_folder: str

    def create_resource(self, context: dg.InitResourceContext) -> Mapping[str, PictureProvider]:
        """Providers of pictures by name."""
        return picture_providers(Path(self.fonts_folder))


class PresentersResource(dg.ConfigurableResource[Mapping[str, PresenterProvider]]):
    """The presenters."""

    folder: str

    def create_resource(self, context: dg.InitResourceContext) -> Mapping[str, PresenterProvider]:
        """Providers of presenters by name."""
        return presenter_providers(Path(self.folder))
