"""The catalogue of providers, by the names that settings use.

The adapters are imported at first use, because definitions load in every step and must stay light. This module imports
no Dagster, because `lessonreel check` must not wait for it.

Does not belong here: the choice among providers (`studio/stages`).
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
    """The voices of a provider with a file."""

    listed: tuple[Voice, ...]

    def voices(self) -> tuple[Voice, ...]:
        """See VoiceSource."""
        return self.listed

    def unsayable(self, word: str, voice: Voice) -> str:
        """See VoiceSource: what a service can read is known to it alone."""
        return ""


class ConfiguredProviders:
    """The providers with a file in a folder, each with one client for all its kinds of work. Reads all files."""

    def __init__(self, folder: Path) -> None:
        from .provider_file import read_providers

        self._files = read_providers(folder)
        self._clients: dict[str, OpenAIClient] = {}

    @property
    def at_once(self) -> dict[str, int]:
        """The concurrent calls of each: the limits of their pools."""
        return {name: file.at_once for name, file in self._files.items()}

    @property
    def voices(self) -> dict[str, VoiceSource]:
        """The voices of the speech providers."""
        return {name: ListedVoices(file.speech.voices_of(name)) for name, file in self._files.items() if file.speech}

    @property
    def illustrator_names(self) -> tuple[str, ...]:
        """The names of the illustration providers."""
        return tuple(name for name, file in self._files.items() if file.pictures)

    @property
    def writer_names(self) -> tuple[str, ...]:
        """The names of the writing providers."""
        return tuple(name for name, file in self._files.items() if file.writing)

    def client(self, name: str) -> OpenAIClient:
        """The client of a provider, shared by all its kinds of work."""
        from .openai_client import OpenAIClient

        return self._clients.setdefault(name, OpenAIClient(name, self._files[name]))

    def close(self) -> None:
        """Close the connections of all clients."""
        for client in self._clients.values():
            client.close()

    def speech(self, reference: SpeechProvider) -> dict[str, SpeechProvider]:
        """The speech providers; `reference` is used to align their speech."""
        found = {name: file.speech for name, file in self._files.items() if file.speech}
        if not found:
            return {}
        from .speech.aligner import Aligner
        from .speech.openai_speech import OpenAISpeech

        aligner = Aligner(reference)
        return {name: OpenAISpeech(self.client(name), speech, aligner) for name, speech in found.items()}

    def illustrators(self) -> dict[str, IllustrationProvider]:
        """The illustration providers."""
        found = {name: file.pictures for name, file in self._files.items() if file.pictures}
        if not found:
            return {}
        from .illustrators.openai_pictures import OpenAIPictures

        return {name: OpenAIPictures(self.client(name), pictures) for name, pictures in found.items()}

    def writers(self) -> dict[str, WritingProvider]:
        """The writing providers."""
        found = {name: file.writing for name, file in self._files.items() if file.writing}
        if not found:
            return {}
        from .writing.openai_writing import OpenAIWriting

        return {name: OpenAIWriting(self.client(name), writing) for name, writing in found.items()}


def speech_providers(providers: Path | None = None) -> dict[str, SpeechProvider]:
    """The speech providers: the embedded voice, and those with a file in the folder `providers`."""
    from .speech.espeak import EspeakSpeech

    embedded = EspeakSpeech()
    return {**(ConfiguredProviders(providers).speech(embedded) if providers else {}), "espeak": embedded}


def voice_sources(described: ConfiguredProviders) -> dict[str, VoiceSource]:
    """The voices of all speech providers, by provider, without loading their adapters."""
    from .speech.espeak_voices import NAME, EspeakVoices

    return {**described.voices, NAME: EspeakVoices()}


def illustrators(providers: Path) -> dict[str, IllustrationProvider]:
    """The illustration providers."""
    return ConfiguredProviders(providers).illustrators()


def writers(providers: Path) -> dict[str, WritingProvider]:
    """The writing providers."""
    return ConfiguredProviders(providers).writers()


def picture_providers(fonts: Path) -> dict[str, PictureProvider]:
    """The providers of slides."""
    from .pictures.slides import SlidePictures

    return dict(zip(TYPESETTERS, (SlidePictures(fonts),), strict=True))


TYPESETTERS = ("slides",)
"""The names of `picture_providers`, for callers that need only the names."""


def presenter_providers(presenters: Path, engines: Path, weights: Path, faces: Path) -> dict[str, PresenterProvider]:
    """The presenters.

    The folders: `presenters` has their files, `engines` the files of lip-sync engines, `weights` downloaded weights,
    and `faces` the faces that were found before.
    """
    from .presenters.drawn import DrawnPresenters
    from .presenters.face_finder import FaceDetector
    from .presenters.photographed import PhotographedPresenters

    return {
        "drawn": DrawnPresenters(presenters),
        "photographed": PhotographedPresenters(presenters, lip_engines(weights, engines), FaceDetector(weights, faces)),
    }


def presenter_ids(presenters: Path) -> tuple[str, ...]:
    """The ids of all presenters, without loading the code that draws them or moves their lips.

    Raises SettingInvalid if the file of a drawn presenter is damaged.
    """
    from .presenters.person import drawn_ids
    from .presenters.portrait import photographed_ids

    return (*drawn_ids(presenters), *photographed_ids(presenters))


def lip_engines(weights: Path, described: Path) -> dict[str, EngineOf]:
    """The lip-sync engines: the built-in network, and a program or service per file in `described`.

    A file is read when its engine is chosen.
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
