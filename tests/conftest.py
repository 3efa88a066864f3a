"""Fixtures for tests of several folders. A test requests them by name; none is automatic."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.instances import instance_in
from tests.kit.house import BATTERY, COPPER, LAMP, House, await_true
from tests.kit.session import shared_folder
from tests.kit.watch import Watch
from video_assets.studio.storage.locks import file_lock

# Hypothesis fails a test whose examples take long to generate. On a busy machine that says nothing about the code.
settings.register_profile("busy machines", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples in each run, so that a change fails for what it does. `LESSONREEL_NEW_EXAMPLES=1` looks for others.
settings.register_profile("the same examples", settings.get_profile("busy machines"), derandomize=True, database=None)
settings.load_profile("busy machines" if os.environ.get("LESSONREEL_NEW_EXAMPLES") else "the same examples")

pytest_plugins = (
    "tests.browser",
    "tests.lip_service",
    "tests.portraits",
    "tests.services",
    "tests.weights",
)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An empty checkout."""
    return House(tmp_path / "checkout")


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A checkout in which a lesson of three sections was made once, each step in a process of its own.

    Made once for all of pytest's workers; nobody changes it. What the command wrote lies in `said.txt`.
    """
    folder = shared_folder(tmp_path_factory)
    with file_lock(folder / "rendered.lock"):
        house = House(folder / "rendered", bare=True)  # as somebody finds it who has just cloned it
        if not (house.root / "said.txt").exists():
            house.write([LAMP, BATTERY, COPPER])
            ended = house.render(sequential=False)
            assert (ended.code, ended.err) == (0, ""), ended
            (house.root / "said.txt").write_text(ended.out, encoding="utf-8")
    return house


@pytest.fixture
def made(rendered: House, tmp_path: Path) -> House:
    """A checkout of one's own in which the lesson was made once."""
    return rendered.copy_to(tmp_path / "checkout")


@pytest.fixture(scope="session")
def await_() -> Callable[..., None]:
    """Waits until something holds."""
    return await_true


@pytest.fixture
def watch_in(tmp_path: Path) -> Iterator[Callable[[Path], Watch]]:
    """Makes a watch over a checkout."""
    home = tmp_path / "home"
    home.mkdir()
    with instance_in(home) as instance:
        yield lambda root: Watch(root, instance)


@pytest.fixture
def watch(watch_in: Callable[[Path], Watch], tmp_path: Path) -> Watch:
    """A watch over an empty checkout."""
    return watch_in(tmp_path / "checkout")
