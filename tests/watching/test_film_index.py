"""What the list of films says of each lesson is so, whatever was killed, deleted or lost."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.dev.film_list import PAGE, FilmLister
from jobs.runs.run_locks import hold_run_lock
from tests.kit.films import Films
from video_assets.studio.core.errors import StoreError
from video_assets.studio.film import bundle
from video_assets.studio.film.index import FilmIndex, FilmRow, PublishedFilm, film_state

FILM = PublishedFilm("v1", "Tides", "en", 61.5, 1_700_000_000.0, "tides.en.mp4", True)


def _states(films) -> dict[str, str]:
    return {film.lesson: film.state for film in FilmLister(films.project_paths).films().films}


def _listed(films, lesson: str):
    return next(film for film in FilmLister(films.project_paths).films().films if film.lesson == lesson)


@given(
    film=st.sampled_from([None, FILM]),
    state=st.sampled_from(["", "working", "failed", "waiting"]),
    due=st.sampled_from(["", "changed"]),
    alive=st.booleans(),
    approved=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_a_state_never_claims_what_is_not_so(film, state, due: str, alive: bool, approved: bool):
    """A teacher would wait for a film that nobody makes, or look for one that is not there."""
    row = FilmRow("tides", film, run="r", state=state, due=due, script="s")
    told = film_state(row, lambda run: alive, lambda lesson, script: approved)
    assert told != "made" or (film is not None and not due)
    assert (told == "working") == (state == "working" and alive)
    assert told != "outdated" or (film is not None and due)
    assert told != "waiting" or not approved
    assert (told == "refused") == (state == "failed")
    assert told != "queued" or film is None


def test_a_published_film_is_listed_without_anybody_noting_it(films: Films):
    """Films that were made before there was a list, or copied into the folder, would be missing from it."""
    films.publish("tides", title="Tides", language="en")
    listed = _listed(films, "tides")
    assert (listed.title, listed.state, listed.link, listed.poster) == (
        "Tides", "made", "tides/watch.html", "tides/poster.jpg",
    )  # fmt: skip
    assert listed.seconds > 1


def test_a_film_without_a_page_is_watched_as_a_file(films: Films):
    """A link would lead nowhere until the film is made again."""
    films.publish("tides", page=False)
    assert _listed(films, "tides").link == "tides/tiny.en.mp4"


def test_only_what_changed_is_read_again(films: Films):
    """With ten thousand films each step of a run would read ten thousand files."""
    for name in ("tides", "waves", "moon"):
        films.publish(name, title=name)
    lister = FilmLister(films.project_paths)
    lister.films()
    for name in ("tides", "waves"):
        (films.videos / name / bundle.MANIFEST).write_text("unreadable: nobody must look")
    films.publish("moon", "v2", title="The moon")
    assert {film.title for film in lister.films().films} == {"tides", "waves", "The moon"}


def test_a_retired_film_disappears(films: Films):
    """Viewers would find a film in the list whose lesson was deleted, and a dead link."""
    films.publish("tides")
    films.publish("waves")
    assert set(_states(films)) == {"tides", "waves"}
    bundle.archive(films.videos, "tides")
    assert set(_states(films)) == {"waves"}


def test_a_run_that_is_alive_is_at_work_and_a_killed_one_is_not(films: Films):
    """After a power cut the list would say for ever that a film is being made."""
    films.publish("tides")
    films.index.run_started("tides", "run-1", "script")
    films.index.run_started("waves", "run-1", "script")
    with hold_run_lock(films.project_paths.run_locks, "run-1"):
        assert _states(films) == {"tides": "working", "waves": "working"}
        assert _listed(films, "waves").words == "Writing the script."
    assert _states(films) == {"tides": "made", "waves": "stopped"}


def test_a_lister_that_lives_on_sees_a_run_end(films: Films):
    """The page of a server that runs for days would show what was so when it was started."""
    films.index.run_started("tides", "run-1", "script")
    lister = FilmLister(films.project_paths)
    with hold_run_lock(films.project_paths.run_locks, "run-1"):
        before = lister.films()
        assert lister.films() is before, "nothing changed: nothing is made again"
    after = lister.films()
    assert (before.films[0].state, after.films[0].state) == ("working", "stopped")
    assert before.tag != after.tag


def test_a_failed_step_is_not_hidden_by_another_of_its_run(films: Films):
    """An author would read "at work" while the run has failed long ago, and never the words that tell what to mend."""
    films.index.run_failed("tides", "run-1", "section_audio", "tides.json, line 3: nothing to say.")
    films.index.run_started("tides", "run-1", "section_image")
    assert _listed(films, "tides").words == "tides.json, line 3: nothing to say."
    films.index.run_started("tides", "run-1", "section_audio")  # tried once more
    assert _states(films) == {"tides": "stopped"}
    films.index.run_failed("tides", "run-1", "section_audio", "again")
    films.index.run_started("tides", "run-2", "lesson")
    films.index.film_made("tides", "run-2")
    films.publish("tides")
    assert _states(films) == {"tides": "made"}


def test_a_lesson_waits_until_its_script_is_approved(films: Films):
    """A teacher would not know that the film waits for a decision, or go on reading so after it was taken."""
    films.index.run_waits("tides", "run-1", "digest")
    films.index.run_started("tides", "run-1", "section_image")  # runs beside the speech
    assert _states(films) == {"tides": "waiting"}
    films.project_paths.approvals.mkdir(parents=True)
    (films.project_paths.approvals / "tides.json").write_text(json.dumps({"script": "another"}))
    assert _states(films) == {"tides": "waiting"}
    (films.project_paths.approvals / "tides.json").write_text(json.dumps({"script": "digest"}))
    assert _states(films) == {"tides": "queued"}
    assert "Materialize the lesson" in _listed(films, "tides").words, "no run begins by itself"


def test_what_is_due_is_out_of_date_until_a_run_begins(films: Films):
    """A teacher would take yesterday's film for that of the lesson as it is now."""
    films.publish("tides")
    films.index.plan({"tides": "changed", "waves": "new"})
    assert _states(films) == {"tides": "outdated", "waves": "queued"}
    films.index.plan({}, settled=["tides"])
    assert _states(films) == {"tides": "made", "waves": "queued"}


def test_previews_are_not_listed(films: Films):
    """The list would fill with drafts of single sections."""
    films.publish("tides")
    films.publish("tides--draft")
    films.index.run_failed("tides--section-a", "run-1", "lesson", "no")
    assert set(_states(films)) == {"tides"}


def test_a_lost_index_is_built_again(films: Films):
    """Whoever deletes the state folder to start anew would lose sight of all films."""
    films.publish("tides")
    assert _states(films) == {"tides": "made"}
    films.project_paths.film_index.unlink()
    assert _states(films) == {"tides": "made"}


@pytest.mark.parametrize("damage", [b"", b"no database at all, but long enough to have a header" * 40, None])
def test_a_damaged_index_is_put_aside_and_built_again(films: Films, damage: bytes | None):
    """One bad sector would make every step of every run complain for ever."""
    films.publish("tides")
    _states(films)
    file = films.project_paths.film_index
    if damage is None:  # its header is whole, what follows is not
        whole = file.read_bytes()
        file.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))
    else:
        file.write_bytes(damage)
    for _ in range(3):
        try:
            assert _states(films) == {"tides": "made"}
            break
        except StoreError:
            continue
    else:
        pytest.fail("the index stays damaged")


def test_an_index_of_another_format_is_built_anew(films: Films):
    """After an update of the program every step would fail to note anything."""
    films.project_paths.state.mkdir(parents=True)
    with sqlite3.connect(films.project_paths.film_index) as database:
        database.execute("PRAGMA user_version = 99")
        database.execute("CREATE TABLE films (something TEXT)")
    films.publish("tides")
    assert _states(films) == {"tides": "made"}


def test_a_full_disk_is_one_message(films: Films, tmp_path: Path):
    """A step would end with a traceback of the database instead of a sentence."""
    (tmp_path / "a file").write_text("in the place of the folder")
    with pytest.raises(StoreError, match="index of films"):
        FilmIndex(tmp_path / "a file" / "films.sqlite").run_started("tides", "r", "lesson")


def test_the_page_is_written_when_something_changed_and_only_then(films: Films):
    """Either the list lags behind, or an idle machine writes megabytes for ever."""
    films.publish("tides")
    lister = FilmLister(films.project_paths)
    assert lister.write_page()
    assert not lister.write_page()
    assert not FilmLister(films.project_paths).write_page(), "another process has the same news"
    films.index.run_failed("waves", "run-1", "lesson", "waves.json: no sections.")
    assert lister.write_page()
    assert "waves.json: no sections." in (films.videos / PAGE).read_text("utf-8")
    (films.videos / PAGE).unlink()
    assert lister.write_page()


def test_a_film_that_loses_its_folder_is_no_longer_listed(films: Films):
    """Somebody who tidies the folder by hand would leave dead links in the list."""
    films.publish("tides")
    films.publish("waves")
    _states(films)
    (films.videos / "tides").unlink()
    shutil.rmtree(films.videos / ".versions" / "tides")
    assert set(_states(films)) == {"waves"}
