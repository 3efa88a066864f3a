"""One partition per lesson; how a lesson's file gets its key stands in `studio/core/lesson_keys.py`."""

from __future__ import annotations

import dagster as dg

from video_assets.studio.core.lesson_keys import PREVIEW, lesson_key

__all__ = ["LESSONS", "PREVIEW", "lesson_key"]

LESSONS = dg.DynamicPartitionsDefinition(name="lessons")
"""Keys are slugs of `a-z 0-9 -`, as commas and dots break selections in Dagster's UI; `--` parts a preview's name."""
