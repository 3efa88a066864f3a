"""Finds the place of each setting in a lesson file, so that a later error can name it.

Does not belong here: validating a setting's value (`validation`, `choices.precedence`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from .format import SETTING_OF_KEY
from .json_source.source import JsonPath, JsonSource, pointer


class SettingPlace(NamedTuple):
    """The place of a setting's value; lines and columns count from 1."""

    line: int
    column: int
    pointer: str


def setting_places(source: JsonSource, plain: Any) -> dict[str, SettingPlace]:
    """The place of every setting in the lesson `plain` (JSON data read from `source`), by its name in Settings.

    The place of `language` is included, because a voice has to fit it.
    """
    return {name: _place(source, path) for name, path in _given(plain)}


def _given(plain: Any) -> Iterator[tuple[str, JsonPath]]:
    if not isinstance(plain, dict):
        return
    yield from ((name, (key,)) for key, name in {**SETTING_OF_KEY, "language": "language"}.items() if key in plain)
    settings = plain.get("settings")
    yield from ((name, ("settings", name)) for name in (settings if isinstance(settings, dict) else ()))


def _place(source: JsonSource, path: JsonPath) -> SettingPlace:
    found, value = source.find(path)
    line, column = source.place(value.start)
    return SettingPlace(line, column, pointer(found))
