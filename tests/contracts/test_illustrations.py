"""What everybody who paints promises. A new painter joins `PAINTERS` and passes all of it unchanged."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from resources.catalogue import ConfiguredProviders
from tests.faults.provider import Faults, Provider, scripted
from tests.services import write_file
from video_assets.studio.calls.context import CallContext, CallServices
from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.core.errors import ContentRefused
from video_assets.studio.pictures.illustration import DEFAULT_STYLE, IllustrationRequest
from video_assets.studio.storage.store import LocalStore

PAINTERS = ("openai",)


class Studio:
    """A provider of pictures, and the call context that it is given."""

    def __init__(self, root: Path, provider: Provider, file: dict[str, Any]) -> None:
        self.provider = provider
        self.call_context = CallContext(CallServices(root / "calls"), LocalSlots({}), LocalStore(root / "store"))
        self.configured = ConfiguredProviders(write_file(root / "providers", provider, **file))
        (self.picture_provider,) = self.configured.illustrators().values()

    def paint(self, request: IllustrationRequest) -> bytes:
        """The picture of a request."""
        return self.picture_provider.illustrate(request, self.call_context)


@pytest.fixture(params=PAINTERS)
def studio(tmp_path: Path) -> Iterator[Callable[..., Studio]]:
    """Each painter in turn, its provider with the faults that are named."""
    running: list[Studio] = []

    def made(faults: Faults | None = None, **file: Any) -> Studio:
        running.append(Studio(tmp_path, Provider(faults=faults).__enter__(), file))
        return running[-1]

    yield made
    for each in running:
        each.configured.close()
        each.provider.__exit__(None, None, None)


def asked(description: str = "A lamp over a table.", **other: Any) -> IllustrationRequest:
    return IllustrationRequest(
        **{"description": description, "style": DEFAULT_STYLE, "width_px": 800, "height_px": 560, **other}
    )


def test_a_picture_is_whole_and_in_one_form(studio: Callable[..., Studio]) -> None:
    """The typesetter would meet what it cannot show."""
    with Image.open(io.BytesIO(studio().paint(asked()))) as picture:
        picture.load()
        assert (picture.format, picture.mode) == ("PNG", "RGB")
        assert picture.width > picture.height, "the nearest shape to the place it will have"


def test_a_picture_is_painted_once(studio: Callable[..., Studio]) -> None:
    """Every change of a theme would buy the pictures again."""
    at = studio()
    first = at.paint(asked())
    assert at.paint(asked(width_px=840)) == first, "a place of nearly the same shape takes the same picture"
    assert at.provider.ledger.billed == 1


def test_its_identity_names_what_shapes_a_picture(studio: Callable[..., Studio]) -> None:
    """A picture of low quality would pass for one of high quality."""
    picture_provider = studio().picture_provider
    plain = picture_provider.identity(asked())
    assert plain == picture_provider.identity(asked("Another scene."))
    assert plain["provider"] == picture_provider.name
    assert picture_provider.identity(asked(width_px=400, height_px=900)) != plain


def test_what_it_would_buy_can_be_told(studio: Callable[..., Studio]) -> None:
    """An estimate would say nothing of what pictures cost."""
    at = studio()
    assert sum(paid_request.max_usage.pictures for paid_request in at.picture_provider.paid_requests(asked())) == 1
    assert at.provider.ledger.entries == ()


def test_forbidden_words_are_refused_and_not_asked_again(studio: Callable[..., Studio]) -> None:
    """An account would be closed for asking the same forbidden thing each night."""
    at = studio(scripted("refusal"))
    for _ in range(2):
        with pytest.raises(ContentRefused):
            at.paint(asked())
    assert len(at.provider.ledger.entries) == 1


@pytest.mark.parametrize("fault", ["cut-picture", "bomb-picture", "blank-picture", "html-picture", "tiny-picture"])
def test_a_spoilt_picture_is_never_handed_out(studio: Callable[..., Studio], fault: str) -> None:
    """Half a picture, or none, would be in the film."""
    at = studio(scripted(fault))
    with Image.open(io.BytesIO(at.paint(asked()))) as picture:
        picture.load()
        assert picture.width >= 512
    assert len(at.provider.ledger.entries) == 2


def test_many_may_be_asked_for_at_once(studio: Callable[..., Studio]) -> None:
    """Sections would get each other's pictures."""
    at = studio()
    requests = [asked(f"Scene {number}.") for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(at.paint, requests))
    assert together == [at.paint(request) for request in requests]
    assert len(set(together)) == 6
