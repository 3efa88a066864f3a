"""The page of all films: posters, titles, lengths and states, with a search that needs no server.

Belongs here: what the page holds. Does not belong here: finding films and states (`film_index`, `jobs/film_list.py`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from video_assets.studio.bundle import POSTER, WATCH
from video_assets.studio.film_index import FilmRow, FilmState

from .templating import PageDesign, fill

DESIGN = PageDesign("films.html", ("base.css", "films.css"), ("films.js",))
_STATES: dict[FilmState, str] = {
    "made": "Made",
    "working": "At work",
    "waiting": "Waits for approval",
    "refused": "Failed",
    "outdated": "Out of date",
    "queued": "Not made yet",
    "stopped": "Interrupted",
}
_AT_WORK = {
    "lesson": "Reading the lesson.",
    "script": "Writing the script.",
    "section_audio": "Speaking the sections.",
    "section_image": "Making the pictures.",
    "lip_synced_clip": "Filming the sections.",
    "final_video": "Putting the film together.",
}
_WAITS = "Look at its script and pictures, then launch the job “approve” for it in Dagster."
_APPROVED = "It is approved. Materialize the lesson in Dagster to make its film."
_INTERRUPTED = "Its last run ended before the film was finished. Make the lesson again: what was made is kept."


class ListedFilm(NamedTuple):
    """A lesson on the page, in the order in which its script reads the fields."""

    lesson: str
    title: str
    language: str
    seconds: float
    """0 where there is no film."""
    made_unix_seconds: float
    state: FilmState
    words: str
    """What a person should know or do."""
    link: str
    """To the film's page, or its file; empty where there is no film."""
    poster: str


def listed_film(row: FilmRow, state: FilmState) -> ListedFilm:
    """The row of a lesson as the page shows it."""
    film = row.film
    if film is None:
        return ListedFilm(row.lesson, row.lesson, "", 0, 0, state, _words(row, state), "", "")
    folder = f"{row.lesson}/"
    link = folder + (WATCH if film.has_page else film.file)
    told = (film.title, film.language, film.seconds, film.made_unix_seconds)
    return ListedFilm(row.lesson, *told, state, _words(row, state), link, folder + POSTER)


def films_page(films: Sequence[ListedFilm]) -> str:
    """The page, as of now. Served by the film server it keeps itself up to date; opened from a folder it does not."""
    now = time.localtime()
    return fill(
        DESIGN,
        {
            "films": films,
            "states": _STATES,
            "as_of": time.strftime("%Y-%m-%d %H:%M", now),
            "as_of_iso": time.strftime("%Y-%m-%dT%H:%M:%S%z", now),
        },
    )


def _words(row: FilmRow, state: FilmState) -> str:
    words = {
        "working": _AT_WORK.get(row.stage, ""),
        "waiting": _WAITS,
        "refused": row.message,
        "outdated": row.due,
        "queued": row.due or (_APPROVED if row.state == "waiting" else ""),
        "stopped": _INTERRUPTED,
    }
    return words.get(state, "")
