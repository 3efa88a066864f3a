"""Reads the files that a lesson names: only inside its folder, limited in size, and checked to be pictures.

The author of a lesson may be a stranger. The lesson must not reveal a file outside its folder, make the process wait
for a pipe, or make it decode a picture of a thousand megapixels. Does not belong here: decoding pictures.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import unicodedata
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.messages import nearest, quoted
from video_assets.studio.core.quantities import format_size
from video_assets.studio.media.picture_structure import MalformedPicture, check_whole, read_structure

MAX_PICTURE_BYTES = 25_000_000
MAX_PICTURE_PIXELS = 50_000_000
MAX_PICTURE_SIDE_PX = 20_000
_MAX_LISTED = 1000


class FileProblem(NamedTuple):
    """Why a file is not accepted."""

    code: str
    message: str
    remedy: str


# Opening


def read_inside(root: Path, path: Path, limit_bytes: int, shown: str = "") -> bytes | FileProblem:
    """The bytes of the regular file `path`, if it is inside the folder `root` and has at most `limit_bytes`.

    Links may lead to files inside `root` only. The resolved path is opened folder by folder without following links, so
    that a link created in the meantime cannot lead outside. Never blocks on pipes or devices. `shown` is the file's
    name in messages; the default is the path.
    """
    name = quoted(shown or str(path), 80)
    try:
        home, real = root.resolve(), path.resolve()
        if not real.is_relative_to(home):
            return _outside(name)
        return _read_beneath(home, real.relative_to(home).parts, limit_bytes, name)
    except (OSError, RuntimeError, ValueError) as error:
        return _refused(path, name, error)


def _outside(name: str) -> FileProblem:
    message = f"{name} lies outside the lesson's folder"
    return FileProblem("outside-folder", message, "Copy the file into the lesson's folder.")


def _read_beneath(home: Path, parts: tuple[str, ...], limit_bytes: int, name: str) -> bytes | FileProblem:
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            os.close(folder)
            folder = inner
        return _read_entry(folder, parts[-1] if parts else ".", limit_bytes, name)
    finally:
        os.close(folder)


def _read_entry(folder: int, entry: str, limit_bytes: int, name: str) -> bytes | FileProblem:
    # Checked before it is opened, because opening a device can have an effect.
    kind = os.stat(entry, dir_fd=folder, follow_symlinks=False).st_mode
    if not stat.S_ISREG(kind):
        what = "a folder" if stat.S_ISDIR(kind) else "a pipe, device or socket"
        return FileProblem("not-a-file", f"{name} is {what}, not a file", "Name a file.")
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(entry, flags, dir_fd=folder), "rb") as file:
        data = file.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        message = f"{name} is larger than {format_size(limit_bytes)}"
        return FileProblem("file-too-large", message, "Divide it, or make it smaller.")
    return data


_SYSTEM_REFUSALS = {
    errno.EACCES: ("unreadable-file", "may not be read", "Give yourself permission to read it."),
    errno.EPERM: ("unreadable-file", "may not be read", "Give yourself permission to read it."),
    errno.ELOOP: ("outside-folder", "is a link that leads nowhere", "Put the file itself there."),
    errno.ENAMETOOLONG: ("missing-file", "is too long a name for a file", "Shorten the name."),
}


def _refused(path: Path, name: str, error: OSError | RuntimeError | ValueError) -> FileProblem:
    if isinstance(error, RuntimeError):  # raised by pathlib before Python 3.13 for a loop of links
        return FileProblem("outside-folder", f"{name} is a link that leads nowhere", "Put the file itself there.")
    if isinstance(error, FileNotFoundError | NotADirectoryError | ValueError):
        return FileProblem("missing-file", f"There is no file {name}", _missing_remedy(path))
    if error.errno in _SYSTEM_REFUSALS:
        code, message, remedy = _SYSTEM_REFUSALS[error.errno]
        return FileProblem(code, f"{name} {message}", remedy)
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    return FileProblem("unreadable-file", f"{name} could not be read: {reason}", "Repair this, then try again.")


def _missing_remedy(path: Path) -> str:
    """A remedy with a similar name in the same folder. Only called for paths inside the lesson's folder."""
    try:
        with os.scandir(path.parent) as entries:
            names = sorted(entry.name for entry, _ in zip(entries, range(_MAX_LISTED), strict=False))
    except (OSError, ValueError):
        return "Check the name of the folder."
    close = nearest(path.name, names)
    return f"Did you mean {quoted(close)}?" if close else "Check the name and the folder."


def read_picture(root: Path, folder: Path, name: str) -> bytes | FileProblem:
    """The bytes of the picture `name`, a path relative to `folder`, or why it is not accepted.

    It must be a complete PNG, JPEG or WebP file inside `root`, within the limits of size; see `read_inside`. A name
    with accents may be composed in the lesson and decomposed on the disk, or the other way round; see `named_path`.
    """
    refusal = refuse_name(name, "picture")
    if refusal is not None:
        return refusal
    data = read_inside(root, named_path(folder, name), MAX_PICTURE_BYTES, name)
    if isinstance(data, FileProblem):
        return data
    size = picture_size(data)
    return size if isinstance(size, FileProblem) else data


def named_path(folder: Path, name: str) -> Path:
    """The path that `name` means below `folder`: as it is written, or else one whose letters are composed differently.

    macOS and zip files write `é` as two characters where a keyboard writes one. A name that matches no file stays as it
    is written.
    """
    path = folder / name
    try:
        if name.isascii() or ".." in path.parts or path.exists():
            return path
        found = folder
        for part in Path(name).parts:
            found = found / (part if (found / part).exists() else _entry_like(found, part))
    except (OSError, ValueError):
        return path
    return found


def _entry_like(folder: Path, part: str) -> str:
    """The entry of `folder` that has the characters of `part`; `part` itself if there is none."""
    composed = unicodedata.normalize("NFC", part)
    with os.scandir(folder) as entries:
        names = (entry.name for entry in entries)
        return next((each for each in names if unicodedata.normalize("NFC", each) == composed), part)


def read_logo(folder: Path, name: str) -> bytes | None:
    """The bytes of the logo; None if `name` is empty. Raises SettingInvalid if it is not accepted.

    Any source of settings may name it; the path is relative to `folder`, that of the lesson.
    """
    if not name:
        return None
    data = read_picture(folder, folder, name)
    if isinstance(data, FileProblem):
        raise SettingInvalid(f"The logo cannot be used: {data.message}.", remedy=data.remedy)
    return data


def refuse_name(name: str, what: str) -> FileProblem | None:
    """Why `name` cannot name a file of the lesson's folder; None if it can. `what` it is: a picture, a recording."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://|(?:data|file):", name):
        remedy = f"Save the {what} in the lesson's folder and write its name."
        return FileProblem(f"{what}-is-url", f"{quoted(name)} is an address, not a file", remedy)
    if name.startswith(("/", "~", "\\")) or re.match(r"[A-Za-z]:", name):
        message = f"{quoted(name)} does not count from the lesson's folder"
        return FileProblem(
            "outside-folder", message, f"Copy the {what} into the lesson's folder and write its name only."
        )
    if "\\" in name:
        return FileProblem("missing-file", f"{quoted(name)} contains a backslash", "Write folders with /.")
    if not name.strip() or "\0" in name:
        return FileProblem(
            "missing-file", f"{quoted(name)} is not a file name", f"Name a {what}, or leave the key out."
        )
    return None


# Pictures


class PictureSize(NamedTuple):
    """Width and height in pixels, according to the header."""

    width_px: int
    height_px: int


def picture_size(data: bytes) -> PictureSize | FileProblem:
    """The size of the PNG, JPEG or WebP picture `data`, from its header, without decoding.

    Other formats, truncated or damaged files, and pictures that are too large to decode give a FileProblem.
    """
    try:
        structure = read_structure(data)
        if structure.kind not in _FORMATS:
            return _other_format(data)
        if not structure.common:
            return FileProblem("picture-format", "The file is an unusual kind of JPEG", "Save it as PNG.")
        if structure.animated:
            return FileProblem("picture-format", "The picture is animated", "Save a single frame as PNG.")
        check_whole(data, structure, inflate=False)
    except MalformedPicture:
        return _DAMAGED
    return _bounded(PictureSize(structure.width_px, structure.height_px))


_FORMATS = frozenset({"PNG", "JPEG", "WEBP"})
_DAMAGED = FileProblem("picture-damaged", "The picture is damaged or cut off", "Save it again.")
_OTHER_FORMATS = {
    b"GIF8": "a GIF",
    b"%PDF": "a PDF",
    b"%!PS": "a PostScript file",
    b"BM": "a BMP",
    b"II*\0": "a TIFF",
    b"MM\0*": "a TIFF",
    b"<svg": "an SVG drawing",
    b"<?xml": "an SVG drawing or other XML",
    b"<!DOC": "a web page",
    b"<html": "a web page",
}


def _other_format(data: bytes) -> FileProblem:
    if data[4:8] == b"ftyp":
        found = "a HEIC or AVIF picture, or a film"
    else:
        start = data[:64].lstrip()
        found = next((name for magic, name in _OTHER_FORMATS.items() if start.startswith(magic)), "")
    message = (
        f"The file is {found}, not a PNG, JPEG or WebP" if found else "The file is not a PNG, JPEG or WebP picture"
    )
    return FileProblem("picture-format", message, "Save the picture as PNG or JPEG.")


def _bounded(size: PictureSize) -> PictureSize | FileProblem:
    if min(size) < 1:
        return _DAMAGED
    if max(size) <= MAX_PICTURE_SIDE_PX and size.width_px * size.height_px <= MAX_PICTURE_PIXELS:
        return size
    message = f"The picture has {size.width_px} x {size.height_px} pixels"
    remedy = f"Make it smaller: at most {MAX_PICTURE_PIXELS // 1_000_000} megapixels; a film shows 2 of them."
    return FileProblem("picture-too-large", message, remedy)
