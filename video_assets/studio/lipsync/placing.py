"""Lips on a face, and the face in its box: a photo is laid once, and only its mouth is laid again for every frame.

Belongs here: what of a picture is shown in a box, scaling a mouth straight to the film's pixels, and the soft mask it
is laid on with. Does not belong here: making mouths, or when which is shown.

The network gives 96 x 96 pixels for a face of any size. Scaled once, to where it stands in the film, it is as sharp as
it can be; the mask lets it go over into the picture before its edge, so that no box shows. Outside the mask a picture
is what it was.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from video_assets.studio.presenter import Patch
from video_assets.studio.stage import Box

from .engine import FaceBox, Picture

PLACING = "1"
"""Raised when the same lips on the same face would give other pixels."""

_FACE_IN_MEDALLION = 0.46
"""Height of a face's box as a share of a round picture's."""
_EYES_FROM_TOP = 0.46
"""Where the middle of the face stands in a medallion."""
_FACE_FROM_TOP = 0.40
"""Where it stands in an upright or wide picture, if there is room."""
_FACE_IN_PANEL = 0.42
"""Height of a face's box as a share of a panel's height, at most."""
_CORNER = 0.03
"""Radius of a panel's corners as a share of its shorter side."""
_SMOOTH = 4
"""Edges are drawn so many times larger and scaled down."""
_FADE_TOP, _FADE_SIDES, _FADE_BOTTOM = 0.28, 0.16, 0.14
"""How far from each edge of a mouth's picture it goes over into the face, as shares of its height and width."""


class View(NamedTuple):
    """What of a picture is shown: a rectangle in its pixels, not necessarily whole ones."""

    left: float
    top: float
    width: float
    height: float


class Rect(NamedTuple):
    """Whole pixels of a box: where something lies in it."""

    left: int
    top: int
    right: int
    bottom: int


def view_of(picture: Picture, face: FaceBox, box: Box) -> View:
    """The part of a picture that fills a box, in the box's own proportions: nothing is ever stretched.

    In a square box (a medallion) the face is large and in the middle; in others as much is shown as the picture has,
    unless the face would be small.
    """
    height, width = picture.shape[:2]
    face_height = face.bottom - face.top
    aspect = box.width / box.height
    whole = min(height, width / aspect)
    wanted = face_height / (_FACE_IN_MEDALLION if box.width == box.height else _FACE_IN_PANEL)
    shown = min(whole, wanted)
    place = _EYES_FROM_TOP if box.width == box.height else _FACE_FROM_TOP
    left = _within((face.left + face.right) / 2 - shown * aspect / 2, width - shown * aspect)
    top = _within((face.top + face.bottom) / 2 - shown * place, height - shown)
    return View(left, top, shown * aspect, shown)


def _within(value: float, largest: float) -> float:
    return max(0.0, min(value, largest))


def shown(picture: Picture, view: View, box: Box) -> Patch:
    """A picture in its box: RGBA with straight alpha, round in a square box, else with rounded corners."""
    part = (view.left, view.top, view.left + view.width, view.top + view.height)
    scaled = Image.fromarray(picture).resize((box.width, box.height), Image.Resampling.LANCZOS, box=part)
    patch = np.dstack([np.asarray(scaled), outline(box.width, box.height)])
    patch[patch[..., 3] == 0] = 0
    return patch


@lru_cache(maxsize=8)
def outline(width_px: int, height_px: int) -> NDArray[np.uint8]:
    """The alpha of a picture in a box of that size: a disc in a square, else a panel with rounded corners."""
    large = Image.new("L", (width_px * _SMOOTH, height_px * _SMOOTH), 0)
    corners = (0, 0, large.width - 1, large.height - 1)
    if width_px == height_px:
        ImageDraw.Draw(large).ellipse(corners, fill=255)
    else:
        # Of two pixels at least: the slide shows in the outermost one.
        radius = max(2 * _SMOOTH, round(_CORNER * min(large.size)))
        ImageDraw.Draw(large).rounded_rectangle(corners, radius, fill=255)
    return np.asarray(large.reduce(_SMOOTH))


class Mouthpiece(NamedTuple):
    """Where the lower half of a face lies in a box, and what of it is seen."""

    rect: Rect
    """Even pixels of the box that hold all of it."""
    place: tuple[float, float, float, float]
    """The mouth's own edges in pixels of the box: left, top, right, bottom; may lie outside it."""

    def area(self, box: Box) -> Box:
        """The same pixels in the frame, of a presenter in `box`."""
        width, height = self.rect.right - self.rect.left, self.rect.bottom - self.rect.top
        return Box(x=box.x + self.rect.left, y=box.y + self.rect.top, width=width, height=height)

    @property
    def enlarged(self) -> float:
        """How many times larger a mouth's picture of 96 pixels is shown."""
        return (self.place[2] - self.place[0]) / 96


def mouthpiece(face: FaceBox, view: View, box: Box) -> Mouthpiece:
    """Where a face's lower half lies when `view` is shown in `box`."""
    scale = box.width / view.width
    middle = (face.top + face.bottom) / 2
    left, right = ((edge - view.left) * scale for edge in (face.left, face.right))
    top, bottom = ((edge - view.top) * scale for edge in (middle, face.bottom))
    rect = Rect(
        max(0, int(left) // 2 * 2),
        max(0, int(top) // 2 * 2),
        min(box.width, -(-int(np.ceil(right)) // 2) * 2),
        min(box.height, -(-int(np.ceil(bottom)) // 2) * 2),
    )
    return Mouthpiece(rect, (left, top, right, bottom))


def laid(mouth: Picture, still: Patch, piece: Mouthpiece) -> Patch:
    """The part of `still` (a box, RGBA) inside the piece's pixels, with `mouth` (48 x 96 or larger) laid on it.

    Opaque where `still` is: it can be laid over `still` itself.
    """
    rect, inner = piece.rect, _inner(piece)
    under = still[rect.top : rect.bottom, rect.left : rect.right]
    target = (inner.right - inner.left, inner.bottom - inner.top)
    scaled = Image.fromarray(mouth).resize(target, Image.Resampling.BICUBIC, box=_source(piece, inner, mouth))
    face = Image.fromarray(np.ascontiguousarray(under[..., :3]))
    face.paste(scaled, (inner.left - rect.left, inner.top - rect.top), _mask(piece))
    patch = np.dstack([np.asarray(face), under[..., 3]])
    patch[patch[..., 3] == 0] = 0
    return patch


def _inner(piece: Mouthpiece) -> Rect:
    """The whole pixels that the mouth covers entirely; what is left over is under the mask's soft edge anyway."""
    left, top, right, bottom = piece.place
    rect = piece.rect
    return Rect(
        max(rect.left, int(np.ceil(left))),
        max(rect.top, int(np.ceil(top))),
        min(rect.right, int(right)),
        min(rect.bottom, int(bottom)),
    )


def _source(piece: Mouthpiece, inner: Rect, mouth: Picture) -> tuple[float, float, float, float]:
    """`inner` in pixels of the mouth's picture."""
    left, top, right, bottom = piece.place
    across, down = mouth.shape[1] / (right - left), mouth.shape[0] / (bottom - top)
    return (
        max(0.0, (inner.left - left) * across),
        max(0.0, (inner.top - top) * down),
        min(float(mouth.shape[1]), (inner.right - left) * across),
        min(float(mouth.shape[0]), (inner.bottom - top) * down),
    )


@lru_cache(maxsize=16)
def _mask(piece: Mouthpiece) -> Image.Image:
    """How much of the mouth's picture is seen, from 0 at its edges to 255: rounded below, as a chin is."""
    inner = _inner(piece)
    left, top, right, bottom = piece.place
    x = (np.arange(inner.left, inner.right) + 0.5 - left) / (right - left)
    y = (np.arange(inner.top, inner.bottom) + 0.5 - top) / (bottom - top)
    # The distance to the nearest side shrinks towards the chin: at the bottom nothing is seen of the outer quarters.
    inward = np.minimum(x, 1 - x)[None] - 0.25 * np.maximum(0, (y - 0.5) / 0.5)[:, None] ** 2
    sides = _rising(inward / _FADE_SIDES)
    ends = _rising(y / _FADE_TOP) * _rising((1 - y) / _FADE_BOTTOM)
    return Image.fromarray(np.rint(255 * sides * ends[:, None]).astype(np.uint8))


def _rising(share: NDArray[Any]) -> NDArray[np.float64]:
    """From 0 at 0 to 1 at 1 with a level start and end (3 t^2 - 2 t^3)."""
    t = np.clip(share, 0, 1)
    return t * t * (3 - 2 * t)
