"""The command and Dagster with a provider: a lesson from a topic to its film, the gate before it, and what it cost."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.faults.provider import Provider, at_random
from tests.kit.house import House
from tests.services import write_file
from video_assets.definitions import build_defs

BOUGHT = ("--set", "speech=trial", "--set", "pictures=trial", "--set", "presenter_place=absent")
PRICES = """
date = "2026-01-01"
currency = "EUR"
[models.trial]
characters_per_million = 1000.0
input_tokens_per_million = 1.0
output_tokens_per_million = 2.0
picture = { "medium/1024x1024" = 0.5 }
"""


@pytest.fixture
def shop(house: House, provide: Callable[..., Provider]) -> Callable[..., Provider]:
    """Gives the house a provider, and its prices."""

    def open_(**how: Any) -> Provider:
        provider = provide(**how)
        write_file(house.root / "data" / "providers", provider)
        (house.root / "data" / "prices.toml").write_text(PRICES)
        return provider

    return open_


def test_from_a_topic_to_a_film_and_its_bill(house: House, shop: Callable[..., Provider]) -> None:
    """Somebody who pays would not know for what, or pay for the same thing with every render."""
    secret = "sk-planted-9876543210fedcba"
    provider = shop(keys={secret})
    file = house.root / "data" / "providers" / "trial.toml"
    file.write_text(
        file.read_text().replace("\n[writing]", '\naccounts = [{ key_variable = "SHOP_KEY" }]\n[writing]', 1)
    )
    refused = house.run(
        "new", "how rain falls", "--writing", "trial", "--sections", "2", "-o", "data/lessons/tiny.json"
    )
    assert (refused.code, "SHOP_KEY" in refused.err) == (2, True), "a key that is not set is named"
    key = {"SHOP_KEY": secret}
    arguments = ("new", "how rain falls", "--writing", "trial", "--sections", "2", "-o", "data/lessons/tiny.json")
    made = house.run(*arguments, **key)
    assert made.code == 0, made.err
    assert "Wrote data/lessons/tiny.json" in made.out
    before = house.run("render", "data/lessons/tiny.json", *BOUGHT, *house.small, "--estimate", **key)
    assert "speech by trial (trial): 2 calls" in before.out
    assert "pictures by trial (trial)" in before.out
    at_most = Decimal(before.out.split("At most ")[1].split()[0])
    poor = house.render(*BOUGHT, "--max-cost", "0.10", sequential=True, **key)
    assert poor.code == 1
    assert "Raise the cost limit" in poor.out
    rich = house.render(*BOUGHT, "--max-cost", str(at_most), sequential=True, **key)
    assert rich.code == 0, rich.out
    assert provider.ledger.wasted == 0
    told = json.loads(house.run("costs", "--by", "work", "--json").out)
    assert told["currency"] == "EUR"
    assert 0 < Decimal(told["groups"]["speech"]["cost"]) + Decimal(told["groups"]["pictures"]["cost"]) <= at_most
    asked = len(provider.ledger.entries)
    again = house.render(*BOUGHT, sequential=True, **key)
    assert again.code == 0
    assert len(provider.ledger.entries) == asked, "nothing is bought twice"
    usable = {work: group["usable"] for work, group in told["groups"].items()}
    assert (usable["writing"], usable["speech"], sum(usable.values())) == (3, 2, asked)
    assert (
        "no paid calls" in house.run("render", "data/lessons/tiny.json", *BOUGHT, *house.small, "--estimate", **key).out
    )
    held = [path for path in house.root.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert held == [], "a key is in no database, journal, store or film"


@pytest.mark.slow
def test_a_lesson_under_review_is_neither_spoken_nor_filmed_before_it_is_approved(
    house: House, shop: Callable[..., Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake in a script would be spoken, and paid for, before anybody had looked at it."""
    provider = shop()
    house.write([{k: v for k, v in house.lamp.items() if k != "label"}])
    refused = house.ask("approve", "tiny")
    assert (refused.code, "no script of tiny" in refused.err) == (2, True)
    waiting = house.render(*BOUGHT, "--set", "review=yes", sequential=False)
    assert waiting.code == 0, waiting.out
    assert "lessonreel approve tiny" in waiting.out
    assert not (house.videos / "tiny").exists()
    assert "switch makes the lamp bright" in (house.videos / "tiny.script.txt").read_text("utf-8")
    assert {entry.endpoint for entry in provider.ledger.entries} == {"images/generations"}
    for name in ("LESSONREEL_ROOT", "LESSONREEL_STATE", "DAGSTER_HOME"):
        monkeypatch.setenv(name, house.environment[name])
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("lessons", ["tiny"])
        job = build_defs().resolve_job_def("approve")
        assert job.execute_in_process(partition_key="tiny", instance=instance).success
    made = house.render(*BOUGHT, "--set", "review=yes", sequential=False)
    assert made.code == 0, made.out
    assert (house.videos / "tiny" / "tiny.en.mp4").exists()
    house.write([{**house.lamp, "content": "An open switch makes the *lamp* dark today."}])
    edited = house.render(*BOUGHT, "--set", "review=yes", sequential=False)
    assert "lessonreel approve tiny" in edited.out, "another script wants another approval"


def test_a_stand_in_is_named_in_the_terminal_and_in_dagster(house: House, shop: Callable[..., Provider]) -> None:
    """A teacher would not learn that the voice in the film is not the one that was chosen."""
    shop(keys={"another"})
    house.write([house.lamp])
    made = house.render("--set", "speech=trial, espeak", "--set", "pictures=trial, slides")
    assert made.code == 0, made.out
    assert "lamp: trial answered 401" in made.out
    assert "espeak speaks it instead" in made.out
    assert "typeset instead" in made.out
    told = json.loads((house.videos / "tiny" / "manifest.json").read_text())["sections"][0]
    assert (told["speech"]["provider"], told["picture"]["instead_of"]) == ("espeak", "trial")


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_stopped_while_a_provider_is_slow_it_ends_at_once_and_blames_nobody(
    house: House, shop: Callable[..., Provider], await_: Callable[..., None], number: int
) -> None:
    """Who stops a render would wait for minutes of a provider's time, and find it counted as out at the next one."""
    provider = shop(latency={"speech": 600, "pictures": 600})
    write_file(house.root / "data" / "providers", provider, timeout_seconds=900)
    one_more_than_at_once = range(5)
    house.write(
        [house.section(f"s{n}", f"Rain number {n} falls from a heavy cloud today.") for n in one_more_than_at_once]
    )
    with house.started("render", "data/lessons/tiny.json", *BOUGHT, *house.small) as process:
        await_(lambda: provider.in_flight >= 4)
        os.kill(process.pid, number)
        out, err = process.communicate(timeout=300)  # of the ten minutes that an answer takes
    assert process.returncode == 130, (out, err)
    assert " failed:" not in out, "what was stopped has not failed"
    told = json.loads(house.run("costs", "--by", "work", "--json").out)["groups"]
    assert sum(Decimal(group["uncertain"]) for group in told.values()) > 0, "what may have been billed is told"
    gate = json.loads((house.root / "data" / "state" / "calls" / "gates" / "trial.json").read_text())
    assert gate["failures"] == 0, "four more, and the provider would count as out at the next render"
    provider.latency.clear()
    again = house.render(*BOUGHT)
    assert again.code == 0, again.out


@pytest.mark.slow
def test_killed_in_the_midst_nothing_is_paid_twice_but_what_was_in_flight(
    house: House, shop: Callable[..., Provider]
) -> None:
    """A power cut would make an archive's owner pay again for all that was bought."""
    provider = shop(faults=at_random(0.3, seed=2), latency={"speech": 0.3, "pictures": 0.6}, retry_after_seconds=0.2)
    house.write([house.section(f"s{n}", f"Rain number {n} falls from a heavy cloud today.") for n in range(6)])
    for seconds in (5.0, 6.0, 7.0):
        with house.started("render", "data/lessons/tiny.json", *BOUGHT, *house.small) as process:
            time.sleep(seconds)
            os.killpg(process.pid, signal.SIGKILL)
    assert house.render(*BOUGHT, sequential=False).code == 0
    told = json.loads(house.run("costs", "--by", "work", "--json").out)["groups"]
    usable = sum(group["usable"] for group in told.values())
    assert usable == 12, "each sound and picture is usable once"
    assert provider.ledger.wasted <= 3 * 4, "at most what was in flight at each of three kills"
    assert (Path(house.videos) / "tiny" / "tiny.en.mp4").exists()
