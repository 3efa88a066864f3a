"""The embedded voice: espeak-ng from its wheel, without key, network or GPU, the same bytes for the same text.

This module tunes the voices and talks to the child process. The library is GPL-3.0-or-later, so only
`espeak_worker.py` loads it, in a process of its own. `espeak_text.py` makes the markup that it reads, and
`espeak_times.py` interprets its events.
"""

from __future__ import annotations

import json
import struct
import sys
import threading
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import espeakng_loader

from video_assets.studio.calls.context import CallContext
from video_assets.studio.core.errors import ProcessFailed, Rejected
from video_assets.studio.core.lazy_import import lazy_import
from video_assets.studio.processes.worker import Worker
from video_assets.studio.speech.provider import RawSpeech, SpeechProvider, SpeechRequest
from video_assets.studio.speech.voices import Voice, choose_voice

from .espeak_letters import unread_letters
from .espeak_text import check_sayable, marked_up
from .espeak_times import raw_speech
from .espeak_voices import MUTE, NAME, EspeakVoices, tag_of

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazy_import("numpy")

TUNING = "1"
"""Raised whenever a figure below or the markup changes, so that recipes notice."""
NORMAL_WPM, SLOWEST_WPM, FASTEST_WPM = 162, 80, 450
"""Words a minute at 100 %. Above 450 espeak-ng's event times are wrong (its pull request 2470)."""
VOLUME_PERCENT = 40
"""Leaves room for emphasis, which is up to half as loud again; Mandarin voices peak highest. Mastering lifts it."""
RANGE_PERCENT = 70
"""Of the melody. The library's own 50 is flat (a deviation of 1.7 semitones); 70 gives 2 to 2.5, like a reader."""
PITCH_PERCENT = 50
GAP_10_MS = 1
"""Between words, in units of 10 ms: a little air makes words easier to tell apart for second-language learners."""

_DEADLINE_SECONDS = 60.0
_HEADER = struct.Struct(">I")
_WORKER = Path(__file__).with_name("espeak_worker.py")


class _Catalogue(NamedTuple):
    version: str
    identifiers: dict[str, str]
    """espeak-ng's identifier of each language tag, lower case."""


class EspeakSpeech(SpeechProvider):
    """espeak-ng in a child process that starts with the first use. Safe to use from several threads."""

    name = NAME

    def __init__(self, *, deadline_seconds: float = _DEADLINE_SECONDS) -> None:
        self._deadline_seconds = deadline_seconds
        self._lock = threading.Lock()
        self._worker: Worker | None = None

    def identity(self, voice: str) -> dict[str, str]:
        """The voice's part of a recipe: the versions of the library and its wheel, the voice and its tuning."""
        wheel = metadata.version("espeakng-loader")
        version = self._catalogue.version
        return {"provider": self.name, "version": version, "wheel": wheel, "voice": voice, "tuning": TUNING}

    def voices(self) -> tuple[Voice, ...]:
        """The curated voices, then a female and a male one of every language that espeak-ng has."""
        return self._voices

    def unsayable(self, word: str, voice: Voice) -> str:
        """See VoiceSource."""
        return unread_letters(word, voice.language)

    def speak(self, request: SpeechRequest, call_context: CallContext | None = None) -> RawSpeech:  # costs nothing
        """Speak, at the library's 22,050 Hz. The same request gives the same bytes, in any process and thread."""
        voice = self._voice(request)
        check_sayable(request, voice.language)
        wpm = round(NORMAL_WPM * request.rate_percent / 100)
        wpm = max(SLOWEST_WPM, min(FASTEST_WPM, wpm))
        text = marked_up(request.pieces, language=voice.language, fastest_percent=100 * FASTEST_WPM // wpm)
        language, _, variant = voice.id.partition("+")
        header, samples = self._ask(
            {
                "do": "speak",
                "voice": f"{self._catalogue.identifiers[language]}+{variant}",
                "text": text.source,
                "rate": wpm,
                "pitch": PITCH_PERCENT,
                "range": RANGE_PERCENT,
                "volume": VOLUME_PERCENT,
                "gap": GAP_10_MS,
            }
        )
        sound = np.frombuffer(samples, "<i2").astype(np.float32) / np.float32(32768)
        return raw_speech(sound, header["rate_hz"], header["events"], request.pieces, text.spans)

    def close(self) -> None:
        """End the child process. The next use starts another."""
        with self._lock:
            if self._worker is not None:
                self._worker.close()
            self._worker = None

    def _voice(self, request: SpeechRequest) -> Voice:
        base, _, variant = request.voice.partition("+")
        if variant and variant in _variants() and base in self._catalogue.identifiers:
            # Every variant that espeak-ng has may be asked for by its id, though only the best ones are listed.
            offered = Voice(id=request.voice, name=request.voice, language=tag_of(base), provider=self.name)
            return choose_voice((offered, *self._voices), request.voice, request.language)
        return choose_voice(self._voices, request.voice, request.language)

    @cached_property
    def _catalogue(self) -> _Catalogue:
        header, _ = self._ask({"do": "voices"})
        identifiers: dict[str, str] = {}
        for identifier, _, tags in header["voices"]:
            if tags[0] in MUTE:
                continue
            for tag in tags:
                identifiers.setdefault(tag.casefold(), identifier)
        return _Catalogue(header["version"], identifiers)

    @cached_property
    def _voices(self) -> tuple[Voice, ...]:
        return EspeakVoices().voices()

    def _ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        data = self._running_worker().ask(json.dumps(request).encode(), deadline_seconds=self._deadline_seconds)
        (length,) = _HEADER.unpack_from(data)
        header = json.loads(data[_HEADER.size : _HEADER.size + length])
        if "error" in header:
            raise Rejected(header["error"] + ".", remedy="Choose another voice; `lessonreel voices` lists them.")
        return header, data[_HEADER.size + length :]

    def _running_worker(self) -> Worker:
        # A crashed worker has raised an error for its own request. The next request gets a new worker.
        with self._lock:
            if self._worker is None or not self._worker.alive:
                self._worker = Worker(_command(), name="espeak-ng")
            return self._worker


def _command() -> list[str]:
    library, data = Path(espeakng_loader.get_library_path()), Path(espeakng_loader.get_data_path())
    if not library.exists():
        raise ProcessFailed(
            f"espeak-ng is not in its package ({library.name} is missing).", remedy="Reinstall espeakng-loader."
        )
    return [sys.executable, "-I", "-S", str(_WORKER), str(library), str(data)]


def _variants() -> frozenset[str]:
    return frozenset(path.name for path in Path(espeakng_loader.get_data_path(), "voices", "!v").iterdir())
