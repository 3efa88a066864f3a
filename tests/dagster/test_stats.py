"""`lessonreel stats` and the report in the UI, after real runs, held against what is measured from outside."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow.parquet as pq
import pytest

from jobs.archive_report import OP, _drawn, archive_report, backfill_reports
from jobs.runs.run_figures import figures_of_runs
from tests.instances import instance_in
from tests.kit.events import requests_of, text_of
from tests.kit.house import await_true
from video_assets.plots import draw_runs
from video_assets.studio.calls.file_semaphore import FileSlots
from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.media.probe import probe
from video_assets.studio.pipeline.stage_context import StageContextFactory
from video_assets.studio.storage.store import LocalStore
from video_assets.studio.telemetry.resource_usage import Meter
from video_assets.studio.telemetry.run_statistics import RunEnding, RunFacts, run_statistics
from video_assets.studio.telemetry.summary import newest_of_each

House = Any


def _journals(house: House) -> Path:
    return house.state / "progress"


FOUR_TICKS_SECONDS = 4 / os.sysconf("SC_CLK_TCK")
SPENDING = """
import pathlib, sys, time
while time.process_time() < 0.5:
    pass
pathlib.Path(sys.argv[1]).touch()
time.sleep(60)
"""


def _spend(cpu_seconds: float) -> None:
    due = time.process_time() + cpu_seconds
    while time.process_time() < due:
        pass


def test_a_meter_measures_this_process_and_its_children(tmp_path: Path) -> None:
    """Figures of a voice that speaks in a process of its own would be those of our waiting for it.

    No figure is expected: the kernel's counters only grow, and one is read before the meter and one after it.
    """
    meter = Meter(LocalSlots({}))
    before = os.times()
    _spend(0.3)
    block = bytearray(os.urandom(1)) * 150_000_000
    child = os.posix_spawn(sys.executable, [sys.executable, "-c", SPENDING, f"{tmp_path}/spent"], os.environ)
    try:
        await_true((tmp_path / "spent").exists)
        earlier, used, later = os.times(), meter.used(), os.times()
    finally:
        os.kill(child, 9)
        ended = os.wait4(child, 0)[2]
    childs = ended.ru_utime + ended.ru_stime
    least, most = (each.user + each.system - before.user - before.system + childs for each in (earlier, later))
    # The figures of the meter lie between two readings of the kernel, each of them in ticks.
    assert used.cpu_seconds is not None
    assert least - FOUR_TICKS_SECONDS <= used.cpu_seconds <= most + FOUR_TICKS_SECONDS
    high = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert used.memory_bytes is None or len(block) < used.memory_bytes <= high + 1_000_000


def _rendered(house: House) -> tuple[float, float]:
    """Wall and processor seconds of the whole command, as they are measured from outside."""
    before, started = os.times(), time.monotonic()
    assert house.render(interpreter="new").code == 0
    wall, after = time.monotonic() - started, os.times()
    return wall, after.children_user + after.children_system - before.children_user - before.children_system


@pytest.mark.slow
def test_figures_agree_with_what_is_measured_from_outside(house: House) -> None:
    """Whoever plans a night for 1,000 lessons by these figures would find half of them made in the morning.

    No figure is expected: each is compared with one of a span that contains it, by the same clock.
    """
    house.write([house.lamp, house.battery])
    wall, cpu = _rendered(house)
    _, cpu_of_unchanged = _rendered(house)
    with house.instance() as instance:
        again, run = figures_of_runs(instance, _journals(house))
    assert again.outcome == "unchanged" and again.sections("reused") == run.sections("made")
    assert run.outcome == "made" and run.attempts == 1 and run.trigger == "command"
    assert run.wall_seconds is not None and run.busy_seconds is not None and run.cpu_seconds is not None
    # Parts of one measured whole: however slow the machine, none is larger than what it is a part of.
    assert run.busy_seconds <= run.wall_seconds <= wall
    assert again.cpu_seconds is not None and again.cpu_seconds <= cpu_of_unchanged
    assert run.cpu_seconds <= cpu
    assert all(stage.seconds is not None and stage.untold == 0 for stage in run.stages)
    records = len(list((house.root / "data" / "store" / "records").rglob("*.json")))
    assert run.sections("made") == records and run.sections("reused") == 0
    film = probe(house.film())
    assert run.film_seconds == pytest.approx(float(film.duration_seconds), abs=0.1)
    assert run.video_seconds == pytest.approx(float(film.duration_seconds), abs=0.1)
    assert run.speech_seconds is not None and 0 < run.speech_seconds < float(film.duration_seconds)
    assert run.film_seconds is not None
    assert run.speed == pytest.approx(run.film_seconds / run.wall_seconds, abs=0.01)
    assert run.bound is not None


def test_a_killed_step_counts_two_tries_and_each_section_once(house: House) -> None:
    """After a night in which memory ran out, the figures would tell of sections and seconds that never were."""
    house.write([house.lamp, house.battery, house.copper])
    size = ("--set", "width_px=960", "--set", "height_px=540", "--set", "preset=medium")
    with house.started("render", "data/lessons/tiny.json", *size) as process:
        house.await_event(process, kind="section-done", stage="lip_synced_clip")
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
        for child in children:
            os.kill(int(child), 9)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, (out, err)
    with house.instance() as instance:
        (run,) = figures_of_runs(instance, _journals(house))
    clips = run.stage("lip_synced_clip")
    assert clips is not None and (clips.attempts, clips.untold) == (2, 1)
    assert clips.count("made") + clips.count("reused") == clips.total == 5
    assert (run.attempts, run.bound, run.outcome) == (2, None, "made")
    assert clips.seconds == pytest.approx(clips.spans[0][1] - clips.spans[0][0], abs=0.01), "of the try that ended"


def test_files_can_be_read_back_with_their_types(rendered: House, tmp_path: Path) -> None:
    """A teacher's spreadsheet would have text for numbers, or zeros for what nobody measured."""
    csv, parquet, plot = tmp_path / "runs.csv", tmp_path / "runs.parquet", tmp_path / "runs.png"
    ended = rendered.ask("stats", "--csv", csv, "--parquet", parquet, "--plot", plot, "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    table = pd.read_parquet(parquet)
    kinds = {field.name: str(field.type) for field in pq.read_schema(parquet)}
    assert (kinds["attempts"], kinds["stage_seconds"], kinds["made_anything"]) == ("int64", "double", "bool")
    assert kinds["run_started_at"].startswith("timestamp") and "UTC" in kinds["run_started_at"]
    assert list(table["stage"]) == [stage["stage"] for stage in told["runs"][0]["stages"]]
    lesson = table.set_index("stage").loc["lesson"]
    assert pd.isna(lesson["sections_total"]) and lesson["attempts"] == 1
    assert table["sections_made"].sum() == told["summary"]["totals"]["sections_made"]
    again = pd.read_csv(csv, parse_dates=["run_started_at"])
    assert list(again.columns) == list(table.columns) and len(again) == len(table)
    assert again["stage_cpu_seconds"].tolist() == table["stage_cpu_seconds"].tolist()
    assert str(again["run_started_at"].dt.tz) == "UTC"
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_the_table_and_a_run_can_be_read(rendered: House) -> None:
    """A maker could not tell what stands where without opening each run in the UI."""
    archive = rendered.ask("stats")
    line = next(line for line in archive.out.splitlines() if line.startswith("tiny "))
    assert line.split()[:5] == ["tiny", "made", "13", "0", "0"]
    run = json.loads(rendered.ask("stats", "--json").out)["runs"][0]["run_id"]
    one = rendered.ask("stats", "--run", run[:8])
    assert one.code == 0 and "Bounded by" in one.out and "lip_synced_clip" in one.out
    assert rendered.ask("stats", "--since", "1h").out == archive.out


@pytest.mark.parametrize("arguments", [("--since", "yesterday"), ("--run", "ffffffff"), ("--csv", "/dev/null/a.csv")])
def test_a_wrong_question_gets_one_clear_line(rendered: House, arguments: tuple[str, ...]) -> None:
    """A slip of the pen would be answered by a traceback."""
    ended = rendered.ask("stats", *arguments)
    assert ended.code == 2
    assert ended.err.count("\n") == 1 and "Traceback" not in ended.err


def test_no_run_is_no_error(house: House) -> None:
    """A newcomer's first look would end in a traceback, also where a plot was wanted."""
    ended = house.ask("stats", "--plot", house.root / "a.png")
    assert ended.code == 0 and "No run yet" in ended.out
    assert draw_runs([]).startswith(b"\x89PNG")


def _bench(house: House) -> StageContextFactory:
    store = LocalStore(house.root / "data" / "store")
    return StageContextFactory(store, FileSlots(house.state / "seats", {}), _journals(house), house.root, workers=1)


def test_the_report_stands_in_the_ui(made: House) -> None:
    """Who started a backfill in the UI would have to click through 1,000 runs to learn what came of it."""
    with made.instance() as instance:
        result = archive_report.execute_in_process(instance=instance, resources={"stage_contexts": _bench(made)})
    assert result.success
    (output,) = [event for event in result.all_node_events if event.is_successful_output]
    metadata = output.step_output_data.metadata
    assert "| tiny | made | 13 | 0 | 0 |" in text_of(metadata["summary"])
    assert len(text_of(metadata["plot"])) < 60_000
    assert metadata["sections made"].value == sum(stage.get("made", 0) for stage in made.report()["stages"].values())


def test_a_lesson_stands_once_in_the_plot_of_its_backfill() -> None:
    """A lesson that was terminated and made again would be drawn twice, as if there were two of it."""
    told: list[tuple[str, RunEnding, float]] = [("b", "success", 30.0), ("a", "success", 20.0), ("a", "canceled", 10.0)]
    runs = [
        run_statistics(RunFacts(f"{lesson}{start}", lesson, ending, started=start, ended=start + 5), ())
        for lesson, ending, start in told
    ]
    assert [run.run_id for run in _drawn(newest_of_each(runs))] == ["a20.0", "b30.0"]


def test_each_backfill_that_ended_is_reported_once(
    tmp_path: Path, backfill: Callable[[dg.DagsterInstance, str, str, float], None]
) -> None:
    """A report would be missing, or made again every half minute for ever."""
    with instance_in(tmp_path) as instance:
        now = time.time()
        backfill(instance, "slow", "REQUESTED", now - 60)
        backfill(instance, "quick", "COMPLETED_SUCCESS", now - 30)
        backfill(instance, "ancient", "COMPLETED_SUCCESS", now - 3 * 24 * 3600)
        context = dg.build_sensor_context(instance=instance)
        first = backfill_reports.evaluate_tick(context)
        assert [request.run_key for request in requests_of(first)] == ["backfill-report-quick"]
        config = requests_of(first)[0].run_config
        assert config["ops"][OP]["config"]["backfill"] == "quick"
        tags = requests_of(first)[0].tags
        assert tags["dagster/backfill"] == "quick", "the backfill's page would not list its report"
        backfill(instance, "slow", "COMPLETED_FAILED", now - 60)
        second = backfill_reports.evaluate_tick(dg.build_sensor_context(instance=instance, cursor=first.cursor))
        assert {request.run_key for request in second.run_requests or ()} == {
            "backfill-report-quick",  # Dagster drops what has a known key
            "backfill-report-slow",
        }
        third = backfill_reports.evaluate_tick(dg.build_sensor_context(instance=instance, cursor=second.cursor))
        assert "backfill-report-slow" not in {request.run_key for request in third.run_requests or ()}


@pytest.fixture
def backfill() -> Callable[[dg.DagsterInstance, str, str, float], None]:
    """Puts a backfill into an instance, or changes it."""
    from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill

    def put(instance: dg.DagsterInstance, id_: str, status: str, asked_for: float) -> None:
        made = PartitionBackfill(
            backfill_id=id_,
            status=BulkActionStatus(status),
            from_failure=False,
            tags={},
            backfill_timestamp=asked_for,
            asset_selection=[dg.AssetKey("final_video")],
        )
        (instance.update_backfill if instance.get_backfill(id_) else instance.add_backfill)(made)

    return put
