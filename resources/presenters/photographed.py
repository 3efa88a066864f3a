"""Photographed presenters: a picture of a person whose lips are moved by a lip-sync engine.

Each is a folder `data/presenters/<id>` with a `presenter.toml` (`portrait.py`) and a photo or a short video.

Does not belong here: the decoding of pictures or the placing of lips (`video_assets/studio/lipsync`), or face detection
(`face_finder.py`).
"""

from __future__ import annotations

import difflib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from video_assets.studio.calls.context import CallContext
from video_assets.studio.calls.paid_responses import PaidRequest
from video_assets.studio.calls.slots import Slots
from video_assets.studio.core.errors import MediaError, SettingInvalid
from video_assets.studio.core.frame_layout import Box
from video_assets.studio.core.messages import one_of, quoted
from video_assets.studio.core.values import canonical_json, digest_of
from video_assets.studio.lipsync.ai_label import stamp
from video_assets.studio.lipsync.engine import EngineOf, Face, FaceBox, LipEngine
from video_assets.studio.lipsync.engine_video import EngineVideo, is_engine_video, read_engine_video
from video_assets.studio.lipsync.face import Pads, is_photo, make_face, read_pictures
from video_assets.studio.lipsync.jobs import lip_job
from video_assets.studio.lipsync.mouth_opening import lower_half, openings
from video_assets.studio.lipsync.mouth_pictures import Mouths, read_mouths
from video_assets.studio.lipsync.placing import (
    PLACING,
    MouthPatch,
    PhotoFraming,
    composite,
    framing_of,
    mouth_patch,
    render_view,
)
from video_assets.studio.presenter.provider import (
    DEFAULT_LIP_OPTIONS,
    LipOptions,
    LipSync,
    LipSyncer,
    LipTrack,
    Patch,
    Performance,
    PerformanceRequest,
    PresenterInfo,
    PresenterProvider,
    SoundSource,
    Tell,
)

from .face_finder import FaceDetector
from .portrait import FILE, Portrait, photographed_ids, read_portrait

_KEPT_BYTES = 256 * 2**20


class _Folder(NamedTuple):
    """A presenter's files, read once, so that a recipe and the pictures made under it are of the same bytes."""

    portrait: Portrait
    picture: bytes


class PhotographedPresenters(PresenterProvider):
    """The presenters of the folders in `folder`; `engines` by the name that their files use."""

    name = "photographed"

    def __init__(self, folder: Path, engines: Mapping[str, EngineOf], finder: FaceDetector) -> None:
        self._folder = folder
        self._engines = engines
        self._finder = finder
        self._faces: dict[tuple[str, str, LipOptions], Face] = {}
        self._reading = threading.Lock()

    def identity(self, presenter: str, options: LipOptions = DEFAULT_LIP_OPTIONS) -> dict[str, str]:
        """See PresenterProvider. Names the engine as well, because its pictures are in the clip."""
        folder = self._of(presenter)
        found = "" if folder.portrait.box else self._finder.identity(presenter)
        return {
            "provider": self.name,
            "presenter": presenter,
            "realistic": "yes",
            "placing": PLACING,
            "data": digest_of(folder.picture),
            "face": digest_of(canonical_json(folder.portrait.face)),
            **({"finder": found} if found else {}),
            **_shaping(options, folder),
            "lips": digest_of(canonical_json(self._engine(presenter, options).identity())),
        }

    def presenters(self) -> tuple[PresenterInfo, ...]:
        """See PresenterProvider."""
        return tuple(self._info(presenter) for presenter in self._ids)

    def animate(self, request: PerformanceRequest, lips: bytes | None = None) -> Performance:
        """See PresenterProvider. Without lips the face is shown as it is."""
        face = self._face(request.presenter, request.rate, request.options)
        if lips is not None and is_engine_video(lips):
            return _footage_performance(face, read_engine_video(lips), request)
        mouths = read_mouths(lips) if lips is not None else None
        if mouths is not None and len(mouths.shown) != request.frames:
            raise MediaError(
                f"Lips of {len(mouths.shown)} frames were made for {request.frames}.", remedy="Make the clip again."
            )
        if len(face.pictures) == 1:
            return _photo_performance(face, mouths, request)
        return _loop_performance(face, mouths, request)

    def lip_syncer(self, presenter: str, options: LipOptions = DEFAULT_LIP_OPTIONS) -> LipSyncer:
        """See PresenterProvider."""
        return _Maker(self, presenter, self._engine(presenter, options), options)

    def face(self, request: PerformanceRequest) -> Face:
        """The face that performs a request."""
        return self._face(request.presenter, request.rate, request.options)

    def _engine(self, presenter: str, options: LipOptions) -> LipEngine:
        table = dict(self._of(presenter).portrait.lips)
        name = table.pop("engine")
        if name not in self._engines:
            raise SettingInvalid(
                f"{presenter}/{FILE}: lips.engine: there is no engine {quoted(name)}.",
                remedy=f"There is {one_of(sorted(self._engines))}.",
            )
        return self._engines[name](table, options)

    @cached_property
    def _ids(self) -> tuple[str, ...]:
        return photographed_ids(self._folder)

    @cached_property
    def _folders(self) -> dict[str, _Folder]:
        return {}

    def _of(self, presenter: str) -> _Folder:
        if presenter not in self._ids:
            near = difflib.get_close_matches(presenter.lower(), self._ids, n=2, cutoff=0.5)
            meant = f"Did you mean {' or '.join(near)}? " if near else ""
            raise SettingInvalid(
                f"There is no presenter {presenter!r}.", remedy=f"{meant}There are: {', '.join(self._ids) or 'none'}."
            )
        if presenter not in self._folders:
            self._folders[presenter] = self._read(presenter)
        return self._folders[presenter]

    def _read(self, presenter: str) -> _Folder:
        folder = self._folder / presenter
        portrait = read_portrait((folder / FILE).read_bytes(), f"{presenter}/{FILE}")
        try:
            return _Folder(portrait, (folder / portrait.file).read_bytes())
        except OSError as error:
            raise SettingInvalid(
                f"{presenter}/{FILE}: file: {portrait.file!r} cannot be read: {error.strerror}.",
                remedy="Put the photo or video beside it.",
            ) from error

    def _info(self, presenter: str) -> PresenterInfo:
        try:
            portrait = read_portrait((self._folder / presenter / FILE).read_bytes(), f"{presenter}/{FILE}")
        except SettingInvalid as error:
            # One damaged file must not block the others. The error is raised when that presenter is chosen.
            return PresenterInfo(
                id=presenter, name=presenter, description=f"Cannot be used: {error.message}", provider=self.name
            )
        return PresenterInfo(
            id=presenter,
            name=portrait.name,
            description=portrait.description,
            provider=self.name,
            realistic=True,
            licence=portrait.licence,
            consent=portrait.consent,
        )

    def _face(self, presenter: str, rate: str, options: LipOptions) -> Face:
        """Read once for all sections: a loop is decoded, a face may have to be found."""
        key = (presenter, rate, LipOptions(resize_factor=options.resize_factor, smooth_face=options.smooth_face))
        with self._reading:
            if key not in self._faces:
                portrait, file = self._of(presenter)
                pictures = read_pictures(file, Fraction(rate))
                digest = sha256(file + rate.encode()).hexdigest()
                boxes = (portrait.box,) if portrait.box else self._finder.boxes(presenter, digest, pictures)
                self._faces[key] = make_face(file, pictures, boxes, Pads(*portrait.face.pads), options)
            return self._faces[key]


def _shaping(options: LipOptions, folder: _Folder) -> dict[str, str]:
    """The options that shape this face's pictures and differ from their defaults."""
    shaping: dict[str, str] = {}
    if options.resize_factor != DEFAULT_LIP_OPTIONS.resize_factor:
        shaping["resize_factor"] = str(options.resize_factor)
    if options.smooth_face != DEFAULT_LIP_OPTIONS.smooth_face and not is_photo(folder.picture):
        shaping["smooth_face"] = str(options.smooth_face).lower()
    return shaping


class _Maker(LipSyncer):
    def __init__(
        self, provider: PhotographedPresenters, presenter: str, engine: LipEngine, options: LipOptions
    ) -> None:
        self._provider = provider
        self._presenter = presenter
        self._engine = engine
        self._options = options

    def identity(self) -> dict[str, str]:
        """See LipSyncer."""
        seen = self._provider.identity(self._presenter, self._options)
        return {**self._engine.identity(), **{name: seen[name] for name in seen if name not in {"provider", "lips"}}}

    def expects(self, milliseconds: int) -> PaidRequest | None:
        """See LipSyncer."""
        return self._engine.expects(milliseconds)

    @contextmanager
    def session(self, slots: Slots, tell: Tell) -> Iterator[LipSync]:
        """See LipSyncer."""
        with self._engine.session(slots, tell) as session:

            def speak(
                request: PerformanceRequest, source: SoundSource, call_context: CallContext | None = None
            ) -> LipTrack:
                return session.speak(lip_job(request, self._provider.face(request), *source()), call_context)

            yield speak


def _photo_performance(face: Face, mouths: Mouths | None, request: PerformanceRequest) -> Performance:
    """The photo is composited once; each frame composites its mouth."""
    framing = framing_of(face.pictures[0], face.boxes[0], request.box)
    still = stamp(render_view(face.pictures[0], framing, request.box), request.box)
    if mouths is None:
        return Performance(("still",) * request.frames, _Whole(still, request.box))
    piece = mouth_patch(face.boxes[0], framing)
    values = openings(mouths.pictures)
    return Performance(
        tuple(map(str, mouths.shown)),
        _MouthAt(mouths, still, piece),
        lambda key: float(values[int(key)]),
        opening_estimated=True,
        still=still,
        area=piece.area(request.box),
        facts={"mouth_enlarged": round(piece.enlarged, 2)},
    )


def _footage_performance(face: Face, footage: EngineVideo, request: PerformanceRequest) -> Performance:
    """Every frame is a whole picture of an engine."""
    if footage.frames != request.frames:
        raise MediaError(
            f"Footage of {footage.frames} frames was made for {request.frames}.", remedy="Make the clip again."
        )
    pictures = footage.pictures()
    scale = pictures[0].shape[0] / face.pictures[0].shape[0]
    box = FaceBox(*(round(side * scale) for side in face.boxes[0]))
    shown_as = face._replace(pictures=pictures, boxes=(box,) * len(pictures))
    patch = _LoopAt(shown_as, None, framing_of(pictures[0], box, request.box), request.box)
    values = openings(np.stack([lower_half(picture, box) for picture in pictures]))
    keys = tuple(f"{frame}-0" for frame in range(request.frames))
    return Performance(keys, patch, lambda key: float(values[int(key.partition("-")[0])]), opening_estimated=True)


def _loop_performance(face: Face, mouths: Mouths | None, request: PerformanceRequest) -> Performance:
    """Each frame shows another picture of the loop, all in the view of the first: a face may move in it."""
    framing = framing_of(face.pictures[0], face.boxes[0], request.box)
    path = lip_job(request, face, np.zeros(0, np.float32), 16000).path
    shown_mouths = mouths.shown if mouths is not None else (0,) * request.frames
    keys = tuple(f"{picture}-{mouth}" for picture, mouth in zip(path, shown_mouths, strict=True))
    enlarged = mouth_patch(face.boxes[0], framing).enlarged
    patch = _LoopAt(face, mouths, framing, request.box)
    facts = {"mouth_enlarged": round(enlarged, 2)}
    if mouths is None:
        return Performance(keys, patch, facts=facts)
    values = openings(mouths.pictures)
    return Performance(
        keys, patch, lambda key: float(values[int(key.partition("-")[2])]), opening_estimated=True, facts=facts
    )


class _Whole:
    """One picture for all frames."""

    def __init__(self, still: Patch, box: Box) -> None:
        self._still = _read_only(still)
        self._box = box

    def __call__(self, key: str) -> Patch:
        """See Performance."""
        return self._still


class _MouthAt:
    """Mouths on a photo, by the number of the mouth's picture."""

    def __init__(self, mouths: Mouths, still: Patch, piece: MouthPatch) -> None:
        self._mouths = mouths
        self._still = still
        self._piece = piece

    def __call__(self, key: str) -> Patch:
        """See Performance."""
        return _read_only(composite(self._mouths.pictures[int(key)], self._still, self._piece))


class _LoopAt:
    """Pictures of a loop with mouths on them, by the numbers of both."""

    def __init__(self, face: Face, mouths: Mouths | None, framing: PhotoFraming, box: Box) -> None:
        self._face = face
        self._mouths = mouths
        self._framing = framing
        self._box = box
        kept = max(1, _KEPT_BYTES // (box.width * box.height * 4))
        self._picture = lru_cache(maxsize=kept)(self._shown)

    def __call__(self, key: str) -> Patch:
        """See Performance."""
        picture, mouth = map(int, key.split("-"))
        patch = self._picture(picture).copy()
        if self._mouths is not None:
            piece = mouth_patch(self._face.boxes[picture], self._framing)
            rect = piece.rect
            if rect.left < rect.right and rect.top < rect.bottom:
                patch[rect.top : rect.bottom, rect.left : rect.right] = composite(
                    self._mouths.pictures[mouth], patch, piece
                )
        return _read_only(stamp(patch, self._box))

    def _shown(self, picture: int) -> Patch:
        return render_view(self._face.pictures[picture], self._framing, self._box)


def _read_only(patch: NDArray[np.uint8]) -> NDArray[np.uint8]:
    patch.flags.writeable = False
    return patch
