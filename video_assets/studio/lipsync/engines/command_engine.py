"""Engines that are programs on this machine: a face and a sound as files in, a video out.

Does not belong here: the checks of the video (`engine_video.py`).
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from video_assets.studio.calls.context import CallContext
from video_assets.studio.calls.slots import Slots
from video_assets.studio.core.errors import MediaError, ProcessFailed
from video_assets.studio.lipsync.engine import LipEngine, LipJob, LipSession
from video_assets.studio.lipsync.engine_video import accepted, write_engine_video
from video_assets.studio.presenter.provider import LipTrack, Tell
from video_assets.studio.processes.children import run_discarding_output
from video_assets.studio.telemetry.resource_usage import gpus

from .engine_file import EngineFile, face_name, identity, sound_file


class CommandEngine(LipEngine):
    """Runs a command for each section, one at a time per slot."""

    def __init__(self, name: str, engine: EngineFile, table: Mapping[str, str]) -> None:
        self.name = name
        self._engine = engine
        self._table = dict(table)

    def identity(self) -> dict[str, str]:
        """See LipEngine."""
        return identity(self.name, self._engine, self._table)

    @contextmanager
    def session(self, slots: Slots, tell: Tell) -> Iterator[LipSession]:
        """See LipEngine."""
        yield _CommandSession(self.name, self._engine, self._table, slots)


class _CommandSession(LipSession):
    def __init__(self, name: str, engine: EngineFile, table: Mapping[str, str], slots: Slots) -> None:
        self._name = name
        self._engine = engine
        self._table = table
        self._slots = slots

    def speak(self, job: LipJob, call_context: CallContext | None = None) -> LipTrack:  # costs nothing
        """See LipSession."""
        with (
            self._slots.slot(self._engine.pool, f"{self._name} {job.seed[:16]}") as slot_index,
            tempfile.TemporaryDirectory(prefix="lessonreel-") as folder,
        ):
            started = time.monotonic()
            video = self._run(job, Path(folder), slot_index)
            seconds = time.monotonic() - started
        engine_video, facts = accepted(self._name, video, job)
        return LipTrack(
            write_engine_video(engine_video), {"device": self._name, "frames": job.frames, "seconds": seconds, **facts}
        )

    def _run(self, job: LipJob, folder: Path, slot_index: int) -> bytes:
        face, sound, out = folder / face_name(job.face.file), folder / "sound.wav", folder / "out.mp4"
        face.write_bytes(job.face.file)
        sound.write_bytes(sound_file(self._engine, job))
        filled = {
            **self._table,
            "face": str(face),
            "sound": str(sound),
            "out": str(out),
            "frames": str(job.frames),
            "rate": self._engine.works_at or str(job.rate),
            "seed": str(int(job.seed[:8], 16) if _is_hex(job.seed[:8]) else 0),
        }
        command = [_filled(part, filled) for part in self._engine.command]
        where = Path(self._engine.folder).expanduser() if self._engine.folder else folder
        try:
            run_discarding_output(
                command,
                deadline_seconds=self._engine.timeout_seconds,
                folder=where,
                environment=_environment(slot_index),
            )
        except ProcessFailed as error:
            raise ProcessFailed(f"{self._name}: {error.message}", remedy=_REMEDY) from error
        if not out.is_file() or out.is_symlink() or not out.stat().st_size:
            raise MediaError(f"{self._name} ended without writing a video to {{out}}.", remedy=_REMEDY)
        return out.read_bytes()


_REMEDY = "Run its command from data/engines by hand, with a short sound, and read its output."


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def _is_hex(text: str) -> bool:
    return bool(text) and all(letter in "0123456789abcdef" for letter in text)


def _environment(slot_index: int) -> dict[str, str]:
    """Each slot of the pool gets its own GPU if there are several."""
    count = gpus()
    chosen = (
        {"CUDA_VISIBLE_DEVICES": str(slot_index % count)}
        if count > 1 and "CUDA_VISIBLE_DEVICES" not in os.environ
        else {}
    )
    return {**os.environ, **chosen}
