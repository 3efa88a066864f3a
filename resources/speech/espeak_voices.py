"""The languages of the embedded voice, read from its data files.

Asking the library takes a process of its own, and who only looks at the list of voices would wait for it. A test holds
that the library says the same. Belongs here: reading the files. Does not belong here: which voices are offered
(`espeak.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_USUAL_PRIORITY = 5


class Language(NamedTuple):
    """A language: its fittest tag as espeak-ng writes it, and its English name."""

    tag: str
    name: str


def languages(data: Path) -> Iterator[Language]:
    """Every language that the files in `data`/lang describe. Raises OSError where they cannot be read."""
    for path in sorted((data / "lang").rglob("*")):
        if path.is_file():
            yield _language(path.read_text("utf-8"))


def _language(text: str) -> Language:
    name, tags = "", []
    for line in text.splitlines():
        keyword, _, rest = line.partition("//")[0].partition(" ")
        if keyword == "name":
            name = rest.lstrip()
        elif keyword == "language":
            tag, *priority = rest.split()
            tags.append((int(priority[0]) if priority else _USUAL_PRIORITY, tag))
    return Language(min(tags, key=lambda each: each[0])[1], name)
