"""Fixtures for tests of faults. A test requests them by name; none is automatic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.kit.workplace import Server, Workplace


@pytest.fixture(scope="session")
def workplace_in() -> Iterator[Callable[[Path], Workplace]]:
    """Makes a workplace in a folder."""
    server = Server()
    yield lambda root: Workplace(root, server)
    server.close()


@pytest.fixture(scope="session")
def reference(workplace_in: Callable[[Path], Workplace], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What comes out when nothing fails: the film's files, and the operations it took."""
    place = workplace_in(tmp_path_factory.mktemp("reference") / "place")
    ended = place.make()
    assert ended.raised is None and ended.code == 0, ended
    (film,) = (place.videos / "tiny").glob("*.mp4")
    return {
        "film": place.film(),
        "film_bytes": film.stat().st_size,
        "log": ended.value,
        "records": set(place.records()),
    }
