"""Texts by OpenAI and by servers that speak its API: the Responses API, or chat completions, with a JSON schema.

With `background` a text is a job of the provider's: its id is in the journal before the answer is there, so that after
a crash the provider is asked for that answer, and not for another. Belongs here: asking. Does not belong here: prompts
and judging (`studio/writing.py`), or the client (`resources/openai_client.py`).
"""

from __future__ import annotations

import json
from typing import Any

from resources.openai_client import OpenAIClient
from resources.provider_file import Writing as WritingFile
from video_assets.studio.answers import Wish, buy
from video_assets.studio.calls import Answer, Attempt, Errand, Units
from video_assets.studio.errors import AnswerUnusable, JobLost, OutcomeUnknown, Refused, Rejected
from video_assets.studio.writing import Text, WritingProvider, WritingRequest, read_text

_POLL_SECONDS = 1.0
_UNDER_WAY = frozenset({"queued", "in_progress"})


class OpenAIWriting(WritingProvider):
    """Writes through one provider's `/responses` or `/chat/completions`. Safe to use from several threads."""

    def __init__(self, client: OpenAIClient, file: WritingFile) -> None:
        self.name = client.name
        self.at_once = client.file.at_once
        self._client = client
        self._file = file

    def wish(self, request: WritingRequest) -> Wish:
        """See WritingProvider. Neither the API nor the context shapes what is wished for."""
        most = Units(
            input_tokens=(len(request.instructions) + len(request.text)) // 2 + 500,
            output_tokens=self._file.most_output_tokens,
        )
        identity = {"provider": self.name, "model": self._file.model}
        return Wish("writing", self._file.model, self.name, identity, {"kind": request.name, **request.wish}, most)

    def write(self, request: WritingRequest, kind: type[Text], errand: Errand | None = None) -> Text:
        """See WritingProvider."""
        send = self._respond if self._file.api == "responses" else self._chat
        bought = buy(
            self.wish(request),
            errand,
            self._client.caller,
            lambda attempt: send(attempt, request, errand),
            lambda data: read_text(data, kind, self.name),
        )
        return read_text(bought.data, kind, self.name)

    def _chat(self, attempt: Attempt, request: WritingRequest, _: Errand | None) -> Answer[bytes]:
        schema = {"name": request.name, "schema": dict(request.schema), "strict": True}
        wanted: Any = {"type": "json_schema", "json_schema": schema}
        messages: Any = [
            {"role": "system", "content": request.instructions},
            {"role": "user", "content": request.text},
        ]
        told = self._client.json(
            attempt,
            lambda client: client.chat.completions.with_streaming_response.create(
                model=self._file.model,
                messages=messages,
                response_format=wanted,
                max_completion_tokens=self._file.most_output_tokens,
            ),
        )
        choices = told.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else {}
        message = first.get("message") if isinstance(first, dict) else None
        if not isinstance(message, dict):
            raise self._client.unusable("JSON without a message in it")
        if message.get("refusal"):
            raise self._refused(str(message["refusal"]))
        if first.get("finish_reason") not in {"stop", None}:
            raise self._client.unusable(f"a text that is cut ({first['finish_reason']})")
        return self._answer(message.get("content"), told, ("prompt_tokens", "completion_tokens"))

    def _respond(self, attempt: Attempt, request: WritingRequest, errand: Errand | None) -> Answer[bytes]:
        told = self._asked_about(attempt, attempt.job) if attempt.job else self._begun(attempt, request)
        while told.get("status") in _UNDER_WAY:
            if attempt.seconds_left <= _POLL_SECONDS:
                raise OutcomeUnknown(f"{self.name} was still at work at the deadline.", remedy="Try again later.")
            if errand is not None and errand.desk.stopped.wait(_POLL_SECONDS):
                raise OutcomeUnknown(f"{self.name} is still at work.", remedy="The next run asks for its answer.")
            told = self._asked_about(attempt, str(told.get("id")))
        if told.get("status") == "incomplete":
            raise self._client.unusable("a text that is cut")
        if told.get("status") != "completed":
            raise self._client.unusable(f"a text that is {told.get('status', 'nothing')}")
        return self._answer(self._text(told), told, ("input_tokens", "output_tokens"))

    def _begun(self, attempt: Attempt, request: WritingRequest) -> dict[str, Any]:
        form: Any = {
            "format": {"type": "json_schema", "name": request.name, "schema": dict(request.schema), "strict": True}
        }
        job: Any = {"background": True, "store": True} if self._file.background else {"store": False}
        told = self._client.json(
            attempt,
            lambda client: client.responses.with_streaming_response.create(
                model=self._file.model,
                instructions=request.instructions,
                input=request.text,
                text=form,
                max_output_tokens=self._file.most_output_tokens,
                **job,
            ),
        )
        if told.get("status") in _UNDER_WAY and told.get("id"):
            attempt.took_on(str(told["id"]))
        return told

    def _asked_about(self, attempt: Attempt, job: str) -> dict[str, Any]:
        """How a job is. Of one that the provider no longer knows nothing comes: the next try begins another."""
        try:
            return self._client.json(attempt, lambda client: client.responses.with_streaming_response.retrieve(job))
        except Rejected as error:
            lost = f"{self.name} knows nothing of the job that it had taken on ({error.message})."
            raise JobLost(lost, remedy="Try again.") from error
        except AnswerUnusable as error:
            # Something between us and the provider spoke: the text is being written all the same.
            raise OutcomeUnknown(error.message, remedy=error.remedy) from error

    def _text(self, told: dict[str, Any]) -> str | None:
        for item in told.get("output") or ():
            for part in item.get("content") or () if isinstance(item, dict) else ():
                if part.get("type") == "refusal":
                    raise self._refused(str(part.get("refusal", "")))
                if part.get("type") == "output_text":
                    return str(part.get("text"))
        return None

    def _answer(self, text: object, told: dict[str, Any], names: tuple[str, str]) -> Answer[bytes]:
        if not isinstance(text, str) or not text.strip():
            raise self._client.unusable("no text at all")
        try:
            json.loads(text)
        except ValueError as error:
            raise self._client.unusable("text that is no JSON") from error
        usage = told.get("usage") if isinstance(told.get("usage"), dict) else {}
        used = [int((usage or {}).get(name) or 0) for name in names]
        return Answer(text.encode(), Units(input_tokens=used[0], output_tokens=used[1]))

    def _refused(self, said: str) -> Refused:
        return Refused(f"{self.name} will not write this: {said[:200]}", remedy="Change the topic or the notes.")
