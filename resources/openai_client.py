"""OpenAI's client, restricted: no retries, no redirects, one deadline per attempt, and size limits on responses.

Its exceptions become the studio's errors, by the effect of another attempt. Their messages lose keys and signed URLs.

Does not belong here: retries (`video_assets/studio/calls`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from video_assets.studio.calls.attempt import Attempt
from video_assets.studio.calls.retry import RetryingCaller
from video_assets.studio.core.errors import (
    ContentRefused,
    InvalidResponse,
    OutcomeUnknown,
    ProviderError,
    QuotaExhausted,
    Rejected,
    Unavailable,
)
from video_assets.studio.core.quantities import format_size
from video_assets.studio.core.values import canonical_json, digest_of

from .key_redaction import Keys
from .provider_file import NO_KEY, ProviderFile, key_of
from .untrusted_responses import error_in, parse_untrusted_json, redacted, retry_after_seconds, without_secrets

if TYPE_CHECKING:
    import openai

MAX_RESPONSE_BYTES = 64_000_000
_DEFAULT_RETRY_AFTER_SECONDS = 5.0
"""For a 429 without Retry-After."""
_CONTENT_CODES = frozenset({"moderation_blocked", "content_policy_violation", "content_filter", "safety_violation"})
_QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})

StreamingResponse = AbstractContextManager[Any]
"""A streaming response of OpenAI's client."""


class OpenAIClient:
    """The clients of one provider, one per account, made at first use. Safe to use from several threads."""

    def __init__(self, name: str, file: ProviderFile) -> None:
        self.name = name
        self.file = file
        version = digest_of(canonical_json(file))
        self.caller = RetryingCaller(name, file.callers, file.retry_policy, self._warm, version=version)
        self.keys = Keys()
        """The keys that were looked up. Texts of the provider must lose them before they enter a message or file."""
        self._lock = threading.Lock()
        self._clients: dict[str, openai.OpenAI] = {}
        self._looked_up: list[str] = []

    def json(
        self,
        attempt: Attempt,
        send: Callable[[openai.OpenAI], StreamingResponse],
        *,
        largest_bytes: int = MAX_RESPONSE_BYTES,
    ) -> dict[str, Any]:
        """The JSON object in the response. Raises a ProviderError whose class says whether another attempt may help."""
        body, media_type = self._send(attempt, send, largest_bytes)
        try:
            value = parse_untrusted_json(body)
        except ValueError as error:
            if "json" not in media_type:
                raise self.unusable(f"{media_type or 'nothing'} instead of JSON") from error
            raise self.unusable(str(error)) from error
        if not isinstance(value, dict):
            raise self.unusable(f"JSON that is {type(value).__name__}")
        # A job of the Responses API that failed is a job to be closed, not a request to be repeated.
        if value.get("object") != "response":
            self._raise_for_error_in(value)
        return value

    def bytes(self, attempt: Attempt, send: Callable[[openai.OpenAI], StreamingResponse]) -> tuple[bytes, str]:
        """The whole body of the response, and its media type. Raises as `json` does."""
        from .deadlines import LONGEST_ERROR_BYTES

        body, media_type = self._send(attempt, send, MAX_RESPONSE_BYTES)
        if body[:1] == b"{" and len(body) <= LONGEST_ERROR_BYTES:
            with suppress(ValueError):
                self._raise_for_error_in(parse_untrusted_json(bytes(body)))
        return bytes(body), media_type

    def _raise_for_error_in(self, value: object) -> None:
        """Raise the error that a response with status 200 holds, as that of the status which it names."""
        if (found := error_in(value)) is None:
            return
        message = f"{self.name} answered 200 with an error: {self.without_keys(found.message)}"
        raise self._failure(found.status, found.code, message)

    def unusable(self, what: str) -> InvalidResponse:
        """The error for a response that does not fit the request. `what` may quote the provider."""
        quoted = self.without_keys(what).rstrip(".")
        return InvalidResponse(f"{self.name} answered with {quoted}.", remedy="Try again later, or another provider.")

    def without_keys(self, text: str) -> str:
        """A text of the provider, safe to show."""
        return redacted(text, self.keys)

    def check_no_key(self, data: bytes | bytearray) -> None:
        """Raise InvalidResponse if a response contains the key, because responses are kept unchanged."""
        if self.keys.occur_in(data):
            raise self.unusable("the API key in its answer, so the answer is not stored")

    def _send(
        self, attempt: Attempt, send: Callable[[openai.OpenAI], StreamingResponse], largest_bytes: int
    ) -> tuple[bytearray, str]:
        from .deadlines import deadline

        client = self._client(attempt.account.name)
        with deadline(attempt.seconds_left, attempt.stopped), self._translated_errors(), send(client) as response:
            media_type = str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()
            body = self._read(response, largest_bytes)
        self.check_no_key(body)
        return body, media_type

    def _read(self, response: Any, largest_bytes: int) -> bytearray:
        body = bytearray()
        for chunk in response.iter_bytes():
            if len(body) + len(chunk) > largest_bytes:
                raise self.unusable(f"more than {format_size(largest_bytes)}")
            body += chunk
        return body

    def _warm(self) -> None:
        """Make every account's client before an attempt begins: the import of the library takes half a second."""
        for account in self.file.accounts:
            self._client(account.name)

    def _client(self, account: str) -> openai.OpenAI:
        # Imported here: half a second is little for a call, and much for a step without calls.
        import openai

        from .deadlines import bounded_client

        with self._lock:
            if account not in self._clients:
                config = next(each for each in self.file.accounts if each.name == account)
                key = key_of(self.name, config)
                if key != NO_KEY:
                    self._looked_up.append(key)
                    self.keys = Keys(self._looked_up)
                self._clients[account] = openai.OpenAI(
                    api_key=key,
                    base_url=self.file.url,
                    max_retries=0,
                    timeout=None,
                    http_client=bounded_client(),
                )
            return self._clients[account]

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        import httpx2
        import openai

        try:
            yield
        except openai.APIStatusError as error:
            raise self._status_error(error) from without_secrets(error, self.keys)
        except openai.APIConnectionError as error:
            raise self._transport_error(error.__cause__ or error) from without_secrets(error, self.keys)
        except httpx2.HTTPError as error:
            raise self._transport_error(error) from without_secrets(error, self.keys)
        except openai.OpenAIError as error:
            raise self.unusable(str(error)) from without_secrets(error, self.keys)

    def _transport_error(self, error: BaseException) -> ProviderError:
        import httpx2

        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
            return Unavailable(
                f"{self.name} ({httpx2.URL(self.file.url).host}) is not there: {type(error).__name__}.",
                remedy="Check the network and the url in its file.",
            )
        kind = "did not answer in time" if isinstance(error, httpx2.TimeoutException) else "broke off"
        return OutcomeUnknown(f"{self.name} {kind} ({type(error).__name__}).", remedy="Try again later.")

    def _status_error(self, error: openai.APIStatusError) -> ProviderError:
        message = f"{self.name} answered {error.status_code}: {self.without_keys(_message(error))}"
        return self._failure(error.status_code, str(error.code or ""), message, error.response.headers)

    def _failure(
        self, status: int, code: str, message: str, headers: Mapping[str, str] = MappingProxyType({})
    ) -> ProviderError:
        """The error for an HTTP status (200: none is known) and an error code."""
        if code in _CONTENT_CODES:
            return ContentRefused(message, remedy="Change the request, or choose another provider.")
        if code in _QUOTA_CODES:
            return QuotaExhausted(message, remedy="Look at the account's billing page.")
        if status in {408, 409, 425, _TOO_MANY_REQUESTS, 500, 502, 503, 529}:
            default_seconds = _DEFAULT_RETRY_AFTER_SECONDS if status == _TOO_MANY_REQUESTS else 0.0
            return Unavailable(message, retry_after_seconds=retry_after_seconds(headers) or default_seconds)
        if status >= 500:
            return OutcomeUnknown(message, remedy="Try again later.")
        if status < 300:
            return InvalidResponse(message, remedy="Try again later, or another provider.")
        return Rejected(message, remedy=_REMEDIES.get(status, "Look at the provider's file in data/providers."))


_TOO_MANY_REQUESTS = 429
_REMEDIES = {
    401: "Check the account's key.",
    403: "Check what the account's key may do.",
    404: "Check the model and the url in the provider's file.",
    307: "It redirects requests. Write the right url into its file.",
    308: "It redirects requests. Write the right url into its file.",
}


def _message(error: openai.APIStatusError) -> str:
    found = error_in({"error": error.body}) if isinstance(error.body, Mapping) else None
    if found is not None:
        return found.message
    return {301: "moved", 302: "moved", 307: "moved", 308: "moved"}.get(error.status_code, "no reason given")
