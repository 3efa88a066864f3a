"""The film server gives browsers on this machine what is published, in ranges, and nothing else to anybody."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.dev.film_server import FilmServer, is_own_name
from tests.kit.films import Client, Films
from video_assets.addresses import Addresses, read_addresses, save_addresses
from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.film import bundle
from video_assets.studio.pipeline.refs import set_ref
from video_assets.studio.storage.filesystem import FileSystem
from video_assets.studio.storage.store import LocalStore

REPOSITORY = Path(__file__).parents[2]
FILM = "/tides/tiny.en.mp4"
SECRET = b"the secret that nobody may read"


@pytest.fixture
def tides(films: Films, served: Client):
    """A server that serves one film."""
    films.publish("tides", title="Tides")
    return served


def test_a_film_comes_whole_or_in_ranges(films: Films, tides):
    """A player could not jump: a browser seeks in a film only where ranges are answered."""
    data = (films.videos / "tides" / "tiny.en.mp4").read_bytes()
    whole = tides.follow(FILM)
    assert (whole.status, whole.body) == (200, data)
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["accept-ranges"] == "bytes"
    part = tides.follow(FILM, Range="bytes=100-199")
    assert (part.status, part.body) == (206, data[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(data)}"
    assert tides.follow(FILM, Range="bytes=-50").body == data[-50:]
    assert tides.follow(FILM, Range="bytes=1000-").body == data[1000:]
    beyond = tides.follow(FILM, Range=f"bytes={len(data)}-")
    assert beyond.status == 416
    assert str(len(data)) in beyond.headers["content-range"]


def test_a_range_of_a_film_that_was_replaced_is_not_mixed_with_the_old_one(films: Films, tides):
    """A player that goes on with the bytes of another film shows nothing but blocks."""
    tag = tides.follow(FILM).headers["etag"]
    assert tides.follow(FILM, Range="bytes=0-9", If_Range=tag).status == 206
    assert tides.follow(FILM, Range="bytes=0-9", If_Range='"another"').status == 200


def test_a_head_request_has_no_body(tides):
    """Players that ask for the size first would get the whole film."""
    address = tides.ask(FILM).headers["location"]
    head, get = tides.ask(address, "HEAD"), tides.ask(address)
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("watch.html", "text/html; charset=utf-8"),
        ("tiny.en.vtt", "text/vtt; charset=utf-8"),
        ("tiny.en.srt", "application/x-subrip; charset=utf-8"),
        ("tiny.en.transcript.txt", "text/plain; charset=utf-8"),
        ("poster.jpg", "image/jpeg"),
        ("manifest.json", "application/json"),
    ],
)
def test_each_file_has_its_type_and_safe_headers(films: Films, tides, name: str, kind: str):
    """A browser would guess, and take an author's text for a page with a script."""
    answer = tides.follow(f"/tides/{name}")
    assert (answer.status, answer.headers["content-type"]) == (200, kind)
    assert answer.body == (films.videos / "tides" / name).read_bytes()
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert ("script-src 'none'" in answer.headers["content-security-policy"]) == (name != "watch.html")


def test_a_film_that_is_replaced_while_it_is_watched_goes_on(films: Films, tides):
    """A class would lose the film in the middle of a lesson because its author saved the file."""
    address = tides.ask(FILM).headers["location"]
    before = tides.ask(address).body
    films.publish("tides", "v2", title="Tides anew")
    assert tides.ask(FILM).headers["location"] != address, "who comes now gets the new film"
    assert tides.ask(address, Range="bytes=500-599").body == before[500:600]
    films.publish("tides", "v3")
    gone = tides.ask(address)
    assert (gone.status, gone.headers["location"]) == (307, FILM), "a version that is gone leads to the present one"


def _secrets(films) -> None:
    """What lies about in and around a folder of films, and is nobody's to read."""
    root = films.project_paths.root
    (root / "secret.txt").write_bytes(SECRET)
    (films.videos / "secret.txt").write_bytes(SECRET)
    folder = films.videos / "tides"
    (folder / "secret.txt").write_bytes(SECRET)
    (folder / ".hidden.txt").write_bytes(SECRET)
    (folder / "link.txt").symlink_to(root / "secret.txt")
    (films.videos / "outside").symlink_to(root)
    (films.videos / "plain").mkdir()
    (films.videos / "plain" / "manifest.json").write_bytes(SECRET)
    unpublished = films.videos / ".versions" / "tides" / ".v9.part"
    unpublished.mkdir()
    (unpublished / "manifest.json").write_bytes(SECRET)
    # A manifest that somebody made up names files that lie elsewhere.
    manifest = json.loads((folder / bundle.MANIFEST).read_bytes())
    manifest["files"] |= {
        name: {"id": "", "size_bytes": 1} for name in ("link.txt", "../../../secret.txt", ".hidden.txt")
    }
    (folder / bundle.MANIFEST).write_text(json.dumps(manifest))


PIECES = st.sampled_from(
    [
        "tides",
        "outside",
        "plain",
        "_",
        "sections",
        "v1",
        ".versions",
        ".v9.part",
        "..",
        ".",
        "secret.txt",
        "link.txt",
        "manifest.json",
        ".hidden.txt",
        "data",
        "state",
        "%2e%2e",
        "..%2f..",
        "%2e%2e%2f%2e%2e",
        "%00",
        "\\..\\..",
        "",
        "x" * 300,
    ]
)


@given(paths=st.lists(st.lists(PIECES, max_size=6), min_size=8, max_size=8))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_nothing_else_can_be_read(films: Films, tides, paths: list[list[str]]):
    """Any web page that a teacher has open could read the files of the machine."""
    if not (films.videos / "outside").is_symlink():
        _secrets(films)
    for pieces in paths:
        answer = tides.ask("/" + "/".join(pieces))
        assert answer.status in {200, 307, 404}, (pieces, answer)
        assert SECRET not in answer.body, pieces


@pytest.mark.parametrize(
    "path",
    [
        "/secret.txt",
        "/tides/secret.txt",
        "/tides/link.txt",
        "/tides/.hidden.txt",
        "/outside/secret.txt",
        "/plain/manifest.json",
        "/tides/.v9.part/manifest.json",
        "/.versions/tides/v1/manifest.json",
        "/tides/v1/link.txt",
        "/tides/../../secret.txt",
        "/tides/..%2f..%2f..%2fsecret.txt",
        "/tides/%2e%2e/%2e%2e/secret.txt",
        "/_/sections/..%2f..%2fstate/",
        "//etc/passwd",
    ],
)
def test_what_is_not_published_is_not_there(films: Films, tides, path: str):
    """Unfinished films, dotfiles and whatever a link leads to would be open to everybody."""
    _secrets(films)
    assert tides.follow(path).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_films_can_only_be_read(tides, method: str):
    """A page elsewhere could try what else the server does."""
    assert tides.ask("/", method).status == 405


def test_a_page_elsewhere_cannot_reach_it_under_a_name_of_its_own(tides):
    """A web site could make its own name lead to this machine and read every film and every lesson's words."""
    assert tides.ask("/", Host=f"evil.example:{tides.port}").status == 421
    assert tides.ask("/", Host=f"localhost:{tides.port}").status == 200


@pytest.mark.parametrize(
    ("asked", "own"),
    [
        ("127.0.0.1:3001", True), ("127.0.0.1", True), ("[::1]:3001", True), ("[::1]", True),
        ("LOCALHOST.:3001", True), ("192.168.1.7:3001", True), ("desk.school:3001", True),
        ("evil.example", False), ("127.0.0.1.evil.example", False), ("localhost.evil.example:3001", False),
        ("", False), ("[::1].evil.example", False), ("127.0.0.1:3001:80", False),
    ],
)  # fmt: skip
def test_its_own_names_are_addresses_and_the_one_it_was_given(asked: str, own: bool):
    """Either nobody in the school's network reaches the films, or every web site does."""
    assert is_own_name(asked, "desk.school") == own


def test_the_list_is_as_things_are_now(films: Films, tides):
    """A teacher would have to restart the server to see a new film."""
    first = tides.ask("/_/films.json")
    assert [film[1] for film in json.loads(first.body)] == ["Tides"]
    assert tides.ask("/_/films.json", If_None_Match=first.headers["etag"]).status == 304
    films.publish("waves", title="Waves")
    films.index.run_failed("moon", "r", "lesson", "moon.json, line 2: no sections. Add one.")
    listed = {film[0]: (film[1], film[5], film[6]) for film in json.loads(tides.ask("/_/films.json").body)}
    assert listed["waves"] == ("Waves", "made", "")
    assert listed["moon"] == ("moon", "refused", "moon.json, line 2: no sections. Add one.")
    assert b"moon.json, line 2" in tides.ask("/").body
    assert tides.ask("/tides/index.html").headers["location"] == "/", "how a film's page calls the list"


def test_the_sections_of_a_lesson_are_heard_and_seen_and_no_other_object(films: Films, served: Client):
    """An author who listens to a lesson in the UI would find nothing to play, or anybody everything in the store."""
    store = LocalStore(films.project_paths.store)
    sound, picture, other = store.put(b"fLaC sound").id, store.put(b"PNG picture").id, store.put(SECRET).id
    token = {"shown": "Hello.", "space_before": False}
    section = {"id": "a", "title": "<A>", "tokens": [token], "slide": {"alt": 'A "lamp"'}}
    manifests = {
        "script": {
            "lesson": store.put(b'{"lesson": {"title": "T<i>des", "language": "ar"}}').id,
            "sections": [section],
        },
        "section_audio": {"sections": [{"id": "a", "sound": {"id": sound}}]},
        "section_image": {"sections": [{"id": "a", "picture": {"id": picture}}]},
    }
    for asset, manifest in manifests.items():
        digest = store.put(json.dumps(manifest).encode()).id
        set_ref(films.project_paths.manifests, "tides", asset, "run", digest, filesystem=FileSystem())
    page = served.ask("/_/sections/tides/")
    assert page.status == 200
    assert b"T&lt;i&gt;des" in page.body
    assert b"Hello." in page.body
    assert b"watch.html" not in page.body, "there is no film yet: the link would lead nowhere"
    films.publish("tides")
    assert b"tides/watch.html" in served.ask("/_/sections/tides/").body
    heard = served.ask(f"/_/sections/tides/sounds/{sound}.flac", Range="bytes=0-3")
    assert (heard.status, heard.body, heard.headers["content-type"]) == (206, b"fLaC", "audio/flac")
    seen = served.ask(f"/_/sections/tides/pictures/{picture}.png")
    assert (seen.body, seen.headers["content-type"]) == (b"PNG picture", "image/png")
    for wrong in (f"sounds/{other}.flac", f"pictures/{other}.png", f"sounds/{picture}.flac", "sounds/..%2f..%2fx.flac"):
        assert served.ask(f"/_/sections/tides/{wrong}").status == 404
    assert served.ask("/_/sections/waves/").status == 404


def test_a_taken_port_is_one_message(films: Films):
    """`make dev` would go on without films, or end with a traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = FilmServer(films.project_paths, port=taken.getsockname()[1])
        with pytest.raises(SettingInvalid, match=f"port {taken.getsockname()[1]}.*Choose another port"), server:
            pass


def test_it_ends_when_its_block_does_and_can_begin_again(films: Films):
    """`make dev` would not end, or the next one would find its port taken."""
    with FilmServer(films.project_paths, port=0) as server:
        port = server.port
    with FilmServer(films.project_paths, port=port) as again:
        assert again.address == f"http://127.0.0.1:{port}"


def test_it_keeps_the_page_in_the_folder_up_to_date(films: Films, tides, await_):
    """Somebody who opens the folder instead of the server would not find today's films."""
    page = films.videos / "index.html"
    await_(lambda: page.exists() and "Tides" in page.read_text("utf-8"))
    films.publish("waves", title="Waves")
    await_(lambda: "Waves" in page.read_text("utf-8"))


def test_it_loads_neither_dagster_nor_media():
    """The supervisor of `make dev`, which only waits, would take hundreds of megabytes."""
    program = (
        "import sys, jobs.dev.film_server; print([m for m in ('dagster', 'numpy', 'av', 'PIL') if m in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
    )
    assert ended.stdout.strip() == "[]"


def test_addresses_are_told_to_steps(tmp_path: Path):
    """A link in the UI would lead to a port at which nobody serves the films."""
    assert read_addresses(tmp_path) == Addresses("http://127.0.0.1:3000", "http://127.0.0.1:3001")
    save_addresses(tmp_path, Addresses("http://127.0.0.1:3737", "http://127.0.0.1:3738"))
    told = read_addresses(tmp_path)
    assert told.watch("tides") == "http://127.0.0.1:3738/tides/watch.html"
    assert told.storyboard("tides") == "http://127.0.0.1:3738/tides/watch.html#storyboard"
    assert told.sections("tides") == "http://127.0.0.1:3738/_/sections/tides/"
    (tmp_path / "addresses.json").write_text("half a fi")
    assert read_addresses(tmp_path) == Addresses()


@pytest.mark.parametrize("manifest", ["[]", '"x"', "3", '{"files": null}', '{"files": [[]]}', "{", "\xff"])
def test_a_damaged_manifest_is_no_error_of_the_server(films: Films, tides, manifest: str):
    """A viewer would read "Internal Server Error", and its teacher look for the fault in the wrong place."""
    folder = (films.videos / "tides").resolve()
    (folder / bundle.MANIFEST).write_bytes(manifest.encode("latin-1"))
    assert tides.follow(FILM).status == 404


@pytest.mark.parametrize("path", ["/{}/", "/{}/watch.html", "/{}/v1/watch.html", "/tides/{}", "/tides/v1/{}"])
def test_a_name_that_no_file_can_have_is_not_found(tides, path: str):
    """Every scan of a school's network would fill the log with tracebacks."""
    assert tides.follow(path.format("a" * 300)).status == 404


def test_a_version_that_is_a_link_to_elsewhere_is_not_served(films: Films, tides):
    """Whoever may write into the folder of films could show the whole network any folder of this machine."""
    outside = films.project_paths.root / "outside"
    outside.mkdir()
    (outside / bundle.MANIFEST).write_text('{"files": {"secret.txt": {}}}', "utf-8")
    (outside / "secret.txt").write_bytes(SECRET)
    (films.videos / ".versions" / "tides" / "v9").symlink_to(outside)
    for name in ("secret.txt", bundle.MANIFEST):
        answer = tides.follow(f"/tides/v9/{name}")
        assert answer.status == 404 or b"secret" not in answer.body, answer
