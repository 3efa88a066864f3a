"""Pictures by OpenAI and by servers that speak its API (`POST /images/generations`).

Does not belong here: the prompt (`studio/pictures/illustration.py`), or the validation of the response
(`studio/pictures/normalise.py`).
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from resources.openai_client import OpenAIClient
from resources.provider_file import PicturesSection as PicturesFile
from video_assets.studio.calls.attempt import Attempt, Response
from video_assets.studio.calls.context import CallContext
from video_assets.studio.calls.paid_responses import PaidRequest, get_or_call
from video_assets.studio.calls.pricing import BilledUsage
from video_assets.studio.core.errors import MediaError
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
        return {"provider": self.name, "model": self._file.model, **kept}

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
        chosen: dict[str, Any] = {k: v for k, v in paid_request.identity.items() if k not in {"provider", "model"}}
        body = self._client.json(
            attempt,
            lambda client: client.images.with_streaming_response.generate(
                model=self._file.model, prompt=paid_request.request["prompt"], n=1, **chosen
            ),
        )
        return Response(self._picture(body), paid_request.max_usage)

    def _picture(self, body: dict[str, Any]) -> bytes:
        listed = body.get("data")
        first = listed[0] if isinstance(listed, list) and listed else None
        encoded = first.get("b64_json") if isinstance(first, dict) else None
        if not isinstance(encoded, str) or not encoded:
            # A URL is not followed: it could lead anywhere.
            raise self._client.unusable("JSON without a picture in it (b64_json)")
        try:
            picture = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise self._client.unusable("a picture that is not base64") from error
        self._client.check_no_key(picture)
        return picture
