"""The provider files that are shipped work with the servers that they are for."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from resources.catalogue import ConfiguredProviders
from resources.provider_check import check_servers
from resources.provider_file import ProviderFile, read_provider, read_providers
from resources.retirements import read_retirements, retirements_of
from resources.speech.espeak import EspeakSpeech
from tests.faults.provider.personalities import PERSONALITIES, PersonalProvider
from video_assets.studio.calls.context import CallContext, CallServices
from video_assets.studio.calls.pricing import read_prices
from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.choices.retirement import WARN_DAYS
from video_assets.studio.lesson.script import SpokenWord, expected_seconds
from video_assets.studio.pictures.illustration import DEFAULT_STYLE, IllustrationRequest
from video_assets.studio.speech.checks import check_speech
from video_assets.studio.speech.provider import SpeechRequest
from video_assets.studio.speech.voices import choose_voice
from video_assets.studio.storage.store import LocalStore
from video_assets.studio.writing.provider import Brief, OutlineText, outline_request

DATA = Path(__file__).parents[2] / "data"
SHIPPED = read_providers(DATA / "providers")
NAMED = sorted(set(SHIPPED) - {"local"})
"""`local` is for the trial server of `make provider`, which every other test uses."""
SENTENCE = "When the gate voltage rises, a thin channel of electrons forms."


class ShippedProvider:
    """A shipped file that leads to a server on this machine that answers as the named one does."""

    def __init__(self, name: str, server: PersonalProvider, root: Path, environ: pytest.MonkeyPatch) -> None:
        self.name = name
        self.server = server
        shipped = SHIPPED[name]
        text = (DATA / "providers" / f"{name}.toml").read_text("utf-8")
        assert f'url = "{shipped.url}"' in text
        folder = root / "providers"
        folder.mkdir()
        (folder / f"{name}.toml").write_text(text.replace(shipped.url, server.url), "utf-8")
        for account in shipped.accounts:
            if account.key_variable:
                environ.setenv(account.key_variable, server.personality.key)
        self.file: ProviderFile = read_provider(folder / f"{name}.toml")
        self.configured = ConfiguredProviders(folder)
        self.call_context = CallContext(CallServices(root / "calls"), LocalSlots({}), LocalStore(root / "store"))


@pytest.fixture(params=NAMED)
def shipped(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ShippedProvider]:
    with PersonalProvider(PERSONALITIES[request.param]) as server:
        made = ShippedProvider(request.param, server, tmp_path, monkeypatch)
        yield made
        made.configured.close()


def test_its_server_has_what_the_file_names(shipped: ShippedProvider) -> None:
    """An author who copies the example would be told that it is wrong."""
    (check,) = check_servers({shipped.name: shipped.file}, os.environ, date(2026, 12, 1))
    assert not check.failed, check.findings
    assert shipped.server.got


def test_it_speaks(shipped: ShippedProvider) -> None:
    """An author's first film with the example would fail: a format, a voice or a field that the server refuses."""
    if shipped.file.speech is None:
        assert shipped.name == "openai", "OpenAI's speech models end"
        return
    embedded = EspeakSpeech()
    (speaker,) = shipped.configured.speech(embedded).values()
    words = tuple(SpokenWord(text=word, token=index) for index, word in enumerate(SENTENCE.split()))
    voice = choose_voice(speaker.voices(), "", "en").id
    request = SpeechRequest(pieces=words, language="en", voice=voice, rate_percent=100)
    check_speech(speaker.speak(request, shipped.call_context), request, expected_seconds(words))
    (asked,) = shipped.server.asked
    assert asked["model"] == shipped.file.speech.model
    embedded.close()


def test_it_writes(shipped: ShippedProvider) -> None:
    """An author's first lesson by the example would not be written."""
    for writer in shipped.configured.writers().values():
        request = outline_request(Brief(notes="why bread rises", sections=3))
        assert len(writer.write(request, OutlineText, shipped.call_context).sections) == 3
    assert bool(shipped.file.writing) == any("messages" in asked or "input" in asked for asked in shipped.server.asked)


def test_it_paints(shipped: ShippedProvider) -> None:
    """An author's first picture by the example would not be painted."""
    request = IllustrationRequest(description="A lamp.", style=DEFAULT_STYLE, width_px=800, height_px=560)
    for painter in shipped.configured.illustrators().values():
        with Image.open(io.BytesIO(painter.illustrate(request, shipped.call_context))) as picture:
            assert picture.format == "PNG"
    assert bool(shipped.file.pictures) == any("prompt" in asked for asked in shipped.server.asked)


def test_no_shipped_model_is_about_to_end() -> None:
    """An author who copies an example in January would be told that its model is gone."""
    retirements = read_retirements(DATA / "retirements.toml")
    assert retirements.end_of("https://api.openai.com/v1", "gpt-image-1") is not None
    assert retirements_of(SHIPPED, retirements) == {}
    assert WARN_DAYS >= 30


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_model_has_a_price(name: str) -> None:
    """An author could not set a limit of costs: a model without a price is not called under one."""
    prices, file = read_prices(DATA / "prices.toml"), SHIPPED[name]
    for section in (file.writing, file.speech, file.pictures):
        if section is not None:
            assert f"{name}/{section.model}" in prices.models or section.model in prices.models
    if file.pictures:
        priced = prices.models[f"{name}/{file.pictures.model}" if name == "local" else file.pictures.model].picture
        assert (
            name == "local"
            or {f"{quality}/{size}" for quality in file.pictures.qualities for size in file.pictures.sizes}
            <= priced.keys()
        )
