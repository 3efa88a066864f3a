"""What every writer promises. A new one joins `WRITERS` and passes all of it unchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from resources.catalogue import ConfiguredProviders
from tests.faults.provider import Faults, Provider, scripted
from tests.services import write_file
from video_assets.studio.calls.context import CallContext, CallServices
from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.core.errors import ContentRefused, InvalidResponse, ProviderError
from video_assets.studio.core.values import canonical_json
from video_assets.studio.storage.store import LocalStore
from video_assets.studio.writing.provider import (
    Brief,
    OutlineSection,
    OutlineText,
    SectionText,
    WritingProvider,
    outline_request,
    section_request,
)

WRITERS: dict[str, dict[str, str]] = {
    "chat": {"api": "chat"},
    "responses": {"api": "responses"},
    "responses, as jobs": {"api": "responses", "background": "true"},
}
BRIEF = Brief(notes="why bread rises", sections=3)
OUTLINE = OutlineText(
    title="Bread",
    description="Why it rises.",
    terms=("yeast: what makes the gas",),
    characters=(),
    sections=(
        OutlineSection(title="Flour", about="It holds.", opens_part=False),
        OutlineSection(title="Yeast", about="It breathes.", opens_part=False),
    ),
)


class Desk:
    """A writer, and the call context that it is given."""

    def __init__(self, root: Path, provider: Provider, file: dict[str, Any]) -> None:
        self.provider = provider
        self.call_context = CallContext(CallServices(root / "calls"), LocalSlots({}), LocalStore(root / "store"))
        self.configured = ConfiguredProviders(write_file(root / "providers", provider, **file))
        (self.writer,) = self.configured.writers().values()


@pytest.fixture(params=WRITERS)
def services(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Each writer in turn, its provider with the faults that are named."""
    running: list[Desk] = []

    def made(faults: Faults | None = None, **file: Any) -> Desk:
        running.append(Desk(tmp_path, Provider(faults=faults).__enter__(), {**WRITERS[request.param], **file}))
        return running[-1]

    yield made
    for each in running:
        each.configured.close()
        each.provider.__exit__(None, None, None)


def test_texts_come_back_in_the_shape_that_was_asked_for(services: Callable[..., Desk]) -> None:
    """A lesson would lack what its next stage needs."""
    at = services()
    outline = at.writer.write(outline_request(BRIEF), OutlineText, at.call_context)
    section = at.writer.write(section_request(BRIEF, OUTLINE, 0, {}), SectionText, at.call_context)
    assert len(outline.sections) == 3
    assert section.narration
    assert section.image_description


def test_a_wish_is_written_once(services: Callable[..., Desk]) -> None:
    """Each look at a lesson would buy it again, and find other words."""
    at = services()
    request = section_request(BRIEF, OUTLINE, 1, {})
    first = at.writer.write(request, SectionText, at.call_context)
    told = SectionText(title="Flour", narration="Flour holds.", bullets=(), image_description="Flour.")
    later = section_request(BRIEF, OUTLINE, 1, {0: told})
    assert at.writer.write(later, SectionText, at.call_context) == first
    assert at.provider.ledger.billed == 1


def test_a_wish_is_plain_and_names_the_writer(services: Callable[..., Desk]) -> None:
    """Recipes would change with every process, or two writers share a text."""
    at = services()
    paid_request = at.writer.paid_request(outline_request(BRIEF))
    assert canonical_json(paid_request.recipe) == canonical_json(at.writer.paid_request(outline_request(BRIEF)).recipe)
    assert paid_request.identity["provider"] == at.writer.name
    assert paid_request.max_usage.output_tokens > 0, "what it costs at most can be told before"
    assert at.provider.url not in canonical_json(paid_request.recipe).decode()


def test_many_may_be_asked_for_at_once(services: Callable[..., Desk]) -> None:
    """Sections that are written side by side would get each other's texts."""
    at = services()
    requests = [section_request(BRIEF, OUTLINE.model_copy(update={"title": f"B{n}"}), 0, {}) for n in range(8)]

    def write(request: Any) -> SectionText:
        return at.writer.write(request, SectionText, at.call_context)

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(write, requests))
    assert together == [write(request) for request in requests]
    assert at.provider.ledger.billed == 8


def test_what_will_not_be_written_is_refused_and_not_asked_again(services: Callable[..., Desk]) -> None:
    """An apology would be spoken in a lesson, or be asked for every night."""
    at = services(scripted("refusal"))
    for _ in range(2):
        with pytest.raises(ContentRefused):
            at.writer.write(outline_request(BRIEF), OutlineText, at.call_context)
    assert len(at.provider.ledger.of("responses") + at.provider.ledger.of("chat/completions")) == 1


def test_half_a_text_is_no_text(services: Callable[..., Desk]) -> None:
    """A section would end in mid-sentence, for good."""
    at = services(scripted("cut-text", "cut-text"), tries=2)
    with pytest.raises(InvalidResponse):
        at.writer.write(outline_request(BRIEF), OutlineText, at.call_context)
    whole = at.writer.write(outline_request(BRIEF), OutlineText, at.call_context)
    assert len(whole.sections) == 3


def test_without_an_errand_nothing_is_bought(services: Callable[..., Desk]) -> None:
    """Whoever only wants to know what would be made would pay for it."""
    at = services()
    writer: WritingProvider = at.writer
    with pytest.raises(ProviderError, match="paid for"):
        writer.write(outline_request(BRIEF), OutlineText)
    assert at.provider.ledger.entries == ()
