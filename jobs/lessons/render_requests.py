"""A queue of lessons to render for another reason than a changed file. The sensor reads it and requests the runs.

The nightly check and other tools run in their own processes, but only the sensor may decide when a run is requested.
So they write request files, and the sensor reads them.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.storage.filesystem import FileSystem, atomic_write


class PendingRequests(NamedTuple):
    """The requests in the queue, key -> reason, and their files."""

    reasons: dict[str, str]
    files: tuple[Path, ...]


def enqueue(state: Path, reasons: Mapping[str, str]) -> None:
    """Request one run of each of these lessons (key -> a short reason). The sensor starts it when the queue has room.

    `state` is the project's state folder. If a run of the lesson is unfinished, the requested run comes after it.
    """
    if reasons:
        request = json.dumps(dict(reasons)).encode()
        atomic_write(_folder(state) / f"{secrets.token_hex(8)}.json", request, filesystem=FileSystem())


def read_requests(state: Path) -> PendingRequests:
    """All requests. They stay in the queue until `acknowledge`, which the caller calls once it has saved them."""
    files = tuple(sorted(_folder(state).glob("[!.]*.json")))
    reasons: dict[str, str] = {}
    for file in files:
        reasons |= json.loads(file.read_bytes())
    return PendingRequests(reasons, files)


def acknowledge(files: Sequence[Path]) -> None:
    """Remove requests that the caller has saved."""
    for file in files:
        file.unlink(missing_ok=True)


def _folder(state: Path) -> Path:
    return state / "due"
