"""Keys of twelve kinds, said back by their provider in eighteen phrasings and every usual spelling: found nowhere."""

from __future__ import annotations

import base64
import html
import itertools
import json
import threading
import traceback
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resources.key_redaction import Keys
from resources.key_source import key_from_file, key_from_variable
from resources.presenters.http_engine import _Conversation
from resources.provider_file import AccountConfig
from resources.untrusted_responses import redacted, without_secrets
from tests.faults.test_calls import Desk
from tests.kit.house import House
from tests.services import write_file
from video_assets.studio.calls.attempt import Attempt
from video_assets.studio.calls.rate_limiter import Account
from video_assets.studio.core.errors import InvalidResponse, ProviderError, SettingInvalid
from video_assets.studio.lipsync.engines.engine_file import EngineFile

KEYS = {
    "openai": "sk-proj-Zk3vQ9xT7mW2bN8rL5yH1cD6",
    "hexadecimal": "9f86d081884c7d659a2feaa0c55ad015",
    "uuid": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "google": "AIzaSyD4f7gH2jK9lM3nP6qR8sT1uV5wX0yZ2aB",
    "groq": "gsk_u7Yt5Re3Wq1As9Df7Gh5Jk3Lz1Xc9Vb",
    "hugging face": "hf_QwErTyUiOpAsDfGhJkLzXcVbNm",
    "elevenlabs": "xi-4d8c2b6a0f9e7d5c3b1a",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ0ZWFjaGVyIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg",
    "base64": "Zm9v+mFy/2JhekBxdXV4ZWQgYmF6/3F1dXgrYmFyL2Zvbw==",
    "short": "a8Kd02mZq7Lw4Xc1",
    "symbols": "p&ss<w0rd>'#%41$!*();:@=+,/?[]\"~^{|}\\z",
    "organisation": "org-7tGh2Kd9sLq4Wz8xCv3Bn6Mp",
}
PHRASINGS = (
    "Incorrect API key provided: {}.",
    "Invalid token '{}'",
    "Access denied for {}",
    "password: {}",
    "apikey '{}'",
    "Authorization: Bearer {}",
    "Authorization: Basic {}",
    "api_key={}&user=1",
    "https://api.example/v1/models?key={}",
    "https://{}@api.example/v1",
    "https://api.example/{}/v1",
    '{{"error": {{"key": "{}"}}}}',
    "token={};path=/",
    "The key\n{}\nis not known",
    "[{}] has no quota left",
    "curl -H 'xi-api-key: {}'",
    "Traceback: KeyError('{}')",
    "{}",
)
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 of a header": lambda key: base64.urlsafe_b64encode(f"Bearer {key}".encode()).decode().rstrip("="),
    "base64 of a user": lambda key: base64.b64encode(f"user:{key}".encode()).decode(),
    "base64 of a password": lambda key: base64.b64encode(f":{key}".encode()).decode(),
    "url": lambda key: urllib.parse.quote(key, safe=""),
    "url in lower case": lambda key: "".join(f"%{ord(each):02x}" if not each.isalnum() else each for each in key),
    "twice url": lambda key: urllib.parse.quote(urllib.parse.quote(key, safe=""), safe=""),
    "base64 in a url": lambda key: urllib.parse.quote(base64.b64encode(key.encode()).decode(), safe=""),
    "json": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "html": html.escape,
    "hexadecimal": lambda key: key.encode().hex(),
    "capitals": str.upper,
    "wrapped": lambda key: "\r\n ".join(key[at : at + 11] for at in range(0, len(key), 11)),
    "wrapped base64": lambda key: "\n".join(_lines(base64.b64encode(key.encode()).decode())),
}


def _lines(text: str) -> list[str]:
    return [text[at : at + 16] for at in range(0, len(text), 16)]


def traces(key: str) -> Iterator[str]:
    """What must not be found of a key, in lower case: itself, eight characters out of its midst, its encodings."""
    yield key.lower()
    yield json.dumps(key)[1:-1].lower()
    yield key[len(key) // 2 - 4 :][:8].lower()
    yield urllib.parse.quote(key, safe="").lower()
    yield html.escape(key).lower()
    yield key.encode().hex()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + key.encode()).decode()[4:-4].lower()
        yield from (encoded, encoded.replace("+", "-").replace("/", "_"))


def found(key: str, text: str) -> list[str]:
    """The traces of a key in a text, whatever white space was put into it."""
    joined = "".join(text.split())
    forms = [form.lower() for form in (text, joined, urllib.parse.unquote(joined), html.unescape(joined))]
    return [trace for trace in traces(key) if any(trace in form for form in forms)]


@pytest.mark.parametrize("kind", KEYS)
def test_no_phrasing_and_no_spelling_lets_a_key_through(kind: str, tmp_path: Path) -> None:
    """A key would be read by everybody who may see a run, a log or a report."""
    (tmp_path / "key").write_text(f"\ufeff{KEYS[kind]}\r\n", encoding="utf-8")
    key = key_from_file("trial", str(tmp_path / "key"))
    assert key == key_from_variable("trial", "KEY", {"KEY": f" {KEYS[kind]}\n"}) == KEYS[kind]
    keys = Keys([key])
    for phrasing, (name, spell) in itertools.product(PHRASINGS, SPELLINGS.items()):
        said = phrasing.format(spell(key))
        assert found(key, said), (name, "the test itself must find it")
        shown = [
            redacted(said, keys),
            redacted(f"{'x' * 280} {said}", keys),
            str(without_secrets(ValueError(said), keys)),
        ]
        assert not any(found(key, each) for each in shown), (kind, phrasing, name, shown)
        assert keys.occur_in(f"ID3 {said}".encode()), (kind, phrasing, name)


@given(
    key=st.text(st.characters(codec="ascii", min_codepoint=33, max_codepoint=126), min_size=12, max_size=60),
    around=st.tuples(st.text(max_size=40), st.text(max_size=40)),
    spelling=st.sampled_from(sorted(SPELLINGS)),
)
@example(key="%41%42%43%44%45%46", around=("", ""), spelling="url")
@example(key="000000000000", around=("%", ""), spelling="capitals")
@example(key="\\n\\n\\n\\n\\n\\nabc", around=("\\", ""), spelling="json")
def test_any_key_is_found_in_any_text(key: str, around: tuple[str, str], spelling: str) -> None:
    """A key of a kind that nobody has thought of would be shown."""
    said = " ".join((around[0], SPELLINGS[spelling](key), around[1]))
    assert Keys([key]).redact(said) != said


BREAKS = ("<wbr>", "</b><i>", '<span class="k">', "<a href='?k=1'>", "&shy;", "&nbsp;", "&ZeroWidthSpace;", "\x00")
INVISIBLE = ("\u2060", "\ufeff", "\u200e", " ", "\r\n", "=\r\n", " &#10;")


@given(
    key=st.text("abcXYZ0189-_.=+/", min_size=12, max_size=50).filter(lambda key: key.strip("=") == key),
    at=st.integers(1, 11),
    between=st.sampled_from([*BREAKS, *INVISIBLE]),
)
@example(key="Zm9v+mFy/2Jh=kBx", at=13, between=" ")
def test_a_key_that_a_page_breaks_is_found(key: str, at: int, between: str) -> None:
    """A proxy's error page that breaks long words would show the key to everybody who may see a run."""
    assert Keys([key]).redact(f"Denied: {key[:at]}{between}{key[at:]}!") == "Denied: …!"


@pytest.mark.parametrize("said", ["<{}>", "<a href='?k={}'>", "<b>{}</b>", "&lt;{}&gt;", "&equals;{}&semi;"])
@pytest.mark.parametrize("kind", KEYS)
def test_a_key_within_a_tag_is_found(kind: str, said: str) -> None:
    """A key in angle brackets would be taken for a tag, and kept."""
    key = KEYS[kind]
    assert not found(key, Keys([key]).redact(said.format(key)))


@given(st.text(max_size=300))
def test_text_without_a_key_stays_as_it_is(text: str) -> None:
    """What a provider says would be unreadable."""
    assert Keys(["9f86d081884c7d659a2feaa0c55ad015"]).redact(text) == text


def test_a_short_key_of_a_server_of_ones_own_is_no_word_of_its_answers() -> None:
    """A lesson on llamas would be refused, as the key is `ollama`."""
    keys = Keys(["ollama", "none"])
    assert not keys.occur_in(b'{"text": "An ollama is none."}')
    assert keys.redact("ollama, ollamas") == "…, ollamas"


@pytest.mark.parametrize("place", ["variable", "file"])
@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("sk-abcdef\u00e9ghijkl", "character 10 of 16 is not an ASCII character"),
        ("sk-abcdef\nghijkl", "character 10 of 16 is a line break"),
        ("Bearer sk-abcdef", "character 7 of 16 is a space"),
        ("sk-abc\u200bdef", "character 7 of 10 is not an ASCII character"),
        ("sk-abc\x00def", "character 7 of 10 is a control character"),
    ],
)
def test_a_key_that_no_header_can_carry_is_refused_where_it_is_read(
    place: str, key: str, why: str, tmp_path: Path
) -> None:
    """A teacher would read of a codec, or be told to try again later, and look for the mistake for an hour."""
    with pytest.raises(SettingInvalid) as caught:
        if place == "variable":
            key_from_variable("trial", "TRIAL_KEY", {"TRIAL_KEY": key})
        else:
            (tmp_path / "my.key").write_text(key, encoding="utf-8")
            key_from_file("trial", str(tmp_path / "my.key"))
    said = str(caught.value)
    assert why in said
    assert ("TRIAL_KEY" if place == "variable" else "my.key") in caught.value.remedy
    assert not any(part in said for part in (key, "abcdef", "ghijkl"))


def test_a_key_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A folder where a file was meant, or a picture, would end a lesson with a traceback."""
    (tmp_path / "picture.key").write_bytes(b"\x89PNG\xff\xfe")
    for name in (".", "picture.key", "nothing.key"):
        with pytest.raises(SettingInvalid, match=r"trial wants a key|cannot hold the key of trial"):
            key_from_file("trial", str(tmp_path / name))


# --- on the wire -------------------------------------------------------------------------------------------------


class Parrot(ThreadingHTTPServer):
    """A server that says the key of each request back, in another way each time."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Parroting)
        self.asked: Counter[str] = Counter()
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Parroting(BaseHTTPRequestHandler):
    server: Parrot  # pyright: ignore[reportIncompatibleVariableOverride]  # narrower: this handler has one server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        key = self.headers["Authorization"].removeprefix("Bearer ")
        with self.server.lock:
            number = self.server.asked[key]
            self.server.asked[key] += 1
        spell = list(SPELLINGS.values())[(number + len(key)) % len(SPELLINGS)]
        said = PHRASINGS[number % len(PHRASINGS)].format(spell(key))
        line = "".join(each for each in said if each.isprintable())
        status, body, headers = 400, json.dumps({"error": {"message": said, "code": line, "type": line}}), {}
        way = number % 6
        if number > 6 and way in {3, 4}:
            way = 0  # answers of no use are not asked for more than three times
        if way == 1:
            status, body = 401, said
        if way == 2:
            status, headers = 307, {"Location": f"https://elsewhere.example/?{line}", "X-Key": line}
        if way == 3:
            status, headers = 200, {"Content-Type": f"text/{line}"}
        if way == 4:
            status, headers, body = 200, {"Content-Type": "audio/wav"}, f"RIFF....WAVELIST {said}"
        if way == 5:
            status, headers = 403, {"Retry-After": line, "Date": line}
        data = body.encode()
        self.send_response(status, line if way == 0 else None)
        for name, value in {"Content-Type": "application/json", **headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self.headers["Content-Length"] = "0"
        self.do_POST()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        """Be quiet."""


@pytest.fixture
def parrot() -> Iterator[Parrot]:
    """A server that says keys back."""
    server = Parrot()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("kind", KEYS)
def test_an_error_holds_no_key_whatever_is_printed_of_it(
    kind: str, parrot: Parrot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A traceback in a log would show what the message does not."""
    key = KEYS[kind]
    monkeypatch.setenv("TRIAL_KEY", key)
    buyer = Desk(tmp_path, parrot, accounts=(AccountConfig(key_variable="TRIAL_KEY"),), tries=1)  # type: ignore[arg-type]
    for number in range(len(PHRASINGS)):
        with pytest.raises(ProviderError) as caught:
            buyer.buy(f"text {number}")
        error: BaseException | None = caught.value
        told = "".join(traceback.format_exception(caught.value))
        while error is not None:
            told += repr(error) + repr(error.__dict__)
            error = error.__cause__ or error.__context__
        assert found(key, told) == []
    written = [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(found(key, text) for text in written)


def test_a_lip_service_that_says_its_key_back_is_not_quoted(parrot: Parrot, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of a service of one's own would be in every report of a lesson with a photographed presenter."""
    from resources.deadlines import bounded_client

    for key in KEYS.values():
        monkeypatch.setenv("LIPS_KEY", key)
        engine = EngineFile(kind="http", version="1", licence="x", url=parrot.url, key_variable="LIPS_KEY")
        with bounded_client() as client:
            for _ in range(len(PHRASINGS)):
                call = _Conversation("trial", engine, client, lambda: {"data": {"a": "b"}})
                attempt = Attempt("1", Account("main"), 20, "", lambda _: None, threading.Event())
                with pytest.raises(ProviderError) as caught:
                    call.video(attempt)
                assert found(key, "".join(traceback.format_exception(caught.value))) == []


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param(("hexadecimal", "base64", "symbols"), id="some"),
        pytest.param(tuple(KEYS), id="all", marks=pytest.mark.slow),
    ],
)
def test_no_file_that_a_checkout_writes_holds_a_key(
    kinds: tuple[str, ...], house: House, parrot: Parrot, tmp_path: Path
) -> None:
    """Whoever shares a folder of films, or asks for help with a log, would give their key away."""
    environ, names = {}, []
    for number, key in enumerate(KEYS[kind] for kind in kinds):
        names.append(f"trial{number}")
        if number % 2:
            place = f'key_file = "{tmp_path / f"{number}.key"}"'
            (tmp_path / f"{number}.key").write_text(key + "\n")
        else:
            place = f'key_variable = "TRIAL_KEY_{number}"'
            environ[f"TRIAL_KEY_{number}"] = key
        folder = house.root / "data" / "providers"
        write_file(folder, parrot, names[-1], tries=1, accounts=f"accounts = [{{ {place} }}]")  # type: ignore[arg-type]
    sections = [{**house.lamp, "id": f"lamp{n}", "content": f"Lamp {n} is bright."} for n in range(len(PHRASINGS))]
    house.write(sections)
    ended = house.render("--set", f"speech={', '.join(names)}", "--report", tmp_path / "report.json", **environ)
    assert ended.code == 1
    assert sum(parrot.asked.values()) >= len(kinds) * len(PHRASINGS), "every key was said back in every phrasing"
    told = [ended.out, ended.err, (tmp_path / "report.json").read_text("utf-8")]
    for more in (("stats",), ("costs",), ("explain", "data/lessons/tiny.json")):
        again = house.run(*more, **environ)
        told += [again.out, again.err]
    files = [path for path in house.root.rglob("*") if path.is_file() and "/fonts/" not in str(path)]
    assert any(path.suffix == ".db" for path in files)
    told += [path.read_bytes().decode("latin-1") for path in files]
    assert [(kind, hits) for kind, key in KEYS.items() if (hits := found(key, "\n".join(told)))] == []


def test_an_answer_that_holds_the_key_is_not_kept(
    parrot: Parrot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store would hold the key for as long as the lesson exists."""
    key = KEYS["hexadecimal"]
    monkeypatch.setenv("TRIAL_KEY", key)
    parrot.asked[key] = 4
    buyer = Desk(tmp_path, parrot, accounts=(AccountConfig(key_variable="TRIAL_KEY"),), tries=1)  # type: ignore[arg-type]
    with pytest.raises(InvalidResponse, match="the API key in its answer"):
        buyer.buy()
