"""Asks the servers of the provider files for their models and voices, and compares their responses with the files.

Each request is a GET that costs nothing, with a deadline. Nothing is retried: a person who looks at the list repeats
the command. Does not belong here: what the files say (`provider_list.py`), or paid calls (`video_assets/studio/calls`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import quote

from video_assets.studio.choices.retirement import ModelRetirement
from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.quantities import format_size
from video_assets.studio.core.values import FrozenModel

from .key_redaction import Keys
from .provider_file import NO_KEY, ProviderFile, key_of
from .retirements import models_of
from .untrusted_responses import parse_untrusted_json, redacted

if TYPE_CHECKING:
    import httpx2

DEADLINE_SECONDS = 10.0
_LARGEST_BYTES = 8_000_000
_ABSENT = frozenset({404, 405, 501})
"""The statuses of a server that has no such list."""
_MOST_NAMED = 8
_OK = 200
_WEIGHT = re.compile(r"\([\d.]+\)$")

Severity = Literal["ok", "note", "warning", "error"]


class ServerFinding(FrozenModel):
    """One thing that a server answered, or failed to."""

    severity: Severity
    text: str
    """A sentence without its full stop."""


class ServerCheck(FrozenModel):
    """What was found at the server of one provider."""

    provider: str
    server: str
    findings: tuple[ServerFinding, ...]

    @property
    def failed(self) -> bool:
        """Whether a call of this provider would fail."""
        return any(finding.severity == "error" for finding in self.findings)


def check_servers(
    files: Mapping[str, ProviderFile],
    environ: Mapping[str, str],
    today: date,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> tuple[ServerCheck, ...]:
    """Ask every server, all at the same time. A server that fails is a finding, never an exception."""
    if not files:
        return ()
    with ThreadPoolExecutor(len(files)) as pool:
        asked = [pool.submit(_check, name, file, environ, today, deadline_seconds) for name, file in files.items()]
        return tuple(each.result() for each in asked)


def _check(
    name: str, file: ProviderFile, environ: Mapping[str, str], today: date, deadline_seconds: float
) -> ServerCheck:
    findings: list[ServerFinding] = []
    for account in file.accounts:
        try:
            key = key_of(name, account, environ)
        except SettingInvalid as error:
            findings.append(ServerFinding(severity="error", text=str(error).rstrip(".")))
            continue
        server = _AskedServer(file.url.rstrip("/"), key, deadline_seconds)
        try:
            findings += _findings(server, file, today)
        except _UnusableListError as error:
            findings.append(ServerFinding(severity="error", text=error.args[0]))
    return ServerCheck(provider=name, server=file.url, findings=tuple(dict.fromkeys(findings)))


class _UnusableListError(Exception):
    """The server gave no answer that can be read. The message says what came back, and what to do."""


class _ListAnswer(NamedTuple):
    """The JSON of an answer; `status` is 200, or that of a server without such a list."""

    status: int
    value: Any


class _AskedServer:
    """One server with one key."""

    def __init__(self, url: str, key: str, deadline_seconds: float) -> None:
        self._url = url
        self._key = key
        self._deadline_seconds = deadline_seconds
        self._keys = Keys(() if key == NO_KEY else (key,))

    def shown(self, text: object) -> str:
        """A text of the server, safe to print."""
        return redacted(str(text), self._keys)

    def get(self, path: str) -> _ListAnswer:
        """The JSON at `path`. Raises _UnusableListError."""
        import httpx2

        from .deadlines import bounded_client, deadline

        headers = {} if self._key == NO_KEY else {"Authorization": f"Bearer {self._key}"}
        try:
            with (
                bounded_client() as client,
                deadline(self._deadline_seconds),
                client.stream("GET", f"{self._url}{path}", headers=headers) as response,
            ):
                return self._read(path, response)
        except httpx2.TimeoutException as error:
            raise _UnusableListError(
                f"GET {path} has no whole answer after {self._deadline_seconds:g} s. Look whether the server is busy"
            ) from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise _UnusableListError(
                f"GET {path} fails: {self.shown(error) or type(error).__name__}. Look whether the server runs, and at "
                f"`url` in the provider's file"
            ) from error

    def _read(self, path: str, response: httpx2.Response) -> _ListAnswer:
        status = response.status_code
        if status in _ABSENT:
            return _ListAnswer(status, None)
        if status in {401, 403}:
            remedy = "Name a key in the provider's file" if self._key == NO_KEY else "Look at the key"
            raise _UnusableListError(f"GET {path} is refused with {status}. {remedy}")
        if status != _OK:
            raise _UnusableListError(f"GET {path} is answered with status {status}. {_remedy_of(status)}")
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > _LARGEST_BYTES:
                raise _UnusableListError(f"GET {path} is answered with more than {format_size(_LARGEST_BYTES)}")
        media_type = str(response.headers.get("content-type", "nothing")).partition(";")[0]
        try:
            return _ListAnswer(status, parse_untrusted_json(body))
        except ValueError as error:
            what = str(error) if "json" in media_type else f"{self.shown(media_type)} instead of JSON"
            raise _UnusableListError(
                f"GET {path} is answered with {what}. Look at `url` in the provider's file: it usually ends in /v1"
            ) from error


def _remedy_of(status: int) -> str:
    if 300 <= status < 400:
        return "Redirects are not followed: write the address that it leads to"
    return "Try again later" if status == 429 or status >= 500 else "Look at `url` in the provider's file"


# What the answers say ------------------------------------------------------------------------------------------------


def _findings(server: _AskedServer, file: ProviderFile, today: date) -> Iterator[ServerFinding]:
    listed = _models(server, "/models")
    for kind, model in models_of(file):
        yield from _of_model(server, kind, model, listed, today)
    if file.speech is not None:
        wanted = tuple(voice.id for voice in file.speech.voices)
        yield from _of_voices(server, file.speech.model, wanted)


def _models(server: _AskedServer, path: str) -> Mapping[str, Mapping[str, Any]] | None:
    """The models that the server lists, by id; None if it has no list. Raises _UnusableListError."""
    answer = server.get(path)
    if answer.status in _ABSENT:
        return None
    entries = answer.value.get("data", answer.value.get("models")) if isinstance(answer.value, dict) else answer.value
    if not isinstance(entries, list):
        raise _UnusableListError(f"GET {path} is answered with JSON that is no list of models")
    named = (each if isinstance(each, dict) else {"id": each} for each in entries)
    return {name: each for each in named if isinstance(name := each.get("id", each.get("name")), str)}


def _of_model(
    server: _AskedServer, kind: str, model: str, listed: Mapping[str, Mapping[str, Any]] | None, today: date
) -> Iterator[ServerFinding]:
    if listed is not None and model not in listed and kind != "writing":
        listed = {**listed, **_models_of_gateway(server, {"speech": "speech", "pictures": "image"}[kind])}
    if not listed:
        what = "has no list of models" if listed is None else "lists no models"
        yield ServerFinding(
            severity="note", text=f"The server answers, and {what}: {model} for {kind} is not confirmed"
        )
        return
    if model not in listed:
        yield ServerFinding(
            severity="error",
            text=f"The server does not list the model {model} for {kind}. It has {_some(server, listed)}",
        )
        return
    shut_down = _day(listed[model].get("shutdown_date"))
    if shut_down is None:
        yield ServerFinding(severity="ok", text=f"The server has the model {model} for {kind}")
        return
    end = ModelRetirement(model=model, shut_down=shut_down)
    severity = "error" if end.has_ended(today) else "warning" if end.is_near(today) else "ok"
    yield ServerFinding(severity=severity, text=f"{end.message(today)}, says the server ({kind})")


def _models_of_gateway(server: _AskedServer, modality: str) -> Mapping[str, Mapping[str, Any]]:
    """The models with this output. A gateway lists those of speech and pictures only on request.

    The parameter is an extension. A server that refuses it has listed all its models already.
    """
    try:
        return _models(server, f"/models?output_modalities={modality}") or {}
    except _UnusableListError:
        return {}


def _day(value: object) -> date | None:
    """A day as servers write it: seconds since 1970, or a date with or without a time. None if it is neither."""
    try:
        if isinstance(value, str) and not value.isdigit():
            return date.fromisoformat(value[:10])
        if isinstance(value, (int, float, str)) and not isinstance(value, bool):
            return datetime.fromtimestamp(float(value), UTC).date()
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _of_voices(server: _AskedServer, model: str, wanted: tuple[str, ...]) -> Iterator[ServerFinding]:
    answer = server.get(f"/audio/voices?model={quote(model, safe='')}")
    if answer.status in _ABSENT:
        yield ServerFinding(severity="note", text="The server does not list its voices: they are not confirmed")
        return
    voices = frozenset(_voice_names(answer.value))
    if not voices:
        yield ServerFinding(severity="note", text="The server lists no voices: they are not confirmed")
        return
    lacking = [voice for voice in wanted if not _parts_of(voice) <= voices]
    if lacking:
        text = f"The server does not list the voice {', '.join(lacking)}. It has {_some(server, voices)}"
        yield ServerFinding(severity="error", text=text)
    else:
        yield ServerFinding(severity="ok", text=f"The server has all {len(wanted)} voices")


def _voice_names(value: object) -> Iterator[str]:
    """The voices in a list, or below `voices` or `data`: as names, or as objects with an id or a name."""
    entries = value.get("voices", value.get("data")) if isinstance(value, dict) else value
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, dict):
            yield from (name for key in ("id", "voice_id", "name") if isinstance(name := entry.get(key), str))


def _parts_of(voice: str) -> frozenset[str]:
    """The voices of a mixture such as `af_bella(2)+af_sky`, and of a plain voice itself."""
    return frozenset(_WEIGHT.sub("", part) for part in voice.split("+"))


def _some(server: _AskedServer, names: Mapping[str, Any] | frozenset[str]) -> str:
    listed = sorted(names)
    rest = f" and {len(listed) - _MOST_NAMED} more" if len(listed) > _MOST_NAMED else ""
    return f"{', '.join(server.shown(name) for name in listed[:_MOST_NAMED])}{rest}"
