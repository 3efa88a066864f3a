"""What is spoken, but perhaps not as the author meant: the common type of all checks of readings.

Does not belong here: the checks themselves, or the places of findings in a file.
"""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """A doubtful reading of the characters `start` to `end` (exclusive) of a narration, as its author wrote it."""

    start: int
    end: int
    message: str
    """What will be said, without a full stop at the end."""
    remedy: str
    """Other ways to write it, as sentences."""
