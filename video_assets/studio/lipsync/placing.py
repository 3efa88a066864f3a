"""Places a face in its box, and lips on the face. A photo is drawn once; only its mouth is drawn again per frame.

The network gives 96 x 96 pixels for a face of any size. The mouth is scaled only once, directly to the pixels of the
film, so it stays as sharp as possible. A soft mask blends it into the picture before its edges, so that no box is
visible. Outside the mask the picture does not change.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from video_assets.studio.core.frame_layout import Box
from video_assets.studio.presenter.provider import Patch

from .engine import FaceBox, Picture

PLACING = "1"
"""Increment it when the same lips on the same face would give other pixels."""

_FACE_IN_MEDALLION = 0.46
"""Height of a face's box as a share of the height of a round picture."""
_EYES_FROM_TOP = 0.46
"""Vertical position of the middle of the face in a medallion, as a share of its height."""
_FACE_FROM_TOP = 0.40
"""The same in an upright or wide picture, if there is room."""
_FACE_IN_PANEL = 0.42
"""The largest height of a face's box as a share of the height of a panel."""
_ROOM_ACROSS, _ROOM_DOWN = 1.25, 1.8
"""The smallest visible width (cheeks) and height (hair and neck) in sizes of the face's box, if the picture has it."""
_CORNER = 0.03
"""Radius of a panel's corners as a share of its shorter side."""
_SMOOTH = 4
"""Edges are drawn this many times larger and then scaled down."""
_FADE_TOP, _FADE_SIDES, _FADE_BOTTOM = 0.28, 0.16, 0.14
"""Width of the blend at each edge of a mouth's picture, as shares of its height and width."""


class View(NamedTuple):
    """The visible part of a picture: a rectangle in its pixels, which may be fractional."""

    left: float
    top: float
    width: float
    height: float


class Rect(NamedTuple):
    """A rectangle in whole pixels of a box."""

    left: int
    top: int
    right: int
    bottom: int


class PhotoFraming(NamedTuple):
    """How a picture is framed in a box: its visible part and the place of that part. Both have the same proportions."""

    view: View
    panel: Rect


def framing_of(picture: Picture, face: FaceBox, box: Box) -> PhotoFraming:
    """The framing of a picture in a box. The picture is never stretched, and the face is always complete.

    In a square box (a medallion) the face is large and in the middle. Other boxes are filled. If that would cut the
    face, the picture has a narrower or lower panel in the middle of the box.
    """
    height, width = picture.shape[:2]
    square = box.width == box.height
    seen = _square_size(picture, face) if square else _size(picture, face, box.width / box.height)
    place = _EYES_FROM_TOP if square else _FACE_FROM_TOP
    left = _within((face.left + face.right) / 2 - seen[0] / 2, width - seen[0])
    top = _within((face.top + face.bottom) / 2 - seen[1] * place, height - seen[1])
    top = min(max(top, face.bottom - seen[1]), float(face.top))  # brow and chin are always visible
    panel = _panel(seen[0] / seen[1], box)
    exact = (panel.right - panel.left) / (panel.bottom - panel.top)
    view_width = min(seen[0], seen[1] * exact)  # the sides of the panel are whole and even
    return PhotoFraming(View(left, top, view_width, view_width / exact), panel)


def _square_size(picture: Picture, face: FaceBox) -> tuple[float, float]:
    side = min(*picture.shape[:2], (face.bottom - face.top) / _FACE_IN_MEDALLION)
    return side, side


def _size(picture: Picture, face: FaceBox, aspect: float) -> tuple[float, float]:
    """Width and height of the visible part for a box of these proportions; other proportions if the face needs them."""
    height, width = picture.shape[:2]
    down, across = face.bottom - face.top, face.right - face.left
    seen_height = min(height, down / _FACE_IN_PANEL)
    if seen_height * aspect > width:  # the box is wider than the picture
        seen_height = max(width / aspect, min(height, down * _ROOM_DOWN))
        return min(width, seen_height * aspect), seen_height
    if seen_height * aspect < across * _ROOM_ACROSS:  # the box is narrower than the face
        seen_width = max(seen_height * aspect, min(width, across * _ROOM_ACROSS))
        return seen_width, min(height, seen_width / aspect)
    return seen_height * aspect, seen_height


def _panel(aspect: float, box: Box) -> Rect:
    """The largest rectangle of these proportions in the middle of a box, with even sides."""
    width = min(box.width, round(box.height * aspect / 2) * 2)
    height = min(box.height, round(box.width / aspect / 2) * 2)
    left, top = (box.width - width) // 4 * 2, (box.height - height) // 4 * 2
    return Rect(left, top, left + width, top + height)


def _within(value: float, largest: float) -> float:
    return max(0.0, min(value, largest))


def render_view(picture: Picture, framing: PhotoFraming, box: Box) -> Patch:
    """The picture in its box: RGBA with straight alpha, round in a square box, else with rounded corners."""
    view, panel = framing
    part = (view.left, view.top, view.left + view.width, view.top + view.height)
    size = (panel.right - panel.left, panel.bottom - panel.top)
    scaled = Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS, box=part)
    patch = np.zeros((box.height, box.width, 4), np.uint8)
    patch[panel.top : panel.bottom, panel.left : panel.right] = np.dstack([np.asarray(scaled), outline(*size)])
    patch[patch[..., 3] == 0] = 0
    return patch


@lru_cache(maxsize=8)
def outline(width_px: int, height_px: int) -> NDArray[np.uint8]:
    """The alpha of a picture of that size: a disc for a square, else a panel with rounded corners."""
    large = Image.new("L", (width_px * _SMOOTH, height_px * _SMOOTH), 0)
    corners = (0, 0, large.width - 1, large.height - 1)
    if width_px == height_px:
        ImageDraw.Draw(large).ellipse(corners, fill=255)
    else:
        # At least two pixels: the slide is visible through the outermost one.
        radius = max(2 * _SMOOTH, round(_CORNER * min(large.size)))
        ImageDraw.Draw(large).rounded_rectangle(corners, radius, fill=255)
    return np.asarray(large.reduce(_SMOOTH))


class MouthPatch(NamedTuple):
    """The place of the lower half of a face in a box, and its visible part."""

    rect: Rect
    """The visible part, with even edges, in pixels of the box."""
    place: tuple[float, float, float, float]
    """The edges of the lower half in pixels of the box: left, top, right, bottom. They may lie outside the box."""

    def area(self, box: Box) -> Box:
        """The visible part in pixels of the frame, for a presenter in `box`."""
        width, height = self.rect.right - self.rect.left, self.rect.bottom - self.rect.top
        return Box(x=box.x + self.rect.left, y=box.y + self.rect.top, width=width, height=height)

    @property
    def enlarged(self) -> float:
        """The factor by which a mouth's picture of 96 pixels is enlarged."""
        return (self.place[2] - self.place[0]) / 96


def mouth_patch(face: FaceBox, framing: PhotoFraming) -> MouthPatch:
    """The place of a face's lower half with this framing of its picture."""
    view, panel = framing
    scale = (panel.right - panel.left) / view.width
    middle = (face.top + face.bottom) / 2
    left, right = (panel.left + (edge - view.left) * scale for edge in (face.left, face.right))
    top, bottom = (panel.top + (edge - view.top) * scale for edge in (middle, face.bottom))
    rect = Rect(
        max(panel.left, int(left) // 2 * 2),
        max(panel.top, int(top) // 2 * 2),
        min(panel.right, -(-int(np.ceil(right)) // 2) * 2),
        min(panel.bottom, -(-int(np.ceil(bottom)) // 2) * 2),
    )
    return MouthPatch(rect, (left, top, right, bottom))


def composite(mouth: Picture, still: Patch, piece: MouthPatch) -> Patch:
    """The part of `still` (a box, RGBA) inside `piece.rect`, with `mouth` (48 x 96 or larger) drawn on it.

    It has the alpha of `still`, so it can be drawn over `still` itself.
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


def _inner(piece: MouthPatch) -> Rect:
    """The pixels that the mouth covers completely. The others lie under the soft edge of the mask."""
    left, top, right, bottom = piece.place
    rect = piece.rect
    return Rect(
        max(rect.left, int(np.ceil(left))),
        max(rect.top, int(np.ceil(top))),
        min(rect.right, int(right)),
        min(rect.bottom, int(bottom)),
    )


def _source(piece: MouthPatch, inner: Rect, mouth: Picture) -> tuple[float, float, float, float]:
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
def _mask(piece: MouthPatch) -> Image.Image:
    """The opacity of the mouth's picture, from 0 at its edges to 255. The lower edge is round, like a chin."""
    inner = _inner(piece)
    left, top, right, bottom = piece.place
    x = (np.arange(inner.left, inner.right) + 0.5 - left) / (right - left)
    y = (np.arange(inner.top, inner.bottom) + 0.5 - top) / (bottom - top)
    # The distance to the nearest side shrinks towards the chin: at the bottom the outer quarters are invisible.
    inward = np.minimum(x, 1 - x)[None] - 0.25 * np.maximum(0, (y - 0.5) / 0.5)[:, None] ** 2
    sides = _rising(inward / _FADE_SIDES)
    ends = _rising(y / _FADE_TOP) * _rising((1 - y) / _FADE_BOTTOM)
    return Image.fromarray(np.rint(255 * sides * ends[:, None]).astype(np.uint8))


def _rising(share: NDArray[Any]) -> NDArray[np.float64]:
    """From 0 at 0 to 1 at 1 with a level start and end (3 t^2 - 2 t^3)."""
    t = np.clip(share, 0, 1)
    return t * t * (3 - 2 * t)
