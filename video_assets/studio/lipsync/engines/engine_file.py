"""Engines described by data: a file in `data/engines` says how a program or a service of somebody else is asked.

Belongs here: what such a file may hold, and what every such engine is given. Does not belong here: asking
(`command_engine.py`, `resources/presenters/http_engine.py`).
"""

from __future__ import annotations

import io
import tomllib
import wave
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, ValidationError

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.lipsync.engine import LipJob
from video_assets.studio.media.sound import resample

SOUND_HZ = 16000
_FULL_SCALE = 32767
_BEHIND_SECONDS = Fraction(1, 5)
"""Silence behind the sound: engines that look ahead otherwise drop the last frames."""


class EngineFile(FrozenModel):
    """One engine. In texts `{face}`, `{sound}`, `{out}`, `{frames}`, `{rate}` and `{seed}` are filled in."""

    kind: Literal["command", "http", "cog"]
    version: str
    """Raised by whoever installs another one: lips are then made again."""
    licence: str
    command: tuple[str, ...] = ()
    """Of a command: the program and its arguments. It writes the video to `{out}`."""
    folder: str = ""
    """Of a command: where it runs; empty for a folder of the job's own, which is emptied afterwards."""
    url: str = ""
    """Of a service: where it listens."""
    fields: dict[str, str | int | float | bool] = Field(default_factory=dict)
    """Of a service: further fields of the form, or inputs."""
    face_field: str = "face"
    sound_field: str = "audio"
    key_variable: str = ""
    """Of a service: the environment variable that holds its key, sent as a bearer token."""
    pool: str = "gpu"
    """The pool of which each call holds a slot."""
    timeout_seconds: Annotated[int, Field(ge=1, le=86400)] = 3600
    tries: Annotated[int, Field(ge=1, le=20)] = 4
    """Of a service: how often one is asked that is not there, or busy; the waits between double from half a second."""
    requests_per_minute: Annotated[int, Field(ge=0)] = 0
    """Of a service: as many as it takes; 0 if that is not known to be bounded."""
    frame_multiple: Annotated[int, Field(ge=1, le=256)] = 1
    """It makes frames in such groups and drops what is left over: it gets sound up to the next whole group."""
    works_at: str = ""
    """Frames per second that it always makes, if not the film's."""
    largest_megabytes: Annotated[int, Field(ge=1, le=8192)] = 2048
    """Of a service: an answer longer than this is refused."""


def read_engine(path: Path) -> EngineFile:
    """The engine in a file. Raises SettingInvalid that names the file and each key that is wrong."""
    try:
        engine = EngineFile.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingInvalid(
            f"{path.name} is not TOML: {error}.", remedy="docs/engines.md shows a whole file."
        ) from error
    except ValidationError as error:
        lines = [f"{path.name}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}." for fault in error.errors()]
        raise SettingInvalid("\n".join(lines), remedy="docs/engines.md says what it may hold.") from error
    wants = "command" if engine.kind == "command" else "url"
    if not getattr(engine, wants):
        raise SettingInvalid(f"{path.name}: {wants}: is missing.", remedy="docs/engines.md shows a whole file.")
    if engine.url and not engine.url.startswith(("https://", "http://")):
        raise SettingInvalid(
            f"{path.name}: url: starts with neither https:// nor http://.", remedy="docs/engines.md shows a whole file."
        )
    return engine


def sound_file(engine: EngineFile, job: LipJob) -> bytes:
    """What the engine hears, as WAV (16 kHz, mono, 16 bits): silence fills it up to a whole group of frames."""
    rate = Fraction(engine.works_at) if engine.works_at else job.rate
    frames = -int(-Fraction(job.frames) / job.rate * rate // 1)
    groups = -int(-(frames + _BEHIND_SECONDS * rate) // engine.frame_multiple)
    whole = -int(-Fraction(groups * engine.frame_multiple) * SOUND_HZ // rate)
    sound = resample(job.sound, job.rate_hz, SOUND_HZ)
    padded = np.zeros(max(whole, len(sound)), np.float32)
    padded[: len(sound)] = sound
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SOUND_HZ)
        out.writeframes((padded.clip(-1, 1) * _FULL_SCALE).round().astype("<i2").tobytes())
    return file.getvalue()


def face_name(face: bytes) -> str:
    """A file name for a face, with the ending that its bytes ask for."""
    from video_assets.studio.lipsync.face import is_photo

    if not is_photo(face):
        return "face.mp4"
    return "face.jpg" if face[:2] == b"\xff\xd8" else "face.webp" if face[8:12] == b"WEBP" else "face.png"


def identity(name: str, engine: EngineFile, table: dict[str, str]) -> dict[str, str]:
    """What shapes an engine's result, as far as its file says."""
    fields = {key: str(value) for key, value in engine.fields.items()}
    shaping = {"command": " ".join(engine.command)} if engine.kind == "command" else fields
    return {"engine": name, "kind": engine.kind, "version": engine.version, **shaping, **table}
