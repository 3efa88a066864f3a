"""A provider that bills answers of no use: how many are paid for, who is told, and when it is asked again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from resources.catalogue import ConfiguredProviders
from tests.faults.provider import Outage, Provider, scripted
from tests.faults.test_bought_lessons import LONG, House
from tests.faults.test_calls import Desk
from tests.kit.clock import FakeClock
from tests.kit.forked_commands import start_program
from video_assets.studio.calls.content_breaker import MAX_USELESS, REST_SECONDS, ContentBreaker, Model
from video_assets.studio.core.errors import InvalidResponse, InvalidResponsesLimit, ProviderError, SectionsFailed

MODEL = Model("trial", "speech", "m", "1")


@pytest.fixture
def services(tmp_path: Path) -> Callable[..., Desk]:
    """Makes a buyer."""
    return lambda provider, **how: Desk(tmp_path, provider, **how)


@pytest.fixture
def house(tmp_path: Path, described: Callable[..., ConfiguredProviders]) -> Callable[..., House]:
    """Makes a house with a provider."""
    return lambda provider, **file: House(tmp_path / "house", described(provider, **file))


@pytest.mark.parametrize(("kind", "fault"), [("speech", "noise-sound"), ("pictures", "blank-picture")])
def test_a_lesson_pays_three_useless_answers_and_no_more(
    kind: str, fault: str, house: Callable[..., House], provide: Callable[..., Provider]
) -> None:
    """A teacher would pay for eighty answers of a broken model, and read as many messages about it."""
    provider = provide(faults=Outage(fault))
    made = house(provider, at_once=8)
    with pytest.raises(SectionsFailed) as caught:
        made.make(LONG, **{kind: "trial"})
    assert provider.ledger.billed == MAX_USELESS
    assert {type(each) for each in caught.value.failures.values()} == {InvalidResponsesLimit}
    assert len({str(each) for each in caught.value.failures.values()}) == 1
    assert str(caught.value).count("trial bills answers that cannot be used") == 1, "said once, for all sections"
    with pytest.raises(SectionsFailed):
        made.make(LONG, **{kind: "trial"})
    assert provider.ledger.billed == MAX_USELESS, "the next run knows of it"


def test_sections_are_left_to_the_stand_in_of_a_useless_provider(
    house: Callable[..., House], provide: Callable[..., Provider]
) -> None:
    """A film would fail, although its author had named another voice for just this."""
    provider = provide(faults=Outage("noise-sound"))
    _, _, speech = house(provider, at_once=8).make(LONG, speech="trial, espeak")
    assert speech.figures["sections_by_stand_in"] == len(LONG["sections"])
    assert provider.ledger.billed == MAX_USELESS


def test_one_good_answer_lifts_the_bound(provide: Callable[..., Provider], services: Callable[..., Desk]) -> None:
    """A provider that spoils every third answer would be given up, although each wish is met in the end."""
    faults = ["html-200", "", *["html-200", "", ""] * 8]
    provider = provide(faults=scripted(*faults))
    buyer = services(provider)
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(buyer.buy, [f"text {number}" for number in range(16)]))


def test_one_wish_that_is_never_met_does_not_stop_the_others(
    provide: Callable[..., Provider], services: Callable[..., Desk]
) -> None:
    """One sentence that a voice cannot say would cost every other section its voice."""

    def spoil(_kind: str, body: str) -> str:
        return "html-200" if body == spoilt else ""

    provider = provide(faults=scripted("503"))
    buyer = services(provider, tries=1)
    with pytest.raises(ProviderError):
        buyer.buy("spoilt")
    spoilt = provider.ledger.entries[0].body
    provider.faults = spoil
    patient = services(provider)
    with pytest.raises(InvalidResponsesLimit):
        patient.buy("spoilt")
    assert provider.ledger.billed == MAX_USELESS
    for number in range(3):
        assert patient.buy(f"text {number}").startswith(b"RIFF")


BUYER = """
import sys
from pathlib import Path
from tests.faults.test_calls import Desk
from tests.kit.clock import FakeClock
from video_assets.studio.core.errors import InvalidResponsesLimit
class Server: url = sys.argv[2]
try:
    Desk(Path(sys.argv[1]), Server, timeout_seconds=20, patience_seconds=60).buy(sys.argv[3])
except InvalidResponsesLimit:
    sys.exit(3)
"""


def test_processes_share_what_they_know_of_answers(tmp_path: Path, provide: Callable[..., Provider]) -> None:
    """Lessons that are made at once would each pay for three useless answers."""
    provider = provide(faults=Outage("html-200"), latency={"speech": 0.3})
    running = [start_program(BUYER, str(tmp_path), provider.url, f"text {n}") for n in range(4)]
    assert [process.wait(120) for process in running] == [3] * 4
    assert provider.ledger.billed == MAX_USELESS


def test_a_useless_provider_is_asked_once_in_a_while_until_it_is_of_use(tmp_path: Path) -> None:
    """A provider that was mended would stay stopped for good, or one that was not be paid for all the same."""
    watch = FakeClock()
    breaker = ContentBreaker(tmp_path, "trial", MODEL, clock=watch)
    for recipe in "abc":
        breaker.record_useless(breaker.acquire(recipe) or "", recipe, "It was noise.")
    with pytest.raises(InvalidResponsesLimit, match="It was noise"):
        breaker.acquire("d")
    watch.pass_(REST_SECONDS + 1)
    probe = breaker.acquire("d")
    assert probe is not None
    assert breaker.acquire("e") is None, "one at a time"
    breaker.record_useless(probe, "d", "It was noise.")
    with pytest.raises(InvalidResponsesLimit):
        breaker.acquire("e")
    watch.pass_(REST_SECONDS + 1)
    breaker.record_good(breaker.acquire("e") or "")
    assert all(breaker.acquire(str(number)) for number in range(20))
    ContentBreaker(tmp_path, "trial", MODEL._replace(work="pictures"), clock=watch).acquire("a")


def test_a_changed_file_begins_anew(tmp_path: Path) -> None:
    """Whoever mended the provider's file would have to wait until that is believed."""
    breaker = ContentBreaker(tmp_path, "trial", MODEL)
    for recipe in "abc":
        breaker.record_useless(breaker.acquire(recipe) or "", recipe, "It was noise.")
    assert ContentBreaker(tmp_path, "trial", MODEL._replace(version="2")).acquire("d")


def test_the_place_of_a_killed_process_is_free_again(tmp_path: Path) -> None:
    """Three kills would keep everybody from asking for hours."""
    breaker = ContentBreaker(tmp_path, "trial", MODEL)
    assert all(breaker.acquire(recipe) for recipe in "abc")
    assert breaker.acquire("d") is None
    path = tmp_path / "trial.content.json"
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    path.write_text(path.read_text().replace(f'"process":{os.getpid()}', f'"process":{ended.pid}'))
    assert all(breaker.acquire(recipe) for recipe in "abc")


@pytest.mark.parametrize("shift", [-86_400.0, -3600.0, 3600.0, 86_400.0 * 40])
def test_a_clock_that_is_set_neither_stops_nor_frees_a_model(tmp_path: Path, shift: float) -> None:
    """A provider would stay stopped for the hour by which the clock was set back."""
    watch = FakeClock()
    breaker = ContentBreaker(tmp_path, "trial", MODEL, clock=watch)
    for recipe in "abc":
        breaker.record_useless(breaker.acquire(recipe) or "", recipe, "It was noise.")
    watch.unix += shift
    watch.pass_(REST_SECONDS - 1)
    with pytest.raises(InvalidResponsesLimit):
        breaker.acquire("d")
    watch.pass_(2)
    assert breaker.acquire("d")
    watch.boot, watch.since_boot = "second", 1.0
    watch.unix -= 7200
    told = json.loads((tmp_path / "trial.content.json").read_text())
    assert told["models"]["speech/m"]["rests_until"] > watch.unix + REST_SECONDS, "it says so still"
    breaker.release(next(iter(told["models"]["speech/m"]["trials"])))
    assert breaker.acquire("d"), "what a clock before the restart said is void"


def test_what_cannot_be_used_is_no_other_error(services: Callable[..., Desk], provide: Callable[..., Provider]) -> None:
    """A lesson whose voice failed once would be told that its provider is of no use."""
    provider: Provider = provide(faults=scripted("html-200"))
    buyer = services(provider, tries=1)
    with pytest.raises(InvalidResponse):
        buyer.buy()
    assert buyer.buy().startswith(b"RIFF")
