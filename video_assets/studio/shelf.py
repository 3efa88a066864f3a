"""Where a stage finds a lesson's file, and the project's own settings.

Belongs here: the interface, and reading the project file. Does not belong here: folders and registers
(`resources/lesson_folder.py`).
"""

from __future__ import annotations

import tomllib
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, NamedTuple

from .errors import SettingInvalid
from .wording import one_of, quoted, suggestion


class Archive(NamedTuple):
    """How the folder of lessons is kept: the table [archive]."""

    lessons: str = ""
    """The folder, relative to the checkout or absolute; empty for data/lessons."""
    deleted: str = "keep"
    """What becomes of the film when its file is deleted: one of DELETED."""


DELETED = ("keep", "retire")


class Project(NamedTuple):
    """What holds for every lesson of a checkout: `data/project.toml`."""

    settings: dict[str, Any]
    pronunciations: dict[str, str]
    archive: Archive = Archive()
    store: dict[str, Any] = {}  # noqa: RUF012  # never changed in place
    """Limits of the store: `max_size`, `max_age`; read by `storekeeping.py`."""


def read_project(path: Path) -> Project:
    """The project file `path`; an empty project when there is none. Raises SettingInvalid if it is wrong."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Project(settings={}, pronunciations={})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingInvalid(f"{path.name} is not TOML: {error}.", remedy="Mend that line.") from error
    unknown = sorted(set(data) - set(Project._fields))
    if unknown:
        raise SettingInvalid(
            f"{path.name} has an unknown table [{unknown[0]}].",
            remedy=f"It may hold {one_of(f'[{table}]' for table in Project._fields)}.",
        )
    return Project(
        settings=dict(data.get("settings", {})),
        pronunciations=dict(data.get("pronunciations", {})),
        archive=_archive(path.name, data.get("archive", {})),
        store=dict(data.get("store", {})),
    )


def _archive(file: str, table: Any) -> Archive:
    if not isinstance(table, dict):
        raise SettingInvalid(f"archive in {file} is no table.", remedy="Write [archive] on a line of its own.")
    for key, value in table.items():
        if key not in Archive._fields:
            raise SettingInvalid(
                f"[archive] in {file} has no setting {quoted(key)}.", remedy=suggestion(key, Archive._fields)
            )
        if not isinstance(value, str) or (key == "deleted" and value not in DELETED):
            allowed = f"Allowed is {one_of(DELETED)}." if key == "deleted" else 'Write a folder: lessons = "courses".'
            raise SettingInvalid(f"[archive] in {file}: {key} cannot be {quoted(value)}.", remedy=allowed)
    return Archive(**table)


class LessonShelf(ABC):
    """Lessons by key."""

    @abstractmethod
    def path_of(self, key: str) -> Path:
        """The file of the lesson `key`. Raises StudioError if there is none, or more than one."""

    @abstractmethod
    def project(self) -> Project:
        """The project's settings and pronunciations. Raises SettingInvalid if its file is wrong."""
