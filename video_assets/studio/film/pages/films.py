"""The page of all films: posters, titles, lengths and states, with a search that runs in the browser.

Does not belong here: finding films and their states (`film/index.py`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from video_assets.studio.film.bundle import POSTER, WATCH
from video_assets.studio.film.index import FilmRow, FilmState

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
_INTERRUPTED = "Its last run ended before the film was finished. Make the lesson again. Finished parts are reused."


class FilmEntry(NamedTuple):
    """A lesson on the page. The page's script relies on the order of the fields."""

    lesson: str
    title: str
    language: str
    seconds: float
    """Length of the film; 0 if there is none."""
    made_unix_seconds: float
    state: FilmState
    words: str
    """What the reader should know or do."""
    link: str
    """Relative URL of the film's page, or of its file; empty if there is no film."""
    poster: str


def film_entry(row: FilmRow, state: FilmState) -> FilmEntry:
    """The page's entry for the row of a lesson."""
    film = row.film
    if film is None:
        return FilmEntry(row.lesson, row.lesson, "", 0, 0, state, _words(row, state), "", "")
    folder = f"{row.lesson}/"
    link = folder + (WATCH if film.has_page else film.file)
    shown = (film.title, film.language, film.seconds, film.made_unix_seconds)
    return FilmEntry(row.lesson, *shown, state, _words(row, state), link, folder + POSTER)


def films_page(films: Sequence[FilmEntry]) -> str:
    """The page as of now. It updates itself if the film server serves it, but not if it is opened from a folder."""
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
