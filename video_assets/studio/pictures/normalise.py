"""Checks pictures from outside and converts them to one form: 8-bit RGB in sRGB, upright, still, as PNG.

The header and the structure of a file are checked before it is decoded, because a file of 160 kB can contain 169
megapixels. Then it is decoded completely, because libraries show the missing rest of a truncated file as grey. Does not
belong here: the structure of files (`structure`), or opening them (`lesson.files`).
"""

from __future__ import annotations

import io
import struct
import zlib
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from video_assets.studio.core.errors import MediaError
from video_assets.studio.media.picture_structure import MalformedPicture, check_whole, read_structure

from .ground import BLACK, GREY, WHITE, ground_for

MOST_PIXELS = 40_000_000
MOST_BOUGHT_PIXELS = 9_500_000
"""Limit of a generated picture, unless a larger one was requested. Several of them are decoded at a time."""
SMALLEST_PX, LONGEST_PX = 64, 3840
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_BOUGHT_FORMATS = ("PNG", "JPEG", "WEBP")
_ASPECT_TOLERANCE = Fraction(1, 50)
_BLANK_SPREAD = 2
"""The largest difference between the brightest and the darkest pixel of a blank picture, in every channel."""
_FLAT_MODES = frozenset({"RGB", "L", "1"})
_WIDE_MODES = frozenset({"I", "I;16", "I;16B", "I;16L", "F"})


class AcceptedPicture(NamedTuple):
    """A picture that can be used, and notes about the changes that were made."""

    png: bytes
    width_px: int
    height_px: int
    notes: tuple[str, ...]


def accept_picture(data: bytes, *, wanted: tuple[int, int] | None = None) -> AcceptedPicture:
    """The picture in `data` in the form of this module. The same bytes give the same bytes.

    The first picture of an animation is used, transparent parts become white (black or grey where lines need it), the
    EXIF orientation and the colour profile are applied, and the longer edge is reduced to LONGEST_PX.

    Raises MediaError for anything but a complete PNG, JPEG, WebP or GIF, for more than MOST_PIXELS, an edge below
    SMALLEST_PX or a single colour. With `wanted` (width and height) the picture is a generated one: GIF is not
    accepted, the limit is lower (MOST_BOUGHT_PIXELS), and another aspect ratio is an error.
    """
    try:
        return _accepted(data, wanted)
    except MalformedPicture as error:
        raise _refused(data, str(error)) from error
    except (OSError, SyntaxError, ValueError, struct.error, zlib.error, Image.DecompressionBombError) as error:
        raise _refused(data, f"it does not decode: {error}") from error


def _accepted(data: bytes, wanted: tuple[int, int] | None) -> AcceptedPicture:
    structure = read_structure(data)
    formats = _FORMATS if wanted is None else _BOUGHT_FORMATS
    if structure.kind not in formats:
        raise _refused(data, f"it is no {', '.join(formats[:-1])} or {formats[-1]}")
    most = MOST_PIXELS if wanted is None else min(MOST_PIXELS, max(MOST_BOUGHT_PIXELS, wanted[0] * wanted[1]))
    _check_size(data, (structure.width_px, structure.height_px), most)
    check_whole(data, structure)
    try:
        picture = Image.open(io.BytesIO(data), formats=_FORMATS)
    except UnidentifiedImageError as error:
        raise _refused(data, "it does not decode") from error
    with picture:
        _check_size(data, picture.size, most)
        notes: list[str] = []
        # Not `n_frames`: that walks through all of an animation.
        if getattr(picture, "is_animated", False):
            picture.seek(0)
            notes.append("the first picture of an animation")
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        flat = _flat(upright, notes)
    _check_shape(data, flat, wanted)
    if max(flat.size) > LONGEST_PX:
        flat.thumbnail((LONGEST_PX, LONGEST_PX), Image.Resampling.LANCZOS)
        notes.append(f"reduced to {flat.width} x {flat.height}")
    out = io.BytesIO()
    # From the array, so that no metadata of the file is kept.
    Image.fromarray(np.asarray(flat)).save(out, "PNG", compress_level=3)
    return AcceptedPicture(out.getvalue(), flat.width, flat.height, tuple(notes))


def _check_size(data: bytes, size: tuple[int, int], most_pixels: int) -> None:
    width, height = size
    if width * height > most_pixels:
        raise _refused(data, f"it has {width} x {height} pixels, more than {most_pixels / 1_000_000:g} million")
    if min(width, height) < SMALLEST_PX:
        raise _refused(data, f"it has {width} x {height} pixels, too few to show")


def _check_shape(data: bytes, picture: Image.Image, wanted: tuple[int, int] | None) -> None:
    if wanted is not None:
        asked, came = Fraction(*wanted), Fraction(*picture.size)
        if abs(came / asked - 1) > _ASPECT_TOLERANCE:
            raise _refused(data, f"it has {picture.width} x {picture.height} pixels where {wanted} was asked for")
    low, high = zip(*picture.getextrema(), strict=True) if picture.mode == "RGB" else ((0,), (255,))
    if max(top - bottom for bottom, top in zip(low, high, strict=True)) <= _BLANK_SPREAD:
        raise _refused(data, "it shows one colour and nothing else")


def _flat(picture: Image.Image, notes: list[str]) -> Image.Image:
    """8-bit RGB in sRGB, on white, or on black if its lines cannot be seen on white."""
    if picture.mode in _WIDE_MODES:
        notes.append("16 bits a channel, scaled to 8")
        values = np.asarray(picture).astype(np.float64)
        top = 65535.0 if values.max(initial=0) > 255 or picture.mode != "I" else 255.0
        picture = Image.fromarray(np.rint(values * 255 / top).clip(0, 255).astype(np.uint8))
    picture = _in_srgb(picture, notes)
    if picture.mode in _FLAT_MODES:
        return picture.convert("RGB")
    if picture.mode == "P" and "transparency" not in picture.info:
        return picture.convert("RGB")
    if picture.mode in {"CMYK", "YCbCr", "LAB", "HSV"}:
        return picture.convert("RGB")
    opaque = picture.convert("RGBA")
    ground = Image.new("RGBA", opaque.size, ground_for(opaque, (WHITE, BLACK, GREY)) or "white")
    ground.alpha_composite(opaque)
    return ground.convert("RGB")


def _in_srgb(picture: Image.Image, notes: list[str]) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "CMYK", "L"}:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        changed = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except ImageCms.PyCMSError:
        notes.append("its colour profile cannot be read, and was left aside")
        return picture
    assert changed is not None
    return changed


def _refused(data: bytes, why: str) -> MediaError:
    return MediaError(
        f"A picture of {len(data)} bytes cannot be used: {why}.",
        remedy="Expected a whole PNG, JPEG, WebP or GIF of a usual size; save it again, or ask again.",
    )
