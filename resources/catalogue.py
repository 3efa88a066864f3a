"""Who can speak, paint and present, by the names that settings use.

Belongs here: which providers there are. Does not belong here: an adapter (its own module), configuration for Dagster
(`providers.py`; this module imports no Dagster, as `lessonreel check` must not wait for it), or the choice among them.

The adapters are imported when they are asked for: definitions load in every step, and must stay light.
"""

from __future__ import annotations

from pathlib import Path

from video_assets.studio.lipsync.engine import EngineOf
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


def presenter_providers(presenters: Path, weights: Path, state: Path) -> dict[str, PresenterProvider]:
    """Who can present: `presenters` holds their files, `weights` what users bring, `state` what was found out."""
    from .presenters.drawn import DrawnPresenters
    from .presenters.face_finder import FaceFinder
    from .presenters.photographed import PhotographedPresenters

    finder = FaceFinder(weights, state / "faces")
    return {
        "drawn": DrawnPresenters(presenters),
        "photographed": PhotographedPresenters(presenters, lip_engines(weights), finder),
    }


def lip_engines(weights: Path) -> dict[str, EngineOf]:
    """Who can make a photographed presenter's lips."""
    from video_assets.studio.lipsync.wav2lip import wav2lip

    return {"wav2lip": wav2lip(weights)}
