"""Atomic, durable writes: a reader finds the old file or the new one, also after a crash, and never a part.

Every write of the store, the references and the bundle goes through a `FileSystem`, one operation at a time, so that a
test can make any of them fail (tests/faults). Does not belong here: locks (`locks.py`).
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO


class FileSystem:
    """The operations on a file system that publishing needs.

    Each can fail with OSError, or be the last one before a power cut. Bytes that are not flushed by then are lost.
    """

    def make_folder(self, folder: Path) -> None:
        """Make the one folder `folder`, which may exist already."""
        folder.mkdir(exist_ok=True)

    def read(self, path: Path) -> bytes:
        """The file's bytes."""
        return path.read_bytes()

    def create(self, path: Path) -> BinaryIO:
        """Open the new file `path`."""
        return path.open("xb")

    def write(self, file: BinaryIO, data: bytes) -> None:
        """Write `data` and hand it to the operating system."""
        file.write(data)
        file.flush()

    def flush(self, file: BinaryIO) -> None:
        """Make the file's bytes durable."""
        os.fsync(file.fileno())

    def protect(self, path: Path, mode: int) -> None:
        """Set the permissions of a file."""
        path.chmod(mode)

    def rename(self, source: Path, target: Path) -> None:
        """Replace `target` by `source`."""
        source.replace(target)

    def link(self, link: Path, target: str) -> None:
        """Make the symbolic link `link` that points to the folder `target`."""
        link.symlink_to(target, target_is_directory=True)

    def remove(self, path: Path) -> None:
        """Remove a file or link, if it exists."""
        path.unlink(missing_ok=True)

    def remove_tree(self, folder: Path) -> None:
        """Remove a folder with all its files, also read-only ones, if it exists."""
        shutil.rmtree(folder, ignore_errors=True)

    def flush_folder(self, folder: Path) -> None:
        """Make the folder's names durable."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class UnsyncedFileSystem(FileSystem):
    """Atomic, but not durable: for state that may be lost in a power cut."""

    def flush(self, file: object) -> None:
        """Left to the operating system."""

    def flush_folder(self, folder: Path) -> None:
        """Left to the operating system."""


def make_folders(folder: Path, *, filesystem: FileSystem) -> None:
    """Make `folder` and its missing parents, each durable: a file is lost if its folder is lost."""
    if folder.is_dir():
        return
    make_folders(folder.parent, filesystem=filesystem)
    filesystem.make_folder(folder)
    filesystem.flush_folder(folder.parent)


def atomic_write(
    path: Path,
    data: bytes,
    *,
    filesystem: FileSystem,
    mode: int = 0o644,
    swap: AbstractContextManager[None] | None = None,
) -> None:
    """Write `data` to `path` atomically: after a crash there is the old file, or the new one, never a part.

    The context manager `swap` (a lock) is held while the new file replaces the old one.
    """
    make_folders(path.parent, filesystem=filesystem)
    temporary = temp_path_beside(path)
    try:
        with filesystem.create(temporary) as file:
            filesystem.write(file, data)
            filesystem.flush(file)
        filesystem.protect(temporary, mode)
        with swap or nullcontext():
            filesystem.rename(temporary, path)
    except BaseException as error:
        filesystem.remove(temporary)
        if isinstance(error, OSError):
            error.filename = str(path)  # instead of the temporary name, or of none if the disk is full
        raise
    filesystem.flush_folder(path.parent)


def fsync_file(path: Path, *, filesystem: FileSystem) -> None:
    """Make the bytes of a file durable that a library has written."""
    with path.open("rb") as file:
        filesystem.flush(file)


def temp_path_beside(path: Path) -> Path:
    """A new temporary name in the same folder, so that a rename stays within one file system. Starts with a dot."""
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}{UNFINISHED}")


UNFINISHED = ".part"
"""The suffix of a file that is being written. Such a file is left over only if its writer was killed."""
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{12}" + re.escape(UNFINISHED))


def unfinished_in(folder: Path) -> Iterator[Path]:
    """Every file, link and folder at any depth of `folder` whose name comes from `temp_path_beside`.

    Follows no link. A missing folder has none. Raises OSError for a folder that cannot be read.
    """

    def fail(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # removed since it was listed
            raise error

    for path, folders, files in os.walk(folder, onerror=fail):
        found = [name for name in (*folders, *files) if _TEMPORARY.fullmatch(name)]
        yield from (Path(path, name) for name in found)
        folders[:] = [name for name in folders if name not in found]


def swap_symlink(link: Path, version: Path, *, filesystem: FileSystem) -> None:
    """Point the symbolic link `link` to the finished folder `version` (a sibling, or below one), atomically.

    `os.replace` cannot replace a folder that is not empty, but it can replace a link.
    """
    temporary = temp_path_beside(link)
    try:
        filesystem.link(temporary, os.path.relpath(version, link.parent))
        filesystem.rename(temporary, link)
    except BaseException:
        filesystem.remove(temporary)
        raise
    filesystem.flush_folder(link.parent)
