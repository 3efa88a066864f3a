"""Drawn presenters: people in `data/presenters`, drawn as vectors, rasterised once per pose, composited per frame.

Does not belong here: the shapes of a face (`face.py`), or the times of its poses (`studio/presenter/provider.py`).

A picture is a scene (everything that moves with head and breath) with two small crops over it, mouth and eyes. So a
section needs some tens of drawings rather than one per combination, and a frame costs a copy.
"""

from __future__ import annotations

import difflib
import io
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import numpy as np
import typst
from numpy.typing import NDArray
from PIL import Image

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.frame_layout import Box
from video_assets.studio.core.values import digest_of
from video_assets.studio.presenter.poses import Pose, mouth_opening, plan_poses, pose_of
from video_assets.studio.presenter.provider import (
    DEFAULT_LIP_OPTIONS,
    LipOptions,
    Performance,
    PerformanceRequest,
    PresenterInfo,
    PresenterProvider,
)

from . import face
from .face import EYES, HEADS
from .person import Person, PersonFile, person_files, read_person

DRAWING = "2"
"""Raised whenever the shared drawing or the framing changes, so that clips made with the old one are made again."""

_CACHE_BYTES = 192 * 2**20
_BATCH_PIXELS = 6_000_000
"""Pixels rasterised in one call of Typst: bounds memory, while a call still carries many small drawings."""


class Area(NamedTuple):
    """A rectangle in whole pixels."""

    x: int
    y: int
    width: int
    height: int


class DrawnFraming(NamedTuple):
    """The mapping of units to pixels: the part of the box that is drawn on, and the unit at its top left corner."""

    medallion: bool
    canvas: Area
    left: float
    top: float
    scale: float
    """Pixels per unit."""


class Drawing(NamedTuple):
    """One picture to rasterise: its kind, its key, and its area on the canvas."""

    kind: str
    variant: str
    area: Area


def drawn_framing_of(box: Box) -> DrawnFraming:
    """Square boxes show head and shoulders in a round medallion, others a half figure standing on the lower edge.

    Boxes wider than high come nearer (to the chest), so that the face stays large.
    """
    if box.width == box.height:
        scale = box.width / face.MEDALLION
        return DrawnFraming(True, Area(0, 0, box.width, box.height), -face.MEDALLION / 2, face.MEDALLION_TOP, scale)
    shown = face.FIGURE_HEIGHT if box.height > box.width else face.BUST_HEIGHT
    scale = min(box.width / face.FIGURE_WIDTH, box.height / shown)
    width, height = min(box.width, round(face.FIGURE_WIDTH * scale)), min(box.height, round(shown * scale))
    canvas = Area((box.width - width) // 2, box.height - height, width, height)
    return DrawnFraming(False, canvas, -width / scale / 2, face.FIGURE_TOP, scale)


def _crop(framing: DrawnFraming, left: float, top: float, right: float, bottom: float) -> Area:
    """The whole pixels of the canvas that cover a rectangle of units."""
    x, y = (max(0, int((unit - first) * framing.scale)) for unit, first in ((left, framing.left), (top, framing.top)))
    x2 = min(framing.canvas.width, int((right - framing.left) * framing.scale) + 1)
    y2 = min(framing.canvas.height, int((bottom - framing.top) * framing.scale) + 1)
    return Area(x, y, x2 - x, y2 - y)


def _drawings(framing: DrawnFraming, pose: Pose) -> tuple[Drawing, Drawing, Drawing]:
    """Scene, eyes and mouth of a pose, in the order in which they cover each other."""
    whole = Area(0, 0, framing.canvas.width, framing.canvas.height)
    return (
        Drawing("scene", f"{pose.head}-{pose.breath}", whole),
        Drawing("eyes", f"{pose.head}-{pose.breath}-{pose.eyes}", _crop(framing, *face.EYES_AREA)),
        Drawing("mouth", f"{pose.head}-{pose.breath}-{pose.mouth}", _crop(framing, *face.MOUTH_AREA)),
    )


def _svg(person: Person, framing: DrawnFraming, drawing: Drawing) -> str:
    head, breath, *what = drawing.variant.split("-")
    pose = face.breathing(HEADS[head], int(breath))
    if drawing.kind == "scene":
        inner = face.draw_scene(person, pose, int(breath), medallion=framing.medallion)
    elif drawing.kind == "eyes":
        inner = face.draw_eyes(person, pose, EYES[what[0]])
    else:
        inner = face.draw_lips(person, pose, what[0])
    area = drawing.area
    view = (
        framing.left + area.x / framing.scale,
        framing.top + area.y / framing.scale,
        area.width / framing.scale,
        area.height / framing.scale,
    )
    box = " ".join(f"{value:.4f}" for value in view)
    size = f'width="{area.width}" height="{area.height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="{box}" preserveAspectRatio="none">{inner}</svg>'


_PAGE = """\
#page(width: {w}pt, height: {h}pt, margin: 0pt, fill: none,
  image(bytes(sys.inputs.at("{i}")), format: "svg", width: {w}pt, height: {h}pt))
"""


def rasterise(pictures: list[tuple[str, Area]]) -> list[NDArray[np.uint8]]:
    """SVGs as straight RGBA of their areas' sizes, height x width x 4: one page each of one Typst document."""
    source = "".join(_PAGE.format(w=area.width, h=area.height, i=i) for i, (_, area) in enumerate(pictures))
    inputs = {str(i): svg for i, (svg, _) in enumerate(pictures)}
    answer = typst.compile(source.encode(), format="png", ppi=72.0, sys_inputs=inputs, ignore_system_fonts=True)
    pages: list[bytes] = [answer] if isinstance(answer, bytes) else list(answer or ())  # type: ignore[arg-type]  # PNG
    return [_pixels(page) for page in pages]


def _pixels(png: bytes) -> NDArray[np.uint8]:
    pixels = np.array(Image.open(io.BytesIO(png)).convert("RGBA"))
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def _batches(wanted: list[tuple[str, Area]]) -> Iterable[list[tuple[str, Area]]]:
    batch: list[tuple[str, Area]] = []
    pixels = 0
    for picture in wanted:
        size = picture[1].width * picture[1].height
        if batch and pixels + size > _BATCH_PIXELS:
            yield batch
            batch, pixels = [], 0
        batch.append(picture)
        pixels += size
    if batch:
        yield batch


def paint_over(below: NDArray[np.uint8], above: NDArray[np.uint8]) -> None:
    """Put `above` over `below`, in place; both straight RGBA of one shape. Porter and Duff's "over", in integers."""
    over, under = above.astype(np.int32), below.astype(np.int32)
    share = over[..., 3:] * 255
    rest = under[..., 3:] * (255 - over[..., 3:])
    alpha = share + rest
    colour = (over[..., :3] * share + under[..., :3] * rest + alpha // 2) // np.maximum(alpha, 1)
    below[..., :3] = colour
    below[..., 3:] = (alpha + 127) // 255


class _Rasters:
    """An LRU cache of the rasterised drawings of this process, bounded by size. Thread-safe."""

    def __init__(self, limit_bytes: int) -> None:
        self._kept: OrderedDict[tuple[str, DrawnFraming, Drawing], NDArray[np.uint8]] = OrderedDict()
        self._limit_bytes = limit_bytes
        self._held_bytes = 0
        self._lock = threading.Lock()

    def get(
        self, person: Person, digest: str, framing: DrawnFraming, wanted: list[Drawing]
    ) -> dict[Drawing, NDArray[np.uint8]]:
        """The pixels of every drawing. Missing ones are rasterised together."""
        with self._lock:
            found = {drawing: self._kept.get((digest, framing, drawing)) for drawing in wanted}
            missing = [drawing for drawing, pixels in found.items() if pixels is None]
            svgs = [(_svg(person, framing, drawing), drawing.area) for drawing in missing]
            drawn = [pixels for batch in _batches(svgs) for pixels in rasterise(batch)]
            made = dict(zip(missing, drawn, strict=True))
            for drawing, pixels in made.items():
                self._keep((digest, framing, drawing), pixels)
            for drawing in wanted:
                self._kept.move_to_end((digest, framing, drawing))
            self._drop()
        return {drawing: made[drawing] if pixels is None else pixels for drawing, pixels in found.items()}

    def _keep(self, key: tuple[str, DrawnFraming, Drawing], pixels: NDArray[np.uint8]) -> None:
        pixels.flags.writeable = False
        self._kept[key] = pixels
        self._held_bytes += pixels.nbytes

    def _drop(self) -> None:
        while self._held_bytes > self._limit_bytes:
            self._held_bytes -= self._kept.popitem(last=False)[1].nbytes


_RASTERS = _Rasters(_CACHE_BYTES)


@lru_cache(maxsize=1)
def _typst_version() -> str:
    return metadata.version("typst")


def _digest_of(file: PersonFile) -> str:
    return (
        digest_of(file.data) if not file.base else digest_of(f"{digest_of(file.base)} {digest_of(file.data)}".encode())
    )


class DrawnPresenters(PresenterProvider):
    """The people whose files lie in a folder, one TOML file each; a file's stem is the presenter's id."""

    name = "drawn"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def identity(self, presenter: str, options: LipOptions = DEFAULT_LIP_OPTIONS) -> dict[str, str]:
        """See PresenterProvider."""
        return {
            "provider": self.name,
            "presenter": presenter,
            "drawing": DRAWING,
            "renderer": f"typst {_typst_version()}",
            "data": _digest_of(self._file(presenter)),
        }

    def presenters(self) -> tuple[PresenterInfo, ...]:
        """See PresenterProvider."""
        return tuple(self._info(presenter) for presenter in self._files)

    def animate(self, request: PerformanceRequest, lips: bytes | None = None) -> Performance:
        """See PresenterProvider. All drawings that the section needs are rasterised here."""
        file = self._file(request.presenter)
        person = read_person(file.data, f"{request.presenter}.toml", file.base)
        framing = drawn_framing_of(request.box)
        keys = tuple(pose.key for pose in plan_poses(request))
        wanted = {drawing: None for key in dict.fromkeys(keys) for drawing in _drawings(framing, pose_of(key))}
        rasters = _RASTERS.get(person, _digest_of(file), framing, list(wanted))
        return Performance(keys, _Composer(request.box, framing, rasters), mouth_opening)

    @cached_property
    def _files(self) -> Mapping[str, PersonFile]:
        """Read once, so that a recipe and the pictures made under it are of the same file."""
        return person_files(self._folder)

    def _info(self, presenter: str) -> PresenterInfo:
        file = self._file(presenter)
        person = read_person(file.data, f"{presenter}.toml", file.base)
        return PresenterInfo(
            id=presenter,
            name=person.name,
            description=person.description,
            provider=self.name,
            licence=person.licence,
        )

    def _file(self, presenter: str) -> PersonFile:
        if presenter in self._files:
            return self._files[presenter]
        near = difflib.get_close_matches(presenter.lower(), self._files, n=2, cutoff=0.5)
        meant = f"Did you mean {' or '.join(near)}? " if near else ""
        raise SettingInvalid(
            f"There is no presenter {presenter!r}.", remedy=f"{meant}There are: {', '.join(self._files) or 'none'}."
        )


class _Composer:
    """Composites the drawings of a key. A callable value, not a closure, so that its contents are visible."""

    def __init__(self, box: Box, framing: DrawnFraming, rasters: Mapping[Drawing, NDArray[np.uint8]]) -> None:
        self._box = box
        self._framing = framing
        self._rasters = rasters

    def __call__(self, key: str) -> NDArray[np.uint8]:
        """See Performance."""
        patch = np.zeros((self._box.height, self._box.width, 4), np.uint8)
        place = self._framing.canvas
        canvas = patch[place.y : place.y + place.height, place.x : place.x + place.width]
        scene, *crops = _drawings(self._framing, pose_of(key))
        canvas[:] = self._rasters[scene]
        for crop in crops:
            area = crop.area
            paint_over(canvas[area.y : area.y + area.height, area.x : area.x + area.width], self._rasters[crop])
        patch.flags.writeable = False
        return patch
