"""What a run would have to buy, told before it buys anything: never less than it then buys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.kit.studio import Studio
from tests.lip_service import LipService
from tests.portraits import Portraits
from video_assets.studio.calls.pricing import Price, Prices
from video_assets.studio.explain.cost import ExpectedRequests, expected_requests
from video_assets.studio.stages.lesson import RunOverrides, snapshot

BOUGHT = {"writing": "trial", "speech": "trial", "pictures": "trial", "presenter_place": "absent"}
NOOR = {"presenter": "noor", "title_card_ms": "0"}
PRICES = Prices(
    date="2026-01-01",
    models={
        "trial": Price(
            input_tokens_per_million=Decimal(10),
            output_tokens_per_million=Decimal(10),
            characters_per_million=Decimal(1000),
            picture={"medium/1024x1024": Decimal("0.04")},
        ),
        "hosted": Price(sound_per_minute=Decimal(6)),
    },
)


def asked(studio: Studio, settings: Mapping[str, str]) -> ExpectedRequests:
    """What a run with `settings` would buy."""
    path = studio.lesson_source.path_of("tiny")
    choices = RunOverrides("", {**studio.settings, **settings})
    taken = snapshot("tiny", path, studio.lesson_source.project(), {}, choices, rehearse=False)
    return expected_requests(taken.manifest, studio.explain_inputs(thorough=False))


def most(bought: ExpectedRequests) -> Decimal:
    """What that costs at most."""
    costs = [
        PRICES.cost(paid_request.identity["provider"], paid_request.model, paid_request.max_usage)
        for paid_request in bought.requests
    ]
    assert None not in costs
    return sum((cost for cost in costs if cost is not None), Decimal(0))


def kinds(bought: ExpectedRequests) -> dict[str, int]:
    """How many calls of each kind."""
    found: dict[str, int] = {}
    for paid_request in bought.requests:
        found[paid_request.kind] = found.get(paid_request.kind, 0) + 1
    return found


@pytest.fixture
def buying(studio: Studio, provide: Callable[..., Any], described: Callable[..., Any]) -> Studio:
    """A studio with a provider for everything, and with prices."""
    studio.ask(described(provide()))
    studio.services.prices = PRICES
    return studio


@pytest.mark.parametrize("written", [0, 1, 3], ids=["all is there", "one is to be written", "all is to be written"])
def test_no_lesson_costs_more_than_was_said(buying: Studio, written: int) -> None:
    """Whoever writes the sum that was told behind --max-cost would be left with half a film."""
    words = [
        {"id": f"s{n}", "title": "Rain", "image_description": f"Cloud {n}.", "content": f"Rain {n} falls on warm days."}
        for n in range(3)
    ]
    notes = [{"id": f"s{number}", "notes": f"fact {number} about rain"} for number in range(written)]
    buying.write([*notes, *words[written:]])
    told = asked(buying, BOUGHT)
    assert (told.guessed, kinds(told).get("writing", 0), kinds(told)["speech"]) == (written, written, 3)
    buying.make(BOUGHT)
    spent = sum((each.cost or Decimal(0) for each in buying.services.ledger.purchases()), Decimal(0))
    assert 0 < spent <= most(told)
    assert asked(buying, BOUGHT).requests == (), "everything is there"


def test_lips_are_told_of_until_they_are_there(hosted: Studio, service: LipService) -> None:
    """Whoever pays for a presenter by the minute: the dearest part of a lesson would be missing from the sum."""
    hosted.services.prices = PRICES
    before = asked(hosted, NOOR)
    assert kinds(before) == {"lips": 2}
    hosted.make({**NOOR, "presenter": "ada"})
    known = asked(hosted, NOOR)
    assert kinds(known) == {"lips": 2}
    assert 0 < most(known) < most(before), "now that the speech is there, its length is known"
    assert service.asked == []
    hosted.make(NOOR)
    spent = sum((each.cost or Decimal(0) for each in hosted.services.ledger.purchases()), Decimal(0))
    assert spent <= most(known)
    assert spent == pytest.approx(most(known), rel=Decimal("0.01")), "to the frame"
    assert asked(hosted, NOOR).requests == ()


def test_lips_of_ones_own_cost_nothing(studio: Studio, portraits_in: type[Portraits]) -> None:
    """Whoever has a GPU: a sum for what costs nothing, or a model without a price that stops every limited run."""
    portraits = portraits_in(studio.root / "portraits")
    portraits.write("noor")
    studio.players["photographed"] = portraits.provider()
    studio.write([studio.lamp])
    assert asked(studio, NOOR).requests == ()
