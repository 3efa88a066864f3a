"""Where a stage finds a lesson's file, and the project's own settings.

Belongs here: the interface, and reading the project file. Does not belong here: folders and registers
(`resources/lessons.py`).
"""

from __future__ import annotations

import tomllib
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, NamedTuple

from .errors import SettingInvalid


class Project(NamedTuple):
    """What holds for every lesson of a checkout: `data/project.toml`."""

    settings: dict[str, Any]
    pronunciations: dict[str, str]


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
            f"{path.name} has an unknown table [{unknown[0]}].", remedy="It may hold [settings] and [pronunciations]."
        )
    return Project(dict(data.get("settings", {})), dict(data.get("pronunciations", {})))


class LessonShelf(ABC):
    """Lessons by key."""

    @abstractmethod
    def path_of(self, key: str) -> Path:
        """The file of the lesson `key`. Raises StudioError if there is none, or more than one."""

    @abstractmethod
    def project(self) -> Project:
        """The project's settings and pronunciations. Raises SettingInvalid if its file is wrong."""
