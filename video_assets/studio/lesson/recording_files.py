"""Reads the recordings that a lesson names, and chooses the reader of a named file by its key.

Only the header of a recording is looked at here: whether it can be opened and has sound. Does not belong here: decoding
it (`media.recordings`), or whether it says the text (`speech.recorded`).
"""

from __future__ import annotations

from pathlib import Path

from video_assets.studio.core.errors import MediaError

from .files import FileProblem, named_path, read_inside, read_picture, refuse_name

MAX_RECORDING_BYTES = 150_000_000
"""Ten minutes of stereo WAV, the length of the longest narration, and some more."""


def read_named_file(root: Path, folder: Path, name: str, key: str) -> bytes | FileProblem:
    """The bytes of the file `name` that `key` of a lesson names (`recording`, or the key of a picture)."""
    return read_recording(root, folder, name) if key == "recording" else read_picture(root, folder, name)


def read_recording(root: Path, folder: Path, name: str) -> bytes | FileProblem:
    """The bytes of the recording `name`, a path relative to `folder`, or why it is not accepted.

    It must be a file inside `root` that opens as sound, within the limit of size; see `read_inside`.
    """
    refusal = refuse_name(name, "recording")
    if refusal is not None:
        return refusal
    data = read_inside(root, named_path(folder, name), MAX_RECORDING_BYTES, name)
    return data if isinstance(data, FileProblem) else _openable(data)


def _openable(data: bytes) -> bytes | FileProblem:
    # FFmpeg loads here, so that a lesson without recordings is checked without it.
    from video_assets.studio.media.recordings import look_at_recording

    try:
        look_at_recording(data)
    except MediaError as error:
        return FileProblem("recording-format", error.message.rstrip("."), error.remedy)
    return data
