"""`lessonreel providers`: what is configured, what its servers answer, and which models end."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from resources.provider_check import ServerCheck, check_servers
from resources.provider_file import ProviderFile, read_providers
from resources.provider_list import configured_models, price_in_words
from resources.retirements import RetirementList, read_retirements, retirements_of
from tests.faults.provider.personalities import PERSONALITIES, PersonalProvider
from video_assets.cli.command_line import run_command_line
from video_assets.cli.planning import RenderOptions, plan_render
from video_assets.project_paths import ProjectPaths
from video_assets.studio.calls.pricing import Price, Prices, read_prices
from video_assets.studio.choices.retirement import WARN_DAYS, ModelRetirement, retirement_problems
from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.settings import resolved

DATA = Path(__file__).parents[2] / "data"
TODAY = date(2026, 12, 1)
RETIREMENTS = read_retirements(DATA / "retirements.toml")


def _file(url: str, **other: Any) -> ProviderFile:
    speech = {"model": "kokoro", "voices": [{"id": "af_heart"}]}
    return ProviderFile.model_validate({"url": url, "speech": speech, **other})


def _checked(file: ProviderFile, deadline_seconds: float = 5.0) -> ServerCheck:
    (check,) = check_servers({"trial": file}, os.environ, TODAY, deadline_seconds)
    return check


def _texts(check: ServerCheck) -> str:
    return "\n".join(f"{finding.severity}: {finding.text}" for finding in check.findings)


@contextmanager
def _server(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A server on this machine that answers every GET as `answer` does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the base class's name
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()


def _reply(status: int, body: bytes, media_type: str = "application/json", **headers: str) -> Any:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def _drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(600):
        handler.wfile.write(b" ")
        time.sleep(0.1)


MISBEHAVIOUR = {
    "html": (_reply(200, b"<html>Welcome</html>", "text/html"), "text/html instead of JSON"),
    "broken": (_reply(200, b'{"data": ['), "JSON that cannot be read"),
    "number": (_reply(200, b"7"), "no list of models"),
    "object": (_reply(200, b'{"data": {"a": 1}}'), "no list of models"),
    "empty": (_reply(200, b""), "cannot be read"),
    "500": (_reply(500, b'{"error": "x"}'), "status 500"),
    "429": (_reply(429, b"{}"), "status 429"),
    "401": (_reply(401, b"{}"), "refused with 401. Name a key"),
    "403": (_reply(403, b"{}"), "refused with 403"),
    "redirect": (_reply(307, b"", Location="http://example.invalid/"), "Redirects are not followed"),
    "deep": (_reply(200, b"[" * 50_000), "cannot be read"),
    "many": (_reply(200, b"[" + b"1," * 120_000 + b"1]"), "more than 100000 values"),
    "large": (_reply(200, b" " * 9_000_000), "more than"),
    "drip": (_drip, "no whole answer after 1 s"),
}


def test_a_server_that_refuses_unknown_parameters_is_checked_all_the_same() -> None:
    """An operator would look for a wrong address, although only the name of the model is wrong."""
    models, refusal = _reply(200, b'{"data": [{"id": "other"}]}'), _reply(400, b"{}")
    with _server(lambda handler: (refusal if "?" in handler.path else models)(handler)) as url:
        check = _checked(_file(url))
    assert "error: The server does not list the model kokoro for speech. It has other" in _texts(check)


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_a_server_that_misbehaves_is_one_clear_line(name: str) -> None:
    """An author would see a traceback, or wait for ever, instead of what to correct."""
    answer, expected = MISBEHAVIOUR[name]
    with _server(answer) as url:
        check = _checked(_file(url), deadline_seconds=1.0)
    assert check.failed
    (finding,) = check.findings
    assert expected in finding.text
    assert "\n" not in finding.text
    assert len(finding.text) < 400


def test_a_server_that_is_not_there_is_named() -> None:
    """An author would not learn that the server has to be started."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    check = _checked(_file(url))
    assert check.failed
    assert "Look whether the server runs" in _texts(check)


def test_a_missing_key_is_told_without_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """An author would be sent to the server's log for a variable that is not set."""
    monkeypatch.delenv("TRIAL_KEY", raising=False)
    with PersonalProvider(PERSONALITIES["kokoro"]) as server:
        check = _checked(_file(server.url, accounts=[{"key_variable": "TRIAL_KEY"}]))
        assert server.got == []
    assert check.failed
    assert "TRIAL_KEY is not set" in _texts(check)


def test_a_key_that_the_server_quotes_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key would be in a terminal that is shared, or in the log of a build."""
    monkeypatch.setenv("TRIAL_KEY", "sk-secret-0123456789")
    body = json.dumps({"data": [{"id": "sk-secret-0123456789"}, {"id": "another"}]}).encode()
    with _server(_reply(200, body)) as url:
        check = _checked(_file(url, accounts=[{"key_variable": "TRIAL_KEY"}]))
    assert "another" in _texts(check)
    assert "secret" not in check.model_dump_json()


def test_models_and_voices_that_the_server_lacks_are_named() -> None:
    """An author would learn of a misspelt voice from the first failed film."""
    speech = {"model": "kokoro-2", "voices": [{"id": "af_heart"}, {"id": "af_bella(2)+af_sky"}, {"id": "af_hart"}]}
    with PersonalProvider(PERSONALITIES["kokoro"]) as server:
        check = _checked(_file(server.url, speech=speech))
    assert check.failed
    assert "does not list the model kokoro-2 for speech. It has kokoro" in _texts(check)
    assert "does not list the voice af_hart." in _texts(check)


VOICES = {
    "names": {"voices": ["af_heart", "b"]},
    "a bare list": ["af_heart"],
    "objects": [{"id": "af_heart", "language": "en"}],
    "names in objects": {"voices": [{"name": "af_heart"}]},
    "data": {"object": "list", "data": [{"voice_id": "af_heart"}]},
}


@pytest.mark.parametrize("name", VOICES)
def test_voices_are_read_in_the_forms_of_all_servers(name: str) -> None:
    """An author would be told that a voice is missing because its server lists voices in another form."""
    with PersonalProvider(replace(PERSONALITIES["kokoro"], voices=VOICES[name])) as server:
        check = _checked(_file(server.url))
    assert [finding.severity for finding in check.findings] == ["ok", "ok"]


@pytest.mark.parametrize("models", [None, ()])
def test_a_server_without_lists_is_not_an_error(models: tuple[Any, ...] | None) -> None:
    """An author whose server works would be told that it does not: not every server has these lists."""
    personality = replace(PERSONALITIES["kokoro"], lists_models=models is not None, models=(), voices=None)
    with PersonalProvider(personality) as server:
        check = _checked(_file(server.url))
    assert [finding.severity for finding in check.findings] == ["note", "note"]
    assert not check.failed


@pytest.mark.parametrize(
    ("days", "severity"), [(-400, "error"), (0, "error"), (1, "warning"), (WARN_DAYS, "warning"), (1000, "ok")]
)
@pytest.mark.parametrize("form", ["seconds", "text", "date", "time"])
def test_the_end_of_a_model_that_a_server_tells_is_told(days: int, severity: str, form: str) -> None:
    """An author would learn on the day itself that a model is gone."""
    end = datetime(2026, 12, 1, tzinfo=UTC) + timedelta(days=days)
    written = {
        "seconds": int(end.timestamp()),
        "text": str(int(end.timestamp())),
        "date": end.date().isoformat(),
        "time": end.isoformat(),
    }[form]
    with PersonalProvider(
        replace(PERSONALITIES["kokoro"], models=({"id": "kokoro", "shutdown_date": written},))
    ) as server:
        check = _checked(_file(server.url))
    assert check.findings[0].severity == severity
    assert end.date().isoformat() in check.findings[0].text
    assert check.failed == (severity == "error")


@pytest.mark.parametrize("odd", [None, True, "soon", "", [], {}, 1e30, -1e30, "99999-01-01"])
def test_an_odd_date_is_no_date(odd: object) -> None:
    """A server's odd field would end the command with a traceback."""
    with PersonalProvider(replace(PERSONALITIES["kokoro"], models=({"id": "kokoro", "shutdown_date": odd},))) as server:
        assert _checked(_file(server.url)).findings[0].severity == "ok"


def test_all_servers_are_asked_and_one_that_fails_hides_none() -> None:
    """An author with three servers would see the first fault only."""
    with ExitStack() as running:
        good = running.enter_context(PersonalProvider(PERSONALITIES["kokoro"])).url
        bad = running.enter_context(_server(_reply(500, b"{}")))
        checks = check_servers({"bad": _file(bad), "good": _file(good)}, os.environ, TODAY)
    assert [(check.provider, check.failed) for check in checks] == [("bad", True), ("good", False)]
    assert check_servers({}, os.environ, TODAY) == ()


# The list of ends, without a network


@pytest.mark.parametrize(
    ("url", "model", "end"),
    [
        ("https://api.openai.com/v1", "gpt-image-1", date(2026, 10, 23)),
        ("https://api.openai.com/v1", "gpt-image-1-mini", date(2026, 12, 1)),
        ("https://api.openai.com/v1", "gpt-5-mini", date(2026, 12, 11)),
        ("https://api.openai.com/v1", "gpt-5-mini-2025-08-07", date(2026, 12, 11)),
        ("https://eu.api.openai.com/v1", "tts-1-hd", date(2027, 1, 6)),
        ("https://openrouter.ai/api/v1", "openai/gpt-4o-mini-tts-2025-12-15", date(2027, 1, 6)),
        ("https://api.openai.com/v1", "gpt-6.1-terra", None),
        ("http://127.0.0.1:8880/v1", "tts-1", None),
        ("https://openrouter.ai/api/v1", "assemblyai/tts-1", None),
        ("https://notapi.openai.com.example.org/v1", "tts-1", None),
    ],
)
def test_ends_are_those_of_the_maker(url: str, model: str, end: date | None) -> None:
    """An author whose own server calls its model tts-1 would be told that it is gone."""
    found = RETIREMENTS.end_of(url, model)
    assert (found.shut_down if found else None) == end


@pytest.mark.parametrize(("days", "problems"), [(WARN_DAYS + 1, 0), (WARN_DAYS, 1), (1, 1), (0, 1), (-100, 1)])
def test_a_lesson_that_names_a_model_that_ends_has_a_warning(days: int, problems: int) -> None:
    """A course would stop in the middle of a term."""
    end = ModelRetirement(model="m", shut_down=TODAY + timedelta(days=days), successor="n")
    settings = resolved("standard", ("lesson file", {"speech": "trial, espeak"})).settings
    found = retirement_problems("a.json", settings, {("trial", "speech"): end, ("other", "speech"): end}, TODAY)
    assert len(found) == problems
    for problem in found:
        assert problem.severity == "warning"
        assert str(end.shut_down) in problem.message
        assert "Take n." in problem.remedy
    assert retirement_problems("a.json", resolved("standard").settings, {("trial", "speech"): end}, TODAY) == ()


def test_an_absent_list_is_empty_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    """An author would be left with a traceback of a parser."""
    assert read_retirements(tmp_path / "none.toml") == RetirementList()
    (tmp_path / "bad.toml").write_text('[[makers]]\nhost = "x"\n[makers.models.a]\nshut_down = "soon"\n')
    with pytest.raises(SettingInvalid, match=r"bad\.toml"):
        read_retirements(tmp_path / "bad.toml")


def test_the_list_has_key_price_and_end_of_each_model() -> None:
    """An author would not see which key is missing, or what a film will cost."""
    files = {
        "mine": _file("http://127.0.0.1:1/v1"),
        "bought": _file("https://api.openai.com/v1", speech={"model": "tts-1", "voices": []})
        .model_copy(update={"accounts": (_account("A_KEY"),)}),
    }  # fmt: skip
    prices = read_prices(DATA / "prices.toml")
    mine, bought = configured_models(files, prices, RETIREMENTS, {})
    assert (mine.key, mine.price, mine.retirement) == ("none needed", "unknown", None)
    assert (bought.key, bought.price, bought.prices_of) == ("missing", "15 USD a million characters", prices.date)
    assert bought.retirement is not None
    assert "A_KEY is not set" in bought.key_problem
    assert configured_models(files, prices, RETIREMENTS, {"A_KEY": "secret-key"})[1].key == "set"
    assert set(retirements_of(files, RETIREMENTS)) == {("bought", "speech")}


def _account(variable: str) -> Any:
    return ProviderFile.model_validate({"accounts": [{"key_variable": variable}]}).accounts[0]


def test_prices_are_in_words() -> None:
    """An author would have to read the price list to compare two providers."""
    assert price_in_words(Price(), "USD") == "free"
    tokens = Price.model_validate({"input_tokens_per_million": "1.00", "output_tokens_per_million": 5})
    assert price_in_words(tokens, "EUR") == "1 + 5 EUR a million tokens"
    pictures = Price.model_validate({"picture": {"low/a": "0.02", "high/a": "0.20"}})
    assert price_in_words(pictures, "USD") == "0.02 to 0.2 USD a picture"
    assert Prices().models == {}


_PROVIDER = """
url = "{url}"

[speech]
model = "{model}"
voices = [{{ id = "af_heart", language = "en" }}]
"""
_ENDS = """
[[makers]]
host = "127.0.0.1"

[makers.models.ended]
shut_down = 2020-01-01
successor = "kokoro"

[makers.models.kokoro]
shut_down = 2999-01-01
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A project of its own with a provider `trial`, and a lesson that it speaks; returns the lesson."""

    def made(url: str, model: str) -> Path:
        (tmp_path / "data" / "providers").mkdir(parents=True)
        (tmp_path / "data" / "providers" / "trial.toml").write_text(_PROVIDER.format(url=url, model=model))
        (tmp_path / "data" / "retirements.toml").write_text(_ENDS)
        for folder in ("presenters", "fonts"):
            (tmp_path / "data" / folder).symlink_to(DATA / folder)
        lesson = tmp_path / "data" / "lessons" / "a.json"
        lesson.parent.mkdir()
        lesson.write_text(
            json.dumps(
                {
                    "settings": {"speech": "trial, espeak"},
                    "sections": [{"content": "The gate opens the channel for us."}],
                }
            )
        )
        monkeypatch.setenv("LESSONREEL_ROOT", str(tmp_path))
        monkeypatch.setenv("LESSONREEL_STATE", str(tmp_path / "state"))
        return lesson

    return made


def test_the_command_lists_and_asks(project: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    """An author would not see that a server is down, nor a script by its exit code."""
    with PersonalProvider(PERSONALITIES["kokoro"]) as server:
        project(server.url, "kokoro")
        assert run_command_line(["providers"]) == 0
        listed = capsys.readouterr().out
        assert server.got == [], "without --check no server is asked"
        assert run_command_line(["providers", "trial", "--check", "--format", "json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert run_command_line(["providers", "tryal"]) == 2
        assert "trial" in capsys.readouterr().err
    assert "kokoro" in listed
    assert "2999-01-01" in listed
    assert "warning" not in listed
    (model,) = found["models"]
    assert (model["kind"], model["key"], model["retirement"]["has_ended"]) == ("speech", "none needed", False)
    assert [check["failed"] for check in found["checks"]] == [False]
    assert run_command_line(["providers", "--check"]) == 1
    assert "trial: error: GET /models fails" in capsys.readouterr().out


def test_check_warns_of_a_model_that_has_ended(
    project: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """An author would learn it from the first paid call that fails."""
    lesson = project("http://127.0.0.1:9/v1", "ended")
    assert run_command_line(["check", str(lesson)]) == 0
    told = capsys.readouterr().out
    assert "warning: The model ended was shut down on 2020-01-01 (speech by trial)" in told
    assert "Take kokoro." in told
    assert run_command_line(["providers"]) == 0
    assert "trial: warning: The model ended was shut down" in capsys.readouterr().out


def test_render_warns_of_a_model_that_has_ended(
    project: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """An author would wonder why the second voice of the chain speaks."""
    lesson = project("http://127.0.0.1:9/v1", "ended")
    paths = ProjectPaths(lesson.parents[2], lesson.parents[2] / "state")
    plan = plan_render(paths, [lesson], RenderOptions())
    assert len(plan.jobs) == 1
    assert "warning: The model ended was shut down on 2020-01-01" in capsys.readouterr().err


def test_the_shipped_files_are_read() -> None:
    """An author would copy an example with a mistake in it."""
    assert set(read_providers(DATA / "providers")) == {*PERSONALITIES, "local"}
