"""What the sensor remembers from tick to tick: one file in the state folder, written whole and only when it changed.

Dagster stores a sensor's cursor anew with every tick; ten thousand lessons are too much for it. The file can be lost:
it is rebuilt from the folder, and what was made already is found made. Belongs here: the value, reading and writing
it. Does not belong here: what follows from it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from jobs.runs.killed_run import KilledRun
from video_assets.studio.storage.filesystem import FileSystem, atomic_write
from video_assets.studio.storage.store import as_store_error

from .changes import KnownFile

_FORMAT = "lessonreel-watch/1"


class Request(NamedTuple):
    """A run that was asked for, and of which it is not known yet whether Dagster took it."""

    key: str
    content: str
    run_key: str
    fault: str = ""
    """What is wrong with the lesson, if that is known."""


class Index(NamedTuple):
    """What the sensor remembers."""

    entries: dict[str, KnownFile]
    known: dict[str, str]
    """Key -> content that a run was asked for, or that was found made; empty while a lesson is being retired."""
    pending: tuple[Request, ...] = ()
    due: dict[str, str] = {}  # noqa: RUF012  # never changed in place
    """Key -> why it is to be run, though its content is known."""
    faults: dict[str, str] = {}  # noqa: RUF012
    """Key -> what is wrong with the content that is known."""
    carried: dict[str, KilledRun] = {}  # noqa: RUF012
    """Key -> what its next run takes over from one that was killed."""


def load_index(path: Path) -> Index | None:
    """The index, or None when there is none that can be read."""
    try:
        plain = json.loads(path.read_bytes())
        return _index(plain) if plain["format"] == _FORMAT else None
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _index(plain: dict[str, Any]) -> Index:
    entries = {
        path: KnownFile(key, signature, tuple((name, signed) for name, signed in named), *rest)
        for path, (key, signature, named, *rest) in plain["entries"].items()
    }
    pending = tuple(Request(*fields) for fields in plain["pending"])
    carried = {key: KilledRun(*fields) for key, fields in plain.get("carried", {}).items()}
    return Index(entries, plain["known"], pending, plain["due"], plain["faults"], carried)


def save_index(path: Path, index: Index) -> None:
    """Write it as a whole. Raises StoreError."""
    plain = {"format": _FORMAT, **index._asdict()}
    with as_store_error(f"remember in {path.name} which lessons are known"):
        atomic_write(path, json.dumps(plain, separators=(",", ":")).encode(), filesystem=FileSystem())
