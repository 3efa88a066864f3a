"""`lessonreel lipsync`: makes a video from a sound and a face, without a lesson and without a Dagster run.

Does not belong here: the lip sync itself (`studio/lipsync`).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from resources.catalogue import lip_engines
from resources.presenters.face_finder import FaceDetector
from resources.presenters.portrait import FILE, read_portrait
from video_assets.project_paths import ProjectPaths
from video_assets.studio.calls.context import CallContext, CallServices
from video_assets.studio.calls.file_semaphore import FileSlots
from video_assets.studio.calls.pricing import read_prices
from video_assets.studio.core.errors import MediaError, SettingInvalid
from video_assets.studio.core.messages import one_of, quoted
from video_assets.studio.core.settings import resolve
from video_assets.studio.lipsync.engine import EngineOf, Face, FaceBox
from video_assets.studio.lipsync.face import Pads, make_face, read_pictures
from video_assets.studio.lipsync.standalone import LipSyncRunner, TalkingHead, VideoOptions, render_talking_head
from video_assets.studio.media.sound import decode_sound
from video_assets.studio.presenter.provider import LipOptions
from video_assets.studio.storage.store import LocalStore
from video_assets.studio.telemetry.events import Stopwatch
from video_assets.studio.telemetry.resource_usage import gpus

OK = 0


class LipsyncOptions(NamedTuple):
    """The options of the command line."""

    sound: Path
    face: Path
    """A photo, a short video, or a presenter's folder."""
    output: Path
    box: str = ""
    """`left,top,right,bottom` in pixels of the upright picture."""
    engine: str = "wav2lip"
    checkpoint: str = ""
    profile: str = ""
    mark: bool = True


class _Subject(NamedTuple):
    """The face to animate: the picture file, the box of the face if it is known, and the engine's configuration."""

    file: bytes
    box: FaceBox | None
    pads: Pads
    table: Mapping[str, str]


def lipsync(project_paths: ProjectPaths, options: LipsyncOptions) -> int:
    """Make the video, and print its length and the time used."""
    watch = Stopwatch()
    settings = resolve(options.profile or "standard")
    subject = _subject(options)
    engines = lip_engines(project_paths.weights, project_paths.engines)
    table = dict(subject.table)
    engine = _engine(engines, table.pop("engine", options.engine))(table, LipOptions())
    engine.identity()  # reports missing weights before any decoding
    sound, rate_hz = decode_sound(_read(options.sound))
    face = _face(subject, settings.rate, options, project_paths)
    wanted = VideoOptions(settings.rate, settings.height_px, settings.preset, settings.crf, options.mark)
    slots = FileSlots(project_paths.semaphores, {"gpu": max(1, gpus()), "lips": 1})
    services = CallServices(project_paths.calls, read_prices(project_paths.prices))
    call_context = CallContext(services, slots, LocalStore(project_paths.store), options.output.stem, notify=_notify)
    with engine.session(slots, _notify) as session:
        made = render_talking_head(sound, rate_hz, face, LipSyncRunner(session, call_context), wanted, options.output)
    sys.stdout.write(_summary(options.output, made, settings.rate, watch.seconds))
    return OK


def _subject(options: LipsyncOptions) -> _Subject:
    chosen = {"checkpoint": options.checkpoint} if options.checkpoint else {}
    box = _box(options.box) if options.box else None
    if not options.face.is_dir():
        return _Subject(_read(options.face), box, Pads(), chosen)
    portrait = read_portrait(_read(options.face / FILE), f"{options.face.name}/{FILE}")
    file = _read(options.face / portrait.file)
    return _Subject(file, box or portrait.box, Pads(*portrait.face.pads), {**portrait.lips, **chosen})


def _face(subject: _Subject, rate: Fraction, options: LipsyncOptions, project_paths: ProjectPaths) -> Face:
    pictures = read_pictures(subject.file, rate)
    if subject.box:
        return make_face(subject.file, pictures, (subject.box,), subject.pads, LipOptions())
    finder = FaceDetector(project_paths.weights, project_paths.faces)
    digest = sha256(subject.file + str(rate).encode()).hexdigest()
    try:
        boxes = finder.boxes(options.face.name, digest, pictures)
    except SettingInvalid as error:
        raise SettingInvalid(
            error.message, remedy=f"Give its place with --box LEFT,TOP,RIGHT,BOTTOM. {error.remedy}"
        ) from error
    return make_face(subject.file, pictures, boxes, subject.pads, LipOptions())


def _engine(engines: Mapping[str, EngineOf], name: str) -> EngineOf:
    if name not in engines:
        raise SettingInvalid(f"There is no engine {quoted(name)}.", remedy=f"Use {one_of(sorted(engines))}.")
    return engines[name]


def _box(text: str) -> FaceBox:
    numbers = text.split(",")
    if len(numbers) != 4 or not all(number.strip().isdecimal() for number in numbers):
        raise SettingInvalid(
            f"--box {quoted(text)} is not a box.", remedy="Write four whole numbers: --box LEFT,TOP,RIGHT,BOTTOM."
        )
    return FaceBox(*map(int, numbers))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MediaError(f"{path} cannot be read: {error.strerror}.", remedy="Check the path.") from error


def _notify(message: str) -> None:
    sys.stderr.write(f"{message}\n")


def _summary(path: Path, made: TalkingHead, rate: Fraction, seconds: float) -> str:
    facts = made.facts
    computed = facts.get("frames_computed", made.frames)
    by = [str(facts[name]) for name in ("device", "runtime", "precision") if name in facts]
    return (
        f"{path}: {float(made.frames / rate):.1f} s, {made.frames} frames ({computed} computed) in {seconds:.1f} s: "
        f"lips {made.lips_seconds:.1f} s, encoding {made.encoding_seconds:.1f} s\n"
        f"  by {', '.join(by)}\n"
    )
