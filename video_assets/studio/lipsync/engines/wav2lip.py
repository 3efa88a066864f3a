"""The engine of the built-in network: a face and a sound in, the lower half of the face for every frame out.

The whole sound becomes one spectrogram. Each frame has a window of it, which follows from the index of the frame alone.
Frames with the same window and the same picture of the face are computed once. A resting mouth gets a silent window.
Workers compute the frames in chunks. The number of chunks, workers or batches changes no byte.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, get_args
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from video_assets.studio.calls.context import CallContext
from video_assets.studio.calls.slots import Slots
from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.messages import one_of, quoted
from video_assets.studio.lipsync.engine import EngineOf, LipEngine, LipJob, LipSession
from video_assets.studio.lipsync.mouth_pictures import Mouths, write_mouths
from video_assets.studio.lipsync.network.batching import BatchWorkers, Chunk, Faces
from video_assets.studio.lipsync.network.devices import DevicePreference, batch_workers_for, check_runtimes
from video_assets.studio.lipsync.network.mel import RATE_HZ, log_mel, silent_window, window_starts, windows
from video_assets.studio.lipsync.network.runtime import FACE_PX, Precision
from video_assets.studio.lipsync.network.weights import checkpoint_digest, folded
from video_assets.studio.media.sound import resample
from video_assets.studio.presenter.provider import LipOptions, LipTrack, Tell
from video_assets.studio.storage.store import Scalar
from video_assets.studio.telemetry.resource_usage import gpus

from .chunks import ChunkOptions, chunk_spans
from .crops import crops

VERSION = "1"
"""Increment it when the same sound and face would give other pictures."""
_PRECISIONS: dict[str, Precision | None] = {"auto": None, **{name: name for name in get_args(Precision)}}
_CHECKPOINTS = ("*.pth", "*.pt")


class Frames(NamedTuple):
    """The network inputs of a sound: distinct (window, picture of the face) pairs, and the pair of each frame."""

    windows: NDArray[np.float32]
    which: tuple[int, ...]
    shown: tuple[int, ...]
    first_shown: tuple[int, ...]
    """For each pair, the first frame that shows it, in ascending order."""


class Wav2LipEngine(LipEngine):
    """The published network (research use only), with weights that the user brings."""

    name = "wav2lip"

    def __init__(self, checkpoint: Path, copies: Path, options: LipOptions, precision: Precision | None = None) -> None:
        """`copies` is a folder for the weights in a form that loads quickly."""
        self._checkpoint = checkpoint
        self._copies = copies
        self._options = options
        self._precision: Precision | None = precision

    def identity(self) -> dict[str, str]:
        """See LipEngine. Without runtime and device: they change single pixel levels only, and the facts name them."""
        check_runtimes()
        return {
            "engine": self.name,
            "version": VERSION,
            "model": checkpoint_digest(self._checkpoint, self._copies),
            "lead": str(self._options.lead),
            **({"precision": self._precision} if self._precision else {}),
        }

    @contextmanager
    def session(self, slots: Slots, tell: Tell) -> Iterator[LipSession]:
        """See LipEngine."""
        check_runtimes()
        copy = folded(self._checkpoint, self._copies)
        openers = batch_workers_for(copy, slots, DevicePreference(self._precision, self._options.batch), tell)
        report = _BatchReport(tell)
        with BatchWorkers(openers, report.batch_done) as workers:
            yield _Wav2LipSession(workers, self._options, report)


class _Wav2LipSession(LipSession):
    def __init__(self, workers: BatchWorkers, options: LipOptions, report: _BatchReport) -> None:
        self._workers = workers
        self._options = options
        self._report = report

    def speak(self, job: LipJob, call_context: CallContext | None = None) -> LipTrack:  # costs nothing
        """See LipSession."""
        started = time.monotonic()
        self._report.frames_a_minute = round(60 * job.rate)
        with self._workers.expecting():
            frames = job_frames(job, self._options.lead)
            faces = Faces(job.face.digest, crops(job.face, FACE_PX))
            chunks = self._chunks(job, frames, faces)
            self._workers.submit(chunks)
        self._workers.wait(chunks)
        pictures = np.concatenate([chunk.made for chunk in chunks])
        return LipTrack(write_mouths(Mouths(frames.shown, pictures)), _facts(job, chunks, time.monotonic() - started))

    def _chunks(self, job: LipJob, frames: Frames, faces: Faces) -> list[Chunk]:
        options = self._options
        chunk_options = ChunkOptions(options.parallel, options.chunk_seconds, options.batch)
        spans = chunk_spans(job.frames, job.rate, job.resting, self._workers.count, chunk_options)
        borders = [bisect_left(frames.first_shown, span.start) for span in spans] + [len(frames.which)]
        first_batch_index = crc32(job.seed.encode())
        parts = [slice(start, end) for start, end in pairwise(borders) if end > start]
        return [
            Chunk(faces, frames.windows[part], frames.which[part], first_batch_index + part.start) for part in parts
        ]


def job_frames(job: LipJob, lead: int) -> Frames:
    """The network inputs of each frame of a job."""
    mel = log_mel(resample(job.sound, job.rate_hz, RATE_HZ))
    heard = windows(mel, window_starts(job.frames, job.rate, lead, mel.shape[1]))
    heard[np.asarray(job.resting, bool)] = silent_window()
    numbers: dict[tuple[bytes, int], int] = {}
    first_shown: list[int] = []
    shown: list[int] = []
    for frame, (window, picture) in enumerate(zip(heard, job.path, strict=True)):
        number = numbers.setdefault((window.tobytes(), picture), len(numbers))
        if number == len(first_shown):
            first_shown.append(frame)
        shown.append(number)
    which = tuple(job.path[frame] for frame in first_shown)
    return Frames(np.ascontiguousarray(heard[first_shown]), which, tuple(shown), tuple(first_shown))


def _facts(job: LipJob, chunks: Sequence[Chunk], seconds: float) -> dict[str, Scalar]:
    generators = [generator for chunk in chunks for generator in chunk.by]
    computed = sum(len(chunk.which) for chunk in chunks)
    psnr = [generator.psnr_db for generator in generators if generator.psnr_db is not None]
    return {
        "device": _listed(generator.device for generator in generators),
        "runtime": _listed(generator.runtime for generator in generators),
        "precision": _listed(generator.precision for generator in generators),
        **({"psnr_db": min(psnr)} if psnr else {}),
        "batch": min(size for chunk in chunks for size in chunk.batches),
        "chunks": len(chunks),
        "frames": job.frames,
        "frames_computed": computed,
        "resting": sum(job.resting),
        "seconds": round(seconds, 3),
        "device_seconds": round(sum(chunk.seconds for chunk in chunks), 3),
    }


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))


class _BatchReport:
    """Tells the user once, after the first few batches, how long the work takes without a GPU."""

    _BATCHES = 3

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._batches = self._frames = 0
        self._seconds = 0.0
        self._lock = threading.Lock()
        self.frames_a_minute = 0

    def batch_done(self, frames: int, seconds: float) -> None:
        """See BatchWorkers."""
        with self._lock:
            self._batches += 1
            self._frames += frames
            self._seconds += seconds
            due = self._batches == self._BATCHES and not gpus()
        if due:
            pace = self._frames / max(self._seconds, 1e-3)
            self._tell(
                f"The lips are made on the CPU, {pace:.0f} frames a second: about "
                f"{self.frames_a_minute / pace:.0f} s for each minute of speech. A GPU does it in a second or two."
            )


def wav2lip(weights: Path) -> EngineOf:
    """The engine for presenters whose file says `engine = "wav2lip"`. `weights` is the folder of checkpoints.

    A presenter's table may name a `checkpoint` (a file in that folder, not needed if there is only one) and a
    `precision` (auto, float32, float16, bfloat16).
    """

    def engine(table: Mapping[str, str], options: LipOptions) -> LipEngine:
        unknown = table.keys() - {"checkpoint", "precision"}
        if unknown:
            raise SettingInvalid(
                f"[lips] has no key {quoted(min(unknown))} for the engine wav2lip.",
                remedy="It has checkpoint and precision.",
            )
        precision = table.get("precision", "auto")
        if precision not in _PRECISIONS:
            raise SettingInvalid(
                f"[lips] precision cannot be {quoted(precision)}.", remedy=f"Allowed is {one_of(_PRECISIONS)}."
            )
        checkpoint = weights / table["checkpoint"] if "checkpoint" in table else only_checkpoint(weights)
        return Wav2LipEngine(checkpoint, weights, options, _PRECISIONS[precision])

    return engine


def only_checkpoint(weights: Path) -> Path:
    """The only checkpoint in a folder. Raises SettingInvalid when there is none, or more than one."""
    found = sorted(path for pattern in _CHECKPOINTS for path in weights.glob(pattern))
    if len(found) == 1:
        return found[0]
    if found:
        raise SettingInvalid(
            f"There are several checkpoints in {weights.name}: {', '.join(path.name for path in found)}.",
            remedy='Say which in the presenter\'s file: [lips] checkpoint = "..."',
        )
    raise SettingInvalid(
        f"There are no weights for the engine wav2lip: no .pth and no .pt file lies in data/{weights.name}.",
        remedy="Put the checkpoint there; docs/lip-sync.md says where it is published and what its licence allows.",
    )
