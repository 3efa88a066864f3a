"""Dagster's partitions: one for each lesson. `studio/core/lesson_keys.py` derives the key from the file's name."""

from __future__ import annotations

import dagster as dg

from video_assets.studio.core.lesson_keys import PREVIEW, lesson_key

__all__ = ["LESSONS", "PREVIEW", "lesson_key"]

LESSONS = dg.DynamicPartitionsDefinition(name="lessons")
"""Keys are slugs of `a-z 0-9 -`, because commas and dots break selections in Dagster's UI. `--` separates the lesson's
key from the suffix of a preview.
"""
