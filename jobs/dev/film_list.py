"""The list of all films of the project, from the film index, the bundles, the run locks and the approvals.

It determines the current state of each film, and writes `data/videos/index.html` when a state has changed. It loads no
Dagster. Does not belong here: the content of the page (`studio/film/pages`).
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from jobs.runs.run_locks import run_state
from video_assets.project_paths import ProjectPaths
from video_assets.studio.core.lesson_keys import PREVIEW
from video_assets.studio.film.index import FilmIndex, FilmRow, FilmState, film_state
from video_assets.studio.film.pages import films
from video_assets.studio.film.pages.templating import edition
from video_assets.studio.storage.filesystem import FileSystem, atomic_write
from video_assets.studio.storage.store import as_store_error

PAGE = "index.html"
_WRITTEN = "page"
"""Key of the value in the index that identifies the list on the written page."""


class FilmList(NamedTuple):
    """All films at one moment. Two lists are equal if their `tag` is equal."""

    films: tuple[films.FilmEntry, ...]
    tag: str


class FilmLister:
    """Lists the films of the project. Thread-safe.

    It reads only what changed since the last call, so that frequent calls are cheap.
    """

    def __init__(self, project_paths: ProjectPaths) -> None:
        self._project_paths = project_paths
        self._index = FilmIndex(project_paths.film_index)
        self._looking = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._rows: Sequence[FilmRow] = ()
        self._last: FilmList | None = None
        self._states: tuple[FilmState, ...] = ()

    def films(self) -> FilmList:
        """The current films. Raises StoreError."""
        with self._looking:
            return self._films()

    def _films(self) -> FilmList:
        fresh = self._look()
        states: tuple[FilmState, ...] = tuple(film_state(row, self._is_alive, self._is_approved) for row in self._rows)
        if fresh or self._last is None or states != self._states:
            listed = tuple(films.film_entry(row, state) for row, state in zip(self._rows, states, strict=True))
            digest = hashlib.sha256(json.dumps(listed).encode()).hexdigest()[:32]
            self._last, self._states = FilmList(listed, digest), states
        return self._last

    def write_page(self) -> bool:
        """Write the page into the folder of films if its content changed. Returns whether it was written. Raises
        StoreError.
        """
        listed = self.films()
        written = f"{edition(films.DESIGN)} {listed.tag}"
        page = self._project_paths.videos / PAGE
        if page.exists() and self._index.fact(_WRITTEN) == written:
            return False
        with as_store_error(f"write the list of films {page.name}"):
            atomic_write(page, films.films_page(listed.films).encode("utf-8", "replace"), filesystem=FileSystem())
        self._index.keep_fact(_WRITTEN, written)
        return True

    def _look(self) -> bool:
        """Read the rows again if the bundles or the index changed. Returns whether they did."""
        changed_ns = _changed_ns(self._project_paths.videos)
        if (changed_ns, self._index.changes()) == self._seen:
            return False
        self._index.find_films(self._project_paths.videos)
        # Read before the rows: a change in between is then found by the next call.
        self._seen = changed_ns, self._index.changes()
        self._rows = [row for row in self._index.rows() if PREVIEW not in row.lesson]
        return True

    def _is_alive(self, run: str) -> bool:
        return run_state(self._project_paths.run_locks, run) == "alive"

    def _is_approved(self, lesson: str, script: str) -> bool:
        from video_assets.studio.film.approvals import is_approved  # a slow import that few lessons need

        return is_approved(self._project_paths.approvals, lesson, script)


def _changed_ns(folder: Path) -> int:
    """When a name in `folder` was last added, replaced or removed; 0 while there is no such folder."""
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
