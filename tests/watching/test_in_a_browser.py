"""A real browser plays the film, shows its captions, jumps, searches; and axe-core finds the pages accessible."""

from __future__ import annotations

import json

import pytest

from tests.browser import Page
from tests.kit.films import Client, Films
from video_assets.studio.film import bundle
from video_assets.studio.pipeline.refs import set_ref
from video_assets.studio.storage.filesystem import FileSystem
from video_assets.studio.storage.store import LocalStore

HOSTILE = '</script></title><img src=x onerror="window.harmed=1">\u2028\' {{ 7*7 }} \u202e'
READY = "document.getElementById('film').readyState >= 2"
CAPTION = "[...film.textTracks].find((track) => track.kind === 'captions')"


def _film_address(films, served, place: str) -> str:
    films.publish("tides", title="Tides")
    return (films.videos / "tides" / bundle.WATCH).as_uri() if place == "folder" else f"{served.address}/tides/"


@pytest.mark.parametrize("place", ["folder", "server"])
def test_the_film_plays_with_captions_and_follows_the_transcript(films: Films, served: Client, page: Page, place: str):
    """A teacher who opens the page would see a still picture, and a deaf viewer no words."""
    page.open(_film_address(films, served, place))
    page.wait_for(READY)
    assert page.value(f"{CAPTION}.mode") == "showing"
    page.value("film.muted = true, film.play()")
    words = page.wait_for(f"{CAPTION}.activeCues.length && {CAPTION}.activeCues[0].text")
    assert words.split()[0] in {"A", "The", "Most"}
    current = page.wait_for("document.querySelector('.sentence[aria-current]')?.textContent")
    assert " ".join(words.split())[:12] in current
    assert page.value("film.currentTime > 0 && !film.error")


@pytest.mark.parametrize("place", ["folder", "server"])
def test_a_sentence_is_jumped_to_by_mouse_and_by_keyboard(films: Films, served: Client, page: Page, place: str):
    """A student who searches for one explanation would have to watch the whole film."""
    page.open(_film_address(films, served, place))
    page.wait_for(READY)
    last = "[...document.querySelectorAll('.sentence')].at(-1)"
    wanted = float(page.value(f"{last}.dataset.seconds"))
    page.value(f"{last}.click()")
    assert page.wait_for(f"film.currentTime >= {wanted} - 0.01 && film.currentTime") < wanted + 5
    page.wait_for(f"{last}.hasAttribute('aria-current')")
    page.value("film.pause(), document.querySelector('.sentence').focus()")
    page.press("Enter", text="\r")
    page.wait_for(f"film.currentTime < {wanted} - 1")
    page.value("document.querySelector('.chapters li:last-child button').click()")
    page.wait_for("document.querySelector('.chapters li:last-child button').hasAttribute('aria-current')")
    page.value("(speed.value = '1.5', speed.dispatchEvent(new Event('change')))")
    assert page.value("film.playbackRate") == 1.5


def test_an_address_leads_into_the_film(films: Films, served: Client, page: Page):
    """A teacher could not send a class to the place that matters."""
    page.open(f"{_film_address(films, served, 'server')}watch.html#t=3.5")
    page.wait_for("film.readyState >= 1 && Math.abs(film.currentTime - 3.5) < 0.01")


def test_a_picture_is_enlarged_and_closed_by_keyboard(films: Films, served: Client, page: Page):
    """A reader with weak eyes would see a storyboard of stamps."""
    page.open(_film_address(films, served, "folder"))
    page.value("document.querySelectorAll('.enlarge')[1].focus()")
    page.press("Enter", text="\r")
    page.wait_for("large.open && document.getElementById('large-picture').naturalWidth > 0")
    alt = page.value("document.querySelectorAll('.enlarge img')[1].alt")
    assert alt
    assert page.value("document.getElementById('large-picture').alt") == alt
    page.press("ArrowRight")
    page.wait_for("document.getElementById('large-picture').alt === document.querySelectorAll('.enlarge img')[2].alt")
    page.press("Escape")
    page.wait_for("!large.open && document.activeElement.className === 'enlarge'")


def test_nothing_an_author_writes_is_executed(films: Films, served: Client, page: Page):
    """A lesson from a stranger would run in the browser of whoever looks at it."""
    films.publish("tides", title=HOSTILE, author=HOSTILE, licence=HOSTILE)

    def hostile(told) -> None:
        for section in told["sections"]:
            section["title"] = section["picture"]["alt"] = HOSTILE
            for sentence in section["spoken"]:
                sentence["text"] = HOSTILE
        for chapter in told["film"]["chapters"]:
            chapter["title"] = HOSTILE

    films.rewrite("tides", hostile)
    films.index.run_failed("moon", "r", "lesson", HOSTILE)
    film, listed = f"{served.address}/tides/", served.address
    for address in ((films.videos / "tides" / bundle.WATCH).as_uri(), film, listed):
        page.open(address)
        page.wait_for("document.querySelectorAll('h1, h2').length > 0")
        assert page.value("window.harmed === undefined && !document.querySelector('img[src=x]')"), address
    assert HOSTILE.strip() in page.value("document.getElementById('films').textContent")
    page.open(film)
    assert page.value("document.querySelector('h1').textContent") == HOSTILE


def _many(films) -> None:
    films.publish("tides", title="Why the tides come twice a day", language="en")
    films.publish("wellen", title="Wellen und Größen", language="de")
    films.index.run_failed("moon", "r", "lesson", "moon.json, line 2: no sections. Add one.")
    films.index.run_waits("stars", "r", "digest")
    films.index.plan(
        {"sun": "The lesson is new, and waits for its turn.", "wellen": "The lesson file was changed since."}
    )


@pytest.mark.parametrize("place", ["folder", "server"])
def test_the_list_is_searched(films: Films, served: Client, page: Page, await_, place: str):
    """A teacher with hundreds of films would scroll, and one who cannot see would not hear how many were found."""
    _many(films)
    list_file = films.videos / "index.html"
    await_(lambda: list_file.exists() and "stars" in list_file.read_text("utf-8"))
    page.open(list_file.as_uri() if place == "folder" else served.address)
    titles = "[...document.querySelectorAll('#films h2')].map((title) => title.textContent)"
    page.wait_for(f"{titles}.length === 5")
    page.value("words.focus()")
    page.write("grossen".replace("ss", "ß"))
    assert page.wait_for(f"{titles}.length === 1 && {titles}") == ["Wellen und Größen"]
    assert page.value("count.getAttribute('role') + count.textContent") == "status1 of 5 films"
    page.value("(words.value = '', state.value = 'refused', state.dispatchEvent(new Event('change')))")
    assert page.wait_for(f"{titles}.length === 1 && {titles}") == ["moon"]
    assert "moon.json, line 2" in page.value("document.getElementById('films').textContent")
    page.value("(state.value = '', state.dispatchEvent(new Event('change')))")
    link = page.value(
        "[...document.querySelectorAll('#films a')].find((each) => each.textContent.startsWith('Why')).href"
    )
    page.open(link)
    page.wait_for(READY)
    assert page.value("document.title") == "Why the tides come twice a day"


def test_the_served_list_changes_by_itself(films: Films, served: Client, page: Page):
    """A teacher would look at "At work" until the page is loaded again."""
    films.publish("tides", title="Tides")
    page.open(served.address)
    page.wait_for("document.querySelectorAll('#films li').length === 1")
    films.publish("waves", title="Waves")
    page.wait_for("document.querySelectorAll('#films li').length === 2")


def test_a_list_of_ten_thousand_films_draws_only_some(films: Films, served: Client, page: Page):
    """A browser would stand still over an archive."""
    films.publish("tides", title="Tides")
    page.open(served.address)
    films.index.plan({f"lesson-{number}": "The lesson is new." for number in range(10_000)})
    page.open(served.address)
    assert page.wait_for("count.textContent") == "10001 of 10001 films"
    assert page.value("document.querySelectorAll('#films li').length") == 48
    page.value("more.click()")
    assert page.value("document.querySelectorAll('#films li').length") == 96
    page.value("(words.value = 'lesson-777', words.dispatchEvent(new Event('input')))")
    assert page.value("count.textContent") == "11 of 10001 films"


def _sections(films) -> None:
    store = LocalStore(films.project_paths.store)
    token = {"shown": "A switch.", "space_before": False}
    sections = [{"id": id_, "title": id_, "tokens": [token], "slide": {"alt": f"A {id_}"}} for id_ in ("lamp", "wire")]
    picture = store.put((films.videos / "tides" / bundle.POSTER).read_bytes()).id
    manifests = {
        "script": {
            "lesson": store.put(b'{"lesson": {"title": "Circuits", "language": "en"}}').id,
            "sections": sections,
        },
        "section_audio": {"sections": [{"id": "lamp", "sound": {"id": store.put(b"sound").id}}]},
        "section_image": {"sections": [{"id": "lamp", "picture": {"id": picture}}]},
    }
    for asset, manifest in manifests.items():
        digest = store.put(json.dumps(manifest).encode()).id
        set_ref(films.project_paths.manifests, "tides", asset, "run", digest, filesystem=FileSystem())


def test_every_page_is_accessible(films: Films, served: Client, page: Page):
    """Viewers who use a keyboard, a magnifier or a screen reader would be shut out (WCAG 2.2 AA, found by axe-core)."""
    _many(films)
    films.publish("arabic", title="المد والجزر", language="ar")
    _sections(films)
    looks = ((1280, False), (1280, True), (320, False))
    seen = [(path, *look) for path in ("/tides/", "/", "/_/sections/tides/") for look in looks]
    for path, width_px, dark in (*seen, ("/arabic/", 320, True)):
        page.look(width_px, dark=dark)
        page.open(served.address + path)
        page.wait_for("document.querySelectorAll('h2').length > 0")
        assert page.violations() == [], (path, width_px, dark)
        assert page.value("document.documentElement.scrollWidth <= innerWidth"), (path, width_px, "scrolls sideways")
    page.look()
    page.open(f"{served.address}/tides/")
    page.value("document.querySelector('.enlarge').click()")
    page.wait_for("large.open")
    assert page.violations() == []
