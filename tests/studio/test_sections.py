"""Work on every section at once: the results' order, what a failure stops, and what it does not."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from video_assets.studio.core.errors import Cancelled, ContentError, SectionsFailed
from video_assets.studio.pipeline.fan_out import map_sections
from video_assets.studio.telemetry.events import EventLog
from video_assets.studio.telemetry.resource_usage import cores


class _Item(NamedTuple):
    id: str
    value: int


ITEMS = [_Item(f"s{number}", number) for number in range(12)]


@pytest.fixture
def journal(tmp_path: Path) -> EventLog:
    """An empty journal."""
    return EventLog(tmp_path / "journal.jsonl")


def test_results_come_in_the_lesson_s_order(journal: EventLog):
    """A film would show its sections in the order in which they happened to be finished."""

    def work(item: _Item) -> tuple[int, bool]:
        time.sleep(0.002 * (12 - item.value))
        return item.value, item.value % 2 == 0

    assert map_sections("x", ITEMS, work, event_log=journal, workers=6) == [(n, n % 2 == 0) for n in range(12)]
    told = journal.read_all()
    assert (told[0].kind, told[0].total) == ("stage-started", 12)
    assert {(event.section, event.made) for event in told[1:]} == {(f"s{n}", n % 2 == 0) for n in range(12)}


def test_a_failed_section_stops_no_other(journal: EventLog):
    """An author with one wrong formula would get nothing of forty sections kept."""
    done = []

    def work(item: _Item) -> tuple[int, bool]:
        if item.value in {2, 7}:
            raise ContentError(f"no {item.value}", remedy="mend it")
        done.append(item.value)
        return item.value, True

    with pytest.raises(SectionsFailed) as failure:
        map_sections("script", ITEMS, work, event_log=journal, workers=3)
    assert list(failure.value.failures) == ["s2", "s7"]
    assert len(done) == 10
    text = str(failure.value)
    assert "2 of 12 sections failed" in text
    assert "section s2: no 2 mend it" in text
    # They end in whichever order they end: two work at once.
    assert sorted(event.section for event in journal.read_all() if event.kind == "section-failed") == ["s2", "s7"]


def test_a_defect_of_ours_stops_at_once(journal: EventLog):
    """A lesson of ten thousand sections would go on for hours after a defect that will fail it."""
    begun = []

    def work(item: _Item) -> tuple[int, bool]:
        begun.append(item.value)
        time.sleep(0.02)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        map_sections("x", ITEMS * 10, work, event_log=journal, workers=2)
    assert len(begun) < 20


@pytest.mark.parametrize("workers", [1, 3])
def test_no_more_than_asked_for_run_at_once(journal: EventLog, workers: int):
    """A weak machine would run out of memory with twelve encoders at a time."""
    inside, most, lock = 0, 0, threading.Lock()

    def work(item: _Item) -> tuple[int, bool]:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.01)
        with lock:
            inside -= 1
        return item.value, True

    map_sections("x", ITEMS, work, event_log=journal, workers=workers)
    assert most == workers


def test_no_sections_are_no_work(journal: EventLog):
    """A preview without cards or sections would hang."""
    assert map_sections("x", [], lambda item: (item, True), event_log=journal) == []
    assert cores() >= 1


def test_an_interruption_ends_what_the_others_wait_for(journal: EventLog):
    """Ctrl-C would be answered when the last provider has answered, minutes later, and each section be said to fail."""
    stopped = threading.Event()

    def work(item: _Item) -> tuple[int, bool]:
        if item.value == 0:
            raise KeyboardInterrupt
        assert stopped.wait(10), "nobody ended the wait"
        raise Cancelled("Nobody waits for it any more.")

    with pytest.raises(KeyboardInterrupt):
        map_sections("x", ITEMS, work, event_log=journal, workers=3, stop=stopped.set)
    assert [event for event in journal.read_all() if event.kind == "section-failed"] == []
