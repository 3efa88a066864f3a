"""Lists the lesson files of a folder, each with a signature that changes when the file changes.

This is the only place that lists them. It opens no file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.core.messages import printable

SUFFIX = ".json"


class Listed(NamedTuple):
    """A lesson file."""

    path: str
    """Relative to the folder, with `/`."""
    signature: str
    """Changes whenever the file changes; empty for a broken link."""


class Listing(NamedTuple):
    """The lesson files of a folder."""

    files: tuple[Listed, ...]
    """Sorted by path."""
    unreadable: tuple[str, ...]
    """Folders, relative, that could not be read, so that their files are unknown. "." is the whole folder."""
    unnamable: tuple[str, ...] = ()
    """Files whose names are not UTF-8, in a printable form: no key, database or message can hold such a name."""

    def hides(self, path: str) -> bool:
        """Whether `path` may exist although it is not listed."""
        return any(folder == "." or path.startswith(f"{folder}/") for folder in self.unreadable)


def list_lessons(folder: Path) -> Listing:
    """Every file of `folder` and its folders that is named `*.json`, without hidden files and folders.

    Links to files count. Links to folders are not followed, so that a cycle of them ends. A folder is no lesson,
    whatever its name. Raises nothing for the contents of the folder.
    """
    files: list[Listed] = []
    unreadable: list[str] = []
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        try:
            with os.scandir(folder / inside) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(f"{inside}{entry.name}/")
                    elif entry.name.endswith(SUFFIX) and not _is_folder(entry):
                        files.append(Listed(inside + entry.name, signature_of(entry)))
        except OSError:
            unreadable.append(inside.rstrip("/") or ".")
    named = [each for each in files if _is_text(each.path)]
    unnamable = [printable(each.path) for each in files if not _is_text(each.path)]
    return Listing(tuple(sorted(named)), tuple(sorted(unreadable)), tuple(sorted(unnamable)))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _is_text(name: str) -> bool:
    """Whether a name has no surrogates, by which Python represents bytes that are not UTF-8."""
    return name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name)


def signature_of(file: Path | os.DirEntry[str]) -> str:
    """Size, times and inode number of a file, links followed; empty if it is missing or not accessible.

    It includes the time of the last change of any kind (ctime): a tool may reset mtime, but not ctime.
    """
    try:
        seen = file.stat()
    except (OSError, ValueError):
        return ""
    return f"{seen.st_size:x}.{seen.st_mtime_ns:x}.{seen.st_ctime_ns:x}.{seen.st_ino:x}"


def paths_in(folder: Path) -> Iterator[Path]:
    """The lesson files of `folder`, sorted."""
    return (folder / listed.path for listed in list_lessons(folder).files)
