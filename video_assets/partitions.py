"""One partition per lesson, and how a lesson's file gets its key."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

import dagster as dg

LESSONS = dg.DynamicPartitionsDefinition(name="lessons")
"""Keys are slugs of `a-z 0-9 -`, as commas and dots break selections in Dagster's UI; `--` parts a preview's name."""


PREVIEW = "--"
"""Parts a lesson's key from what a preview of it is called; no lesson's own key contains it."""


def lesson_key(relative: PurePath) -> str:
    """The partition key of a lesson file: a slug of its path without the ending, e.g. `Physics/Ohm's Law.json` ->
    `physics-ohm-s-law`. Letters of other scripts keep their identity as `u` and hexadecimal code points.
    """
    text = unicodedata.normalize("NFKD", "/".join(relative.with_suffix("").parts).lower())
    spelled = "".join(_spelled(letter) for letter in text if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", spelled).strip("-") or "lesson"


def _spelled(letter: str) -> str:
    if letter.isascii() or not letter.isalnum():
        return letter
    return f"u{ord(letter):x}"
