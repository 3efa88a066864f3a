"""Providers for tests: the misbehaving server on this machine, and files that lead to it.

Only fixtures that a test asks for by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from resources.catalogue import ConfiguredProviders
from tests.faults.provider import Provider

FILE = """
kind = "openai"
url = "{url}"
at_once = {at_once}
tries = {tries}
timeout_seconds = {timeout_seconds}
patience_seconds = {patience_seconds}
first_wait_seconds = 0.05
stand_in_after_seconds = {stand_in_after_seconds}
{accounts}

[writing]
model = "trial"
api = "{api}"
background = {background}
{writing_more}

[speech]
model = "trial"
speed = {speed}
instructions = {instructions}
voices = [{{ id = "alloy", name = "Alloy" }}, {{ id = "nova" }}]
{speech_more}

[pictures]
model = "trial"
sizes = ["1024x1024", "1536x1024", "1024x1536"]
quality = "{quality}"
{pictures_more}
"""
USUAL: dict[str, Any] = {
    "at_once": 4,
    "tries": 8,
    "timeout_seconds": 20,
    "patience_seconds": 120,
    "stand_in_after_seconds": 60,
    "accounts": "",
    "api": "chat",
    "background": "false",
    "speed": "false",
    "instructions": "true",
    "quality": "medium",
    "speech_more": "",
    "pictures_more": "",
    "writing_more": "",
}


def write_file(folder: Path, provider: Provider, name: str = "trial", **other: Any) -> Path:
    """The file of a provider called `name` that leads to `provider`; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.toml").write_text(FILE.format(**{**USUAL, "url": provider.url, **other}), "utf-8")
    return folder


@pytest.fixture
def provide() -> Iterator[Callable[..., Provider]]:
    """Starts a provider that misbehaves as it is told; it ends with the test. What it writes is short, as films of it
    are made.
    """
    with ExitStack() as running:
        yield lambda **how: running.enter_context(Provider(**{"narration_sentences": 2, **how}))


@pytest.fixture
def described(tmp_path: Path) -> Callable[..., ConfiguredProviders]:
    """What a folder with one provider's file describes."""

    def read(provider: Provider, name: str = "trial", **other: Any) -> ConfiguredProviders:
        return ConfiguredProviders(write_file(tmp_path / f"providers-{name}", provider, name, **other))

    return read
