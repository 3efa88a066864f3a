"""Photographed presenters for tests: a face drawn as if it were a photo, and an engine that opens it when it is loud.

Only fixtures that a test asks for by name; nothing here happens by itself. The engine is a small real one: what it
makes is placed, encoded and measured like any other's.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from resources.presenters.face_finder import FaceDetector
from resources.presenters.photographed import PhotographedPresenters
from video_assets.studio.calls.context import CallContext
from video_assets.studio.calls.slots import Slots
from video_assets.studio.lipsync.engine import EngineOf, LipEngine, LipJob, LipSession
from video_assets.studio.lipsync.engines.chunks import ChunkOptions, chunk_spans
from video_assets.studio.lipsync.engines.crops import crops
from video_assets.studio.lipsync.mouth_pictures import Mouths, write_mouths
from video_assets.studio.presenter.provider import LipOptions, LipTrack, Tell

SKIN, LIP, CAVITY, GROUND = (196, 148, 118), (168, 82, 84), (52, 18, 22), (120, 140, 160)
BOX = (200, 90, 360, 310)
"""Brow to chin of the drawn photo."""


def photo(shift: int = 0) -> Image.Image:
    """A face from the front, 560 x 440, moved to the right by `shift` pixels."""
    throw = np.random.Generator(np.random.PCG64(5))
    grain = throw.normal(0, 3, (440, 560, 1))
    picture = Image.new("RGB", (560, 440), GROUND)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((120 + shift, 360, 440 + shift, 440), fill=(60, 80, 110))
    draw.rectangle((245 + shift, 290, 315 + shift, 370), fill=tuple(c - 20 for c in SKIN))
    draw.ellipse((195 + shift, 60, 365 + shift, 310), fill=SKIN)
    draw.pieslice((185 + shift, 40, 375 + shift, 200), 180, 360, fill=(50, 36, 30))
    for x in (240, 320):
        draw.ellipse((x - 16 + shift, 150, x + 16 + shift, 170), fill=(250, 250, 250))
        draw.ellipse((x - 7 + shift, 153, x + 7 + shift, 167), fill=(60, 40, 30))
    draw.line((280 + shift, 165, 272 + shift, 212, 288 + shift, 214), fill=tuple(c - 30 for c in SKIN), width=3)
    draw.ellipse((248 + shift, 248, 312 + shift, 264), fill=LIP)
    return Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8))


def opened(lower: NDArray[np.uint8], openness: float) -> NDArray[np.uint8]:
    """The lower half of a face (48 x 96) with its mouth open by a share."""
    picture = Image.fromarray(lower).resize((384, 192), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    height = 14 + 60 * openness
    draw.ellipse((114, 96 - height / 2, 270, 96 + height / 2), fill=LIP)
    if openness > 0:
        inner = 40 * openness
        draw.ellipse((130, 96 - inner / 2, 254, 96 + inner / 2), fill=CAVITY)
    return np.asarray(picture.resize((96, 48), Image.Resampling.LANCZOS))


class LoudMouth(LipEngine):
    """Opens the mouth as far as the sound is loud, in eighths."""

    name = "loud"

    def __init__(self, table: Mapping[str, str], options: LipOptions) -> None:
        self.table = dict(table)
        self.options = options

    def identity(self) -> dict[str, str]:
        """See LipEngine."""
        return {"engine": self.name, "version": "1", "lead": str(self.options.lead), **self.table}

    @contextmanager
    def session(self, slots: Slots, tell: Tell) -> Iterator[LipSession]:
        """See LipEngine."""
        tell("The loud mouth is at work.")
        with slots.slot("gpu", "lips"):
            yield _LoudSession(self.options)


class _LoudSession(LipSession):
    def __init__(self, options: LipOptions) -> None:
        self._options = options

    def speak(self, job: LipJob, call_context: CallContext | None = None) -> LipTrack:  # costs nothing
        """See LipSession. With a lead of 1 a frame shows what is heard in it."""
        edges = [int((frame + 1 - self._options.lead) * job.rate_hz / job.rate) for frame in range(job.frames + 1)]
        heard = (job.sound[max(0, a) : max(0, b)] for a, b in pairwise(edges))
        loud = [float(np.sqrt(np.mean(part**2))) if len(part) else 0.0 for part in heard]
        eighths = [0 if rests else min(8, int(level * 60)) for level, rests in zip(loud, job.resting, strict=True)]
        lower = crops(job.face, 96)[:, 48:]
        distinct = {pair: number for number, pair in enumerate(dict.fromkeys(zip(job.path, eighths, strict=True)))}
        pictures = np.stack([opened(lower[picture], level / 8) for picture, level in distinct])
        shown = tuple(distinct[pair] for pair in zip(job.path, eighths, strict=True))
        dealing = ChunkOptions(self._options.parallel, self._options.chunk_seconds)
        spans = chunk_spans(job.frames, job.rate, job.resting, 4, dealing)
        facts = {
            "device": "a test's",
            "batch": self._options.batch or 16,
            "chunks": len(spans),
            "frames_computed": len(pictures),
            "seconds": 0.5,
        }
        return LipTrack(write_mouths(Mouths(shown, pictures)), facts)


def loop(seconds: Fraction = Fraction(1), rate: int = 10) -> bytes:
    """A video of the same face that sways."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "12", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 560, 440, "yuv420p"
        for number in range(int(seconds * rate)):
            frame = av.VideoFrame.from_image(photo(number * 2))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


class Portraits:
    """Makes presenters' folders, and the provider over them.

    Test files cannot import this one: what they share hangs on the class.
    """

    box = BOX
    photo = staticmethod(photo)
    loop = staticmethod(loop)
    opened = staticmethod(opened)
    engine = LoudMouth

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, presenter: str = "noor", *, video: bool = False, **changes: Any) -> Path:
        """A presenter's folder; keys of its file can be changed, or left out with None."""
        folder = self.root / presenter
        folder.mkdir(parents=True, exist_ok=True)
        name = "loop.mp4" if video else "photo.png"
        if video:
            (folder / name).write_bytes(loop())
        else:
            photo().save(folder / name)
        keys: dict[str, Any] = {
            "name": "Noor",
            "description": "A drawn face that stands for a photo.",
            "licence": "Apache-2.0, drawn for tests",
            "consent": "Nobody is shown.",
            "file": name,
            "face": {"box": list(BOX)},
            "lips": {"engine": "loud"},
        } | changes
        tables = {key: value for key, value in keys.items() if isinstance(value, dict)}
        lines = [
            f"{key} = {json.dumps(value)}" for key, value in keys.items() if key not in tables and value is not None
        ]
        for key, table in tables.items():
            lines += [f"[{key}]", *(f"{name} = {json.dumps(value)}" for name, value in table.items())]
        (folder / "presenter.toml").write_text("\n".join(lines), encoding="utf-8")
        return folder

    def provider(self, **engines: EngineOf) -> PhotographedPresenters:
        """A provider that has read nothing yet. Its presenters may name the loud engine, and `engines`."""
        finder = FaceDetector(self.root / "weights", self.root / "found")
        return PhotographedPresenters(self.root, {"loud": LoudMouth, **engines}, finder)


@pytest.fixture
def portraits(tmp_path: Path) -> Portraits:
    """Presenters in a folder of their own."""
    return Portraits(tmp_path / "portraits")


@pytest.fixture(scope="session")
def portraits_in() -> type[Portraits]:
    """Presenters in a folder of one's choice."""
    return Portraits
