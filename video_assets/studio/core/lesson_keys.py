"""How a lesson's file gets its key: one name through partitions, folders of films and pointers.

Belongs here: keys. Does not belong here: which files there are.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

PREVIEW = "--"
"""Parts a lesson's key from what a preview of it is called; no lesson's own key contains it."""


def lesson_key(relative: PurePath) -> str:
    """The partition key of a lesson file: a slug of its path without the ending, e.g. `Physics/Ohm's Law.json` ->
    `physics-ohm-s-law`. Letters of other scripts keep their identity as `u` and hexadecimal code points.
    """
    text = unicodedata.normalize("NFKD", "/".join(relative.with_suffix("").parts).lower())
    spelled = "".join(_spelled(letter) for letter in text if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", spelled).strip("-") or "lesson"


def preview_key(lesson: str, *, section: str = "", draft: bool = False) -> str:
    """The partition of a preview of `lesson`, of one section or as a draft; the lesson's own key if it is neither.

    A preview has one of its own, so that it never replaces the film.
    """
    if section:
        return f"{lesson}{PREVIEW}section-{section}"
    return f"{lesson}{PREVIEW}draft" if draft else lesson


def lesson_of(key: str) -> str:
    """The lesson that the partition `key` is of: its own key, or that of the lesson it is a preview of."""
    return key.partition(PREVIEW)[0]


def _spelled(letter: str) -> str:
    if letter.isascii() or not letter.isalnum():
        return letter
    return f"u{ord(letter):x}"
