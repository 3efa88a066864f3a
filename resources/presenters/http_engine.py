"""Lip-sync engines that are services: a face and a sound by HTTP, a video back.

    http    POST of a form with the face, the sound and fields. The answer is the video, or JSON with its `url`, or JSON
            with a `status_url` that is asked until the work is done.
    cog     POST /predictions of a model packed with cog: inputs as data URIs, the output as a URL or a data URI.

A service may cost money: it is called as any other provider is, noted before and after, and what it gave is kept as it
came. One that failed, or broke off, may be at work, or have been paid: it is not asked again, but where it told of a
job; then it is asked about that, also after a crash. Belongs here: asking. Does not belong here: what an engine's file
may hold, or judging what came back (`video_assets/studio/lipsync`), or who tries again (`video_assets/studio/calls`).
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

from resources.answers_of_others import read_json, redacted, retry_after_seconds, without_secrets
from resources.key_redaction import Keys
from resources.key_source import key_from_variable
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
from video_assets.studio.core.values import canonical_json, digest_of
from video_assets.studio.lipsync.engine import LipEngine, LipJob, LipSession
from video_assets.studio.lipsync.engine_video import EngineVideo, accepted, write_engine_video
from video_assets.studio.lipsync.engines.engine_file import EngineFile, face_name, identity, sound_file
from video_assets.studio.presenter.provider import LipTrack, Tell
from video_assets.studio.storage.store import Scalar

if TYPE_CHECKING:
    import httpx2

_POLL_SECONDS = 1.0
_LOOKS = 5
"""At how a job is, or for its video, that fail one after the other until the try is given up."""
_LOADING_SECONDS = 300.0
"""What a service may need until it takes work, beside the time for the work."""
_REMEDY = "Look at the service's own log, and try it by hand with a short sound."
_DONE, _FAILED = {"succeeded", "done", "completed"}, {"failed", "canceled", "error"}


class HttpEngine(LipEngine):
    """Asks a service for each section, one at a time per slot."""

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
        # A provider may have the same name, and be out while this one works.
        version = digest_of(canonical_json(engine))
        warm = partial(_key, name, engine)
        self._caller = RetryingCaller(name, (account,), retry_policy, warm, state_name=f"lips-{name}", version=version)

    def identity(self) -> dict[str, str]:
        """See LipEngine. Where the service listens is left out: it may move."""
        return identity(self.name, self._engine, self._table)

    def expects(self, milliseconds: int) -> PaidRequest:
        """See LipEngine."""
        return self._paid_request({}, milliseconds)

    @contextmanager
    def session(self, slots: Slots, tell: Tell) -> Iterator[LipSession]:
        """See LipEngine."""
        # Here, as half a second of loading is much for a lesson whose lips are all there.
        from resources.deadlines import bounded_client

        with bounded_client() as client:
            yield _HttpSession(self, client)

    def speak(self, job: LipJob, call_context: CallContext | None, client: httpx2.Client) -> LipTrack:
        """The lips of a sound: what was bought before, or what the service gives now. Raises StudioError."""
        sound = sound_file(self._engine, job)
        request = partial(_cog_request if self._engine.kind == "cog" else _form, self._engine, job, sound, self._table)
        call = _Conversation(self.name, self._engine, client, request)
        judged: list[tuple[EngineVideo, dict[str, Scalar]]] = []

        def judge(video: bytes) -> None:
            try:
                judged.append(accepted(self.name, video, job))
            except MediaError as error:
                raise InvalidResponse(error.message, remedy=error.remedy) from error

        said = {
            "face": sha256(job.face.file).hexdigest(),
            "sound": sha256(sound).hexdigest(),
            "frames": job.frames,
            "rate": str(job.rate),
        }
        paid_request = self._paid_request(said, -(-len(job.sound) * 1000 // job.rate_hz))
        bought = get_or_call(
            paid_request,
            call_context,
            self._caller,
            lambda attempt: Response(call.video(attempt), paid_request.max_cost),
            judge,
        )
        footage, facts = judged[-1] if judged else accepted(self.name, bought.data, job)
        told = {"device": self.name, "frames": job.frames, "seconds": call.seconds, "answers": bought.id}
        return LipTrack(write_engine_video(footage), {**told, **facts})

    def _paid_request(self, said: Mapping[str, Any], milliseconds: int) -> PaidRequest:
        asked = {"provider": self.name, **self.identity()}
        return PaidRequest(
            "lips", self.name, self._engine.pool, asked, said, BilledUsage(sound_milliseconds=milliseconds)
        )


class _HttpSession(LipSession):
    def __init__(self, engine: HttpEngine, client: httpx2.Client) -> None:
        self._engine = engine
        self._client = client

    def speak(self, job: LipJob, call_context: CallContext | None = None) -> LipTrack:
        """See LipSession."""
        return self._engine.speak(job, call_context, self._client)


class _Told(NamedTuple):
    """What came back: the body and its media type."""

    kind: str
    body: bytes


class _Conversation:
    """One section's way through a service: a request, and questions about the job that it became."""

    def __init__(
        self, name: str, engine: EngineFile, client: httpx2.Client, request: Callable[[], Mapping[str, Any]]
    ) -> None:
        self._name = name
        self._engine = engine
        self._client = client
        self._request = request
        """Made when it is sent: of most sounds the video is there."""
        self.seconds = 0.0
        """What the newest try took."""
        self._keys = Keys()

    def video(self, attempt: Attempt) -> bytes:
        """The video as the service gave it."""
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
            again = urljoin(address, attempt.job)
            answer = self._asked_about(attempt, again)
        else:
            again = ""
            answer = self._asked(attempt, "POST", address, **self._request())
        while True:
            if not answer.kind.startswith("application/json"):
                return answer.body
            told = self._json(answer.body, looking=bool(again))
            status = str(told.get("status", "")).lower()
            if status in _FAILED:
                why = redacted(str(told.get("error", "no reason")), self._keys)
                raise Rejected(f"{self._name} gave up: {why}", remedy=_REMEDY)
            if found := _found(told):
                return self._fetched(attempt, found, address)
            again = self._job(attempt, told, address) or again
            if status in _DONE or not again:
                raise InvalidResponse(f"{self._name} answered without a video.", remedy=_REMEDY)
            self._wait(attempt)
            answer = self._asked_about(attempt, again)

    def _json(self, body: bytes, *, looking: bool) -> dict[str, Any]:
        """The object that came. One that cannot be read says nothing of a job, which goes on all the same."""
        kind = OutcomeUnknown if looking else InvalidResponse
        try:
            told = read_json(body)
        except ValueError as error:
            raise kind(f"{self._name} answered with {error}.", remedy=_REMEDY) from error
        if not isinstance(told, dict):
            raise kind(f"{self._name} answered {type(told).__name__} instead of an object.", remedy=_REMEDY)
        return told

    def _job(self, attempt: Attempt, told: Mapping[str, Any], address: str) -> str:
        """Where to ask about the job, and noted if it may be: no key in it, and nobody else's."""
        urls = told.get("urls")
        place = told.get("status_url") or (urls.get("get") if isinstance(urls, dict) else None)
        if not place:
            return ""
        whole = self._joined(address, str(place))
        parts = urlsplit(whole)
        if parts.netloc == urlsplit(address).netloc and not parts.query and parts.path != attempt.job:
            attempt.job_started(parts.path)
        return whole

    def _joined(self, address: str, place: str) -> str:
        try:
            return urljoin(address, place)
        except ValueError as error:
            raise InvalidResponse(f"{self._name} named an address that is none.", remedy=_REMEDY) from error

    def _wait(self, attempt: Attempt) -> None:
        if attempt.seconds_left <= _POLL_SECONDS:
            raise OutcomeUnknown(
                f"{self._name} was not done after {self._engine.timeout_seconds} s.",
                remedy="Raise timeout_seconds in its file, or look why it takes so long.",
            )
        if attempt.stopped.wait(_POLL_SECONDS):
            raise OutcomeUnknown(f"{self._name} is still at work.", remedy="The next run asks about it.")

    def _asked_about(self, attempt: Attempt, address: str) -> _Told:
        try:
            return self._got(attempt, address)
        except Rejected as error:
            raise JobLost(
                f"{self._name} knows nothing of the job that it had taken on ({error.message})", remedy="Try again."
            ) from error

    def _fetched(self, attempt: Attempt, found: str, address: str) -> bytes:
        if not found.startswith("data:"):
            return self._downloaded(attempt, self._joined(address, found))
        try:
            video = base64.b64decode(found.partition(",")[2], validate=True)
        except ValueError as error:
            raise InvalidResponse(f"{self._name} answered with a video that is no base64.", remedy=_REMEDY) from error
        self._check_no_key(video, self._name)
        return video

    def _downloaded(self, attempt: Attempt, address: str) -> bytes:
        try:
            return self._got(attempt, address).body
        except Rejected as error:
            missing = f"{self._name} named a video that is not there: {error.message}"
            raise InvalidResponse(missing, remedy=_REMEDY) from error

    def _got(self, attempt: Attempt, address: str) -> _Told:
        """What is there. To look again costs nothing, but asking for the work again does: so nothing here is Busy."""
        for _ in range(_LOOKS - 1):
            try:
                return self._looked(attempt, address)
            except OutcomeUnknown:
                self._wait(attempt)
        return self._looked(attempt, address)

    def _looked(self, attempt: Attempt, address: str) -> _Told:
        try:
            answer = self._asked(attempt, "GET", address)
        except Unavailable as error:
            raise OutcomeUnknown(error.message, remedy=error.remedy) from error
        if answer.kind.startswith("text/"):
            kind = redacted(answer.kind.partition(";")[0], self._keys)
            raise OutcomeUnknown(f"{self._name} answered with {kind}.", remedy=_REMEDY)
        return answer

    def _asked(self, attempt: Attempt, method: str, address: str, **request: Any) -> _Told:
        import httpx2

        from resources.deadlines import deadline

        # Only the service itself is shown the key: what it answers may lie elsewhere.
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
            raise Unavailable(missing, remedy="Start it, or mend its url.") from without_secrets(error, self._keys)
        except httpx2.InvalidURL as error:
            raise InvalidResponse(f"{self._name} named an address that is none.", remedy=_REMEDY) from without_secrets(
                error, self._keys
            )
        except httpx2.HTTPError as error:
            unknown = f"{place} broke off: {type(error).__name__} after {self._engine.timeout_seconds} s at most."
            raise OutcomeUnknown(unknown, remedy=_REMEDY) from without_secrets(error, self._keys)
        if answer.status_code >= 300:
            raise _refused(place, answer, redacted(body.decode("utf-8", "replace"), self._keys))
        self._check_no_key(body, place)
        return _Told(answer.headers.get("content-type", ""), body)

    def _check_no_key(self, body: bytes, place: str) -> None:
        """Answers are kept as they came."""
        if self._keys.occur_in(body):
            said_back = f"{place} answered with its own key, so that the answer is not kept."
            raise InvalidResponse(said_back, remedy=_REMEDY)

    def _read(self, answer: httpx2.Response, place: str) -> bytes:
        body, largest = bytearray(), self._engine.largest_megabytes * 1_000_000
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > largest:
                raise InvalidResponse(f"{place} sent more than {self._engine.largest_megabytes} MB.", remedy=_REMEDY)
        return bytes(body)


def _key(name: str, engine: EngineFile) -> str:
    """The key, looked up when it is needed; empty where the service wants none. Raises SettingInvalid."""
    return key_from_variable(name, engine.key_variable) if engine.key_variable else ""


def _form(engine: EngineFile, job: LipJob, sound: bytes, table: Mapping[str, str]) -> dict[str, Any]:
    face = face_name(job.face.file)
    return {
        "files": {engine.face_field: (face, job.face.file), engine.sound_field: ("sound.wav", sound)},
        "data": {name: _filled(value, job) for name, value in {**engine.fields, **table}.items()},
    }


def _cog_request(engine: EngineFile, job: LipJob, sound: bytes, table: Mapping[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {name: _filled(value, job) for name, value in {**engine.fields, **table}.items()}
    kind = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "mp4": "video/mp4"}
    face = _data_uri(job.face.file, kind[face_name(job.face.file).rpartition(".")[2]])
    said = _data_uri(sound, "audio/wav")
    return {"json": {"input": {**fields, engine.face_field: face, engine.sound_field: said}}}


def _data_uri(data: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _filled(text: str | float, job: LipJob) -> str | float:
    if not isinstance(text, str):
        return text
    return text.replace("{frames}", str(job.frames)).replace("{rate}", str(job.rate))


def _found(told: Mapping[str, Any]) -> str:
    """Where the video is, if the answer says so: `url`, or cog's `output`."""
    output = told.get("url") or told.get("output") or ""
    if isinstance(output, list):
        output = output[-1] if output else ""
    if isinstance(output, dict):
        output = next((value for value in output.values() if isinstance(value, str)), "")
    return str(output)


def _refused(place: str, answer: httpx2.Response, said: str) -> ProviderError:
    status = answer.status_code
    if status in _NOT_BEGUN:
        wait = retry_after_seconds(answer.headers)
        return Unavailable(f"{place} is busy ({status}): {said}", remedy="Try again later.", retry_after_seconds=wait)
    if status >= 500:
        return OutcomeUnknown(f"{place} failed ({status}): {said}", remedy=_REMEDY)
    return Rejected(f"{place} refused ({status}): {said}", remedy=_REMEDY)


_NOT_BEGUN = frozenset({429, 503})
