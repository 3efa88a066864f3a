"""Where lessons lie, and which file a partition key means.

Belongs here: the lessons folder, the register of files elsewhere, and the project file. Does not belong here: reading
a lesson (the studio).
"""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg

from video_assets.partitions import PREVIEW, lesson_key
from video_assets.studio.disk import Disk, write_whole
from video_assets.studio.errors import StudioError
from video_assets.studio.shelf import LessonShelf, Project, read_project

from .listing import paths_in


class LessonFolder(LessonShelf):
    """Lessons in a folder (and its folders), and single files elsewhere that the command was given."""

    def __init__(self, folder: Path, register: Path, project_file: Path) -> None:
        self._folder = folder
        self._register = register
        self._project_file = project_file

    def path_of(self, key: str) -> Path:
        """See LessonShelf. A preview (`<lesson>--draft`) is made from the lesson's own file."""
        key = key.partition(PREVIEW)[0]
        matches = [path for path in self.files() if lesson_key(path.relative_to(self._folder)) == key]
        if len(matches) > 1:
            raise _clash(key, matches)
        if matches:
            return matches[0]
        registered = self._registered(key)
        if registered is not None:
            return registered
        raise StudioError(
            f"No lesson file has the key {key!r} in {self._folder.name}/.",
            remedy="Put the file back, or delete this partition in the UI (Lessons > Partitions).",
        )

    def key_of(self, path: Path) -> str:
        """The key of a lesson file, registering it if it lies outside the folder. Raises StudioError on a clash."""
        resolved = path.resolve()
        folder = self._folder.resolve()
        if resolved.is_relative_to(folder):
            key = lesson_key(resolved.relative_to(folder))
            self.path_of(key)
            return key
        key = lesson_key(Path(resolved.name))
        inside = [file for file in self.files() if lesson_key(file.relative_to(self._folder)) == key]
        known = self._registered(key)
        if inside or (known is not None and known != resolved and known.exists()):
            raise _clash(key, [resolved, *(inside or [known])])  # type: ignore[list-item]  # known is a path here
        write_whole(self._entry(key), json.dumps({"path": str(resolved)}).encode(), disk=Disk())
        return key

    def files(self) -> list[Path]:
        """Every lesson file of the folder, sorted; hidden ones are left out."""
        return list(paths_in(self._folder))

    def project(self) -> Project:
        """See LessonShelf."""
        return read_project(self._project_file)

    def _registered(self, key: str) -> Path | None:
        entry = self._entry(key)
        return Path(json.loads(entry.read_bytes())["path"]) if entry.exists() else None

    def _entry(self, key: str) -> Path:
        return self._register / f"{key}.json"


def _clash(key: str, paths: list[Path]) -> StudioError:
    names = " and ".join(path.name for path in paths)
    return StudioError(
        f"{names} would have the same key {key!r}.",
        remedy="Rename one of them: the key is made of the letters and digits of the file's name.",
    )


class LessonsResource(dg.ConfigurableResource[LessonShelf]):
    """The lessons of this checkout."""

    folder: str
    register_folder: str
    project_file: str

    def create_resource(self, context: dg.InitResourceContext) -> LessonShelf:
        """The shelf of lessons."""
        return LessonFolder(Path(self.folder), Path(self.register_folder), Path(self.project_file))
