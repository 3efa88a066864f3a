"""Lessons that somebody found due for another reason than a changed file: asked of the sensor, which runs them.

Whoever finds out (the nightly look, a tool) runs in a process of its own, and only one place may decide what is
requested and when. So it leaves a note, and the sensor takes it. Belongs here: leaving notes and collecting them. Does
not belong here: finding out what is due.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.storage.filesystem import FileSystem, atomic_write


class PendingRequests(NamedTuple):
    """What was asked for, and the files that say so."""

    reasons: dict[str, str]
    files: tuple[Path, ...]


def enqueue(state: Path, reasons: Mapping[str, str]) -> None:
    """Ask the sensor to run these lessons (key -> why, in a few words), each once, as soon as it has a place for it.

    `state` is the checkout's state folder. A lesson that a run is making just now is run after that one.
    """
    if reasons:
        note = json.dumps(dict(reasons)).encode()
        atomic_write(_folder(state) / f"{secrets.token_hex(8)}.json", note, filesystem=FileSystem())


def read_requests(state: Path) -> PendingRequests:
    """Every note that was left. They stay until `forget`: first what they ask for must be remembered elsewhere."""
    files = tuple(sorted(_folder(state).glob("[!.]*.json")))
    reasons: dict[str, str] = {}
    for file in files:
        reasons |= json.loads(file.read_bytes())
    return PendingRequests(reasons, files)


def acknowledge(files: Sequence[Path]) -> None:
    """Remove notes that were collected."""
    for file in files:
        file.unlink(missing_ok=True)


def _folder(state: Path) -> Path:
    return state / "due"
