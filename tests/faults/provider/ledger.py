"""What was asked of the misbehaving provider, from its side: the truth that clients are judged by."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Entry(NamedTuple):
    """One request. Times are monotonic seconds of this machine, comparable between processes."""

    arrived: float
    ended: float
    endpoint: str
    key: str
    """A digest's beginning: never the key."""
    body: str
    """Digest of what was asked."""
    fault: str
    billed: bool
    delivered: bool
    """Whether a usable answer was sent whole."""
    status: int
    in_flight: int
    """Requests under way when it arrived, itself included."""
    retry_after: float
    """Seconds that a 429 told the client to wait; 0 for anything else."""


class Ledger:
    """All requests so far; appended to `path` as JSON lines as well, if one is given."""

    def __init__(self, path: Path | None = None) -> None:
        self._entries: list[Entry] = []
        self._lock = threading.Lock()
        self._path = path

    def add(self, entry: Entry) -> None:
        """Note a request that is over."""
        with self._lock:
            self._entries.append(entry)
            if self._path is not None:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(entry._asdict()) + "\n")

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every request so far, as they ended."""
        with self._lock:
            return tuple(self._entries)

    def of(self, endpoint: str) -> tuple[Entry, ...]:
        """The requests of one endpoint."""
        return tuple(entry for entry in self.entries if entry.endpoint == endpoint)

    @property
    def billed(self) -> int:
        """How many requests cost something."""
        return sum(entry.billed for entry in self.entries)

    @property
    def wasted(self) -> int:
        """Billed requests whose body had been delivered before: nobody should have asked again."""
        delivered: Counter[str] = Counter()
        wasted = 0
        for entry in sorted(self.entries):
            wasted += entry.billed and delivered[entry.body] > 0
            delivered[entry.body] += entry.delivered
        return wasted

    @property
    def most_in_flight(self) -> int:
        """The most requests under way at once."""
        return max((entry.in_flight for entry in self.entries), default=0)

    def early(self, grace_seconds: float = 0.05) -> tuple[Entry, ...]:
        """Requests that came while their key was told to wait; those already on their way are forgiven."""
        told = [entry for entry in self.entries if entry.retry_after]
        return tuple(
            entry
            for entry in self.entries
            if any(
                limit.key == entry.key and limit.ended + grace_seconds < entry.arrived < limit.ended + limit.retry_after
                for limit in told
            )
        )

    @property
    def seconds(self) -> float:
        """From the first request to the last answer."""
        entries = self.entries
        return max(entry.ended for entry in entries) - min(entry.arrived for entry in entries) if entries else 0.0

    def sums(self) -> Mapping[str, Any]:
        """For a person, or a note."""
        entries = self.entries
        return {
            "requests": len(entries),
            "billed": self.billed,
            "delivered": sum(entry.delivered for entry in entries),
            "billed again after delivery": self.wasted,
            "most in flight": self.most_in_flight,
            "by endpoint": dict(Counter(entry.endpoint for entry in entries)),
            "faults": dict(Counter(entry.fault for entry in entries if entry.fault)),
        }
