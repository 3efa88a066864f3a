"""Who can speak, paint and present, by the names that settings use.

Belongs here: which providers there are. Does not belong here: an adapter (its own module), configuration for Dagster
(`providers.py`; this module imports no Dagster, as `lessonreel check` must not wait for it), or the choice among them.

The adapters are imported when they are asked for: definitions load in every step, and must stay light.
"""

from __future__ import annotations

from pathlib import Path

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
