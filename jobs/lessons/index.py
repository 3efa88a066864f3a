"""The sensor's index: what it keeps between ticks, in one file of the state folder, written only when it changed.

It is no Dagster cursor, because Dagster stores the whole cursor again with every tick, and ten thousand lessons are too
large for that. The file may be lost. It is then rebuilt from the folder, and films that are already made are detected.
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
    """A requested run. Whether Dagster accepted the request is not known yet."""

    key: str
    content: str
    run_key: str
    fault: str = ""
    """The lesson's errors, if any are known."""


class Index(NamedTuple):
    """What the sensor keeps between ticks. The names of the fields are keys in the file."""

    entries: dict[str, KnownFile]
    known: dict[str, str]
    """Key -> content that was last requested or found already made. Empty while a lesson is being retired."""
    pending: tuple[Request, ...] = ()
    due: dict[str, str] = {}  # noqa: RUF012  # never changed in place
    """Key -> the reason to run the lesson although its content has not changed."""
    faults: dict[str, str] = {}  # noqa: RUF012
    """Key -> the errors of the known content."""
    carried: dict[str, KilledRun] = {}  # noqa: RUF012
    """Key -> the killed run that the lesson's next run replaces."""


def load_index(path: Path) -> Index | None:
    """The index; None if the file is missing, damaged or of another format."""
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
    """Write the index atomically. Raises StoreError."""
    plain = {"format": _FORMAT, **index._asdict()}
    with as_store_error(f"remember in {path.name} which lessons are known"):
        atomic_write(path, json.dumps(plain, separators=(",", ":")).encode(), filesystem=FileSystem())
