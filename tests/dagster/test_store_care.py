"""The store is looked after by the real command and by the job, on a checkout in which a lesson was made."""

from __future__ import annotations

import json
import os

import dagster as dg
import pytest

from jobs.tend_store import tend_store


def test_status_tells_what_a_lesson_needs(rendered):
    """Whoever wonders where his disk went would have to guess from names of 64 digits."""
    ended = rendered.ask("store", "status")
    assert ended.code == 0, ended
    assert {"clip", "picture", "speech", "card", "manifests"} <= set(ended.out.split())
    figures = json.loads(rendered.ask("store", "status", "--json").out)
    assert figures["steps"]["speech"]["objects"] == 6
    assert figures["bytes"] > figures["needed_bytes"] > 0
    assert sum(figures["free_bytes_by_age"].values()) == 0, "everything there was made for this lesson"


def test_verify_names_the_section_and_the_next_render_mends_it(made):
    """A bad sector would be found, and then nobody would know whose film it concerns, or what to do."""
    store = made.root / "data" / "store"
    assert made.ask("store", "verify").code == 0
    largest = max((path for path in (store / "objects").rglob("*") if path.is_file()), key=lambda p: p.stat().st_size)
    data = bytearray(largest.read_bytes())
    data[len(data) // 2] ^= 1
    largest.chmod(0o644)
    largest.write_bytes(data)
    ended = made.ask("store", "verify")
    assert ended.code == 1
    assert f"object {largest.name[:12]}…" in ended.out
    assert "tiny: " in ended.out
    assert (store / "quarantine" / largest.name).exists()


def test_verify_complains_of_a_damaged_pointer(made):
    """The clean-up would stop working for ever, and nobody would be told why."""
    pointer = made.state / "manifests" / "tiny" / "lip_synced_clip" / "latest.json"
    pointer.write_bytes(b'{"mani')
    ended = made.ask("store", "verify")
    assert (ended.code, "Render it again" in ended.out) == (1, True), ended


def test_gc_removes_a_deleted_lesson_and_nothing_else(made):
    """An archive would keep every film that was ever thought of; or lose one that is still taught."""
    store = made.root / "data" / "store"
    files = [path for path in store.rglob("*") if path.is_file()]
    for path in files:
        os.utime(path, (0, 0))
    assert "Would remove 0 objects" in made.ask("store", "gc", "--max-age", "1d", "--dry-run").out
    (made.lessons / "tiny.json").unlink()
    assert "Would remove 0 objects" not in made.ask("store", "gc", "--max-age", "1d", "--dry-run").out
    (made.root / "data" / "project.toml").write_text('[store]\nmax_age = "30d"\n')
    collected = json.loads(made.ask("store", "gc", "--json").out)
    assert collected["objects"] > 0
    assert collected["left_bytes"] == 0
    assert not [path for path in (store / "objects").rglob("*") if path.is_file()]


def test_a_limit_that_is_none_is_refused_with_an_example(made):
    """A slip in the project file would end in a traceback, or in an empty store."""
    ended = made.ask("store", "gc", "--max-size", "twenty")
    assert (ended.code, "20GB" in ended.err) == (2, True)


def test_the_job_tells_its_figures(made, monkeypatch: pytest.MonkeyPatch):
    """Whoever runs it in the UI would see a green box and not what it found."""
    monkeypatch.setenv("LESSONREEL_ROOT", str(made.root))
    monkeypatch.setenv("LESSONREEL_STATE", str(made.state))
    with dg.DagsterInstance.ephemeral() as instance:
        result = tend_store.execute_in_process(instance=instance)
        assert result.success
        events = [event for event in result.all_events if event.event_type == dg.DagsterEventType.STEP_OUTPUT]
    assert events[0].event_type == dg.DagsterEventType.STEP_OUTPUT
    metadata = events[0].event_specific_data.metadata
    assert metadata["corrupt"].value == 0
    assert metadata["objects"].value > 0
    assert metadata["objects_removed"].value == 0
