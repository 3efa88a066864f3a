"""Who can speak, paint and present, by the names that settings use.

Belongs here: which providers there are. Does not belong here: an adapter (its own module), configuration for Dagster
(`providers.py`; this module imports no Dagster, as `lessonreel check` must not wait for it), or the choice among them.

The adapters are imported when they are asked for: definitions load in every step, and must stay light.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from video_assets.studio.lipsync.engine import EngineOf, LipEngine
    from video_assets.studio.pictures.illustration import IllustrationProvider
    from video_assets.studio.pictures.provider import PictureProvider
    from video_assets.studio.presenter.provider import LipOptions, PresenterProvider
    from video_assets.studio.speech.provider import SpeechProvider
    from video_assets.studio.speech.voices import Voice, VoiceSource
    from video_assets.studio.writing.provider import WritingProvider

    from .openai_client import OpenAIClient


class ListedVoices(NamedTuple):
    """The voices of a provider that a file describes."""

    listed: tuple[Voice, ...]

    def voices(self) -> tuple[Voice, ...]:
        """See VoiceSource."""
        return self.listed


class ConfiguredProviders:
    """The providers that files in a folder describe, each with one client for all that it does. Read when made."""

    def __init__(self, folder: Path) -> None:
        from .provider_file import read_providers

        self._files = read_providers(folder)
        self._clients: dict[str, OpenAIClient] = {}

    @property
    def at_once(self) -> dict[str, int]:
        """Calls that each may have in flight: the limits of their pools."""
        return {name: file.at_once for name, file in self._files.items()}

    @property
    def voices(self) -> dict[str, VoiceSource]:
        """The voices of those that speak."""
        return {name: ListedVoices(file.speech.voices_of(name)) for name, file in self._files.items() if file.speech}

    @property
    def illustrator_names(self) -> tuple[str, ...]:
        """Those that paint."""
        return tuple(name for name, file in self._files.items() if file.pictures)

    @property
    def writer_names(self) -> tuple[str, ...]:
        """Those that write."""
        return tuple(name for name, file in self._files.items() if file.writing)

    def client(self, name: str) -> OpenAIClient:
        """The client of a provider: connections are shared by all that is asked of it."""
        from .openai_client import OpenAIClient

        return self._clients.setdefault(name, OpenAIClient(name, self._files[name]))

    def speech(self, reference: SpeechProvider) -> dict[str, SpeechProvider]:
        """Those that speak; `reference` gives their speech its times."""
        found = {name: file.speech for name, file in self._files.items() if file.speech}
        if not found:
            return {}
        from .speech.aligner import Aligner
        from .speech.openai_speech import OpenAISpeech

        aligner = Aligner(reference)
        return {name: OpenAISpeech(self.client(name), speech, aligner) for name, speech in found.items()}

    def illustrators(self) -> dict[str, IllustrationProvider]:
        """Those that paint."""
        found = {name: file.pictures for name, file in self._files.items() if file.pictures}
        if not found:
            return {}
        from .illustrators.openai_pictures import OpenAIPictures

        return {name: OpenAIPictures(self.client(name), pictures) for name, pictures in found.items()}

    def writers(self) -> dict[str, WritingProvider]:
        """Those that write."""
        found = {name: file.writing for name, file in self._files.items() if file.writing}
        if not found:
            return {}
        from .writing.openai_writing import OpenAIWriting

        return {name: OpenAIWriting(self.client(name), writing) for name, writing in found.items()}


def speech_providers(providers: Path | None = None) -> dict[str, SpeechProvider]:
    """Who can speak: the embedded voice, and those that files in the folder `providers` describe."""
    from .speech.espeak import EspeakSpeech

    embedded = EspeakSpeech()
    return {**(ConfiguredProviders(providers).speech(embedded) if providers else {}), "espeak": embedded}


def voice_sources(described: ConfiguredProviders) -> dict[str, VoiceSource]:
    """The voices of all that `speech_providers` gives, by provider, without loading what speaks."""
    from .speech.espeak_voices import NAME, EspeakVoices

    return {**described.voices, NAME: EspeakVoices()}


def illustrators(providers: Path) -> dict[str, IllustrationProvider]:
    """Who can paint what a section describes."""
    return ConfiguredProviders(providers).illustrators()


def writers(providers: Path) -> dict[str, WritingProvider]:
    """Who can write what a lesson lacks."""
    return ConfiguredProviders(providers).writers()


def picture_providers(fonts: Path) -> dict[str, PictureProvider]:
    """Who can make pictures."""
    from .pictures.slides import SlidePictures

    return dict(zip(TYPESETTERS, (SlidePictures(fonts),), strict=True))


TYPESETTERS = ("slides",)
"""The names of `picture_providers`, for callers that need only the names."""


def presenter_providers(presenters: Path, weights: Path, state: Path) -> dict[str, PresenterProvider]:
    """Who can present: `presenters` holds their files (beside it, `engines` those of engines), `weights` what users
    bring, `state` what was found out.
    """
    from .presenters.drawn import DrawnPresenters
    from .presenters.face_finder import FaceDetector
    from .presenters.photographed import PhotographedPresenters

    finder = FaceDetector(weights, state / "faces")
    engines = lip_engines(weights, presenters.parent / "engines")
    return {
        "drawn": DrawnPresenters(presenters),
        "photographed": PhotographedPresenters(presenters, engines, finder),
    }


def presenter_names(presenters: Path) -> tuple[str, ...]:
    """The ids of all that `presenter_providers` gives, without loading what draws or moves lips.

    Raises SettingInvalid where the file of a drawn presenter is damaged.
    """
    from .presenters.person import drawn_ids
    from .presenters.portrait import photographed_ids

    return (*drawn_ids(presenters), *photographed_ids(presenters))


def lip_engines(weights: Path, described: Path) -> dict[str, EngineOf]:
    """Who can make a photographed presenter's lips: our own network, and a program or service per file in `described`,
    which is read when it is chosen.
    """
    from video_assets.studio.lipsync.engines.wav2lip import wav2lip

    others = {path.stem: _described(path) for path in sorted(described.glob("*.toml"))}
    return {**others, "wav2lip": wav2lip(weights)}


def _described(path: Path) -> EngineOf:
    def engine(table: Mapping[str, str], options: LipOptions) -> LipEngine:
        from video_assets.studio.lipsync.engines.engine_file import read_engine

        file = read_engine(path)
        if file.kind == "command":
            from video_assets.studio.lipsync.engines.command_engine import CommandEngine

            return CommandEngine(path.stem, file, table)
        from .presenters.http_engine import HttpEngine

        return HttpEngine(path.stem, file, table)

    return engine
