"""Places in a lesson's file of what is found in its texts after it was read: characters that cannot be said or drawn.

Does not belong here: finding them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from .json_source.source import JsonPath, JsonSource, pointer
from .model import Section


class TextPlace(NamedTuple):
    """The place of a character, or of a value, in a lesson's file. Lines and columns count from 1."""

    line: int
    column: int
    pointer: str


def place_at(source: JsonSource, at: str, character: int | None = None) -> TextPlace:
    """The place of the value at the JSON pointer `at`, or of the character with this index in its text.

    Escapes are taken into account: the column is that of the backslash. If there is no such value, the place is that of
    the innermost value on the way to it.
    """
    path, value = source.find(_path(at))
    inside = character is not None and isinstance(value.data, str)
    line, column = source.place(source.text_offset(value, character or 0) if inside else value.start)
    return TextPlace(line, column, pointer(path))


def narration_pointer(source: JsonSource, section: Section) -> str:
    """The JSON pointer of the narration of `section`, which has one of two names."""
    members = source.find(_path(section.pointer))[1].data
    name = "narration" if isinstance(members, dict) and "narration" in members else "content"
    return f"{section.pointer}/{name}"


def place_in_file(place: str, section: Section | None) -> str:
    """The JSON pointer in the lesson file for `place`, a pointer into a slide.

    For derived content (a title, label or phrase that the author did not write as such) it is the pointer of the
    section. For a card (`section` is None) it is the whole lesson.
    """
    if section is None:
        return "/"
    field = place.split("/")[1] if place.startswith("/") else ""
    given = section.title if field == "title" else getattr(section.show, field, None)
    return section.pointer + place if given else section.pointer


def places_of_cluster(source: JsonSource, at: str, cluster: str) -> tuple[TextPlace, ...]:
    """The places of `cluster` (a character with its marks, in form C) in the texts of the value at the pointer `at`."""
    path, value = source.find(_path(at))
    return tuple(
        place_at(source, pointer(inner), index)
        for inner, text in _texts(path, value.data)
        for index in _occurrences(text, cluster)
    )


_UNSHOWN = frozenset({"$comment", "notes", "id", "settings", "pronunciations"})
"""Keys with texts that no slide shows. `sections` is left out by `_texts`: each section has slides of its own."""


def _texts(path: JsonPath, data: object) -> Iterator[tuple[JsonPath, str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, list):
        for index, each in enumerate(data):
            yield from _texts((*path, index), each.data)
    elif isinstance(data, dict):
        for key, member in data.items():
            if key not in _UNSHOWN and not (key == "sections" and not path):
                yield from _texts((*path, key), member.value.data)


def _occurrences(text: str, cluster: str) -> Iterator[int]:
    for form in dict.fromkeys((cluster, unicodedata.normalize("NFD", cluster))):
        at = text.find(form)
        while at >= 0:
            yield at
            at = text.find(form, at + len(form))


def _path(at: str) -> JsonPath:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in at.split("/")[1:]]
    return tuple(int(step) if step.isascii() and step.isdigit() else step for step in steps if step)
