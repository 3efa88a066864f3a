"""Lip-sync engines that are services: a face and a sound by HTTP, a video back.

    http    POST of a form with the face, the sound and fields. The answer is the video, or JSON with its `url`, or JSON
            with a `status_url` that is asked until the work is done.
    cog     POST /predictions of a model packed with cog: inputs as data URIs, the output as a URL or a data URI.

Belongs here: asking. Does not belong here: what an engine's file may hold, or judging what came back
(`video_assets/studio/lipsync`).
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from video_assets.studio.calls import Slots
from video_assets.studio.errors import Busy, MediaError, OutcomeUnknown, ProviderError, Rejected, SettingInvalid
from video_assets.studio.lipsync.engine import LipEngine, LipJob, LipSession
from video_assets.studio.lipsync.engine_file import EngineFile, face_name, identity, sound_file
from video_assets.studio.lipsync.footage import accepted, write_footage
from video_assets.studio.presenter import Lips, Tell

_ATTEMPTS = 3
_FIRST_WAIT_SECONDS, _POLL_SECONDS = 0.5, 1.0
_REMEDY = "Look at the service's own log, and try it by hand with a short sound."
_DONE, _FAILED = {"succeeded", "done", "completed"}, {"failed", "canceled", "error"}


class HttpEngine(LipEngine):
    """Asks a service for each section, one at a time per slot."""

    def __init__(self, name: str, engine: EngineFile, table: Mapping[str, str]) -> None:
        self.name = name
        self._engine = engine
        self._table = dict(table)

    def identity(self) -> dict[str, str]:
        """See LipEngine. Where the service listens is left out: it may move."""
        return identity(self.name, self._engine, self._table)

    @contextmanager
    def session(self, slots: Slots, tell: Tell) -> Iterator[LipSession]:
        """See LipEngine."""
        with httpx.Client(timeout=httpx.Timeout(self._engine.timeout_seconds, connect=10)) as client:
            yield _Session(self.name, self._engine, self._table, slots, client)


class _Session(LipSession):
    def __init__(
        self, name: str, engine: EngineFile, table: Mapping[str, str], slots: Slots, client: httpx.Client
    ) -> None:
        self._name = name
        self._engine = engine
        self._table = table
        self._slots = slots
        self._client = client

    def speak(self, job: LipJob) -> Lips:
        """See LipSession."""
        with self._slots.slot(self._engine.pool, f"{self._name} {job.seed[:16]}"):
            started = time.monotonic()
            video = _Call(self._name, self._engine, self._client).video(job, self._table)
            seconds = time.monotonic() - started
        footage, facts = accepted(self._name, video, job)
        return Lips(write_footage(footage), {"device": self._name, "frames": job.frames, "seconds": seconds, **facts})


class _Call:
    """One section's way through a service, with one deadline over all its requests."""

    def __init__(self, name: str, engine: EngineFile, client: httpx.Client) -> None:
        self._name = name
        self._engine = engine
        self._client = client
        self._due = time.monotonic() + engine.timeout_seconds

    def video(self, job: LipJob, table: Mapping[str, str]) -> bytes:
        """The video as the service gave it."""
        cog = self._engine.kind == "cog"
        request = _cog_request(self._engine, job, table) if cog else _form(self._engine, job, table)
        address = urljoin(self._engine.url + "/", "predictions") if cog else self._engine.url
        answer = self._asked("POST", address, **request)
        for _ in range(100_000):
            if not answer.headers.get("content-type", "").startswith("application/json"):
                return answer.content
            told = _json(self._name, answer)
            status = str(told.get("status", "")).lower()
            if status in _FAILED:
                raise Rejected(f"{self._name} gave up: {str(told.get('error', 'no reason'))[:200]}.", remedy=_REMEDY)
            if found := _found(told):
                return self._fetched(found, address)
            again = told.get("status_url") or (told.get("urls") or {}).get("get")
            if status in _DONE or not again:
                raise MediaError(f"{self._name} answered without a video.", remedy=_REMEDY)
            time.sleep(min(_POLL_SECONDS, self._left()))
            answer = self._asked("GET", urljoin(address, str(again)))
        raise OutcomeUnknown(f"{self._name} never came to an end.", remedy=_REMEDY)

    def _fetched(self, found: str, address: str) -> bytes:
        if found.startswith("data:"):
            return base64.b64decode(found.partition(",")[2])
        return self._asked("GET", urljoin(address, found)).content

    def _asked(self, method: str, address: str, **request: Any) -> httpx.Response:
        """An answer. What was surely not begun is asked again; what may have been is not."""
        wait = _FIRST_WAIT_SECONDS
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._answered(method, address, request)
            except Busy:
                if attempt == _ATTEMPTS or self._left() < wait:
                    raise
            time.sleep(wait)
            wait *= 2
        raise AssertionError

    def _answered(self, method: str, address: str, request: Mapping[str, Any]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._key()}"} if self._engine.key_variable else {}
        # Only the service itself is shown the key: what it answers may lie elsewhere.
        same = urlsplit(address).netloc == urlsplit(self._engine.url).netloc
        place = f"{self._name} ({urlsplit(address).hostname})"
        try:
            with self._client.stream(
                method, address, headers=headers if same else {}, timeout=self._left(), **request
            ) as answer:
                body = self._read(answer, place)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Busy(f"{place} is not there: {type(error).__name__}.", remedy="Start it, or mend its url.") from error
        except httpx.HTTPError as error:
            unknown = f"{place} broke off: {type(error).__name__} after {self._engine.timeout_seconds} s at most."
            raise OutcomeUnknown(unknown, remedy=_REMEDY) from error
        if answer.status_code >= 400:
            raise _refused(place, answer.status_code, body)
        return httpx.Response(
            answer.status_code, headers={"content-type": answer.headers.get("content-type", "")}, content=body
        )

    def _read(self, answer: httpx.Response, place: str) -> bytes:
        body, largest = bytearray(), self._engine.largest_megabytes * 1_000_000
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > largest:
                raise MediaError(f"{place} sent more than {self._engine.largest_megabytes} MB.", remedy=_REMEDY)
            self._left()
        return bytes(body)

    def _left(self) -> float:
        left = self._due - time.monotonic()
        if left <= 0:
            raise OutcomeUnknown(
                f"{self._name} was not done after {self._engine.timeout_seconds} s.",
                remedy="Raise timeout_seconds in its file, or look why it takes so long.",
            )
        return left

    def _key(self) -> str:
        key = os.environ.get(self._engine.key_variable, "")
        if not key:
            raise SettingInvalid(
                f"{self._name} wants a key, and {self._engine.key_variable} is not set.", remedy="Set it and try again."
            )
        return key


def _form(engine: EngineFile, job: LipJob, table: Mapping[str, str]) -> dict[str, Any]:
    face = face_name(job.face.file)
    return {
        "files": {engine.face_field: (face, job.face.file), engine.sound_field: ("sound.wav", sound_file(engine, job))},
        "data": {name: _filled(value, job) for name, value in {**engine.fields, **table}.items()},
    }


def _cog_request(engine: EngineFile, job: LipJob, table: Mapping[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {name: _filled(value, job) for name, value in {**engine.fields, **table}.items()}
    kind = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "mp4": "video/mp4"}
    face = _data_uri(job.face.file, kind[face_name(job.face.file).rpartition(".")[2]])
    sound = _data_uri(sound_file(engine, job), "audio/wav")
    return {"json": {"input": {**fields, engine.face_field: face, engine.sound_field: sound}}}


def _data_uri(data: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _filled(text: str | float, job: LipJob) -> str | float:
    if not isinstance(text, str):
        return text
    return text.replace("{frames}", str(job.frames)).replace("{rate}", str(job.rate))


def _json(name: str, answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError as error:
        raise MediaError(f"{name} answered JSON that cannot be read.", remedy=_REMEDY) from error
    if not isinstance(told, dict):
        raise MediaError(f"{name} answered {type(told).__name__} instead of an object.", remedy=_REMEDY)
    return told


def _found(told: Mapping[str, Any]) -> str:
    """Where the video is, if the answer says so: `url`, or cog's `output`."""
    output = told.get("url") or told.get("output") or ""
    if isinstance(output, list):
        output = output[-1] if output else ""
    if isinstance(output, dict):
        output = next((value for value in output.values() if isinstance(value, str)), "")
    return str(output)


def _refused(place: str, status: int, body: bytes) -> ProviderError:
    said = " ".join(body[:200].decode("utf-8", "replace").split())
    if status in {429, 503}:
        return Busy(f"{place} is busy ({status}): {said}", remedy="Try again later.")
    if status >= 500:
        return OutcomeUnknown(f"{place} failed ({status}): {said}", remedy=_REMEDY)
    return Rejected(f"{place} refused ({status}): {said}", remedy=_REMEDY)
