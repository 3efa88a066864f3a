"""`lessonreel voices`, `presenters` and `themes`: lists the available voices, presenters and themes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from resources.catalogue import ConfiguredProviders, presenter_providers, speech_providers, voice_sources
from video_assets.project_paths import ProjectPaths
from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.slides.themes import list_themes
from video_assets.studio.speech.voices import EMBEDDED, Voice, is_called, speaks

if TYPE_CHECKING:
    from video_assets.studio.choices.speakers import Speaker
    from video_assets.studio.lesson.script import Pause, SpokenWord
    from video_assets.studio.speech.provider import MasteredSpeech, SpeechProvider

OK = 0
_SAY_LUFS = -16.0
_FULL_SCALE = 32767
_PIPE_WIDTH = 200


def voices(project_paths: ProjectPaths, language: str) -> int:
    """Print the voices of `language`; of all languages if it is empty."""
    sources = voice_sources(ConfiguredProviders(project_paths.providers), project_paths.weights)
    known = [voice for name in _embedded_first(sources) for voice in sources[name].voices()]
    chosen = [voice for voice in known if not language or speaks(voice, language)]
    if not chosen:
        raise SettingInvalid(f"No voice speaks {language!r}.", remedy="Run `lessonreel voices` to see all.")
    _print(
        ("voice", "name", "language", "", "provider"),
        [(voice.id, voice.name, voice.language, voice.gender, voice.provider) for voice in chosen],
    )
    for fault in dict.fromkeys(sources[voice.provider].fault(voice.id) for voice in chosen):
        if fault:
            sys.stdout.write(f"\n{fault}\n")
    return OK


def _embedded_first(sources: Iterable[str]) -> list[str]:
    """The names of providers: the voices that need no key first, the default first of all."""
    return sorted(sources, key=lambda name: EMBEDDED.index(name) if name in EMBEDDED else len(EMBEDDED))


def say(project_paths: ProjectPaths, text: str, voice: str, language: str, output: Path | None) -> int:
    """Write the speech of `text` to a WAV file, as a sample of the voice."""
    from video_assets.studio.choices.speakers import speakers_of
    from video_assets.studio.core.settings import Settings
    from video_assets.studio.lesson.model import Section
    from video_assets.studio.lesson.script import write_section

    providers = speech_providers(weights=project_paths.weights)
    known = [each for name in EMBEDDED for each in providers[name].voices()]
    named = next((each for each in known if voice and is_called(each, voice)), None)
    spoken_in = language or (named.language if named else "en")
    section = Section(id="say", pointer="", line=1, narration=text)
    words = write_section(section, language=spoken_in, pronunciations={})
    speakers = speakers_of(Settings.model_validate({"voice": voice}), spoken_in, providers)
    path = output or Path("voice.wav")
    speech, chosen = _first_speech(words.speech, spoken_in, speakers)
    try:
        _write_wav(path, speech)
    except OSError as error:
        raise SettingInvalid(
            f"The sound cannot be written to {path}: {error.strerror}.", remedy="Choose another file with --output."
        ) from error
    sys.stdout.write(f"Wrote {path} with the voice {chosen.name} ({chosen.id}).\n")
    return OK


def _first_speech(
    pieces: tuple[SpokenWord | Pause, ...], language: str, speakers: Sequence[Speaker[SpeechProvider]]
) -> tuple[MasteredSpeech, Voice]:
    """The speech of the first voice that can speak, and the voice. Says which cannot."""
    from video_assets.studio.speech.mastering import master
    from video_assets.studio.speech.provider import SpeechRequest

    for place, (provider, voice) in enumerate(speakers):
        fault = provider.fault(voice.id)
        if fault and place < len(speakers) - 1:
            sys.stderr.write(f"{fault}\n")
            continue
        request = SpeechRequest(pieces=pieces, language=language, voice=voice.id)
        return master(provider.speak(request), loudness_lufs=_SAY_LUFS), voice
    raise AssertionError


def presenters(project_paths: ProjectPaths) -> int:
    """Print the presenters."""
    providers = presenter_providers(
        project_paths.presenters, project_paths.engines, project_paths.weights, project_paths.faces
    )
    infos = [info for provider in providers.values() for info in provider.presenters()]
    _print(
        ("presenter", "name", "", "kind", "licence", "consent"),
        [(i.id, i.name, i.description, i.provider, i.licence, i.consent) for i in infos],
    )
    return OK


def themes(_: ProjectPaths) -> int:
    """Print the themes."""
    _print(("theme", "name", ""), [(theme.id, theme.name, theme.description) for theme in list_themes()])
    return OK


def _write_wav(path: Path, speech: MasteredSpeech) -> None:
    import wave

    samples = (speech.sound.clip(-1, 1) * _FULL_SCALE).round().astype("<i2")
    # Opened here: if `wave` fails to open a path, its incomplete writer raises again at garbage collection.
    with path.open("wb") as target, wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(speech.times.rate_hz)
        file.writeframes(samples.tobytes())


def _print(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading)
    for row in rows:
        table.add_row(*row)
    console = Console()
    if not console.is_terminal:
        # In a pipe every row stays on one line, for grep and cut.
        console = Console(width=_PIPE_WIDTH)
    console.print(table)
