"""The ground for a picture with transparent parts: the first one on which its lines can be seen.

Plots and diagrams are often black lines on transparency, and cannot be seen on a dark slide. Does not belong here: the
colours of themes (`slides.themes`), or where a picture is placed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image, ImageFilter

from video_assets.studio.core.lazy_import import lazy_import

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_import("numpy")

WHITE, BLACK, GREY = "#ffffff", "#000000", "#767676"
"""Black and white both have a contrast of LEAST_CONTRAST on the grey."""
LEAST_CONTRAST = 4.5
"""WCAG 2.2 AA, as for the text of slides."""
_ENOUGH_SHARE = 0.97
"""The share of the ink that must have this contrast."""
_REACH_PX = 5
"""Ink within two pixels of transparency stands on the ground; other ink stands among the picture's own colours."""
_OPAQUE, _CLEAR = 128, 64
"""Alpha of ink at least, and of transparency at most."""
_MOST_SAMPLES = 1_000_000


def ground_for(picture: Image.Image, grounds: Sequence[str]) -> str:
    """The first of `grounds` (`#rrggbb`) on which nearly all ink of `picture` has a contrast of LEAST_CONTRAST.

    If there is none, the ground on which the most ink has it; of equal ones, the first. "" for a picture without
    transparency, and for one without ink beside transparency.
    """
    if not has_transparency(picture):
        return ""
    ink = _ink_on_ground(picture.convert("RGBA"))
    if not len(ink):
        return ""
    shares = [_visible_share(ink, ground) for ground in grounds]
    enough = (ground for ground, share in zip(grounds, shares, strict=True) if share >= _ENOUGH_SHARE)
    return next(enough, grounds[int(np.argmax(shares))])


def has_transparency(picture: Image.Image) -> bool:
    """Whether a picture may have transparent parts, by its mode."""
    return picture.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in picture.info


def _ink_on_ground(picture: Image.Image) -> NDArray[np.float32]:
    """The relative luminance of each pixel of ink that stands on the ground."""
    alpha = picture.getchannel("A")
    values = np.asarray(alpha)
    if values.min() > _CLEAR or not values.any():
        return np.zeros(0, np.float32)
    # A clear frame around the picture: what is outside is ground as well.
    framed = Image.new("L", (picture.width + 2 * _REACH_PX, picture.height + 2 * _REACH_PX), 0)
    framed.paste(alpha, (_REACH_PX, _REACH_PX))
    least = np.asarray(framed.filter(ImageFilter.MinFilter(_REACH_PX)))[_REACH_PX:-_REACH_PX, _REACH_PX:-_REACH_PX]
    # Hairlines may have no opaque pixel.
    chosen = (values >= min(_OPAQUE, int(values.max()))) & (least <= _CLEAR)
    pixels = np.asarray(picture)[..., :3][chosen]
    return _luminance(pixels[:: 1 + len(pixels) // _MOST_SAMPLES])


def _visible_share(ink: NDArray[np.float32], ground: str) -> float:
    behind = float(_luminance(np.array([[int(ground[at : at + 2], 16) for at in (1, 3, 5)]], np.uint8))[0])
    light, dark = np.maximum(ink, behind) + 0.05, np.minimum(ink, behind) + 0.05
    return float(np.mean(light / dark >= LEAST_CONTRAST))


def _luminance(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Relative luminance of sRGB pixels (WCAG 2.2)."""
    channels = pixels.astype(np.float32) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722], np.float32)
