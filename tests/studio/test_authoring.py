"""Writing a whole lesson, section by section, with a real provider on this machine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from resources.catalogue import ConfiguredProviders
from tests.faults.provider import Provider, scripted
from video_assets.studio.calls.context import CallContext, CallServices
from video_assets.studio.calls.ledger.ledger import Budget
from video_assets.studio.calls.pricing import Prices
from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.core.errors import BudgetExceeded, InvalidResponse, Rejected, SectionsFailed
from video_assets.studio.lesson.reader import read_lesson
from video_assets.studio.storage.store import LocalStore
from video_assets.studio.writing.authoring import Writers, lesson_text, outline_parts, run_windowed, write_lesson
from video_assets.studio.writing.provider import (
    Brief,
    OutlineSection,
    OutlineText,
    SectionText,
    outline_request,
    read_text,
    section_request,
)

BRIEF = Brief(notes="how bread rises", language="en", audience="bakers", sections=7)


def writers(tmp_path: Path, described: Callable[..., ConfiguredProviders], provider: Any, **file: Any) -> Writers:
    """Somebody who writes, and keeps what was written."""
    call_context = CallContext(
        CallServices(tmp_path / "calls"), LocalSlots({"trial": 16}), LocalStore(tmp_path / "store"), "bread"
    )
    return Writers(tuple(described(provider, **file).writers().values()), call_context)


@pytest.mark.parametrize("api", ["chat", "responses"])
def test_a_topic_becomes_a_lesson_that_can_be_rendered(
    api: str, tmp_path: Path, provide: Callable[..., Provider], described: Callable[..., ConfiguredProviders]
) -> None:
    """A course maker would get a file that `check` refuses, or one without the sections that were asked for."""
    provider = provide()
    told: list[tuple[int, int]] = []
    data = write_lesson(BRIEF, writers(tmp_path, described, provider, api=api), 3, lambda *count: told.append(count))
    path = tmp_path / "bread.json"
    path.write_text(lesson_text(data, "../docs/lesson.schema.json"), "utf-8")
    read = read_lesson(path)
    assert read.problems == ()
    assert read.lesson is not None
    assert len(read.lesson.sections) == 7
    assert all(section.narration and section.image_description and section.title for section in read.lesson.sections)
    assert told == [(number, 7) for number in range(8)]
    assert len(provider.ledger.entries) == 8


def test_a_section_knows_what_is_finished_before_it_under_its_number(
    tmp_path: Path, provide: Callable[..., Provider], described: Callable[..., ConfiguredProviders]
) -> None:
    """A lesson would repeat itself, or refer to a section that is another one."""
    provider = provide()
    write_lesson(BRIEF, writers(tmp_path, described, provider), 1, lambda *_: None)
    last = provider.asked[-1]["messages"][1]["content"]
    assert "Write section 7 of 7." in last
    assert [f"\n{number}. " in last.split("Already written:")[1] for number in range(1, 8)] == [True] * 6 + [False]
    assert "bakers" in last


def test_one_that_fails_is_asked_for_alone_and_the_others_are_kept(
    tmp_path: Path, provide: Callable[..., Provider], described: Callable[..., ConfiguredProviders]
) -> None:
    """A long lesson would be written, and paid for, anew because of one section."""
    provider = provide(faults=scripted("", "", "", "401"))
    author = writers(tmp_path, described, provider)
    with pytest.raises(SectionsFailed, match="1 of 7 sections failed; the others are kept"):
        write_lesson(BRIEF, author, 1, lambda *_: None)
    asked = len(provider.ledger.entries)
    write_lesson(BRIEF, author, 1, lambda *_: None)
    assert len(provider.ledger.entries) == asked + 1


def test_no_section_waits_for_a_batch() -> None:
    """One slow section would hold up all that could be written meanwhile."""
    running, most, lock, passed_by = 0, 0, threading.Lock(), threading.Event()
    seen_of: dict[int, set[int]] = {}

    def write(number: int, finished: Any) -> str:
        nonlocal running, most
        with lock:
            seen_of[number] = set(finished)
            running += 1
            most = max(most, running)
        if number == 0:
            assert passed_by.wait(30), "who waits for the first of its batch would wait for ever"
        else:
            time.sleep(0.1)
        if number == 9:
            passed_by.set()
        with lock:
            running -= 1
        return f"text {number}"

    finished, failures = run_windowed((range(10),), 3, write, {})
    assert (most, failures) == (3, {})
    assert finished == {number: f"text {number}" for number in range(10)}
    assert 0 not in seen_of[9] and {1, 2, 3, 4, 5, 6} <= seen_of[9], "it saw what was finished, and nothing else"


def test_parts_are_written_side_by_side_and_each_in_order() -> None:
    """A course of eighty sections would take twice as long as it has to, or a section be written before its context."""
    running, most, lock = 0, 0, threading.Lock()
    seen_of: dict[int, set[int]] = {}

    def write(number: int, finished: Any) -> str:
        nonlocal running, most
        with lock:
            seen_of[number] = set(finished)
            running += 1
            most = max(most, running)
        time.sleep(0.2)
        with lock:
            running -= 1
        return "text"

    parts = (tuple(range(6)), tuple(range(6, 12)), tuple(range(12, 18)))
    finished, failures = run_windowed(parts, 2, write, {}, 6)
    assert (most, failures, len(finished)) == (6, {}, 18)
    for part in parts:
        for number in part:
            lacking = {each for each in part if each < number} - seen_of[number]
            assert len(lacking) <= 1, f"{number} was begun without {lacking}"
    assert not seen_of[6], "the second part does not wait for the first"


@pytest.mark.parametrize("defect", [ZeroDivisionError, KeyboardInterrupt])
def test_an_interruption_ends_the_writing_and_what_it_waits_for(defect: type[BaseException]) -> None:
    """Ctrl-C, or a defect of ours, would leave threads that wait for each other for ever."""
    stopped, begun = threading.Event(), []

    def write(number: int, _: Any) -> str:
        begun.append(number)
        if number == 0:
            raise defect
        assert stopped.wait(10), "nobody ended the wait"
        return "text"

    with pytest.raises(defect):
        run_windowed((range(9),), 3, write, {}, stop=stopped.set)
    assert stopped.is_set()
    assert len(begun) < 9


def test_nobody_stands_in_when_the_money_is_spent(
    tmp_path: Path, provide: Callable[..., Provider], described: Callable[..., ConfiguredProviders]
) -> None:
    """A limit of costs would be gone round by asking the next provider."""
    provider = provide()
    author = writers(tmp_path, described, provider)
    services = CallServices(tmp_path / "calls", Prices(date="2026-01-01"), Budget("run", Decimal("0.01")))
    twice = Writers((*author.providers, *author.providers), author.call_context._replace(services=services))
    told: list[str] = []
    with pytest.raises(BudgetExceeded):
        Writers(twice.providers, twice.call_context._replace(notify=told.append)).write(
            outline_request(BRIEF), OutlineText
        )
    assert (told, provider.ledger.entries) == ([], ())


def test_an_outline_says_where_its_parts_begin() -> None:
    """Sections that build on each other would be written without knowing each other."""
    sections = [{"title": "A", "about": "B", "opens_part": opens} for opens in (False, False, True, False, True)]
    outline = OutlineText.model_validate(
        {"title": "T", "description": "D", "terms": (), "characters": (), "sections": sections}
    )
    assert outline_parts(outline) == ((0, 1), (2, 3), (4,))


def test_a_refusal_is_no_text(
    tmp_path: Path, provide: Callable[..., Provider], described: Callable[..., ConfiguredProviders]
) -> None:
    """A lesson would say that it cannot help with that."""
    provider = provide(faults=scripted("refusal"))
    with pytest.raises(Rejected, match="cannot help"):
        write_lesson(BRIEF, writers(tmp_path, described, provider), 3, lambda *_: None)


@pytest.mark.parametrize(
    "spoilt",
    [
        b"{}",
        b"[]",
        b'{"title": "A", "narration": "", "bullets": [], "image_description": "B"}',
        b'{"title": "A", "narration": "Too short.", "bullets": [], "image_description": "B"}',
        json.dumps(
            {"title": "A", "narration": "[slow] " + "word " * 60, "bullets": [], "image_description": "B"}
        ).encode(),
    ],
)
def test_what_nobody_could_say_is_not_kept(spoilt: bytes) -> None:
    """Half a text would be spoken, and be in the lesson for good."""
    with pytest.raises(InvalidResponse):
        read_text(spoilt, SectionText, "trial")


def test_what_a_section_is_about_is_its_wish_and_not_what_was_finished(
    provide: Callable[..., Provider], described: Callable[..., ConfiguredProviders]
) -> None:
    """A resumed lesson would ask, and pay, again for sections whose neighbours were finished in another order."""
    outline = OutlineText(
        title="Bread",
        description="How it rises.",
        terms=("gluten: what holds it",),
        characters=(),
        sections=(
            OutlineSection(title="Flour", about="It holds.", opens_part=False),
            OutlineSection(title="Yeast", about="It breathes.", opens_part=False),
        ),
    )
    flour = SectionText(title="Flour", narration="Flour holds the dough.", bullets=(), image_description="Flour.")
    alone, after = (section_request(BRIEF, outline, 1, known) for known in ({}, {0: flour}))
    assert alone.key == after.key
    assert "Flour holds the dough." in after.text
    assert "gluten" in after.text
    assert outline_request(BRIEF).key != outline_request(BRIEF.model_copy(update={"language": "de"})).key
