"""Where a stage finds a lesson's file, and the project's own settings.

Belongs here: the interface, and reading the project file. Does not belong here: folders and registers
(`resources/lesson_folder.py`).
"""

from __future__ import annotations

import re
import tomllib
from abc import ABC, abstractmethod
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.messages import one_of, printable, quoted, suggestion


class ArchiveSettings(NamedTuple):
    """How the folder of lessons is kept: the table [archive]."""

    lessons: str = ""
    """The folder, relative to the checkout or absolute; empty for data/lessons."""
    deleted: str = "keep"
    """What becomes of the film when its file is deleted: one of DELETED."""


DELETED = ("keep", "retire")


class ProjectFile(NamedTuple):
    """What holds for every lesson of a checkout: `data/project.toml`."""

    settings: dict[str, Any]
    pronunciations: dict[str, str]
    archive: ArchiveSettings = ArchiveSettings()
    store: dict[str, Any] = {}  # noqa: RUF012  # never changed in place
    """Limits of the store: `max_size`, `max_age`; read by `storekeeping.py`."""


def read_project(path: Path) -> ProjectFile:
    """The project file `path`; an empty project when there is none.

    Raises SettingInvalid, with the line where there is one, when it cannot be read or does not say what it may say.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        data = tomllib.loads(text)
    except FileNotFoundError:
        return ProjectFile(settings={}, pronunciations={})
    except OSError as error:
        raise SettingInvalid(
            f"{path.name} cannot be read: {error.strerror}.", remedy=f"Make {path} a file that you may read."
        ) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingInvalid(f"{path.name}:{line}: this is not UTF-8.", remedy="Save the file as UTF-8.") from error
    except (ValueError, RecursionError) as error:
        # Beside its own errors tomllib raises plain ones, for numbers of thousands of digits and for deep nesting.
        raise SettingInvalid(
            f"{path.name} is not TOML: {printable(str(error))}.", remedy="Correct that line."
        ) from error
    for name, table in data.items():
        place = f"{path.name}{_line_of(name, text)}"
        if name not in ProjectFile._fields:
            raise SettingInvalid(
                f"{place} has an unknown table [{printable(name)}].",
                remedy=f"It may hold {one_of(f'[{table}]' for table in ProjectFile._fields)}.",
            )
        if not isinstance(table, dict):
            raise SettingInvalid(
                f"{place} has {name}, which is no table.", remedy=f"Write [{name}] on a line of its own."
            )
    return ProjectFile(
        settings=data.get("settings", {}),
        pronunciations=data.get("pronunciations", {}),
        archive=_archive(path.name, data.get("archive", {})),
        store=data.get("store", {}),
    )


def _line_of(name: str, text: str) -> str:
    """`:7` for the line at which a top-level table or key begins; empty where it is written in an unusual way."""
    begins = re.compile(rf"\s*\[*\s*[\"']?{re.escape(name)}[\"']?\s*[].=]")
    lines = (number for number, line in enumerate(text.splitlines(), 1) if begins.match(line))
    return "".join(f":{number}" for number in islice(lines, 1))


def _archive(file: str, table: dict[str, Any]) -> ArchiveSettings:
    for key, value in table.items():
        if key not in ArchiveSettings._fields:
            raise SettingInvalid(
                f"[archive] in {file} has no setting {quoted(key)}.", remedy=suggestion(key, ArchiveSettings._fields)
            )
        if not isinstance(value, str) or (key == "deleted" and value not in DELETED):
            allowed = f"Allowed is {one_of(DELETED)}." if key == "deleted" else 'Write a folder: lessons = "courses".'
            raise SettingInvalid(f"[archive] in {file}: {key} cannot be {quoted(value)}.", remedy=allowed)
    return ArchiveSettings(**table)


class LessonSource(ABC):
    """Lessons by key."""

    @abstractmethod
    def path_of(self, key: str) -> Path:
        """The file of the lesson `key`. Raises StudioError if there is none, or more than one."""

    @abstractmethod
    def project(self) -> ProjectFile:
        """The project's settings and pronunciations. Raises SettingInvalid if its file is wrong."""
