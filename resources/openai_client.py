"""OpenAI's client, kept short: no retries, no redirects, one deadline, every answer read whole and judged.

Its errors become the studio's, by what another try is worth; their texts lose keys and signed addresses. Belongs here:
the conversation. Does not belong here: what is asked (the adapters in `writing`, `speech`, `pictures`), or who tries
again (`video_assets/studio/calls`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
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
from video_assets.studio.core.values import canonical_json, digest_of

from .answers_of_others import read_json, redacted, retry_after_seconds, without_secrets
from .key_redaction import Keys
from .provider_file import NO_KEY, ProviderFile, key_of

if TYPE_CHECKING:
    import openai

LARGEST_ANSWER_BYTES = 64_000_000
_FIRST_LIMIT_SECONDS = 5.0
"""What a 429 that names no time is taken for."""
_FORBIDDEN = frozenset({"moderation_blocked", "content_policy_violation", "content_filter", "safety_violation"})
_NO_QUOTA = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})

Asked = AbstractContextManager[Any]
"""A streaming response of OpenAI's client."""


class OpenAIClient:
    """One provider's client: an account each, made when first used. Safe to use from several threads."""

    def __init__(self, name: str, file: ProviderFile) -> None:
        self.name = name
        self.file = file
        version = digest_of(canonical_json(file))
        self.caller = RetryingCaller(name, file.callers, file.retry_policy, self._warm, version=version)
        self.keys = Keys()
        """Those that were looked up: what the provider says must lose them before it is in any message or file."""
        self._lock = threading.Lock()
        self._clients: dict[str, openai.OpenAI] = {}
        self._looked_up: list[str] = []

    def json(
        self, attempt: Attempt, ask: Callable[[openai.OpenAI], Asked], *, largest_bytes: int = LARGEST_ANSWER_BYTES
    ) -> dict[str, Any]:
        """The JSON object that comes back. Raises ProviderError of the kind that says what another try is worth."""
        body, kind = self._answer(attempt, ask, largest_bytes)
        if "json" not in kind:
            raise self.unusable(f"{kind or 'nothing'} instead of JSON")
        try:
            told = read_json(body)
        except ValueError as error:
            raise self.unusable(str(error)) from error
        if not isinstance(told, dict):
            raise self.unusable(f"JSON that is {type(told).__name__}")
        return told

    def bytes(self, attempt: Attempt, ask: Callable[[openai.OpenAI], Asked]) -> tuple[bytes, str]:
        """The body that comes back, whole, and its media type. Raises as `json` does."""
        body, kind = self._answer(attempt, ask, LARGEST_ANSWER_BYTES)
        return bytes(body), kind

    def unusable(self, what: str) -> InvalidResponse:
        """The error for an answer that is not what was asked. `what` may quote the provider."""
        said = self.without_keys(what).rstrip(".")
        return InvalidResponse(f"{self.name} answered with {said}.", remedy="Try again later, or another provider.")

    def without_keys(self, text: str) -> str:
        """What the provider said, as it may be shown."""
        return redacted(text, self.keys)

    def check_no_key(self, data: bytes | bytearray) -> None:
        """Raise InvalidResponse for an answer that says the key back: answers are kept as they came."""
        if self.keys.occur_in(data):
            raise self.unusable("its own key in the answer, which is therefore not kept")

    def _answer(
        self, attempt: Attempt, ask: Callable[[openai.OpenAI], Asked], largest_bytes: int
    ) -> tuple[bytearray, str]:
        from .deadlines import deadline

        client = self._client(attempt.account.name)
        with deadline(attempt.seconds_left, attempt.stopped), self._translated(), ask(client) as answer:
            kind = str(answer.headers.get("content-type", "")).partition(";")[0].strip().lower()
            body = self._read(answer, largest_bytes)
        self.check_no_key(body)
        return body, kind

    def _read(self, answer: Any, largest_bytes: int) -> bytearray:
        body = bytearray()
        for piece in answer.iter_bytes():
            if len(body) + len(piece) > largest_bytes:
                raise self.unusable(f"more than {largest_bytes // 1_000_000} MB")
            body += piece
        return body

    def _warm(self) -> None:
        """Make every account's client: loading the library takes longer than a request may be under way unnoticed."""
        for account in self.file.accounts:
            self._client(account.name)

    def _client(self, account: str) -> openai.OpenAI:
        # Here, as half a second of loading is nothing for a call, and much for a step that calls nobody.
        import openai

        from .deadlines import bounded_client

        with self._lock:
            if account not in self._clients:
                found = next(each for each in self.file.accounts if each.name == account)
                key = key_of(self.name, found)
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
        """End all connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        import httpx2
        import openai

        try:
            yield
        except openai.APIStatusError as error:
            raise self._of_status(error) from without_secrets(error, self.keys)
        except openai.APIConnectionError as error:
            raise self._of_wire(error.__cause__ or error) from without_secrets(error, self.keys)
        except httpx2.HTTPError as error:
            raise self._of_wire(error) from without_secrets(error, self.keys)
        except openai.OpenAIError as error:
            raise self.unusable(str(error)) from without_secrets(error, self.keys)

    def _of_wire(self, error: BaseException) -> ProviderError:
        import httpx2

        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
            return Unavailable(
                f"{self.name} ({httpx2.URL(self.file.url).host}) is not there: {type(error).__name__}.",
                remedy="Check the network and the url in its file.",
            )
        kind = "did not answer in time" if isinstance(error, httpx2.TimeoutException) else "broke off"
        return OutcomeUnknown(f"{self.name} {kind} ({type(error).__name__}).", remedy="Try again later.")

    def _of_status(self, error: openai.APIStatusError) -> ProviderError:
        status, code = error.status_code, str(error.code or "")
        said = f"{self.name} answered {status}: {self.without_keys(_message(error))}"
        if code in _FORBIDDEN:
            return ContentRefused(said, remedy="Change what is asked for, or leave it to another provider.")
        if code in _NO_QUOTA:
            return QuotaExhausted(said, remedy="Look at the account's billing page.")
        if status == _TOO_MANY:
            return Unavailable(
                said, retry_after_seconds=retry_after_seconds(error.response.headers) or _FIRST_LIMIT_SECONDS
            )
        if status in {408, 409, 425} or status in {500, 502, 503, 529}:
            return Unavailable(said, retry_after_seconds=retry_after_seconds(error.response.headers))
        if status >= 500:
            return OutcomeUnknown(said, remedy="Try again later.")
        return Rejected(said, remedy=_REMEDIES.get(status, "Look at the provider's file in data/providers."))


_TOO_MANY = 429
_REMEDIES = {
    401: "Check the account's key.",
    403: "Check what the account's key may do.",
    404: "Check the model and the url in the provider's file.",
    307: "It sends requests elsewhere: write the right url into its file.",
    308: "It sends requests elsewhere: write the right url into its file.",
}


def _message(error: openai.APIStatusError) -> str:
    body = error.body
    if isinstance(body, Mapping) and isinstance(body.get("message"), str):
        return body["message"]
    return {301: "moved", 302: "moved", 307: "moved", 308: "moved"}.get(error.status_code, "no reason given")
