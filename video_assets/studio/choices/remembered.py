"""Stores what people chose for a lesson's film, so that later runs use it: one small file per lesson.

    <lesson>.json    {"format": "lessonreel-choices/1", "settings": {"profile": "enhanced", "theme": "paper"}}

Does not belong here: the precedence of choices (`precedence`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from video_assets.studio.core.errors import StoreError
from video_assets.studio.core.values import canonical_json
from video_assets.studio.storage.filesystem import FileSystem, atomic_write
from video_assets.studio.storage.locks import file_lock
from video_assets.studio.storage.store import as_store_error

Value = str | bool | int | float
ALL = "all"
"""In a list of settings to reset: all of them."""
_FORMAT = "lessonreel-choices/1"


def read_choices(folder: Path, lesson: str, reset: Collection[str] = ()) -> dict[str, Value]:
    """The remembered choices of `lesson`, without those in `reset`.

    Raises StoreError if the file is damaged, unless `reset` contains ALL.
    """
    if ALL in reset:
        return {}
    path = _file(folder, lesson)
    with as_store_error(f"read the remembered choices of {lesson}"):
        data = path.read_bytes() if path.exists() else None
    if data is None:
        return {}
    return {name: value for name, value in _settings(data, lesson).items() if name not in reset}


def _settings(data: bytes, lesson: str) -> dict[str, Value]:
    try:
        plain: Any = json.loads(data)
        if plain["format"] == _FORMAT and all(isinstance(value, Value) for value in plain["settings"].values()):
            return plain["settings"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise StoreError(
        f"The remembered choices of {lesson} cannot be read: choices/{lesson}.json in the state folder is damaged.",
        remedy="Render the lesson once with --reset (the field `reset: [all]` in the launchpad), and choose again.",
    )


def keep_choices(folder: Path, lesson: str, reset: Collection[str], chosen: Mapping[str, Value]) -> dict[str, Value]:
    """Remove the choices in `reset`, then add `chosen`. Returns all choices that are remembered afterwards.

    The write is atomic. Two concurrent runs of one lesson lose no choice. Raises StoreError.
    """
    path = _file(folder, lesson)
    if not reset and not chosen:
        return read_choices(folder, lesson)
    with as_store_error(f"store the choices of {lesson}"), file_lock(path.with_suffix(".lock")):
        kept = {**read_choices(folder, lesson, reset), **chosen}
        if ALL in reset or kept != read_choices(folder, lesson):
            _write(path, kept)
    return kept


def _write(path: Path, kept: Mapping[str, Value]) -> None:
    if kept or path.exists():
        atomic_write(path, canonical_json({"format": _FORMAT, "settings": dict(kept)}) + b"\n", filesystem=FileSystem())


def _file(folder: Path, lesson: str) -> Path:
    return folder / f"{lesson}.json"
