"""The lessons of this checkout as a Dagster resource.

Belongs here: configuration. Does not belong here: the folder itself (`lesson_folder.py`), or reading a lesson (the
studio).
"""

from __future__ import annotations

import dagster as dg

from video_assets.checkout import Checkout

from .lesson_folder import LessonFolder as LessonFolder  # where callers look for it


def lessons_resource(checkout: Checkout) -> dg.ResourceDefinition:
    """The shelf of lessons of a checkout."""
    return dg.ResourceDefinition(
        lambda _: LessonFolder(lambda: checkout.lessons, checkout.register, checkout.project_file),
        description="The lesson files, by key.",
    )
