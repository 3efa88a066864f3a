"""Paid responses: kept as the provider sent them, so that results can be made from them again without paying again.

A response has a recipe of its own: the provider's identity and the whole request. The sound or picture made from it has
another recipe, so new code for alignment or fitting costs nothing. The recipe's lock makes requests single-flight: of
two processes with an equal request, one calls the provider and the other waits. A request that the provider refused
because of its content is remembered and never sent again.

A response is held in a file of its own from its last byte until it is validated and kept, which takes seconds for a
sound. If the process is killed in between, the next one validates that file and does not call again.

Does not belong here: the content of requests, or the validation of responses (providers).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from video_assets.studio.core.errors import ContentRefused, InvalidResponse, ProviderError, StoreError
from video_assets.studio.storage.filesystem import FileSystem, atomic_write
from video_assets.studio.storage.store import Built, Recipe, get_or_build

from .attempt import Attempt, Call, Response, Send
from .context import CallContext
from .ledger.entries import CallOutcome
from .ledger.ledger import now
from .pricing import BilledUsage
from .retry import RetryingCaller

STEP, CODE = "answer", "1"


class PaidRequest(NamedTuple):
    """A request to a provider that costs money, as its recipe."""

    kind: str
    """writing, speech, pictures or lips."""
    model: str
    pool: str
    identity: Mapping[str, str]
    """The properties of the provider that shape the response."""
    request: Mapping[str, Any]
    """The whole request."""
    max_usage: BilledUsage
    """The most that it may use."""

    @property
    def recipe(self) -> Recipe:
        """The recipe of the response."""
        return Recipe(step=STEP, code=CODE, provider=dict(self.identity), parameters=dict(self.request))


class PaidResponse(NamedTuple):
    """A response that was paid for."""

    data: bytes
    id: str
    """Its object id in the store."""


def get_or_call(
    paid_request: PaidRequest,
    call_context: CallContext | None,
    caller: RetryingCaller,
    send: Send[bytes],
    validate: Callable[[bytes], object],
) -> PaidResponse:
    """The response to `paid_request`: from the store if it was ever paid for, else from a call, validated and kept.

    `validate` raises InvalidResponse for a response that is not worth keeping; the request is then retried. Raises
    ProviderError.
    """
    if call_context is None:
        raise ProviderError(
            f"{paid_request.model} is paid for, but the call has no context.",
            remedy="Pass a CallContext to the provider.",
        )
    recipe = paid_request.recipe
    call = Call(paid_request.kind, paid_request.pool, paid_request.model, recipe.id, paid_request.max_usage)
    pending = _PendingResponse(call_context.services.folder / "arrived" / recipe.id)

    def send_and_hold(attempt: Attempt) -> Response[bytes]:
        response = send(attempt)
        pending.save(attempt.call, response)
        return response

    def validated(data: bytes) -> bytes:
        try:
            validate(data)
        except ProviderError:
            pending.discard()
            raise
        return data

    def build() -> Built:
        recovered = _recover(pending, paid_request, call_context, caller, validated)
        if recovered is not None:
            return Built({"answer": recovered})
        try:
            return Built({"answer": caller.call(call, call_context, send_and_hold, validated)})
        except ContentRefused as error:
            return Built({}, {"refused": error.message})

    outcome = get_or_build(call_context.store, recipe, build)
    pending.discard()
    if refused := outcome.record.facts.get("refused"):
        raise ContentRefused(str(refused), remedy="Change the request, or choose another provider.")
    reference = outcome.record.objects["answer"]
    return PaidResponse(call_context.store.read(reference.id), reference.id)


class _PendingResponse:
    """The file of a response that has arrived and is not validated yet."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def save(self, call: str, response: Response[bytes]) -> None:
        """Keep the response to the attempt `call` unchanged. When this returns, it survives a crash."""
        head = json.dumps({"call": call, "used": response.used.model_dump(mode="json")}).encode()
        try:
            atomic_write(self._path, head + b"\n" + response.result, filesystem=FileSystem())
        except OSError as error:
            raise StoreError(
                f"A paid answer cannot be stored: {error.strerror or error}.",
                remedy="Check free space and the permissions of the folder of paid calls.",
            ) from error

    def load(self) -> tuple[str, Response[bytes]] | None:
        """The id of the attempt and its response; None if there is no file."""
        try:
            line, _, data = self._path.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        head = json.loads(line)
        return head["call"], Response(data, BilledUsage.model_validate(head["used"]))

    def discard(self) -> None:
        """Remove the file: the response is in the store, or is invalid."""
        self._path.unlink(missing_ok=True)


def _recover(
    pending: _PendingResponse,
    paid_request: PaidRequest,
    call_context: CallContext,
    caller: RetryingCaller,
    validated: Callable[[bytes], bytes],
) -> bytes | None:
    """The response that a killed process received but did not validate, if it is valid. Its outcome goes to the ledger.

    None if there is no such response, or it is invalid.
    """
    loaded = pending.load()
    if loaded is None:
        return None
    call, response = loaded
    cost = call_context.services.prices.cost(caller.provider, paid_request.model, response.used)
    end = CallOutcome(
        id=call, unix_seconds=now(), outcome="done", units=response.used, cost=cost, message="kept after a crash"
    )
    try:
        data = validated(response.result)
    except InvalidResponse as error:
        unusable = {"outcome": "unusable", "message": error.message[:300]}
        call_context.services.ledger.record_outcome(end.model_copy(update=unusable))
        return None
    call_context.services.ledger.record_outcome(end)
    return data
