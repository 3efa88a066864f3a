"""What was bought from a provider, kept as it came: what is made of it can be made again without paying again.

An answer has a recipe of its own (who was asked, and everything that was said), apart from that of the sound or picture
made of it: new code for aligning or fitting costs nothing. Two processes with the same wish: one asks, the other waits.
What a provider refused for what it says is remembered, too, and never asked again.

An answer lies in a file of its own from its last byte until it is judged and kept, which takes seconds for a sound:
whoever is killed in between judges it later, and does not ask again.

Belongs here: that. Does not belong here: what is asked, or judging an answer (the providers').
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
from .ledger import now
from .ledger_entries import CallOutcome
from .pricing import BilledUsage
from .retry import RetryingCaller

STEP, CODE = "answer", "1"


class PaidRequest(NamedTuple):
    """Something to be asked of a provider, as its recipe."""

    kind: str
    """writing, speech, pictures or lips."""
    model: str
    pool: str
    identity: Mapping[str, str]
    """Who is asked: what of the provider shapes the answer."""
    request: Mapping[str, Any]
    """Everything that is said."""
    max_cost: BilledUsage
    """What it may use at most."""

    @property
    def recipe(self) -> Recipe:
        """The recipe of the answer."""
        return Recipe(step=STEP, code=CODE, provider=dict(self.identity), parameters=dict(self.request))


class PaidResponse(NamedTuple):
    """An answer."""

    data: bytes
    id: str
    """Of the object that it is in the store."""


def get_or_call(
    paid_request: PaidRequest,
    call_context: CallContext | None,
    caller: RetryingCaller,
    send: Send[bytes],
    judge: Callable[[bytes], object],
) -> PaidResponse:
    """The answer to `paid_request`: from the store if it was ever bought, else asked for, judged and kept.

    `judge` raises InvalidResponse for what is not worth keeping; that is asked for again. Raises ProviderError.
    """
    if call_context is None:
        raise ProviderError(
            f"{paid_request.model} is paid for, and nobody said for what.",
            remedy="Hand an CallContext to the provider.",
        )
    recipe = paid_request.recipe
    call = Call(paid_request.kind, paid_request.pool, paid_request.model, recipe.id, paid_request.max_cost)
    arrival = _PendingResponse(call_context.services.folder / "arrived" / recipe.id)

    def send_and_hold(attempt: Attempt) -> Response[bytes]:
        answer = send(attempt)
        arrival.save(attempt.call, answer)
        return answer

    def judged(data: bytes) -> bytes:
        try:
            judge(data)
        except ProviderError:
            arrival.discard()
            raise
        return data

    def ask() -> Built:
        found = _arrived_before(arrival, paid_request, call_context, caller, judged)
        if found is not None:
            return Built({"answer": found})
        try:
            return Built({"answer": caller.ask(call, call_context, send_and_hold, judged)})
        except ContentRefused as error:
            return Built({}, {"refused": error.message})

    outcome = get_or_build(call_context.store, recipe, ask)
    arrival.discard()
    if refused := outcome.record.facts.get("refused"):
        raise ContentRefused(str(refused), remedy="Change what is asked for, or leave it to another provider.")
    reference = outcome.record.objects["answer"]
    return PaidResponse(call_context.store.read(reference.id), reference.id)


class _PendingResponse:
    """The file of an answer that has come and is not judged yet."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def save(self, call: str, answer: Response[bytes]) -> None:
        """Keep the answer to the try `call` as it came; when this returns it survives a crash."""
        head = json.dumps({"call": call, "used": answer.used.model_dump(mode="json")}).encode()
        try:
            atomic_write(self._path, head + b"\n" + answer.result, filesystem=FileSystem())
        except OSError as error:
            raise StoreError(
                f"An answer that was paid for cannot be kept: {error.strerror or error}.",
                remedy="Check free space and permissions of the folder of calls.",
            ) from error

    def load(self) -> tuple[str, Response[bytes]] | None:
        """The try and its answer."""
        try:
            head, _, data = self._path.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        told = json.loads(head)
        return told["call"], Response(data, BilledUsage.model_validate(told["used"]))

    def discard(self) -> None:
        """It is kept, or worth nothing."""
        self._path.unlink(missing_ok=True)


def _arrived_before(
    arrival: _PendingResponse,
    paid_request: PaidRequest,
    call_context: CallContext,
    caller: RetryingCaller,
    judged: Callable[[bytes], bytes],
) -> bytes | None:
    """The answer that somebody had who was killed before it was judged, if it is of use; the journal says so, too."""
    held = arrival.load()
    if held is None:
        return None
    call, answer = held
    cost = call_context.services.prices.cost(caller.provider, paid_request.model, answer.used)
    end = CallOutcome(
        id=call, unix_seconds=now(), outcome="done", units=answer.used, cost=cost, message="kept after a crash"
    )
    try:
        data = judged(answer.result)
    except InvalidResponse as error:
        unusable = {"outcome": "unusable", "message": error.message[:300]}
        call_context.services.ledger.record_outcome(end.model_copy(update=unusable))
        return None
    call_context.services.ledger.record_outcome(end)
    return data
