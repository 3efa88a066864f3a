"""The servers that the shipped provider files are for, each as it differs from OpenAI's API.

A personality knows which models and voices the server has, in the form in which it lists them, and what it refuses.
Speech, texts and pictures are the usual server's. Does not belong here: what goes wrong at random (`faults.py`).
"""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import av
import numpy as np

from .server import Provider, Reply, _Handler, failure


@dataclass(frozen=True)
class Personality:
    """One kind of server."""

    name: str
    base: str = "/v1"
    """The path of its API."""
    models: tuple[Mapping[str, Any], ...] = ()
    """As listed at /models."""
    hidden: tuple[Mapping[str, Any], ...] = ()
    """Listed only when models of speech are asked for."""
    lists_models: bool = True
    voices: Any = None
    """The JSON at /audio/voices; None: there is no such path."""
    speakers: frozenset[str] = frozenset()
    formats: frozenset[str] = frozenset({"mp3", "opus", "aac", "flac", "wav", "pcm"})
    refused_fields: frozenset[str] = frozenset()
    key: str = ""
    most_characters: int = 0

    def refusal(self, asked: Mapping[str, Any]) -> Reply | None:
        """What a request for speech gets that this server does not serve."""
        model, voice = asked.get("model", ""), str(asked.get("voice", ""))
        if model not in {each["id"] for each in (*self.models, *self.hidden)}:
            return failure(404, f"Model '{model}' is not installed or does not exist.", "model_not_found")
        if not {part.partition("(")[0] for part in voice.split("+")} <= self.speakers:
            return failure(400, f"Voice '{voice}' not found.", "invalid_voice")
        if asked.get("response_format", "mp3") not in self.formats:
            return failure(400, f"Format {asked.get('response_format')} is not supported.", "invalid_format")
        if unknown := self.refused_fields & asked.keys():
            return failure(422, f"Extra inputs are not permitted: {', '.join(sorted(unknown))}.", "invalid_request")
        if self.most_characters and len(asked.get("input", "")) > self.most_characters:
            return failure(422, f"Input is longer than {self.most_characters} characters.", "too_long")
        return None


class PersonalProvider(Provider):
    """The usual server with a personality."""

    def __init__(self, personality: Personality, **how: Any) -> None:
        super().__init__(**how)
        self.personality = personality
        self.got: list[str] = []
        """The paths of all GET requests."""
        self._server.RequestHandlerClass = _PersonalHandler

    @property
    def url(self) -> str:
        """The base URL that clients are given."""
        return super().url.removesuffix("/v1") + self.personality.base


class _PersonalHandler(_Handler):
    @property
    def _who(self) -> Personality:
        provider = self.server.provider
        assert isinstance(provider, PersonalProvider)
        return provider.personality

    def do_GET(self) -> None:  # noqa: N802 — the base class's name
        provider = self.server.provider
        assert isinstance(provider, PersonalProvider)
        provider.got.append(self.path)
        path, _, query = self.path.removeprefix(self._who.base).partition("?")
        if not self._may_ask():
            self._send(failure(401, "Incorrect API key provided.", "invalid_api_key"))
        elif path == "/models" and self._who.lists_models:
            hidden = self._who.hidden if "output_modalities=speech" in query else ()
            data = [*self._who.models, *hidden]
            self._send(Reply(200, json.dumps({"object": "list", "data": data}).encode()))
        elif path == "/audio/voices" and self._who.voices is not None:
            self._send(Reply(200, json.dumps(self._who.voices).encode()))
        elif path.startswith("/responses/"):
            self.path = "/v1" + path
            super().do_GET()
        else:
            self._send(failure(404, "Not Found", "not_found"))

    def do_POST(self) -> None:  # noqa: N802 — the base class's name
        if self.path.startswith(f"{self._who.base}/"):
            self.path = "/v1" + self.path.removeprefix(self._who.base)
        if self._may_ask():
            super().do_POST()
            return
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._send(failure(401, "Incorrect API key provided.", "invalid_api_key"))

    def _may_ask(self) -> bool:
        return not self._who.key or self.headers.get("Authorization") == f"Bearer {self._who.key}"

    def _speech(self, asked: Mapping[str, Any], fault: str, digest: str) -> Reply:
        refusal = self._who.refusal(asked)
        if refusal is not None:
            return refusal
        if asked.get("response_format", "mp3") != "mp3":
            return super()._speech(asked, fault, digest)
        reply = super()._speech({**asked, "response_format": "wav"}, fault, digest)
        return reply._replace(body=_as_mp3(reply.body), type="audio/mpeg")


def _as_mp3(data: bytes) -> bytes:
    with wave.open(io.BytesIO(data)) as sound:
        rate, samples = sound.getframerate(), np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    out = io.BytesIO()
    with av.open(out, "w", format="mp3") as container:
        stream = container.add_stream("mp3", rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(samples[None, :].copy(), format="s16", layout="mono")
        frame.sample_rate = rate
        for piece in (*av.AudioResampler("s16p", "mono", rate).resample(frame), None):
            container.mux(stream.encode(piece))
    return out.getvalue()


def _models(*names: str) -> tuple[Mapping[str, Any], ...]:
    return tuple({"id": name, "object": "model", "created": 1, "owned_by": "someone"} for name in names)


_KOKORO_VOICES = (
    "af_heart", "af_bella", "af_sky", "am_adam", "am_michael", "bf_emma", "bm_george", "ef_dora", "ff_siwis",
    "hf_alpha", "zf_xiaobei",
)  # fmt: skip
_ASSEMBLY_VOICES = ("aai-jane", "aai-anna", "aai-michael", "aai-george")

PERSONALITIES = {
    "kokoro": Personality(
        "kokoro",
        models=_models("kokoro", "tts-1", "tts-1-hd"),
        voices={"voices": list(_KOKORO_VOICES)},
        speakers=frozenset(_KOKORO_VOICES),
    ),
    "localai": Personality(
        "localai",
        models=_models("kokoro", "qwen3-8b"),
        voices=[{"name": name, "language": "en", "gender": "female"} for name in ("af_heart", "am_adam")],
        speakers=frozenset({"af_heart", "am_adam"}),
        formats=frozenset({"wav"}),
    ),
    "speaches": Personality(
        "speaches",
        models=_models("speaches-ai/Kokoro-82M-v1.0-ONNX", "Systran/faster-whisper-small"),
        speakers=frozenset(_KOKORO_VOICES),
        refused_fields=frozenset({"instructions"}),
    ),
    "openrouter": Personality(
        "openrouter",
        base="/api/v1",
        models=_models("openai/gpt-6.1-terra", "openai/gpt-5-mini"),
        hidden=_models("assemblyai/assemblyai-tts-1"),
        speakers=frozenset({*_ASSEMBLY_VOICES, "alloy"}),
        formats=frozenset({"mp3", "pcm"}),
        key="sk-or-v1-0123456789abcdef",
    ),
    "assemblyai": Personality(
        "assemblyai",
        base="/v1/openai",
        lists_models=False,
        models=_models("assemblyai-tts-1", "assemblyai-tts-en"),
        speakers=frozenset(_ASSEMBLY_VOICES),
        formats=frozenset({"mp3", "pcm", "wav"}),
        refused_fields=frozenset({"instructions"}),
        key="0123456789abcdef0123456789abcdef",
    ),
    "openai": Personality(
        "openai",
        models=_models("gpt-6.1-terra", "gpt-image-2.6-flare", "gpt-4o-mini-tts"),
        speakers=frozenset({"alloy"}),
        key="sk-proj-0123456789abcdef",
    ),
}
"""By the name of the shipped file."""
