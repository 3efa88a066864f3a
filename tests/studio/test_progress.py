"""The journal of a run: whole lines from many writers, and a reader that survives whatever it finds."""

from __future__ import annotations

import threading
from pathlib import Path

from video_assets.studio.telemetry.events import Event, EventKind, EventLog, ProgressCounter, Stopwatch


def test_events_come_back_once_and_in_order(tmp_path: Path):
    """Somebody who watches would see sections counted twice."""
    journal = EventLog(tmp_path / "runs" / "a.jsonl")
    assert list(journal.read_new()) == []
    first, second = Event(kind="stage-started", stage="x", total=2), Event(kind="section-done", stage="x", section="ü½")
    journal.write(first)
    assert list(journal.read_new()) == [first]
    assert list(journal.read_new()) == []
    journal.write(second)
    assert list(journal.read_new()) == [second]
    assert journal.read_all() == (first, second)


def test_lines_of_several_writers_do_not_mix(tmp_path: Path):
    """A bar would stand still because a line of another step broke into it."""
    path = tmp_path / "a.jsonl"

    def write(number: int) -> None:
        for count in range(100):
            EventLog(path).write(Event(kind="section-done", stage=f"s{number}", section=f"{count}", message="x" * 500))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = EventLog(path).read_all()
    assert len(events) == 400
    for number in range(4):
        assert [event.section for event in events if event.stage == f"s{number}"] == [str(n) for n in range(100)]


def test_half_a_line_waits_for_its_end(tmp_path: Path):
    """A reader that is quicker than the writer would lose an event, and the bar would never be full."""
    path = tmp_path / "a.jsonl"
    journal = EventLog(path)
    line = Event(kind="stage-done", stage="x").model_dump_json().encode()
    path.write_bytes(line[:20])
    assert list(journal.read_new()) == []
    with path.open("ab") as file:
        file.write(line[20:] + b"\n")
    assert [event.kind for event in journal.read_new()] == ["stage-done"]


def test_a_torn_line_hides_no_other(tmp_path: Path):
    """After a power cut a progress file would stop the next look at it with a traceback."""
    path = tmp_path / "a.jsonl"
    good = Event(kind="stage-done", stage="x").model_dump_json().encode() + b"\n"
    path.write_bytes(good + b'{"kind": "stage-d\xff\n' + b'{"kind": "of a later version"}\n' + good)
    assert len(EventLog(path).read_all()) == 2


def test_a_stopwatch_counts_up():
    """A table would show that a step took less than no time."""
    watch = Stopwatch()
    first = watch.seconds
    assert 0 <= first <= watch.seconds


def test_a_section_counts_once_however_often_its_stage_was_tried() -> None:
    """After a killed step was tried again a maker would read of more sections than the lesson has."""
    counter = ProgressCounter()
    told: tuple[tuple[EventKind, str, bool], ...] = (
        ("section-done", "a", True),
        ("section-failed", "b", False),
        ("section-done", "a", False),
        ("section-done", "b", True),
        ("section-done", "c", False),
        ("section-failed", "d", False),
    )
    for kind, section, made in told:
        counter.add(Event(kind=kind, stage="lip_synced_clip", section=section, made=made))
    stage = "lip_synced_clip"
    counts = (counter.made(stage), counter.reused(stage), counter.failed(stage), counter.ended(stage))
    assert counts == (2, 1, 1, 4)
    assert counter.made("unheard of") == 0
