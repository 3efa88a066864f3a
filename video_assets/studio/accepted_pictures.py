"""Pictures that came from outside, judged and brought into one form: 8-bit RGB in sRGB, upright, still, as PNG.

Judged by the header before anything is decoded (a file of 160 kB can hold 169 megapixels), then by decoding it whole:
libraries show a cut file with grey where the rest was. Belongs here: that. Does not belong here: opening files
(`lesson_files.py`), or what a picture shows.
"""

from __future__ import annotations

import io
import struct
import zlib
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from .errors import MediaError

MOST_PIXELS = 40_000_000
SMALLEST_PX, LONGEST_PX = 64, 3840
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_PNG = b"\x89PNG\r\n\x1a\n"
_ASPECT_TOLERANCE = Fraction(1, 50)
_BLANK_SPREAD = 2
"""Between the brightest and the darkest pixel of a picture that shows nothing."""
_FLAT_MODES = frozenset({"RGB", "L", "1"})
_WIDE_MODES = frozenset({"I", "I;16", "I;16B", "I;16L", "F"})


class AcceptedPicture(NamedTuple):
    """A picture that can be used, and what was done to it."""

    png: bytes
    width_px: int
    height_px: int
    notes: tuple[str, ...]


def accept_picture(data: bytes, *, wanted: tuple[int, int] | None = None) -> AcceptedPicture:
    """The picture in `data`, in one form; the same bytes give the same bytes.

    Of an animation the first picture is taken; transparent parts become white; what its EXIF and its colour profile say
    is applied; the longer edge is reduced to LONGEST_PX. Raises MediaError for anything that is no whole PNG, JPEG,
    WebP or GIF, has more than MOST_PIXELS, an edge below SMALLEST_PX, one colour alone, or (with `wanted`, a width and
    a height) another shape than was asked for.
    """
    try:
        return _accepted(data, wanted)
    except (OSError, SyntaxError, ValueError, struct.error, zlib.error, Image.DecompressionBombError) as error:
        raise _refused(data, f"it does not decode: {error}") from error


def _accepted(data: bytes, wanted: tuple[int, int] | None) -> AcceptedPicture:
    try:
        picture = Image.open(io.BytesIO(data), formats=_FORMATS)
    except UnidentifiedImageError as error:
        raise _refused(data, "it is no PNG, JPEG, WebP or GIF") from error
    with picture:
        _check_size(data, picture.size)
        _check_whole(data, str(picture.format))
        notes: list[str] = []
        if getattr(picture, "n_frames", 1) > 1:
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
    # Anew, without anything that belonged to the file.
    Image.fromarray(np.asarray(flat)).save(out, "PNG", compress_level=3)
    return AcceptedPicture(out.getvalue(), flat.width, flat.height, tuple(notes))


def _check_size(data: bytes, size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        raise _refused(data, f"it has {width} x {height} pixels, more than {MOST_PIXELS // 1_000_000} million")
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


def _check_whole(data: bytes, kind: str) -> None:
    """Whether the file is there to its end, by its own structure."""
    if kind == "PNG":
        _check_png(data)
    if kind == "JPEG" and b"\xff\xd9" not in data[-4096:]:
        raise _refused(data, "it ends before its end marker")
    if kind == "WEBP" and len(data) < 8 + int.from_bytes(data[4:8], "little"):
        raise _refused(data, "it is shorter than its header says")
    if kind == "GIF" and b"\x3b" not in data[-16:]:
        raise _refused(data, "it ends before its trailer")


def _check_png(data: bytes) -> None:
    """Every chunk whole and with its own checksum, up to IEND, and as many pixels as the header promises."""
    place, pixels = len(_PNG), zlib.decompressobj()
    header = struct.unpack(">IIBB", data[16:26])
    interlaced = data[28]
    rows = 0
    while place + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + length]
        if len(body) < length or zlib.crc32(kind + body) != int.from_bytes(data[place + 8 + length :][:4], "big"):
            raise _refused(data, f"its part {kind.decode('ascii', 'replace')!r} is damaged or cut")
        if kind == b"IDAT" and not interlaced:
            rows += len(pixels.decompress(body))
        if kind == b"IEND":
            if not interlaced and rows < _png_bytes(*header):
                raise _refused(data, "it holds fewer rows than its header says")
            return
        place += 12 + length
    raise _refused(data, "it ends before its last part")


def _png_bytes(width: int, height: int, depth: int, colour: int) -> int:
    """Bytes of all rows, each with its filter (ISO/IEC 15948, clause 7.2)."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    return height * (1 + -(-width * channels * depth // 8))


def _flat(picture: Image.Image, notes: list[str]) -> Image.Image:
    """8-bit RGB in sRGB, on white."""
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
    ground = Image.new("RGBA", opaque.size, "white")
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
