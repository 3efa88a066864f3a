"""Reads the kind and size of a picture file, and checks its structure, before anything decodes it.

A picture of a megabyte can inflate to gigabytes, have millions of empty parts, thousands of scans, or tags that all
point at the same megabytes. Libraries limit some of that: Pillow reads a header before it checks the rest, and accepts
a truncated JPEG until it is decoded. This module limits everything that costs time or memory out
of proportion to the file, and it detects truncated files. It knows the containers of PNG (ISO/IEC 15948), JPEG (ITU-T
T.81), WebP (RFC 9649) and GIF (89a). Does not belong here: the choice of accepted pictures (`normalise`), or decoding.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

MOST_PARTS = 65_536
"""A file of 64 MB in the usual parts of 8 kB has 8,000."""
MOST_SCANS = 64
"""Limit for a progressive JPEG. Encoders write about ten."""
MOST_EXIF_BYTES = 65_536
"""The maximum in a JPEG. Tags may overlap, so a reader may need memory in the square of this."""
_MOST_FILL_BYTES = 4096
_MOST_HEADER_BYTES = 20_000_000
_MOST_COMMENT_BYTES = 65_536
_INFLATED_AT_A_TIME = 1 << 20
_PNG = b"\x89PNG\r\n\x1a\n"


class Structure(NamedTuple):
    """Kind and size, as the file's header declares them."""

    kind: str
    """PNG, JPEG, WEBP or GIF; empty for anything else."""
    width_px: int
    height_px: int
    animated: bool = False
    """A WebP file with several frames. (A GIF is not examined for this.)"""
    common: bool = True
    """False: a JPEG that many decoders refuse, such as a lossless or an arithmetic-coded one."""
    scan_at: int = 0
    """Offset of a JPEG's first scan, behind which its end marker must be."""


class MalformedPicture(Exception):
    """The file is truncated, damaged, or exceeds a limit. The text continues a sentence about the picture."""


def read_structure(data: bytes) -> Structure:
    """Kind and size of a picture, from its header; no pixel is decoded. Raises MalformedPicture."""
    try:
        if data.startswith(_PNG):
            if data[12:16] != b"IHDR":
                raise MalformedPicture("its header is damaged")
            return Structure("PNG", *struct.unpack(">II", data[16:24]))
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
        if data[:6] in {b"GIF87a", b"GIF89a"}:
            return Structure("GIF", *struct.unpack("<HH", data[6:10]))
    except (struct.error, IndexError) as error:
        raise MalformedPicture("it ends within its header") from error
    return Structure("", 0, 0)


def check_whole(data: bytes, structure: Structure, *, inflate: bool = True) -> None:
    """Raise MalformedPicture if a file of this structure is truncated, damaged, or too expensive to decode.

    With `inflate`, the rows of a PNG are counted too, which takes as long as decoding the file.
    """
    kind = structure.kind
    try:
        if kind == "PNG":
            _check_png(data, inflate=inflate)
        # Not at the very end: phones append a video to a photo.
        if kind == "JPEG" and data.rfind(b"\xff\xd9") < structure.scan_at:
            raise MalformedPicture("it ends before its end marker")
        if kind == "WEBP" and len(data) < 8 + int.from_bytes(data[4:8], "little"):
            raise MalformedPicture("it is shorter than its header says")
        if kind == "GIF":
            _check_gif(data)
    except (struct.error, IndexError) as error:
        raise MalformedPicture("it ends within a part") from error


# --- PNG ---------------------------------------------------------------------------------------------------------


def _check_png(data: bytes, *, inflate: bool) -> None:
    """Every chunk up to IEND is complete with a valid checksum, and the rows are as many as the header declares."""
    header = struct.unpack(">IIBB", data[16:26])
    rows = _Rows(_png_bytes(*header) if inflate and not data[28] else 0)
    for number, (kind, body, checksum) in enumerate(_chunks(data)):
        if number == MOST_PARTS:
            raise MalformedPicture(f"it has more than {MOST_PARTS} parts")
        if zlib.crc32(body, zlib.crc32(kind)) != checksum:
            raise MalformedPicture(f"its part {kind.decode('ascii', 'replace')!r} is damaged or cut")
        if kind == b"eXIf" and len(body) > MOST_EXIF_BYTES:
            raise MalformedPicture(f"its EXIF has more than {MOST_EXIF_BYTES} bytes")
        if kind == b"IDAT":
            rows.take(body)
        if kind == b"IEND":
            if rows.missing:
                raise MalformedPicture("it holds fewer rows than its header says")
            return
    raise MalformedPicture("it ends before its last part")


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview, int]]:
    """Kind, body and checksum of each chunk. The checksum of a truncated chunk is -1."""
    view, place = memoryview(data), len(_PNG)
    while place + 12 <= len(data):
        length, kind = struct.unpack(">I4s", view[place : place + 8])
        end = place + 8 + length
        checksum = int.from_bytes(view[end : end + 4], "big") if end + 4 <= len(data) else -1
        yield kind, view[place + 8 : end], checksum
        place = end + 4


class _Rows:
    """Inflates the rows of a PNG in small pieces, counts the bytes, and stops at the declared size."""

    def __init__(self, wanted_bytes: int) -> None:
        self.missing = wanted_bytes
        self._inflating = zlib.decompressobj()

    def take(self, body: bytes | memoryview) -> None:
        """The next bytes of the stream."""
        left: bytes | memoryview = body
        while self.missing > 0 and len(left):
            at_most = min(self.missing, _INFLATED_AT_A_TIME)
            self.missing -= len(self._inflating.decompress(left, at_most))
            left = self._inflating.unconsumed_tail


def _png_bytes(width: int, height: int, depth: int, colour: int) -> int:
    """Bytes of all rows, each with its filter byte (clause 7.2)."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 1)
    return height * (1 + -(-width * channels * depth // 8))


# --- JPEG --------------------------------------------------------------------------------------------------------

_NO_LENGTH_MARKERS = frozenset(range(0xD0, 0xD8))
"""Markers without a length."""
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_COMMON_FRAME_MARKERS = frozenset({0xC0, 0xC1, 0xC2})
_SCAN, _APP1 = 0xDA, 0xE1


def _jpeg(data: bytes) -> Structure:
    """Reads the header up to the first scan, within limits, and counts all scans."""
    width = height = exif = 0
    place, common = 2, True
    for _ in range(MOST_PARTS // 16):
        place = _next_marker(data, place)
        marker = data[place]
        if marker in _NO_LENGTH_MARKERS:
            place += 1
            continue
        length = int.from_bytes(data[place + 1 : place + 3], "big")
        if marker in _FRAME_MARKERS:
            height, width = struct.unpack(">HH", data[place + 4 : place + 8])
            common = marker in _COMMON_FRAME_MARKERS
        exif += length if marker == _APP1 and data[place + 3 : place + 9] == b"Exif\0\0" else 0
        if exif > MOST_EXIF_BYTES:
            raise MalformedPicture(f"its EXIF has more than {MOST_EXIF_BYTES} bytes")
        if marker == _SCAN:
            end = data.find(b"\xff\xd9", place)  # what follows the picture, such as a video, may hold any bytes
            if data.count(b"\xff\xda", place - 1, end if end > 0 else len(data)) > MOST_SCANS:
                raise MalformedPicture(f"it has more than {MOST_SCANS} scans")
            return Structure("JPEG", width, height, common=common, scan_at=place)
        place += 1 + length
        if length < 2 or place > _MOST_HEADER_BYTES:
            raise MalformedPicture("its header is damaged, or longer than a picture's can be")
    raise MalformedPicture("its header has more parts than a picture's can have")


def _next_marker(data: bytes, place: int) -> int:
    """Offset of the next marker's second byte, behind any fill bytes."""
    for at in range(place, place + _MOST_FILL_BYTES):
        if data[at] != 0xFF:
            if at > place and data[at] != 0:
                return at
            break
    raise MalformedPicture("its header is damaged")


# --- WebP and GIF ------------------------------------------------------------------------------------------------


def _webp(data: bytes) -> Structure:
    kind = data[12:16]
    exif = data.find(b"EXIF", 12)
    if exif > 0 and MOST_EXIF_BYTES < int.from_bytes(data[exif + 4 : exif + 8], "little") <= len(data):
        raise MalformedPicture(f"its EXIF has more than {MOST_EXIF_BYTES} bytes")
    animated = kind == b"VP8X" and bool(data[20] & 0x02)
    if kind == b"VP8X":
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
    elif kind == b"VP8L" and data[20] == 0x2F:
        (bits,) = struct.unpack("<I", data[21:25])
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", data[26:30]))
    else:
        raise MalformedPicture("its header is damaged")
    return Structure("WEBP", width, height, animated=animated)


def _check_gif(data: bytes) -> None:
    """Every block up to the trailer is complete. Comments are limited, as readers join them byte by byte."""
    place, comments = 13 + _colours(data[10]), 0
    while data[place] != 0x3B:
        if data[place] == 0x2C:
            place += 10 + _colours(data[place + 9]) + 1
        elif data[place] == 0x21:
            place += 2
        else:
            raise MalformedPicture("its blocks are damaged")
        is_comment = data[place - 2 : place] == b"\x21\xfe"
        begin = place
        while data[place]:
            place += 1 + data[place]
        place += 1
        comments += place - begin if is_comment else 0
        if comments > _MOST_COMMENT_BYTES:
            raise MalformedPicture(f"its comments have more than {_MOST_COMMENT_BYTES} bytes")


def _colours(flags: int) -> int:
    """Bytes of a colour table."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
