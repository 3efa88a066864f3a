"""The file format of mouths: the lower half of a face's box for every frame, lossless, each distinct picture once.

    lessonreel-mouths/1 LF  |  a line of JSON: frames, pictures, height, width  |  LF  |  zlib( shown, deltas )

`shown` is a little-endian uint32 per frame. Each picture is stored as the difference (modulo 256) from the one before.
This takes about half the space.
"""

from __future__ import annotations

import json
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from video_assets.studio.core.errors import MediaError

MAGIC = b"lessonreel-mouths/1\n"
_LEVEL = 1
_LARGEST_BYTES = 1 << 34


class Mouths(NamedTuple):
    """`pictures` are uint8 RGB, count x height x width x 3; frame i shows `pictures[shown[i]]`."""

    shown: tuple[int, ...]
    pictures: NDArray[np.uint8]


def write_mouths(mouths: Mouths) -> bytes:
    """The bytes of `mouths`. The same mouths give the same bytes."""
    count, height, width, _ = mouths.pictures.shape
    header = {"frames": len(mouths.shown), "pictures": count, "height": height, "width": width}
    deltas = mouths.pictures.copy()
    deltas[1:] -= mouths.pictures[:-1]
    body = np.asarray(mouths.shown, "<u4").tobytes() + deltas.tobytes()
    return MAGIC + json.dumps(header).encode() + b"\n" + zlib.compress(body, _LEVEL)


def read_mouths(data: bytes) -> Mouths:
    """The mouths in `data`. Raises MediaError when `write_mouths` did not write it."""
    try:
        frames, shape, packed = _header(data)
        size = 4 * frames + int(np.prod(shape, dtype=np.int64))
        body = zlib.decompressobj().decompress(packed, min(size, _LARGEST_BYTES))
        shown = np.frombuffer(body, "<u4", frames)
        deltas = np.frombuffer(body, np.uint8, offset=4 * frames).reshape(shape)
    except (ValueError, KeyError, AttributeError, zlib.error) as error:
        raise MediaError(
            f"{len(data)} bytes that should be the pictures of a mouth cannot be read: {error}.",
            remedy="Make the section's clip again.",
        ) from error
    if frames and int(shown.max()) >= shape[0]:
        raise MediaError("The pictures of a mouth name one that is not there.", remedy="Make the clip again.")
    return Mouths(tuple(map(int, shown)), np.add.accumulate(deltas, axis=0, dtype=np.uint8))


def _header(data: bytes) -> tuple[int, tuple[int, int, int, int], bytes]:
    magic, head, packed = data.split(b"\n", 2)
    header = json.loads(head)
    if magic + b"\n" != MAGIC:
        raise ValueError(f"it begins with {magic[:24]!r}")
    return int(header["frames"]), (int(header["pictures"]), int(header["height"]), int(header["width"]), 3), packed
