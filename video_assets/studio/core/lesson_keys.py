"""The key of a lesson, made from the path of its file. It names the partition, the folder of films and the pointers."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

PREVIEW = "--"
"""Separates a lesson's key from the name of a preview. No lesson's own key contains it."""


def lesson_key(relative: PurePath) -> str:
    """The partition key of a lesson file: a slug of its path without the suffix.

    `Physics/Ohm's Law.json` gives `physics-ohm-s-law`. A letter of another script becomes `u` and its code point in
    hexadecimal digits, so that different names give different keys.
    """
    text = unicodedata.normalize("NFKD", "/".join(relative.with_suffix("").parts).lower())
    spelled = "".join(_spelled(letter) for letter in text if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", spelled).strip("-") or "lesson"


def preview_key(lesson: str, *, section: str = "", draft: bool = False) -> str:
    """The partition of a preview of `lesson`: of one section, or as a draft. The lesson's own key if it is neither.

    A preview has its own partition, so that it never replaces the film.
    """
    if section:
        return f"{lesson}{PREVIEW}section-{section}"
    return f"{lesson}{PREVIEW}draft" if draft else lesson


def lesson_of(key: str) -> str:
    """The key of the lesson to which the partition `key` belongs, as its film or as a preview."""
    return key.partition(PREVIEW)[0]


def _spelled(letter: str) -> str:
    if letter.isascii() or not letter.isalnum():
        return letter
    return f"u{ord(letter):x}"
