"""What may go wrong at a provider, and when.

A fault's name is what the server does (`server.py`, `answers.py`); this module knows which endpoints have it, whether
the provider bills it, and when it strikes. Belongs here: that. Does not belong here: doing it.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

TEXT, SPEECH, PICTURES = "text", "speech", "pictures"
EVERY = frozenset({TEXT, SPEECH, PICTURES})


class Kind(NamedTuple):
    """A way to go wrong."""

    billed: bool
    endpoints: frozenset[str] = EVERY
    slow: bool = False
    """It costs the client its patience: left out of what strikes at random."""


FAULTS: dict[str, Kind] = {
    "500": Kind(billed=False),
    "502-html": Kind(billed=False),
    "503": Kind(billed=False),
    "503-retry-after": Kind(billed=False),
    "429": Kind(billed=False),
    "429-date": Kind(billed=False),
    "quota": Kind(billed=False, slow=True),
    "reset": Kind(billed=False),
    "reset-in-body": Kind(billed=True),
    "close-in-body": Kind(billed=True),
    "hang": Kind(billed=True, slow=True),
    "drip-headers": Kind(billed=True, slow=True),
    "drip-body": Kind(billed=True, slow=True),
    "stall-at-99": Kind(billed=True, slow=True),
    "html-200": Kind(billed=True),
    "empty-200": Kind(billed=True),
    "wrong-type": Kind(billed=True),
    "redirect": Kind(billed=False, slow=True),
    "401": Kind(billed=False, slow=True),
    "secret-in-error": Kind(billed=False, slow=True),
    "broken-json": Kind(billed=True, endpoints=frozenset({TEXT, PICTURES})),
    "empty-object": Kind(billed=True, endpoints=frozenset({TEXT, PICTURES})),
    "cut-text": Kind(billed=True, endpoints=frozenset({TEXT})),
    "other-schema": Kind(billed=True, endpoints=frozenset({TEXT})),
    "refusal": Kind(billed=False, endpoints=frozenset({TEXT, PICTURES}), slow=True),
    "cut-sound": Kind(billed=True, endpoints=frozenset({SPEECH})),
    "cut-sound-header": Kind(billed=True, endpoints=frozenset({SPEECH})),
    "silent-sound": Kind(billed=True, endpoints=frozenset({SPEECH})),
    "runaway-sound": Kind(billed=True, endpoints=frozenset({SPEECH})),
    "wrong-rate": Kind(billed=True, endpoints=frozenset({SPEECH})),
    "noise-sound": Kind(billed=True, endpoints=frozenset({SPEECH})),
    "cut-picture": Kind(billed=True, endpoints=frozenset({PICTURES})),
    "bomb-picture": Kind(billed=True, endpoints=frozenset({PICTURES})),
    "tiny-picture": Kind(billed=True, endpoints=frozenset({PICTURES})),
    "blank-picture": Kind(billed=True, endpoints=frozenset({PICTURES})),
    "html-picture": Kind(billed=True, endpoints=frozenset({PICTURES})),
}

Faults = Callable[[str, str], str]
"""(kind of endpoint, digest of the body) -> the fault that strikes, or an empty text. Safe from several threads."""


def scripted(*names: str) -> Faults:
    """The faults in this order, whatever is asked; then none. "" lets a request through."""
    waiting, lock = list(names), threading.Lock()

    def strike(_kind: str, _body: str) -> str:
        with lock:
            return waiting.pop(0) if waiting else ""

    return strike


def at_random(share: float, seed: int = 1, only: Collection[str] = ()) -> Faults:
    """`share` of the requests go wrong, decided by the request and how often it came: order changes nothing."""
    seen: Counter[str] = Counter()
    lock = threading.Lock()

    def strike(kind: str, body: str) -> str:
        with lock:
            seen[body] += 1
            chance = random.Random(f"{seed} {body} {seen[body]}")
        if chance.random() >= share:
            return ""
        return chance.choice(sorted(_possible(kind, only)))

    return strike


def _possible(kind: str, only: Collection[str]) -> Iterable[str]:
    return (
        name for name, fault in FAULTS.items() if kind in fault.endpoints and (name in only if only else not fault.slow)
    )


class Outage:
    """Everything fails, in one way, until it is over."""

    def __init__(self, fault: str = "503") -> None:
        self._fault = fault
        self._over = threading.Event()

    def end(self) -> None:
        """From now on all is well."""
        self._over.set()

    def __call__(self, _kind: str, _body: str) -> str:
        """See Faults."""
        return "" if self._over.is_set() else self._fault
