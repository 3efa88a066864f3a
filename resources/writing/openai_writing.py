"""Texts by OpenAI and by servers that speak its API: the Responses API, or chat completions, with a JSON schema.

With `background` a text is a job of the provider. Its id is in the ledger before the response arrives, so that after a
crash the job is polled and no second text is paid for.

Does not belong here: prompts and the validation of texts (`studio/writing/provider.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resources.openai_client import OpenAIClient
from resources.provider_file import WritingSection as WritingFile
from resources.untrusted_responses import error_in
from video_assets.studio.calls.attempt import Attempt, Response
from video_assets.studio.calls.context import CallContext
from video_assets.studio.calls.paid_responses import PaidRequest, get_or_call
from video_assets.studio.calls.pricing import BilledUsage
from video_assets.studio.core.errors import (
    ContentRefused,
    InvalidResponse,
    JobLost,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    UnsuitedResponse,
)
from video_assets.studio.writing.provider import (
    OutlineText,
    SectionText,
    Text,
    WritingProvider,
    WritingRequest,
    read_text,
)

from .found_json import find_json_object, shape_of
from .sayable import speech_fault

_POLL_SECONDS = 1.0
_MAX_TOKENS = 100_000_000
_MAX_TEXT_BYTES = 4_000_000
"""An outline of a hundred sections has 30 kB."""
_RUNNING = frozenset({"queued", "in_progress"})


class OpenAIWriting(WritingProvider):
    """Writes through one provider's `/responses` or `/chat/completions`. Safe to use from several threads."""

    def __init__(self, client: OpenAIClient, file: WritingFile) -> None:
        self.name = client.name
        self.at_once = client.file.at_once
        self._client = client
        self._file = file

    def paid_request(self, request: WritingRequest) -> PaidRequest:
        """See WritingProvider. Neither the API nor the call context is part of it."""
        max_cost = BilledUsage(
            input_tokens=(len(request.instructions) + len(request.text)) // 2 + 500,
            output_tokens=self._file.most_output_tokens,
        )
        identity = {"provider": self.name, "model": self._file.model, **self._file.extra_identity}
        return PaidRequest(
            "writing", self._file.model, self.name, identity, {"kind": request.name, **request.key}, max_cost
        )

    def write(self, request: WritingRequest, kind: type[Text], call_context: CallContext | None = None) -> Text:
        """See WritingProvider."""
        send = self._respond if self._file.api == "responses" else self._chat
        tries = _WritingTries(self.name, request)

        def send_amended(attempt: Attempt) -> Response[bytes]:
            try:
                return send(attempt, request.after_faults(tries.faults), call_context)
            except _TextWithoutObject as error:
                raise tries.without_object(error.shape) from error

        def validate(data: bytes) -> None:
            tries.check_sayable(read_text(data, kind, self.name))

        response = get_or_call(self.paid_request(request), call_context, self._client.caller, send_amended, validate)
        text = read_text(response.data, kind, self.name)
        if (fault := tries.fault_of(text)) is not None:
            raise tries.unsayable(fault)
        return text

    def _chat(self, attempt: Attempt, request: WritingRequest, _: CallContext | None) -> Response[bytes]:
        schema = {"name": request.name, "schema": dict(request.schema), "strict": True}
        response_format: Any = {"type": "json_schema", "json_schema": schema}
        messages: Any = [
            {"role": "system", "content": request.instructions},
            {"role": "user", "content": request.text},
        ]
        body = self._client.json(
            attempt,
            lambda client: client.chat.completions.with_streaming_response.create(
                model=self._file.model,
                messages=messages,
                response_format=response_format,
                max_completion_tokens=self._file.most_output_tokens,
                extra_body=self._file.extra or None,
            ),
            largest_bytes=_MAX_TEXT_BYTES,
        )
        choices = body.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else {}
        message = first.get("message") if isinstance(first, dict) else None
        if not isinstance(message, dict):
            raise self._client.unusable("JSON without a message in it")
        if message.get("refusal"):
            raise self._refused(str(message["refusal"]))
        # Servers have many words for a text that is whole. Those for a cut one are few.
        reason = str(first.get("finish_reason") or "").casefold()
        if reason in {"length", "max_tokens"}:
            raise self._client.unusable(f"a text that is cut ({reason})")
        if reason == "content_filter":
            raise self._refused("its filter stopped the text")
        return self._response(_plain_text(message.get("content")), body, ("prompt_tokens", "completion_tokens"))

    def _respond(self, attempt: Attempt, request: WritingRequest, call_context: CallContext | None) -> Response[bytes]:
        body = self._poll(attempt, attempt.job) if attempt.job else self._start(attempt, request)
        while str(body.get("status")) in _RUNNING:
            if attempt.seconds_left <= _POLL_SECONDS:
                raise OutcomeUnknown(f"{self.name} was still at work at the deadline.", remedy="Try again later.")
            if call_context is not None and call_context.services.stopped.wait(_POLL_SECONDS):
                raise OutcomeUnknown(f"{self.name} is still at work.", remedy="The next run asks for its answer.")
            body = self._poll(attempt, str(body.get("id")))
        if body.get("status") == "incomplete":
            raise self._client.unusable("a text that is cut")
        if body.get("status") != "completed":
            error = error_in(body)
            why = f": {error.message}" if error else ""
            raise self._client.unusable(f"a text that is {body.get('status', 'nothing')}{why}")
        return self._response(self._text(body), body, ("input_tokens", "output_tokens"))

    def _start(self, attempt: Attempt, request: WritingRequest) -> dict[str, Any]:
        form: Any = {
            "format": {"type": "json_schema", "name": request.name, "schema": dict(request.schema), "strict": True}
        }
        job: Any = {"background": True, "store": True} if self._file.background else {"store": False}
        body = self._client.json(
            attempt,
            lambda client: client.responses.with_streaming_response.create(
                model=self._file.model,
                instructions=request.instructions,
                input=request.text,
                text=form,
                max_output_tokens=self._file.most_output_tokens,
                extra_body=self._file.extra or None,
                **job,
            ),
            largest_bytes=_MAX_TEXT_BYTES,
        )
        if str(body.get("status")) in _RUNNING and body.get("id"):
            attempt.job_started(str(body["id"]))
        return body

    def _poll(self, attempt: Attempt, job: str) -> dict[str, Any]:
        """The state of a job. Raises JobLost if the provider does not know it; the next attempt then starts another."""
        try:
            return self._client.json(
                attempt,
                lambda client: client.responses.with_streaming_response.retrieve(job),
                largest_bytes=_MAX_TEXT_BYTES,
            )
        except Rejected as error:
            lost = f"{self.name} knows nothing of the job that it had taken on ({error.message})."
            raise JobLost(lost, remedy="Try again.") from error
        except InvalidResponse as error:
            # A proxy may have answered instead of the provider, so the job may still be running.
            raise OutcomeUnknown(error.message, remedy=error.remedy) from error

    def _text(self, body: dict[str, Any]) -> str | None:
        for item in _objects(body.get("output")):
            for part in _objects(item.get("content")):
                if part.get("type") == "refusal":
                    raise self._refused(str(part.get("refusal", "")))
                if part.get("type") == "output_text":
                    return str(part.get("text"))
        return None

    def _response(self, text: object, body: dict[str, Any], names: tuple[str, str]) -> Response[bytes]:
        if not isinstance(text, str) or not text.strip():
            raise self._client.unusable("no text at all")
        found = find_json_object(text)
        if found is None:
            raise _TextWithoutObject(shape_of(text))
        text = found
        self._client.check_no_key(text.encode("utf-8", "surrogatepass"))
        usage = body.get("usage")
        used = [_count(usage.get(name)) if isinstance(usage, dict) else 0 for name in names]
        return Response(text.encode("utf-8", "replace"), BilledUsage(input_tokens=used[0], output_tokens=used[1]))

    def _refused(self, message: str) -> ContentRefused:
        why = self._client.without_keys(message)[:200]
        return ContentRefused(f"{self.name} will not write this: {why}", remedy="Change the topic or the notes.")


class _TextWithoutObject(Exception):
    """A text in which no JSON object is found."""

    def __init__(self, shape: str) -> None:
        super().__init__(shape)
        self.shape = shape


class _WritingTries:
    """What was wrong with the responses to one request. They are billed, so a repeated fault ends the request."""

    def __init__(self, provider: str, request: WritingRequest) -> None:
        self.faults: list[str] = []
        """Why earlier narrations cannot be spoken. The next attempt names them."""
        self._shapes: list[str] = []
        self._provider = provider
        self._request = request

    def without_object(self, shape: str) -> ProviderError:
        """The error for a text without a JSON object. The second of one shape is the last: the model writes so."""
        message = f"{self._provider} answered with {shape}."
        again = shape in self._shapes
        self._shapes.append(shape)
        if not again:
            return InvalidResponse(message, remedy="Try again later, or another provider.")
        return UnsuitedResponse(
            f"{message} It did so before, so it is not requested again.",
            remedy="Choose a model that writes JSON to a schema, or raise most_output_tokens if it was cut.",
        )

    def fault_of(self, text: OutlineText | SectionText) -> str | None:
        """Why the text cannot be spoken; None if it can be, or is not spoken."""
        if self._request.spoken is None or not isinstance(text, SectionText):
            return None
        return speech_fault(text.narration, self._request.spoken) or None

    def check_sayable(self, text: OutlineText | SectionText) -> None:
        """Raise InvalidResponse for a text that cannot be spoken; UnsuitedResponse for the last that is paid for."""
        fault = self.fault_of(text)
        if fault is None:
            return
        self.faults.append(fault)
        if len(self.faults) >= _MOST_UNSAYABLE:
            raise self.unsayable(fault)
        raise InvalidResponse(
            f"{self._provider} wrote what cannot be spoken: {fault}",
            remedy="It is requested again, with the reason.",
        )

    def unsayable(self, fault: str) -> UnsuitedResponse:
        """The error for a narration that cannot be spoken, with what the author can do."""
        return UnsuitedResponse(
            f"{self._provider} wrote what cannot be spoken: {fault}",
            remedy='Say in the `notes` what to leave out, write the section\'s "content" yourself, or give the word in '
            "the lesson's `pronunciations`.",
        )


_MOST_UNSAYABLE = 3
"""Responses to one request that are paid for although they cannot be spoken."""


def _objects(listed: object) -> Iterator[dict[str, Any]]:
    """The objects of a list, if it is one."""
    return (each for each in listed if isinstance(each, dict)) if isinstance(listed, list) else iter(())


def _plain_text(content: object) -> object:
    """The text of a message: servers send it as a text, or as a list of parts."""
    if not isinstance(content, list):
        return content
    return "".join(str(part["text"]) for part in _objects(content) if isinstance(part.get("text"), str))


def _count(value: object) -> int:
    """A number of tokens; 0 if the value is not plausible."""
    possible = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_TOKENS
    return int(value) if possible and isinstance(value, int) else 0
