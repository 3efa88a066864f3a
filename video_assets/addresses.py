"""Where a browser finds Dagster's UI and the films of this checkout.

Belongs here: the addresses, and the file in the state folder that tells them to steps. Does not belong here: serving
(`jobs/film_server.py`, `jobs/dev.py`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from .studio.disk import Disk, write_whole
from .studio.store import as_store_error

_FILE = "addresses.json"


class Addresses(NamedTuple):
    """Base URLs, without a slash at the end."""

    ui: str = "http://127.0.0.1:3000"
    films: str = "http://127.0.0.1:3001"

    def watch(self, lesson: str) -> str:
        """The page on which the lesson's film is watched."""
        return f"{self.films}/{lesson}/watch.html"

    def storyboard(self, lesson: str) -> str:
        """The pictures of the lesson's film, which can be enlarged."""
        return f"{self.watch(lesson)}#storyboard"

    def sections(self, lesson: str) -> str:
        """The page on which the lesson's sections are heard and looked at, before there is a film."""
        return f"{self.films}/_/sections/{lesson}/"


def save_addresses(state: Path, addresses: Addresses) -> None:
    """Tell the steps that run in this checkout. Raises StoreError."""
    with as_store_error("note the addresses of the servers"):
        write_whole(state / _FILE, json.dumps(addresses._asdict()).encode(), disk=Disk())


def read_addresses(state: Path) -> Addresses:
    """The addresses that were saved last; those of `make dev` without options where none were."""
    try:
        saved = json.loads((state / _FILE).read_bytes())
        return Addresses(ui=str(saved["ui"]), films=str(saved["films"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Addresses()
