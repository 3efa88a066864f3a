"""Where a stage finds a lesson's file, and the project's own settings.

Belongs here: the interface. Does not belong here: folders and registers (`resources/lessons.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, NamedTuple


class Project(NamedTuple):
    """What holds for every lesson of a checkout: `data/project.toml`."""

    settings: dict[str, Any]
    pronunciations: dict[str, str]


class LessonShelf(ABC):
    """Lessons by key."""

    @abstractmethod
    def path_of(self, key: str) -> Path:
        """The file of the lesson `key`. Raises StudioError if there is none, or more than one."""

    @abstractmethod
    def project(self) -> Project:
        """The project's settings and pronunciations. Raises SettingInvalid if its file is wrong."""
