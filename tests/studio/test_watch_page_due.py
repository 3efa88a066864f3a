"""A film that was made before there were pages, or whose page is of another edition, gets the present one once."""

from __future__ import annotations

import pytest

from tests.kit.studio import Studio
from video_assets.studio.film.bundle import WATCH


@pytest.mark.parametrize("page", [None, "<!doctype html>of another edition"])
def test_a_film_without_the_present_page_gets_it_and_nothing_is_made(studio: Studio, page: str | None):
    """An archive would never get its pages, or encode and join every film again for them."""
    studio.write([studio.lamp, studio.battery])
    made = studio.make()
    film = studio.finish(made)
    studio.point(made, film)
    assert not studio.explain().anything_to_make
    if page is None:
        (film.folder / WATCH).unlink()
    else:
        (film.folder / WATCH).write_text(page)
    before = {path.name: path.stat().st_mtime_ns for path in film.folder.iterdir() if path.name != WATCH}
    due = studio.explain()
    assert due.anything_to_make
    assert [(item.stage, item.action) for item in due.items if item.action != "reuse"] == [("final_video", "show")]
    again = studio.make()
    assert again.counts == (0, 0, 0)
    shown = studio.finish(again)
    assert shown.result.digest == film.result.digest, "the film is what it was, for Dagster, too"
    assert {path.name: path.stat().st_mtime_ns for path in film.folder.iterdir() if path.name != WATCH} == before
    assert not studio.explain().anything_to_make
