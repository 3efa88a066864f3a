"""Who can speak, paint and present, by the names that settings use.

Belongs here: which providers there are. Does not belong here: an adapter (its own module), configuration for Dagster
(`providers.py`; this module imports no Dagster, as `lessonreel check` must not wait for it), or the choice among them.

The adapters are imported when they are asked for: definitions load in every step, and must stay light.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from video_assets.studio.lipsync.engine import EngineOf, LipEngine
from video_assets.studio.pictures import PictureProvider
from video_assets.studio.presenter import LipOptions, PresenterProvider
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
    """Who can present: `presenters` holds their files (beside it, `engines` those of engines), `weights` what users
    bring, `state` what was found out.
    """
    from .presenters.drawn import DrawnPresenters
    from .presenters.face_finder import FaceFinder
    from .presenters.photographed import PhotographedPresenters

    finder = FaceFinder(weights, state / "faces")
    engines = lip_engines(weights, presenters.parent / "engines")
    return {
        "drawn": DrawnPresenters(presenters),
        "photographed": PhotographedPresenters(presenters, engines, finder),
    }


def lip_engines(weights: Path, described: Path) -> dict[str, EngineOf]:
    """Who can make a photographed presenter's lips: our own network, and a program or service per file in `described`,
    which is read when it is chosen.
    """
    from video_assets.studio.lipsync.wav2lip import wav2lip

    others = {path.stem: _described(path) for path in sorted(described.glob("*.toml"))}
    return {**others, "wav2lip": wav2lip(weights)}


def _described(path: Path) -> EngineOf:
    def engine(table: Mapping[str, str], options: LipOptions) -> LipEngine:
        from video_assets.studio.lipsync.engine_file import read_engine

        file = read_engine(path)
        if file.kind == "command":
            from video_assets.studio.lipsync.command_engine import CommandEngine

            return CommandEngine(path.stem, file, table)
        from .presenters.http_engine import HttpEngine

        return HttpEngine(path.stem, file, table)

    return engine
