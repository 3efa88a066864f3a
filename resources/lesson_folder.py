"""The folder of lessons: from a key to its file, and from a file to its key.

Files outside the folder are in a register. This module imports no Dagster, because `lessonreel explain` must not wait
for it. It does not read lessons.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from video_assets.studio.core.errors import StudioError
from video_assets.studio.core.lesson_keys import PREVIEW, lesson_key
from video_assets.studio.core.messages import nearest, quoted
from video_assets.studio.lesson.project import LessonSource, ProjectFile, read_project
from video_assets.studio.storage.filesystem import FileSystem, atomic_write

from .listing import paths_in

_REMEDY = (
    " the file back, or delete this partition in Dagster's UI: Catalog › lesson › the arrow beside Materialize… › "
    "Delete partitions."
)


class LessonFolder(LessonSource):
    """Lessons in a folder (and its folders), and single files elsewhere that were passed to the command."""

    def __init__(self, folder: Path | Callable[[], Path], register: Path, project_file: Path) -> None:
        """`folder` may be a function, if finding the folder can fail. It is called at first use."""
        self._find_folder = folder
        self._register = register
        self._project_file = project_file

    @cached_property
    def _folder(self) -> Path:
        return self._find_folder if isinstance(self._find_folder, Path) else self._find_folder()

    def path_of(self, key: str) -> Path:
        """See LessonSource. A preview (`<lesson>--draft`) is made from the lesson's own file."""
        key = key.partition(PREVIEW)[0]
        files = self.by_key()
        matches = files.get(key, [])
        if len(matches) > 1:
            raise _clash(key, matches)
        if matches:
            return matches[0]
        registered = self._registered(key)
        if registered is not None:
            return registered
        close = nearest(key, files)
        raise StudioError(
            f"No lesson file has the key {key!r} in {self._folder.name}/.",
            remedy=(f"Did you mean {quoted(close)}? Else put" if close else "Put") + _REMEDY,
        )

    def key_of(self, path: Path, *, among: Mapping[str, Sequence[Path]] | None = None, register: bool = True) -> str:
        """The key of a lesson file. Raises StudioError on a clash.

        A file outside the folder is registered, so that a run finds it, unless no run follows. For many files, list the
        folder once and pass the result (`by_key`).
        """
        among = self.by_key() if among is None else among
        resolved, folder = path.resolve(), self._folder.resolve()
        if resolved.is_relative_to(folder):
            return self._key_inside(resolved.relative_to(folder), among)
        key = lesson_key(Path(resolved.name))
        known = self._registered(key)
        other = known if known is not None and known != resolved and known.exists() else None
        if clashing := [*among.get(key, ()), *([other] if other else [])]:
            raise _clash(key, [resolved, *clashing])
        if register:
            atomic_write(self._entry(key), json.dumps({"path": str(resolved)}).encode(), filesystem=FileSystem())
        return key

    def _key_inside(self, relative: Path, among: Mapping[str, Sequence[Path]]) -> str:
        key = lesson_key(relative)
        if len(among.get(key, ())) > 1:
            raise _clash(key, among[key])
        if key not in among:
            self.path_of(key)
        return key

    def by_key(self) -> dict[str, list[Path]]:
        """Every lesson file of the folder by its key; more than one is a clash."""
        files: dict[str, list[Path]] = {}
        for path in self.files():
            files.setdefault(lesson_key(path.relative_to(self._folder)), []).append(path)
        return files

    def files(self) -> list[Path]:
        """Every lesson file of the folder, sorted, without hidden ones."""
        return list(paths_in(self._folder))

    def project(self) -> ProjectFile:
        """See LessonSource."""
        return read_project(self._project_file)

    def _registered(self, key: str) -> Path | None:
        entry = self._entry(key)
        return Path(json.loads(entry.read_bytes())["path"]) if entry.exists() else None

    def _entry(self, key: str) -> Path:
        return self._register / f"{key}.json"


def _clash(key: str, paths: Sequence[Path]) -> StudioError:
    names = " and ".join(path.name for path in paths)
    return StudioError(
        f"{names} would have the same key {key!r}.",
        remedy="Rename one of them: the key is made of the letters and digits of the file's name.",
    )
