"""The project file, and the interface through which stages find the file of a lesson."""

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
    """The table [archive]: the folder of lessons, and the films of deleted lessons."""

    lessons: str = ""
    """The folder, relative to the project folder or absolute; "" for data/lessons."""
    deleted: str = "keep"
    """What happens to a film when its lesson file is deleted: one of DELETED."""


DELETED = ("keep", "retire")


class ProjectFile(NamedTuple):
    """The project file `data/project.toml`, which applies to every lesson of the project."""

    settings: dict[str, Any]
    pronunciations: dict[str, str]
    archive: ArchiveSettings = ArchiveSettings()
    store: dict[str, Any] = {}  # noqa: RUF012  # never changed in place
    """Limits of the store: `max_size`, `max_age`. The caller checks them."""


def read_project(path: Path) -> ProjectFile:
    """The project file `path`; an empty project if it does not exist.

    Raises SettingInvalid, with the line if it is known, for a file that cannot be read or has invalid content.
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
        # tomllib also raises ValueError for numbers of thousands of digits, and RecursionError for deep nesting.
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
                f"{place} has {name}, which is not a table.", remedy=f"Write [{name}] on a line of its own."
            )
    return ProjectFile(
        settings=data.get("settings", {}),
        pronunciations=data.get("pronunciations", {}),
        archive=_archive(path.name, data.get("archive", {})),
        store=data.get("store", {}),
    )


def _line_of(name: str, text: str) -> str:
    """The line at which a top-level table or key begins, as `:7`; "" if it is written in an unusual way."""
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
    """The lesson files of a project by key."""

    @abstractmethod
    def path_of(self, key: str) -> Path:
        """The file of the lesson `key`. Raises StudioError if there is none or more than one."""

    @abstractmethod
    def project(self) -> ProjectFile:
        """The project file. Raises SettingInvalid if it is invalid."""
