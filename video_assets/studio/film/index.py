"""The film index: for each lesson, its published film and the last run that worked on it.

It is a small SQLite database in the state folder with one row per lesson, so that a step writes one row however many
lessons there are. The bundles' folder is the authority on films: its links show what is published. A lost index is
rebuilt from the bundles. Does not belong here: the page of all films (`pages/films.py`).
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from video_assets.studio.core.errors import StoreError
from video_assets.studio.storage.locks import file_lock

from .bundle import MANIFEST, WATCH

RunState = Literal["", "working", "failed", "waiting"]
FilmState = Literal["made", "outdated", "refused", "waiting", "working", "queued", "stopped"]

_FORMAT = 1
"""Increment it when the tables change. An index of another format is rebuilt."""
_LOCK_TIMEOUT_SECONDS = 20.0
_TABLES = """
CREATE TABLE IF NOT EXISTS films (
    lesson TEXT PRIMARY KEY, film TEXT NOT NULL DEFAULT '', run TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT '', stage TEXT NOT NULL DEFAULT '', message TEXT NOT NULL DEFAULT '',
    script TEXT NOT NULL DEFAULT '', since REAL NOT NULL DEFAULT 0, due TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS added AFTER INSERT ON films BEGIN
    INSERT INTO facts VALUES ('changes', '1') ON CONFLICT (name) DO UPDATE SET value = value + 1; END;
CREATE TRIGGER IF NOT EXISTS changed AFTER UPDATE ON films BEGIN
    INSERT INTO facts VALUES ('changes', '1') ON CONFLICT (name) DO UPDATE SET value = value + 1; END;
CREATE TRIGGER IF NOT EXISTS removed AFTER DELETE ON films BEGIN
    INSERT INTO facts VALUES ('changes', '1') ON CONFLICT (name) DO UPDATE SET value = value + 1; END;
"""


class PublishedFilm(NamedTuple):
    """A published film."""

    version: str
    title: str
    language: str
    seconds: float
    made_unix_seconds: float
    file: str
    """Name of the MP4 in the bundle."""
    has_page: bool


class FilmRow(NamedTuple):
    """A lesson: its published film, if there is one, and the state of the last run that worked on it."""

    lesson: str
    film: PublishedFilm | None = None
    run: str = ""
    state: RunState = ""
    stage: str = ""
    message: str = ""
    script: str = ""
    """Digest of the script that waits for approval."""
    since_unix_seconds: float = 0.0
    due: str = ""
    """Why the next run is due; empty when none is."""


def film_index_path(state: Path) -> Path:
    """The path of the index in the state folder of a project."""
    return state / "films.sqlite"


class FilmIndex:
    """The index in the database `file`, which the first access creates. Every method may raise StoreError."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def run_started(self, lesson: str, run: str, stage: str) -> None:
        """A step starts to work on the lesson. A failed or waiting state of another step of the same run is kept."""
        with self._open() as database, database:
            known = database.execute("SELECT run, state, stage FROM films WHERE lesson = ?", (lesson,)).fetchone()
            if known is None or known[0] != run or known[1] not in {"failed", "waiting"} or known[2] == stage:
                _upsert(database, lesson, _run_columns(run=run, state="working", stage=stage, due=""))

    def run_failed(self, lesson: str, run: str, stage: str, message: str) -> None:
        """The step `stage` failed. `message` says why, where, and what to do."""
        self._run(lesson, run=run, state="failed", stage=stage, message=message)

    def run_waits(self, lesson: str, run: str, script: str) -> None:
        """The run stopped before the speech, because the script with this digest waits for approval."""
        self._run(lesson, run=run, state="waiting", stage="section_audio", script=script)

    def film_made(self, lesson: str, run: str) -> None:
        """The run published the film, or found it published."""
        self._run(lesson, run=run, state="")

    def plan(self, due: Mapping[str, str], settled: Collection[str] = ()) -> None:
        """Mark lessons as due: `due` maps a lesson to the reason. Clear the mark of the lessons in `settled`.

        The start of a run clears the mark as well.
        """
        with self._open() as database, database:
            known = dict(database.execute("SELECT lesson, due FROM films WHERE due != ''").fetchall())
            for lesson in known.keys() & settled:
                database.execute("UPDATE films SET due = '' WHERE lesson = ?", (lesson,))
            for lesson, reason in due.items():
                if known.get(lesson) != reason:
                    _upsert(database, lesson, {"due": reason})

    def without_film(self) -> list[str]:
        """The lessons without a published film."""
        with self._open() as database:
            return [lesson for (lesson,) in database.execute("SELECT lesson FROM films WHERE film = ''")]

    def forget(self, *lessons: str) -> None:
        """Remove the rows of these lessons."""
        with self._open() as database, database:
            database.executemany("DELETE FROM films WHERE lesson = ?", [(lesson,) for lesson in lessons])

    def find_films(self, videos: Path) -> None:
        """Update the rows from the bundles in `videos`. Only manifests of changed bundles are read."""
        versions = dict(active_versions(videos))
        with self._open() as database, database:
            known = {row.lesson: row for row in _rows(database)}
            for lesson, version in versions.items():
                row = known.get(lesson)
                if row is None or not _is_known(videos / lesson, row.film, version):
                    film = read_film(videos / lesson)
                    if film is not None:
                        _upsert(database, lesson, {"film": json.dumps(film)})
            for lesson, row in known.items():
                if lesson not in versions and row.film is not None:
                    _forget_film(database, row)

    def rows(self) -> list[FilmRow]:
        """All rows, sorted by lesson."""
        with self._open() as database:
            return list(_rows(database))

    def changes(self) -> int:
        """A counter that every change of a row increments."""
        return int(self.fact("changes") or 0)

    def fact(self, name: str) -> str:
        """The value stored under `name`; empty if there is none."""
        with self._open() as database:
            found = database.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return found[0] if found else ""

    def keep_fact(self, name: str, value: str) -> None:
        """Store `value` under `name`."""
        with self._open() as database, database:
            database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def _run(self, lesson: str, **columns: str) -> None:
        with self._open() as database, database:
            _upsert(database, lesson, _run_columns(**columns))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._file, timeout=_LOCK_TIMEOUT_SECONDS)) as database:
                if _format_of(database) != _FORMAT:
                    with file_lock(self._file.with_suffix(".lock")):
                        _create_tables(database)
                yield database
        except (sqlite3.Error, OSError) as error:
            if type(error) is sqlite3.DatabaseError:  # damaged; it is rebuilt from the bundles and the next runs
                self._file.replace(self._file.with_suffix(".damaged"))
            raise StoreError(
                f"Tried to use the index of films {self._file.name}: {error}.",
                remedy="Check the free space and the permissions of the state folder. No film depends on the index. A "
                "damaged index is renamed and rebuilt.",
            ) from error


def film_state(row: FilmRow, alive: Callable[[str], bool], approved: Callable[[str, str], bool]) -> FilmState:
    """The state of a lesson's film, as the list of films shows it.

    `alive(run)` tells whether a process executes that run, `approved(lesson, script)` whether that script has been
    approved. A killed run never counts as working, whatever its last step stored.
    """
    if row.state == "working" and alive(row.run):
        return "working"
    if row.state == "failed":
        return "refused"
    if row.state == "waiting" and not approved(row.lesson, row.script):
        return "waiting"
    if row.due:
        return "outdated" if row.film else "queued"
    if row.film is not None:
        return "made"
    return "stopped" if row.state == "working" else "queued"


def active_versions(videos: Path) -> Iterator[tuple[str, str]]:
    """Each lesson with a published bundle, with the version that its link points to."""
    if not videos.is_dir():
        return
    for path in videos.iterdir():
        if path.is_symlink() and not path.name.startswith("."):
            yield path.name, path.readlink().name


def read_film(bundle: Path) -> PublishedFilm | None:
    """The film that a bundle's manifest describes; None if the manifest cannot be read."""
    try:
        manifest = json.loads((bundle / MANIFEST).read_bytes())
        lesson = manifest["lesson"]
        return PublishedFilm(
            version=bundle.readlink().name if bundle.is_symlink() else bundle.name,
            title=lesson["title"],
            language=lesson["language"],
            seconds=float(manifest["film"]["seconds"]),
            made_unix_seconds=round((bundle / MANIFEST).stat().st_mtime),
            file=next(name for name in manifest["files"] if name.endswith(".mp4")),
            has_page=(bundle / WATCH).is_file(),
        )
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None


def _is_known(bundle: Path, film: PublishedFilm | None, version: str) -> bool:
    return film is not None and film.version == version and (film.has_page or not (bundle / WATCH).is_file())


def _format_of(database: sqlite3.Connection) -> int:
    return database.execute("PRAGMA user_version").fetchone()[0]


def _create_tables(database: sqlite3.Connection) -> None:
    if _format_of(database) != _FORMAT:  # else another process has done it in the meantime
        database.executescript(f"DROP TABLE IF EXISTS films; DROP TABLE IF EXISTS facts; {_TABLES}")
        database.execute(f"PRAGMA user_version = {_FORMAT}")


def _rows(database: sqlite3.Connection) -> Iterator[FilmRow]:
    columns = "lesson, film, run, state, stage, message, script, since, due"
    for lesson, film, *rest in database.execute(f"SELECT {columns} FROM films ORDER BY lesson"):  # noqa: S608
        yield FilmRow(lesson, PublishedFilm(*json.loads(film)) if film else None, *rest)


def _run_columns(**columns: str) -> dict[str, Any]:
    """The columns that a run writes. Those not given are reset, so that nothing of an earlier run remains."""
    return {"message": "", "script": "", "stage": "", "since": time.time(), **columns}


def _upsert(database: sqlite3.Connection, lesson: str, columns: Mapping[str, Any]) -> None:
    names = ", ".join(columns)
    marks = ", ".join("?" for _ in columns)
    values = ", ".join(f"{name} = excluded.{name}" for name in columns)
    database.execute(
        f"INSERT INTO films (lesson, {names}) VALUES (?, {marks}) ON CONFLICT (lesson) DO UPDATE SET {values}",  # noqa: S608
        (lesson, *columns.values()),
    )


def _forget_film(database: sqlite3.Connection, row: FilmRow) -> None:
    if row.state or row.due:
        database.execute("UPDATE films SET film = '' WHERE lesson = ?", (row.lesson,))
    else:
        database.execute("DELETE FROM films WHERE lesson = ?", (row.lesson,))
