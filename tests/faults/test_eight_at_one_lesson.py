"""G13: many processes at one lesson make each thing once, and the same film."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

PROCESSES = 8


def test_each_recipe_is_made_once(tmp_path: Path, workplace_in: Callable[[Path], Any], reference: Mapping[str, Any]):
    """A school would pay eight times for a speech because eight teachers rendered the same lesson after lunch."""
    place = workplace_in(tmp_path / "place")
    forks = [place.start() for _ in range(PROCESSES)]
    ended = [place.join(fork) for fork in forks]
    assert [(each.code, each.raised) for each in ended] == [(0, None)] * PROCESSES, ended
    published = Counter(place.published())
    assert set(published) == reference["records"]
    assert set(published.values()) == {1}
    assert place.film() == reference["film"]
    assert place.faults() == []
    assert not any((place.root / "store" / "locks").iterdir()), "locks pile up"
