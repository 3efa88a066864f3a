"""Updates the film index after a sensor tick: lessons that are due, and lessons that no longer exist.

Does not belong here: the list of films (`jobs/dev/film_list.py`, which loads no Dagster).
"""

from __future__ import annotations

from functools import lru_cache

from jobs.dev.film_list import FilmLister
from video_assets.project_paths import ProjectPaths
from video_assets.studio.core.lesson_keys import PREVIEW
from video_assets.studio.film.index import FilmIndex

from .tick import Tick

_REASONS = {
    "new": "The lesson is new. Its run has not started.",
    "changed": "The lesson file has changed. Its run has not started.",
}


def note_tick(project_paths: ProjectPaths, tick: Tick) -> None:
    """Record the lessons that are due, remove those that no longer exist, and write the list of films if it changed.

    Raises StoreError.
    """
    index = FilmIndex(project_paths.film_index)
    made = [lesson.key for lesson in tick.decision.already_made]
    due = {each.key: _REASONS.get(each.reason, each.reason) for each in tick.changes.due if each.key not in made}
    if due or made:
        index.plan(due, settled=made)
    there = {entry.key for entry in tick.new_index.entries.values()}
    gone = [
        key for key in index.without_film() if _of_lesson(key) not in there and not _is_elsewhere(project_paths, key)
    ]
    if gone or tick.retired:
        index.forget(*gone, *tick.retired, *tick.retired_partitions)
    _lister(project_paths).write_page()


@lru_cache(maxsize=4)
def _lister(project_paths: ProjectPaths) -> FilmLister:
    """The same lister for all ticks, because it caches what it read."""
    return FilmLister(project_paths)


def _of_lesson(key: str) -> str:
    return key.partition(PREVIEW)[0]


def _is_elsewhere(project_paths: ProjectPaths, key: str) -> bool:
    return next(project_paths.register.glob(f"{_of_lesson(key)}.*"), None) is not None
