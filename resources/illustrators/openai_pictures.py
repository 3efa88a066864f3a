"""Pictures by OpenAI and by servers that speak its API (`POST /images/generations`).

Does not belong here: the prompt (`studio/pictures/illustration.py`), or the validation of the response
(`studio/pictures/normalise.py`).
"""

from __future__ import annotations

from typing import Any

from resources.openai_client import MAX_RESPONSE_BYTES, OpenAIClient
from resources.provider_file import PicturesSection as PicturesFile
from resources.untrusted_responses import decode_base64
from resources.untrusted_urls import UrlRefused, fetch_untrusted
from video_assets.studio.calls.attempt import Attempt, Response
from video_assets.studio.calls.context import CallContext
from video_assets.studio.calls.paid_responses import PaidRequest, get_or_call
from video_assets.studio.calls.pricing import BilledUsage
from video_assets.studio.core.errors import MediaError, UnsuitedResponse
from video_assets.studio.pictures.illustration import IllustrationProvider, IllustrationRequest, nearest_size, prompt_of

VERSION = "1"
"""Raised whenever the result made from a response changes."""


class OpenAIPictures(IllustrationProvider):
    """Paints through one provider's `/images/generations`. Safe to use from several threads."""

    def __init__(self, client: OpenAIClient, file: PicturesFile) -> None:
        self.name = client.name
        self.at_once = client.file.at_once
        self._client = client
        self._file = file

    def identity(self, request: IllustrationRequest) -> dict[str, str]:
        """See IllustrationProvider."""
        return {**self._response_identity(request), "version": VERSION}

    def _response_identity(self, request: IllustrationRequest) -> dict[str, str]:
        chosen = {
            "size": nearest_size(self._file.sizes, request.width_px, request.height_px),
            "quality": request.quality if request.quality in self._file.qualities else self._file.quality,
            "background": self._file.background,
            "moderation": self._file.moderation,
        }
        kept = {name: value for name, value in chosen.items() if value}
        return {"provider": self.name, "model": self._file.model, **kept, **self._file.extra_identity}

    def paid_requests(self, request: IllustrationRequest) -> tuple[PaidRequest, ...]:
        """See IllustrationProvider."""
        identity = self._response_identity(request)
        kind = f"{identity.get('quality', '')}/{identity['size']}".strip("/")
        prompt = prompt_of(request)
        max_cost = BilledUsage(pictures=1, picture_kind=kind, input_tokens=len(prompt) // 3 + 1)
        return (PaidRequest("pictures", self._file.model, self.name, identity, {"prompt": prompt}, max_cost),)

    def illustrate(self, request: IllustrationRequest, call_context: CallContext | None = None) -> bytes:
        """See IllustrationProvider."""
        from video_assets.studio.pictures.normalise import accept_picture

        (paid_request,) = self.paid_requests(request)
        identity = paid_request.identity
        width, height = map(int, identity["size"].split("x"))

        def validate(data: bytes) -> None:
            try:
                accept_picture(data, wanted=(width, height))
            except MediaError as error:
                raise self._client.unusable(f"a picture that cannot be used: {error.message.rstrip('.')}") from error

        response = get_or_call(
            paid_request, call_context, self._client.caller, lambda attempt: self._send(attempt, paid_request), validate
        )
        return accept_picture(response.data, wanted=(width, height)).png

    def _send(self, attempt: Attempt, paid_request: PaidRequest) -> Response[bytes]:
        not_sent = {"provider", "model", "extra"}
        chosen: dict[str, Any] = {k: v for k, v in paid_request.identity.items() if k not in not_sent}
        if self._file.requested_format:
            chosen["response_format"] = self._file.requested_format
        body = self._client.json(
            attempt,
            lambda client: client.images.with_streaming_response.generate(
                model=self._file.model,
                prompt=paid_request.request["prompt"],
                n=1,
                **chosen,
                extra_body=self._file.extra or None,
            ),
        )
        return Response(self._picture(body, attempt), paid_request.max_usage)

    def _picture(self, body: dict[str, Any], attempt: Attempt) -> bytes:
        listed = body.get("data")
        first = listed[0] if isinstance(listed, list) and listed else None
        answer = first if isinstance(first, dict) else {}
        encoded, url = answer.get("b64_json"), answer.get("url")
        if isinstance(encoded, str) and encoded.strip():
            picture = self._decoded(encoded)
        elif isinstance(url, str) and url.strip().casefold().startswith("data:"):
            picture = self._decoded(url)
        elif isinstance(url, str) and url.strip():
            picture = self._fetched(url.strip(), attempt)
        else:
            raise self._client.unusable("JSON without a picture in it (b64_json)")
        self._client.check_no_key(picture)
        return picture

    def _decoded(self, encoded: str) -> bytes:
        try:
            return decode_base64(encoded)
        except ValueError as error:
            raise self._client.unusable("a picture that is not base64") from error

    def _fetched(self, url: str, attempt: Attempt) -> bytes:
        """The picture that the response names. It is paid for, so a failure is final: another one would cost again."""
        try:
            return fetch_untrusted(url, self._client.file.url, attempt, largest_bytes=MAX_RESPONSE_BYTES)
        except UrlRefused as error:
            shown = self._client.without_keys(url)
            raise UnsuitedResponse(
                f"{self.name} answered with the address of a picture ({shown}), which was not fetched: {error}.",
                remedy=f'Write response_format = "b64_json" under [pictures] of {self.name}.toml, so that its answer '
                "holds the picture itself; if that is there, the server does not follow it: choose another.",
            ) from error
