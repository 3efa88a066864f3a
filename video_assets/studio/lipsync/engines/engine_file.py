"""Engine files: a TOML file in `data/engines` describes how an external program or service is called.

Does not belong here: the calls (`command_engine.py`, `resources/presenters/http_engine.py`).
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
"""Silence after the sound. Without it, engines that look ahead drop the last frames."""


class EngineFile(FrozenModel):
    """One engine. In texts `{face}`, `{sound}`, `{out}`, `{frames}`, `{rate}` and `{seed}` are filled in."""

    kind: Literal["command", "http", "cog"]
    version: str
    """Change it after you install another version: lips are then made again."""
    licence: str
    command: tuple[str, ...] = ()
    """Of a command: the program and its arguments. It writes the video to `{out}`."""
    folder: str = ""
    """Of a command: its working directory. Empty: a temporary folder for the job."""
    url: str = ""
    """Of a service: its URL."""
    fields: dict[str, str | int | float | bool] = Field(default_factory=dict)
    """Of a service: further form fields or inputs."""
    face_field: str = "face"
    sound_field: str = "audio"
    key_variable: str = ""
    """Of a service: the environment variable that holds its key, sent as a bearer token."""
    pool: str = "gpu"
    """Each call holds a slot of this pool."""
    timeout_seconds: Annotated[int, Field(ge=1, le=86400)] = 3600
    tries: Annotated[int, Field(ge=1, le=20)] = 4
    """Of a service: attempts if it is unreachable or busy. The waits between them double from half a second."""
    requests_per_minute: Annotated[int, Field(ge=0)] = 0
    """Of a service: its rate limit; 0 if it has no known limit."""
    frame_multiple: Annotated[int, Field(ge=1, le=256)] = 1
    """The engine makes frames in groups of this size and drops the rest, so it gets sound for whole groups."""
    works_at: str = ""
    """The fixed frame rate of the engine, if it cannot use that of the film."""
    largest_megabytes: Annotated[int, Field(ge=1, le=8192)] = 2048
    """Of a service: a larger answer is refused."""


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
        raise SettingInvalid("\n".join(lines), remedy="docs/engines.md lists its keys.") from error
    wants = "command" if engine.kind == "command" else "url"
    if not getattr(engine, wants):
        raise SettingInvalid(f"{path.name}: {wants}: is missing.", remedy="docs/engines.md shows a whole file.")
    if engine.url and not engine.url.startswith(("https://", "http://")):
        raise SettingInvalid(
            f"{path.name}: url: starts with neither https:// nor http://.", remedy="docs/engines.md shows a whole file."
        )
    return engine


def sound_file(engine: EngineFile, job: LipJob) -> bytes:
    """The sound for the engine as WAV (16 kHz, mono, 16 bits), padded with silence to a whole group of frames."""
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
    """A file name for a face, with the extension of its file type."""
    from video_assets.studio.lipsync.face import is_photo

    if not is_photo(face):
        return "face.mp4"
    return "face.jpg" if face[:2] == b"\xff\xd8" else "face.webp" if face[8:12] == b"WEBP" else "face.png"


def identity(name: str, engine: EngineFile, table: dict[str, str]) -> dict[str, str]:
    """The identity of an engine: everything in its file that shapes its result."""
    fields = {key: str(value) for key, value in engine.fields.items()}
    shaping = {"command": " ".join(engine.command)} if engine.kind == "command" else fields
    return {"engine": name, "kind": engine.kind, "version": engine.version, **shaping, **table}
