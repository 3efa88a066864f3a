"""Reads the structure of sound files as voice services really send them, before anything decodes them.

Services write WAV headers before they know the length, put other chunks before the samples, and join the files of
sentences without a change. FFmpeg decodes the first of joined files, or none. So joined files are split here, and WAV
is reduced to its format and its samples. It knows RIFF WAVE, MPEG audio layer III with ID3 and APE tags, FLAC and Ogg.

Does not belong here: decoding (`sound.py`).
"""

from __future__ import annotations

import re
import struct
from array import array
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

_LARGEST_STATED_BYTES = 256_000_000
"""Servers that do not know the length state 0, or a gigabyte and more. A response has 64 MB at most."""
_RIFF = re.compile(rb"RIFF.{4}WAVE", re.DOTALL)
_FLAC = re.compile(rb"fLaC[\x00\x80]\x00\x00\x22")
_OGG_FIRST_PAGE = re.compile(rb"OggS\x00[\x02\x06]")
_MOST_PARTS = 1000


class SoundPart(NamedTuple):
    """One file of those that were joined."""

    data: bytes
    stated_samples: int | None
    """The samples per channel that a WAV header states; None for other files, and if it states none."""


def sound_parts(data: bytes, *, longest_seconds: float | None = None) -> tuple[SoundPart, ...]:
    """The sound files in `data`, in order; `data` itself if it is one file, or none that this module knows.

    A length in a WAV header counts as unknown if no response can be that long, or if it is longer than
    `longest_seconds`. Raises ValueError for more parts than a section has words.
    """
    if data.startswith(b"RIFF"):
        parts = [_wav(part, longest_seconds) for part in _split(data, _RIFF)]
    elif data.startswith(b"fLaC"):
        parts = [SoundPart(part, None) for part in _split(data, _FLAC)]
    elif data.startswith(b"OggS"):
        parts = [SoundPart(part, None) for part in _split(data, _OGG_FIRST_PAGE)]
    else:
        parts = [SoundPart(part, None) for part in _mp3_files(data)]
    if len(parts) > _MOST_PARTS:
        raise ValueError(f"it is joined of {len(parts)} files")
    return tuple(parts)


def _split(data: bytes, beginning: re.Pattern[bytes]) -> list[bytes]:
    starts = [found.start() for found in beginning.finditer(data)] or [0]
    return [data[start:end] for start, end in pairwise([*starts, len(data)])]


# --- RIFF WAVE ---------------------------------------------------------------------------------------------------


def _wav(data: bytes, longest_seconds: float | None) -> SoundPart:
    """The WAV file with nothing but its format and samples. A file without them is returned unchanged."""
    chunks = dict(_wav_chunks(data))
    (form_at, form_size), (start, size) = chunks.get(b"fmt ", (0, 0)), chunks.get(b"data", (0, 0))
    if form_size < 16 or not start or form_at + form_size > len(data):
        return SoundPart(data, None)
    bytes_per_second, block = struct.unpack("<IH", data[form_at + 8 : form_at + 14])
    if not block:
        return SoundPart(data, None)
    longest = _LARGEST_STATED_BYTES if longest_seconds is None else longest_seconds * bytes_per_second
    unknown = size == 0 or size > min(longest, _LARGEST_STATED_BYTES)
    present = min(size, len(data) - start) if not unknown else len(data) - start
    stated = None if unknown else size // block
    present -= present % block
    if (form_at, start) == (20, 28 + form_size) and start + present == len(data) and not unknown:
        return SoundPart(data, stated)
    form = data[form_at : form_at + form_size] + b"\0" * (form_size % 2)
    sizes = [struct.pack("<I", each) for each in (20 + len(form) + present, form_size, present)]
    head = b"".join((b"RIFF", sizes[0], b"WAVEfmt ", sizes[1], form, b"data", sizes[2]))
    return SoundPart(b"".join((head, memoryview(data)[start : start + present])), stated)


def _wav_chunks(data: bytes) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Name, start and stated size of each chunk. Samples of unknown length extend to the end of the file."""
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        yield name, (at + 8, size)
        if name == b"data" and size == 0 and _chunk_name(data, at + 8) is None:
            return
        end = at + 8 + size
        # A chunk of odd size is followed by a byte of padding, which some writers forget.
        at = end if size % 2 and _chunk_name(data, end + 1) is None and _chunk_name(data, end) else end + size % 2


def _chunk_name(data: bytes, at: int) -> bytes | None:
    """The name of the chunk that may begin at `at`; None if the bytes there cannot be a name and size."""
    name = data[at : at + 4]
    size = int.from_bytes(data[at + 4 : at + 8], "little")
    fits = name in {b"data", b"fmt "} or at + 8 + size <= len(data) + 1
    is_name = len(name) == 4 and name.isascii() and name.decode("ascii").isprintable()
    return name if fits and is_name else None


# --- MPEG audio layer III ----------------------------------------------------------------------------------------

_KBITS = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MOST_FILES = 1000
"""More files than a server joins: one for each sentence of the longest narration."""
_FRAME_OR_TAG = re.compile(rb"\xff[\xe0-\xff]|ID3|TAG|APETAGEX")
_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""By the two bits of the version: 3 is MPEG-1, 2 MPEG-2, 0 MPEG-2.5."""


def _mp3_files(data: bytes) -> list[bytes]:
    """The MP3 files in `data`, each without tags. `data` itself if it is one file, or no MP3.

    A file begins at a tag (ID3v2) or at a header frame (Xing, Info, VBRI), and ends at a tag (ID3v1, APE). Zeros behind
    the last frame are left out, because FFmpeg takes them for a packet.
    """
    # The starts and ends of runs of frames. An answer may be large, so a frame must not cost an object.
    files: list[array[int]] = [array("q")]
    at = 0
    while at < len(data) and len(files) <= _MOST_FILES:
        tag, frame = _tag_length(data, at), _frame_length(data, at)
        if tag:
            files += [array("q")] if files[-1] else []
            at += tag
        elif frame:
            if files[-1] and _is_header_frame(data, at, frame):
                files.append(array("q"))
            if files[-1] and files[-1][-1] == at:
                files[-1].pop()
            else:
                files[-1].append(at)
            files[-1].append(at + frame)
            at += frame
        else:
            following = _next_frame(data, at + 1)
            if following is None:
                break
            at = following
    found = [runs for runs in files if runs]
    if len(found) == 1 and not data[found[0][-1] :].strip(b"\0"):
        return [data[: found[0][-1]]]
    if not 2 <= len(found) <= _MOST_FILES:
        return [data]
    view = memoryview(data)
    return [b"".join(view[start:end] for start, end in zip(runs[::2], runs[1::2], strict=True)) for runs in found]


def _tag_length(data: bytes, at: int) -> int:
    """The length of the tag that begins at `at`; 0 if none does."""
    head = data[at : at + 10]
    if head[:3] == b"ID3" and len(head) == 10 and head[3] < 0xFF and all(byte < 0x80 for byte in head[6:]):
        footer = 10 if head[5] & 0x10 else 0
        return 10 + footer + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9])
    if head[:3] == b"TAG":
        return 128
    if head[:8] == b"APETAGEX":
        size, _, flags = struct.unpack("<III", data[at + 12 : at + 24].ljust(12, b"\0"))
        has_header = bool(flags & 0x20000000)
        return size + 32 if has_header else 32
    return 0


def _frame_length(data: bytes, at: int) -> int:
    """The length of the layer III frame that begins at `at`; 0 if none does, or it is cut."""
    head = data[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, rate, kbits = head[1] >> 3 & 3, head[2] >> 2 & 3, head[2] >> 4
    if version == 1 or rate == 3 or kbits in {0, 15}:
        return 0
    is_first_version = version == 3
    bits = _KBITS[1 if is_first_version else 2][kbits] * 1000
    length = (144 if is_first_version else 72) * bits // _RATES_HZ[version][rate] + (head[2] >> 1 & 1)
    return length if at + length <= len(data) else 0


def _next_frame(data: bytes, at: int) -> int | None:
    """The first place from `at` on where a tag begins, or a frame with another frame, a tag or the end behind it."""
    for found in _FRAME_OR_TAG.finditer(data, at):
        place = found.start()
        if _tag_length(data, place):
            return place
        length = _frame_length(data, place)
        after = place + length
        if length and (after == len(data) or _frame_length(data, after) or _tag_length(data, after)):
            return place
    return None


def _is_header_frame(data: bytes, at: int, length: int) -> bool:
    """Whether a frame holds the length of a file and no sound: Xing, Info (behind the side information) or VBRI."""
    head = data[at : at + length]
    is_mono, is_first_version = head[3] >> 6 == 3, head[1] >> 3 & 3 == 3
    side = {(True, True): 17, (False, True): 32, (True, False): 9, (False, False): 17}[is_mono, is_first_version]
    checksum = 0 if head[1] & 1 else 2
    place = 4 + side + checksum
    return head[place : place + 4] in {b"Xing", b"Info"} or head[36:40] == b"VBRI"


def states_mp3_frames(data: bytes) -> bool:
    """Whether the header frame of an MP3 file states its number of frames."""
    for name in (b"Xing", b"Info"):
        place = data[:4096].find(name)
        if place >= 0:
            flags, frames = struct.unpack(">II", data[place + 4 : place + 12].ljust(8, b"\0"))
            return bool(flags & 1) and 0 < frames < 0xFFFFFFFF
    return False
