"""The places of the formulas of a text. Does not belong here: finding them (`formulas.py`)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Formulas:
    """The formulas of a text, as spans of characters, and the letters in them that are factors of a product."""

    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    factors: Mapping[int, int] = field(default_factory=dict)
    """Start -> end of each run of letters that is a product: `kx`, `GMm`."""

    def around(self, at: int) -> tuple[int, int] | None:
        """The start and the end of the formula that the character `at` belongs to."""
        index = bisect_right(self.starts, at) - 1
        return (self.starts[index], self.ends[index]) if index >= 0 and at < self.ends[index] else None

    def hold(self, at: int) -> bool:
        """Whether the character `at` belongs to a formula."""
        return self.around(at) is not None
