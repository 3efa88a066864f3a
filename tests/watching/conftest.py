"""Fixtures for tests of the film server and its pages. A test requests them by name; none is automatic."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.dev.film_server import FilmServer
from tests.kit.films import Client, Films
from tests.kit.house import House


@pytest.fixture
def films(tmp_path: Path, rendered: House) -> Films:
    """An empty folder of films, and one to publish."""
    return Films(tmp_path / "checkout", rendered.videos / "tiny")


@pytest.fixture
def served(films: Films) -> Iterator[Client]:
    """A film server over it."""
    with FilmServer(films.project_paths, port=0) as server:
        yield Client(server.port)
