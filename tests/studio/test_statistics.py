"""Figures of runs from made-up journals: known figures add up, unknown ones stay unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video_assets.studio.telemetry.events import Event, EventKind, ProgressCounter
from video_assets.studio.telemetry.resource_usage import ResourceUsage
from video_assets.studio.telemetry.run_statistics import RunEnding, RunFacts, RunStatistics, run_statistics
from video_assets.studio.telemetry.run_table import COLUMNS, rows_of
from video_assets.studio.telemetry.summary import (
    batch_summary,
    cells,
    in_a_sentence,
    newest_of_each,
    reasons,
    totals_of,
)

CLIPS = "lip_synced_clip"


def _used(cpu: float = 1.0, waited: float = 0.0, memory: int | None = 100) -> ResourceUsage:
    return ResourceUsage(cpu_seconds=cpu, memory_bytes=memory, waited_seconds=waited, cores=2)


def _start(stage: str = CLIPS, attempt: int = 1, at: float = 0.0) -> Event:
    return Event(kind="stage-started", stage=stage, attempt=attempt, unix_seconds=at)


def _end(
    stage: str = CLIPS, *, at: float, seconds: float, used: ResourceUsage | None = None, attempt: int = 1,
    kind: EventKind = "stage-done", message: str = "", **figures: float,
) -> Event:  # fmt: skip
    return Event(
        kind=kind, stage=stage, seconds=seconds, attempt=attempt, unix_seconds=at, used=used or _used(),
        figures=figures, message=message,
    )  # fmt: skip


def _section(id_: str, *, made: bool = False, failed: str = "", stage: str = CLIPS) -> Event:
    if failed:
        return Event(kind="section-failed", stage=stage, section=id_, message=failed)
    return Event(kind="section-done", stage=stage, section=id_, made=made, seconds=0.5)


def _run(
    *events: Event, ending: RunEnding = "success", wall: float | None = 10.0, lesson: str = "tiny"
) -> RunStatistics:
    return run_statistics(RunFacts("run", lesson, ending, "ui", 0.0, 1.0, None if wall is None else 1 + wall), events)


def test_a_killed_try_is_counted_and_invents_nothing() -> None:
    """Somebody who looks for the slow stage would read seconds that nobody measured, or sections counted twice."""
    events = (
        _start(),
        _section("a", made=True),
        _section("b", failed="No voice.\nRemedy."),
        _start(attempt=2),
        _section("a"),
        _section("b", made=True),
        _section("c"),
        _end(at=9, seconds=3, attempt=2),
    )
    run = _run(*events)
    stage = run.stage(CLIPS)
    assert stage is not None
    assert (stage.attempts, stage.untold, stage.seconds, stage.cpu_seconds) == (2, 1, 3, 1.0)
    assert [stage.count(outcome) for outcome in ("made", "reused", "failed")] == [2, 1, 0]
    assert run.bound is None and run.busy_seconds is None, "what the killed try took is not known"
    counter = ProgressCounter()
    for event in events:
        counter.add(event)
    assert (counter.made(CLIPS), counter.reused(CLIPS)) == (2, 1), (
        "the command and the figures would tell different counts"
    )


def test_what_is_not_known_is_none() -> None:
    """A table would show 0 s and 0 MB for a run whose journal is lost or of an older version."""
    lost = _run(ending="failure", wall=None)
    assert (lost.cpu_seconds, lost.memory_bytes, lost.wall_seconds, lost.film_seconds, lost.attempts) == (None,) * 5
    old = _run(Event(kind="stage-started", stage=CLIPS, total=1), Event(kind="stage-done", stage=CLIPS, seconds=2))
    assert old.stage(CLIPS) is not None and old.stages[0].seconds == 2
    assert (old.stages[0].cpu_seconds, old.stages[0].attempts, old.bound) == (None, None, None)
    assert totals_of([lost]).cpu_seconds is None
    no_memory = _run(_start(), _end(at=2, seconds=1, used=_used(memory=None)))
    assert no_memory.memory_bytes is None and no_memory.cpu_seconds == 1.0


@pytest.mark.parametrize(
    ("cpu", "waited", "busy", "by"),
    [(16, 0, 9, "processor"), (2, 15, 9, "slots"), (1, 0, 2, "orchestration"), (4, 0, 9, "idle cores")],
)
def test_what_bounded_a_run_follows_from_its_figures(cpu: float, waited: float, busy: float, by: str) -> None:
    """Somebody would buy cores for a run that waited for slots."""
    bound = _run(_start(), _end(at=1 + busy, seconds=busy, used=_used(cpu, waited))).bound
    assert bound is not None and bound.by == by
    assert bound.processor == cpu / 20 and bound.slots == waited / 20 and bound.orchestration == (10 - busy) / 10
    assert bound.processor + bound.slots + bound.orchestration + bound.idle_cores == pytest.approx(1)


def test_stages_side_by_side_cover_their_time_once() -> None:
    """Orchestration would come out as less than nothing where sounds and pictures are made at the same time."""
    run = _run(
        _start("section_audio"), _start("section_image"),
        _end("section_audio", at=6, seconds=5), _end("section_image", at=8, seconds=4),
    )  # fmt: skip
    assert run.busy_seconds == 7
    assert run.cpu_seconds == 2


def test_why_lessons_failed_is_told_once_and_in_a_line() -> None:
    """A maker of 1,000 lessons could not find the five sections to mend."""
    failed = _run(
        _start(), _section("a", failed="No voice.\nRemedy."),
        _end(at=2, seconds=1, kind="stage-failed", message="1 of 1"),
        ending="failure", lesson="bad",
    )  # fmt: skip
    good = _run(_start(), _section("a", made=True), _end(at=2, seconds=1), _start("final_video"),
                _end("final_video", at=5, seconds=2, film_seconds=20.0))  # fmt: skip
    killed = run_statistics(RunFacts("r", "killed", "failure", errors=("clips: killed by signal 9\nmore",)), [_start()])
    summary = batch_summary([failed, good, killed], {"late": "stopped"})
    assert in_a_sentence(summary) == "4 lessons: 1 made, 2 failed, 1 not reached."
    assert [reasons(line) for line in summary.lines] == [
        ("lip_synced_clip: a: No voice.",), (), ("clips: killed by signal 9",), ("stopped",),
    ]  # fmt: skip
    assert summary.totals.speed == 2.0 and summary.totals.sections_failed == 1
    assert cells(summary.lines[3])[5:] == ("",) * 6, "a lesson that was not reached has no figures"


def test_a_run_that_made_nothing_is_unchanged() -> None:
    """An archive of 1,000 lessons would seem to be made anew each night."""
    quiet = _run(
        _start(), _section("a"), _end(at=2, seconds=1), _start("final_video"), _end("final_video", at=3, seconds=1)
    )
    assert quiet.outcome == "unchanged"
    assert (quiet.sections("made"), quiet.sections("reused")) == (0, 1)


STAGES = ("lesson", "script", "section_audio", "section_image", CLIPS, "final_video")
_SECTIONS = st.builds(
    _section,
    st.sampled_from("abc"),
    made=st.booleans(),
    failed=st.sampled_from(["", "", "No voice."]),
    stage=st.sampled_from(STAGES),
)


@given(st.lists(_SECTIONS, max_size=40))
def test_counts_add_up_to_the_same_sums(events: list[Event]) -> None:
    """The lines of a render, its table and the files of `stats` would tell three different counts of one run."""
    run, counter = _run(*(_start(stage) for stage in STAGES), *events), ProgressCounter()
    for event in events:
        counter.add(event)
    rows = list(rows_of([run]))
    whole = {row["stage"]: row for row in rows_of([_run(Event(kind="stage-started", stage=CLIPS, total=3), *events)])}
    line = batch_summary([run]).lines[0]
    assert (counter.all_made, counter.all_reused) == (line.made, line.reused) == (run.sections("made"), line.reused)
    assert line.made == sum(stage.count("made") for stage in run.stages), "a stage counts that the sums leave out"
    assert line.reused == sum(stage.count("reused") for stage in run.stages)
    for stage in ("lesson", "script", "final_video"):
        assert (counter.made(stage), counter.reused(stage)) == (0, 0)
    assert all(row["sections_made"] is None for row in rows if row["stage"] not in {CLIPS, *STAGES[2:4]})
    assert whole[CLIPS]["sections_made"] == counter.made(CLIPS)


def test_the_newest_run_of_a_lesson_stands_for_it() -> None:
    """A lesson that was mended would stand in the table as failed."""
    told: list[tuple[float, RunEnding]] = [(1.0, "failure"), (3.0, "success"), (2.0, "failure")]
    runs = [
        run_statistics(RunFacts(f"r{start}", "tiny", ending, started=start, ended=start + 1), [])
        for start, ending in told
    ]
    assert [run.run_id for run in newest_of_each(runs)] == ["r3.0"]


def test_a_run_that_never_started_does_not_stand_for_its_re_execution() -> None:
    """A teacher would read "failed" of a film that was made: the first try took too long to start on a busy machine."""
    late = run_statistics(RunFacts("late", "tiny", "failure", created=1.0, ended=46.0), [])
    again = run_statistics(RunFacts("again", "tiny", "success", created=50.0, started=55.0, ended=60.0), [])
    waiting = run_statistics(RunFacts("waiting", "tiny", "unfinished", created=70.0), [])
    for runs in ([late, again], [again, late]):
        assert [run.run_id for run in newest_of_each(runs)] == ["again"]
        assert [run.run_id for run in newest_of_each([*runs, waiting])] == ["waiting"]


def test_rows_have_the_columns_they_say() -> None:
    """A column would be missing, or of the wrong kind, in every file that people go on with."""
    rows = list(rows_of([_run(_start(), _end(at=2, seconds=1)), _run(ending="failure", wall=None)]))
    assert len(rows) == 2
    assert all(list(row) == list(COLUMNS) for row in rows)
    assert rows[1]["stage"] is None and rows[1]["attempts"] is None
