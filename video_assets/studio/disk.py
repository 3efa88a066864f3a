"""Writing so that a reader, or a crash, meets the old thing or the new one and nothing between.

Belongs here: atomic files and folders, and the exclusive file lock. Does not belong here: what is written.
Every write of the store, the pointers and the bundle passes through a `Disk`, so that a test can make any of them fail.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Disk:
    """The operations on a file system that publishing needs, in the order they are used."""

    def write(self, path: Path, data: bytes) -> None:
        """Write `data` to the new file `path` and flush it to the disk itself."""
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def rename(self, source: Path, target: Path) -> None:
        """Put `source` in the place of `target`, and flush the folder that now names it."""
        source.replace(target)
        self.flush_folder(target.parent)

    def flush_folder(self, folder: Path) -> None:
        """Make the folder's names durable."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_whole(path: Path, data: bytes, *, disk: Disk, mode: int = 0o644) -> None:
    """Put `data` at `path` as a whole: after a crash there is the old file, or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(path)
    try:
        disk.write(temporary, data)
        temporary.chmod(mode)
        disk.rename(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def temporary_beside(path: Path) -> Path:
    """A fresh name in the same folder, so that a rename stays within one file system. Starts with a dot."""
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")


def publish_folder(link: Path, version: Path, *, disk: Disk) -> None:
    """Make the symbolic link `link` lead to the finished folder `version` (its sibling or below), in one step.

    `os.replace` cannot put a folder over a full one; it can put a link over a link.
    """
    temporary = temporary_beside(link)
    temporary.symlink_to(os.path.relpath(version, link.parent), target_is_directory=True)
    try:
        disk.rename(temporary, link)
    finally:
        temporary.unlink(missing_ok=True)


def remove_tree(folder: Path) -> None:
    """Delete a folder of ours, read-only files included; a missing one is fine."""
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock named by `path` among all processes and threads of this machine; the kernel frees it at death.

    The lock file is removed by whoever leaves last, so that locks do not pile up.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if _is_still(path, descriptor):
            break
        os.close(descriptor)  # somebody removed the file while we waited: queue at the new one
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        now = path.stat()
    except FileNotFoundError:
        return False
    held = os.fstat(descriptor)
    return (now.st_ino, now.st_dev) == (held.st_ino, held.st_dev)


def held(path: Path) -> bool:
    """Whether some living process holds the lock named by `path` just now."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
