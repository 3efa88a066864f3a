"""Lip-sync engines that are services: a face and a sound by HTTP, a video back.

    http    POST of a form with the face, the sound and fields. The answer is the video, or JSON with its `url`, or JSON
            with a `status_url` that is polled until the job is done.
    cog     POST /predictions of a model packed with cog: inputs as data URIs, the output as a URL or a data URI.

A service may cost money. So its calls are paid calls like those of other providers: they are in the ledger, and the
responses are kept unchanged. A call that failed or broke off may still be running, or may have been billed. It is not
repeated, unless the service has returned a job: then that job is polled, also after a crash.

Does not belong here: the engine's file and the validation of videos (`video_assets/studio/lipsync`), or retries
(`video_assets/studio/calls`).
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from resources.key_redaction import Keys
from resources.key_source import key_from_variable
from resources.untrusted_responses import parse_untrusted_json, redacted, retry_after_seconds, without_secrets
from video_assets.studio.calls.attempt import Attempt, Response, RetryPolicy
from video_assets.studio.calls.context import CallContext
from video_assets.studio.calls.paid_responses import PaidRequest, get_or_call
from video_assets.studio.calls.pricing import BilledUsage
from video_assets.studio.calls.rate_limiter import Account
from video_assets.studio.calls.retry import RetryingCaller
from video_assets.studio.calls.slots import Slots
from video_assets.studio.core.errors import (
    InvalidResponse,
    JobLost,
    MediaError,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Unavailable,
)
from video_assets.studio.core.quantities import format_size
from video_assets.studio.core.values import canonical_json, digest_of
from video_assets.studio.lipsync.engine import LipEngine, LipJob, LipSession
from video_assets.studio.lipsync.engine_video import EngineVideo, accepted, write_engine_video
from video_assets.studio.lipsync.engines.engine_file import EngineFile, face_name, identity, sound_file
from video_assets.studio.presenter.provider import LipTrack, Tell
from video_assets.studio.storage.store import Scalar

if TYPE_CHECKING:
    import httpx2

_POLL_SECONDS = 1.0
_MAX_POLL_FAILURES = 5
"""After this many failures in a row to read a job's status, or its video, the attempt fails."""
_LOADING_SECONDS = 300.0
"""The time that a service may need to start, in addition to the time for the job."""
_REMEDY = "Look at the service's own log, and try it by hand with a short sound."
_DONE, _FAILED = {"succeeded", "done", "completed"}, {"failed", "canceled", "error"}


class HttpEngine(LipEngine):
    """Calls a service for each section, one at a time per slot."""

    def __init__(self, name: str, engine: EngineFile, table: Mapping[str, str]) -> None:
        self.name = name
        self._engine = engine
        self._table = dict(table)
        retry_policy = RetryPolicy(
            max_attempts=engine.tries,
            total_timeout_seconds=engine.timeout_seconds + _LOADING_SECONDS,
            attempt_timeout_seconds=engine.timeout_seconds,
            retry_on=(Unavailable,),
        )
        account = Account("main", engine.requests_per_minute)
        # A provider may have the same name; its state is another.
        version = digest_of(canonical_json(engine))
        warm = partial(_key, name, engine)
        self._caller = RetryingCaller(name, (account,), retry_policy, warm, state_name=f"lips-{name}", version=version)

    def identity(self) -> dict[str, str]:
        """See LipEngine. The service's address is not part of it, because it may change."""
        return identity(self.name, self._engine, self._table)

    def expects(self, milliseconds: int) -> PaidRequest:
        """See LipEngine."""
        return self._paid_request({}, milliseconds)

    @contextmanager
    def session(self, slots: Slots, tell: Tell) -> Iterator[LipSession]:
        """See LipEngine."""
        # Imported here: half a second is much for a lesson whose lips are all in the store.
        from resources.deadlines import bounded_client

        with bounded_client() as client:
            yield _HttpSession(self, client)

    def speak(self, job: LipJob, call_context: CallContext | None, client: httpx2.Client) -> LipTrack:
        """The lips of a sound, from an earlier paid response or from a call now. Raises StudioError."""
        sound = sound_file(self._engine, job)
        request = partial(_cog_request if self._engine.kind == "cog" else _form, self._engine, job, sound, self._table)
        conversation = _Conversation(self.name, self._engine, client, request)
        validated: list[tuple[EngineVideo, dict[str, Scalar]]] = []

        def validate(video: bytes) -> None:
            try:
                validated.append(accepted(self.name, video, job))
            except MediaError as error:
                raise InvalidResponse(error.message, remedy=error.remedy) from error

        parameters = {
            "face": sha256(job.face.file).hexdigest(),
            "sound": sha256(sound).hexdigest(),
            "frames": job.frames,
            "rate": str(job.rate),
        }
        paid_request = self._paid_request(parameters, -(-len(job.sound) * 1000 // job.rate_hz))
        response = get_or_call(
            paid_request,
            call_context,
            self._caller,
            lambda attempt: Response(conversation.video(attempt), paid_request.max_usage),
            validate,
        )
        video, facts = validated[-1] if validated else accepted(self.name, response.data, job)
        origin = {"device": self.name, "frames": job.frames, "seconds": conversation.seconds, "answers": response.id}
        return LipTrack(write_engine_video(video), {**origin, **facts})

    def _paid_request(self, parameters: Mapping[str, Any], milliseconds: int) -> PaidRequest:
        identity = {"provider": self.name, **self.identity()}
        return PaidRequest(
            "lips", self.name, self._engine.pool, identity, parameters, BilledUsage(sound_milliseconds=milliseconds)
        )


class _HttpSession(LipSession):
    def __init__(self, engine: HttpEngine, client: httpx2.Client) -> None:
        self._engine = engine
        self._client = client

    def speak(self, job: LipJob, call_context: CallContext | None = None) -> LipTrack:
        """See LipSession."""
        return self._engine.speak(job, call_context, self._client)


class _HttpResponse(NamedTuple):
    """The body of a response and its media type."""

    kind: str
    body: bytes


class _Conversation:
    """The exchange with a service for one section: a request, and polls of the job that it became."""

    def __init__(
        self, name: str, engine: EngineFile, client: httpx2.Client, request: Callable[[], Mapping[str, Any]]
    ) -> None:
        self._name = name
        self._engine = engine
        self._client = client
        self._request = request
        """Built only when it is sent, because most videos come from the store."""
        self.seconds = 0.0
        """The duration of the last attempt."""
        self._keys = Keys()

    def video(self, attempt: Attempt) -> bytes:
        """The video, unchanged."""
        self._keys = Keys([_key(self._name, self._engine)])
        started = time.monotonic()
        try:
            return self._video(attempt)
        finally:
            self.seconds = round(time.monotonic() - started, 3)

    def _video(self, attempt: Attempt) -> bytes:
        cog = self._engine.kind == "cog"
        address = urljoin(self._engine.url.rstrip("/") + "/", "predictions") if cog else self._engine.url
        if attempt.job:
            status_url = urljoin(address, attempt.job)
            answer = self._poll(attempt, status_url)
        else:
            status_url = ""
            answer = self._request_once(attempt, "POST", address, **self._request())
        while True:
            if not answer.kind.startswith("application/json"):
                return answer.body
            body = self._json(answer.body, polling=bool(status_url))
            status = str(body.get("status", "")).lower()
            if status in _FAILED:
                why = redacted(str(body.get("error", "no reason")), self._keys)
                raise Rejected(f"{self._name} gave up: {why}", remedy=_REMEDY)
            if video_url := _video_url(body):
                return self._video_at(attempt, video_url, address)
            status_url = self._job(attempt, body, address) or status_url
            if status in _DONE or not status_url:
                raise InvalidResponse(f"{self._name} answered without a video.", remedy=_REMEDY)
            self._wait(attempt)
            answer = self._poll(attempt, status_url)

    def _json(self, body: bytes, *, polling: bool) -> dict[str, Any]:
        """The JSON object in a response. If a poll cannot be read, the job is still considered to be running."""
        kind = OutcomeUnknown if polling else InvalidResponse
        try:
            value = parse_untrusted_json(body)
        except ValueError as error:
            raise kind(f"{self._name} answered with {error}.", remedy=_REMEDY) from error
        if not isinstance(value, dict):
            raise kind(f"{self._name} answered {type(value).__name__} instead of an object.", remedy=_REMEDY)
        return value

    def _job(self, attempt: Attempt, body: Mapping[str, Any], address: str) -> str:
        """The URL for polling the job; empty if there is none.

        It is recorded only if it is on the service's own host and has no query, which could hold a key.
        """
        urls = body.get("urls")
        place = body.get("status_url") or (urls.get("get") if isinstance(urls, dict) else None)
        if not place:
            return ""
        whole = self._join(address, str(place))
        parts = urlsplit(whole)
        if parts.netloc == urlsplit(address).netloc and not parts.query and parts.path != attempt.job:
            attempt.job_started(parts.path)
        return whole

    def _join(self, address: str, place: str) -> str:
        try:
            return urljoin(address, place)
        except ValueError as error:
            raise InvalidResponse(f"{self._name} returned an invalid address.", remedy=_REMEDY) from error

    def _wait(self, attempt: Attempt) -> None:
        if attempt.seconds_left <= _POLL_SECONDS:
            raise OutcomeUnknown(
                f"{self._name} was not done after {self._engine.timeout_seconds} s.",
                remedy="Raise timeout_seconds in its file, or look why it takes so long.",
            )
        if attempt.stopped.wait(_POLL_SECONDS):
            raise OutcomeUnknown(f"{self._name} is still at work.", remedy="The next run asks about it.")

    def _poll(self, attempt: Attempt, address: str) -> _HttpResponse:
        try:
            return self._get(attempt, address)
        except Rejected as error:
            raise JobLost(
                f"{self._name} knows nothing of the job that it had taken on ({error.message})",
                remedy="Try again.",
            ) from error

    def _video_at(self, attempt: Attempt, video_url: str, address: str) -> bytes:
        if not video_url.startswith("data:"):
            return self._download(attempt, self._join(address, video_url))
        try:
            video = base64.b64decode(video_url.partition(",")[2], validate=True)
        except ValueError as error:
            raise InvalidResponse(f"{self._name} answered with a video that is not base64.", remedy=_REMEDY) from error
        self._check_no_key(video, self._name)
        return video

    def _download(self, attempt: Attempt, address: str) -> bytes:
        try:
            return self._get(attempt, address).body
        except Rejected as error:
            missing = f"{self._name} named a video that is not there: {error.message}"
            raise InvalidResponse(missing, remedy=_REMEDY) from error

    def _get(self, attempt: Attempt, address: str) -> _HttpResponse:
        """The response to a GET, with some retries.

        A GET costs nothing, but a repeated POST does. So this never raises Unavailable, which would repeat the POST.
        """
        for _ in range(_MAX_POLL_FAILURES - 1):
            try:
                return self._get_once(attempt, address)
            except OutcomeUnknown:
                self._wait(attempt)
        return self._get_once(attempt, address)

    def _get_once(self, attempt: Attempt, address: str) -> _HttpResponse:
        try:
            answer = self._request_once(attempt, "GET", address)
        except Unavailable as error:
            raise OutcomeUnknown(error.message, remedy=error.remedy) from error
        if answer.kind.startswith("text/"):
            kind = redacted(answer.kind.partition(";")[0], self._keys)
            raise OutcomeUnknown(f"{self._name} answered with {kind}.", remedy=_REMEDY)
        return answer

    def _request_once(self, attempt: Attempt, method: str, address: str, **request: Any) -> _HttpResponse:
        import httpx2

        from resources.deadlines import deadline

        # The key is sent only to the service itself. The URLs in its responses may be on other hosts.
        same = urlsplit(address).netloc == urlsplit(self._engine.url).netloc
        key = _key(self._name, self._engine) if same else ""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        place = f"{self._name} ({urlsplit(address).hostname})"
        asking = self._client.stream(method, address, headers=headers, **request)
        try:
            with deadline(attempt.seconds_left, attempt.stopped), asking as answer:
                body = self._read(answer, place)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            missing = f"{place} is not there: {type(error).__name__}."
            raise Unavailable(missing, remedy="Start it, or correct its url.") from without_secrets(error, self._keys)
        except httpx2.InvalidURL as error:
            raise InvalidResponse(f"{self._name} returned an invalid address.", remedy=_REMEDY) from without_secrets(
                error, self._keys
            )
        except httpx2.HTTPError as error:
            unknown = f"{place} broke off: {type(error).__name__} after {self._engine.timeout_seconds} s at most."
            raise OutcomeUnknown(unknown, remedy=_REMEDY) from without_secrets(error, self._keys)
        if answer.status_code >= 300:
            raise _status_error(place, answer, redacted(body.decode("utf-8", "replace"), self._keys))
        self._check_no_key(body, place)
        return _HttpResponse(answer.headers.get("content-type", ""), body)

    def _check_no_key(self, body: bytes, place: str) -> None:
        """Responses are kept unchanged, so they must not contain the key."""
        if self._keys.occur_in(body):
            leaked = f"{place} repeated the API key in its answer, so the answer is not stored."
            raise InvalidResponse(leaked, remedy=_REMEDY)

    def _read(self, answer: httpx2.Response, place: str) -> bytes:
        body, largest = bytearray(), self._engine.largest_megabytes * 1_000_000
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > largest:
                raise InvalidResponse(f"{place} sent more than {format_size(largest)}.", remedy=_REMEDY)
        return bytes(body)


def _key(name: str, engine: EngineFile) -> str:
    """The key, looked up when it is needed; empty if the service needs none. Raises SettingInvalid."""
    return key_from_variable(name, engine.key_variable) if engine.key_variable else ""


def _form(engine: EngineFile, job: LipJob, sound: bytes, table: Mapping[str, str]) -> dict[str, Any]:
    face = face_name(job.face.file)
    return {
        "files": {engine.face_field: (face, job.face.file), engine.sound_field: ("sound.wav", sound)},
        "data": {name: _fill_in(value, job) for name, value in {**engine.fields, **table}.items()},
    }


def _cog_request(engine: EngineFile, job: LipJob, sound: bytes, table: Mapping[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {name: _fill_in(value, job) for name, value in {**engine.fields, **table}.items()}
    kind = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "mp4": "video/mp4"}
    face = _data_uri(job.face.file, kind[face_name(job.face.file).rpartition(".")[2]])
    sound_uri = _data_uri(sound, "audio/wav")
    return {"json": {"input": {**fields, engine.face_field: face, engine.sound_field: sound_uri}}}


def _data_uri(data: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _fill_in(text: str | float, job: LipJob) -> str | float:
    if not isinstance(text, str):
        return text
    return text.replace("{frames}", str(job.frames)).replace("{rate}", str(job.rate))


def _video_url(body: Mapping[str, Any]) -> str:
    """The URL of the video in a response (`url`, or cog's `output`); empty if there is none."""
    output = body.get("url") or body.get("output") or ""
    if isinstance(output, list):
        output = output[-1] if output else ""
    if isinstance(output, dict):
        output = next((value for value in output.values() if isinstance(value, str)), "")
    return str(output)


def _status_error(place: str, answer: httpx2.Response, message: str) -> ProviderError:
    status = answer.status_code
    if status in _NOT_STARTED:
        wait = retry_after_seconds(answer.headers)
        return Unavailable(
            f"{place} is busy ({status}): {message}", remedy="Try again later.", retry_after_seconds=wait
        )
    if status >= 500:
        return OutcomeUnknown(f"{place} failed ({status}): {message}", remedy=_REMEDY)
    return Rejected(f"{place} refused ({status}): {message}", remedy=_REMEDY)


_NOT_STARTED = frozenset({429, 503})
