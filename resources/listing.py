"""Which lesson files lie in a folder, and what tells that one of them changed: the only place that lists them.

Belongs here: walking the folder. Does not belong here: keys, or opening a file.
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
    """Changes whenever the file does; empty for a link that leads nowhere."""


class Listing(NamedTuple):
    """What lies in a folder."""

    files: tuple[Listed, ...]
    """Sorted by path."""
    unreadable: tuple[str, ...]
    """Folders, relative, that could not be looked into: nothing is known of what lies in them. "." is all of it."""
    unnamable: tuple[str, ...] = ()
    """Files whose names are no UTF-8, as they can be printed: no key, database or message could name them."""

    def hides(self, path: str) -> bool:
        """Whether `path` may be there unseen."""
        return any(folder == "." or path.startswith(f"{folder}/") for folder in self.unreadable)


def list_lessons(folder: Path) -> Listing:
    """Every file of `folder` and its folders that is called `*.json`; hidden files and folders are left out.

    Links to files count, links to folders are not followed (so that a circle of them ends), and a folder is no lesson
    whatever it is called. Never raises for what lies there.
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
    """Whether a name holds none of the surrogates by which Python shows bytes that are no UTF-8."""
    return name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name)


def signature_of(file: Path | os.DirEntry[str]) -> str:
    """Size, times and number of a file, links followed; empty when there is none, or nobody may look.

    The time of its last change of any kind is part of it: a tool may put back the time of writing, never this one.
    """
    try:
        seen = file.stat()
    except (OSError, ValueError):
        return ""
    return f"{seen.st_size:x}.{seen.st_mtime_ns:x}.{seen.st_ctime_ns:x}.{seen.st_ino:x}"


def paths_in(folder: Path) -> Iterator[Path]:
    """The lesson files of `folder`, sorted."""
    return (folder / listed.path for listed in list_lessons(folder).files)
