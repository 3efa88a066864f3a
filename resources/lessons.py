"""The lessons of this checkout as a Dagster resource.

Belongs here: configuration. Does not belong here: the folder itself (`lesson_folder.py`), or reading a lesson (the
studio).
"""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from video_assets.studio.shelf import LessonShelf

from .lesson_folder import LessonFolder as LessonFolder  # where callers look for it


class LessonsResource(dg.ConfigurableResource[LessonShelf]):
    """The lessons of this checkout."""

    folder: str
    register_folder: str
    project_file: str

    def create_resource(self, context: dg.InitResourceContext) -> LessonShelf:
        """The shelf of lessons."""
        return LessonFolder(Path(self.folder), Path(self.register_folder), Path(self.project_file))
