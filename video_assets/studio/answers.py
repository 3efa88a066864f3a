"""What was bought from a provider, kept as it came: what is made of it can be made again without paying again.

An answer has a recipe of its own (who was asked, and everything that was said), apart from that of the sound or picture
made of it: new code for aligning or fitting costs nothing. Two processes with the same wish: one asks, the other waits.
What a provider refused for what it says is remembered, too, and never asked again.

Belongs here: that. Does not belong here: what is asked, or judging an answer (the providers').
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .calls import Call, Caller, Errand, Units
from .calls.owner import Send
from .errors import ProviderError, Refused
from .store import Made, Recipe, make

STEP, CODE = "answer", "1"


class Wish(NamedTuple):
    """Something to be asked of a provider, as its recipe."""

    work: str
    """writing, speech or pictures."""
    model: str
    pool: str
    identity: Mapping[str, str]
    """Who is asked: what of the provider shapes the answer."""
    said: Mapping[str, Any]
    """Everything that is said."""
    most: Units
    """What it may use at most."""

    @property
    def recipe(self) -> Recipe:
        """The recipe of the answer."""
        return Recipe(step=STEP, code=CODE, provider=dict(self.identity), parameters=dict(self.said))


class Bought(NamedTuple):
    """An answer."""

    data: bytes
    id: str
    """Of the object that it is in the store."""


def buy(
    wish: Wish, errand: Errand | None, caller: Caller, send: Send[bytes], judge: Callable[[bytes], object]
) -> Bought:
    """The answer to `wish`: from the store if it was ever bought, else asked for, judged and kept.

    `judge` raises AnswerUnusable for what is not worth keeping; that is asked for again. Raises ProviderError.
    """
    if errand is None:
        raise ProviderError(
            f"{wish.model} is paid for, and nobody said for what.", remedy="Hand an Errand to the provider."
        )
    recipe = wish.recipe
    call = Call(wish.work, wish.pool, wish.model, recipe.id, wish.most)

    def ask() -> Made:
        def judged(data: bytes) -> bytes:
            judge(data)
            return data

        try:
            return Made({"answer": caller.ask(call, errand, send, judged)})
        except Refused as error:
            return Made({}, {"refused": error.message})

    outcome = make(errand.store, recipe, ask)
    if refused := outcome.record.facts.get("refused"):
        raise Refused(str(refused), remedy="Change what is asked for, or leave it to another provider.")
    reference = outcome.record.objects["answer"]
    return Bought(errand.store.read(reference.id), reference.id)
