"""The URLs of Dagster's UI and of the film server, and the file in the state folder from which steps read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.storage.filesystem import FileSystem, atomic_write
from video_assets.studio.storage.store import as_store_error

_FILE = "addresses.json"


class Addresses(NamedTuple):
    """Base URLs, without a trailing slash."""

    ui: str = "http://127.0.0.1:3000"
    films: str = "http://127.0.0.1:3001"

    def watch(self, lesson: str) -> str:
        """URL of the page that plays the lesson's film."""
        return f"{self.films}/{lesson}/watch.html"

    def storyboard(self, lesson: str) -> str:
        """URL of the storyboard on the film's page."""
        return f"{self.watch(lesson)}#storyboard"

    def sections(self, lesson: str) -> str:
        """URL of the page with the lesson's sounds and pictures, which exists before there is a film."""
        return f"{self.films}/_/sections/{lesson}/"


def save_addresses(state: Path, addresses: Addresses) -> None:
    """Store the addresses for the steps of this project. Raises StoreError."""
    with as_store_error("store the addresses of the servers"):
        atomic_write(state / _FILE, json.dumps(addresses._asdict()).encode(), filesystem=FileSystem())


def read_addresses(state: Path) -> Addresses:
    """The addresses that were saved last, or else the defaults of `make dev`."""
    try:
        saved = json.loads((state / _FILE).read_bytes())
        return Addresses(ui=str(saved["ui"]), films=str(saved["films"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Addresses()
