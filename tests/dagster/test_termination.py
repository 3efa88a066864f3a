"""*Terminate* in Dagster's UI: it stops every run, whatever executes it, and what the UI shows of it is true.

The processes are real, and so are the signals. A run is terminated as the webserver does it, through the instance.
"""

from __future__ import annotations

import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._daemon.monitoring.run_monitoring import monitor_canceling_run

from jobs.runs.local_run import _origin
from jobs.runs.run_locks import executing_process, hold_run_lock, run_state
from jobs.runs.run_process import RunProcess, this_process
from tests.instances import instance_in
from tests.kit.house import House
from video_assets.cli.batch import Batch, Crash
from video_assets.cli.last_runs import was_terminated
from video_assets.project_paths import run_locks_folder

SECTIONS = 8
RENDER = ("--set", "width_px=480", "--set", "height_px=320", "--set", "preset=medium")
"""Enough work that a request meets it in the middle."""
IN_ONE_PROCESS = """
import sys
from dagster._cli import main
sys.argv = ["dagster", "job", "execute", "-m", "video_assets.definitions", "-j", "render_lesson",
            "--tags", '{"dagster/partition": "tiny"}']
main()
"""
"""A run that neither a code server nor a `lessonreel` command executes."""
HOLD = """
import sys
from pathlib import Path
from jobs.runs.local_run import _origin
from jobs.runs.run_locks import hold_run_lock
with hold_run_lock(Path(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def long(house: House) -> Any:
    """A checkout with a lesson of many sections."""
    house.write([house.section(f"part-{number}", f"This is part number {number} of it.") for number in range(SECTIONS)])
    return house


def _terminated(house: House) -> dg.DagsterRun:
    """The newest run, after the UI's *Terminate* was accepted for it."""
    with house.instance() as instance:
        run = instance.get_runs()[0]
        assert instance.run_coordinator.cancel_run(run.run_id), "the UI says: Unable to terminate run"
        return run


def _run(house: House, run_id: str) -> dg.DagsterRun:
    with house.instance() as instance:
        run = instance.get_run_by_id(run_id)
        assert run is not None
        return run


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            fields = (path / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found += [int(path.name), *_descendants(int(path.name))]
    return found


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("sequential", [False, True], ids=["processes", "one process"])
def test_a_run_of_the_command_is_stopped(long: Any, await_: Callable[..., None], sequential: bool) -> None:
    """A teacher would press *Terminate*, read that it cannot be done, and watch the run end as a success."""
    mode = ["--sequential"] if sequential else []
    with long.started("render", "data/lessons/tiny.json", *RENDER, *mode) as process:
        long.await_event(process, kind="section-done", stage="lip_synced_clip")
        children = _descendants(process.pid)
        run = _terminated(long)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, (out, err)
    assert "Traceback" not in out + err
    assert _run(long, run.run_id).status is dg.DagsterRunStatus.CANCELED
    await_(lambda: not any(map(_alive, children)), seconds=10)
    assert not (long.videos / "tiny").exists()
    assert run_state(run_locks_folder(long.state), run.run_id) == "unknown"


@pytest.mark.slow
def test_a_run_that_dagster_s_own_command_executes_is_stopped(house: House) -> None:
    """Somebody who uses Dagster's commands would have runs in the UI that nothing can stop."""
    house.write([house.section(f"part-{number}", f"This is part number {number} of it.") for number in range(SECTIONS)])
    (house.root / "data" / "project.toml").write_text(
        "[settings]\nwidth_px = 480\nheight_px = 320\npreset = 'medium'\n"
    )
    with house.instance() as instance:
        instance.add_dynamic_partitions("lessons", ["tiny"])
    with house.started(program=IN_ONE_PROCESS) as process:
        house.await_event(process, kind="section-done", stage="lip_synced_clip")
        run = _terminated(house)
        process.communicate(timeout=60)
    assert _run(house, run.run_id).status is dg.DagsterRunStatus.CANCELED
    assert not (house.videos / "tiny").exists()


def test_a_suspended_run_is_killed_before_it_is_called_canceled(long: Any, await_: Callable[..., None]) -> None:
    """A run that was reported as canceled would go on, publish its film and become a success."""
    settings = (long.root / "dagster.yaml").read_text("utf-8")
    shorter = settings.replace("cancel_timeout_seconds: 120", "cancel_timeout_seconds: 1")
    assert shorter != settings
    (long.root / "dagster.yaml").write_text(shorter, "utf-8")
    with long.started("render", "data/lessons/tiny.json", *RENDER) as process:
        long.await_event(process, kind="section-done", stage="lip_synced_clip")
        await_(lambda: _suspended(long, process.pid))
        children = _descendants(process.pid)
        run = _terminated(long)
        assert _run(long, run.run_id).status is dg.DagsterRunStatus.CANCELING
        await_(lambda: _monitored(long, run.run_id) is dg.DagsterRunStatus.CANCELED)
        assert process.wait(10) == -signal.SIGKILL
        await_(lambda: not any(map(_alive, children)), seconds=10)
    with long.instance() as instance:
        messages = [entry.message for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_CANCELED)]
    assert any("was killed" in message for message in messages)
    assert not (long.videos / "tiny").exists()


def _suspended(house: House, pid: int) -> bool:
    """Whether the process and its descendants are suspended, and none in the middle of a write to a database."""
    stopped = _stop_all(pid)
    try:
        for path in (house.state / "history").rglob("*.db"):
            with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as database:
                database.execute("BEGIN IMMEDIATE")
                database.execute("ROLLBACK")
    except sqlite3.OperationalError:
        for each in stopped:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGCONT)
        return False
    return True


def _stop_all(pid: int) -> list[int]:
    """Suspend the process and its descendants, those included that start meanwhile. Returns their process ids.

    `kill` returns before SIGSTOP takes effect. A process that still runs may begin a write after a look at a database.
    """
    stopped: list[int] = []
    while missing := [each for each in (pid, *_descendants(pid)) if each not in stopped]:
        for each in missing:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGSTOP)
        while not all(_is_stopped(each) for each in missing):
            time.sleep(0.001)
        stopped += missing
    return stopped


def _is_stopped(pid: int) -> bool:
    """Whether no thread of the process runs any more."""
    threads = Path(f"/proc/{pid}/task").glob("*/stat")
    return all(path.read_text().rpartition(")")[2].split()[0] in ("T", "Z") for path in threads)


def _monitored(house: House, run_id: str) -> dg.DagsterRunStatus:
    """The run's status after a look of Dagster's run monitoring."""
    with house.instance() as instance:
        (record,) = instance.get_run_records(dg.RunsFilter(run_ids=[run_id]))
        monitor_canceling_run(instance, record, logging.getLogger("test"))
        return instance.get_runs(dg.RunsFilter(run_ids=[run_id]))[0].status


def test_what_was_called_canceled_stays_canceled(house: House) -> None:
    """Dagster reports success whatever was said before: a list of canceled runs would shrink by itself."""
    house.write([house.lamp, house.battery])
    with house.started("render", "data/lessons/tiny.json", *house.small) as process:
        house.await_event(process, kind="stage-started", stage="lesson")
        with house.instance() as instance:
            (run,) = instance.get_runs()
            instance.report_run_canceled(run)
        process.communicate(timeout=60)
    assert _run(house, run.run_id).status is dg.DagsterRunStatus.CANCELED


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """An instance with this project's launcher."""
    monkeypatch.setenv("LESSONREEL_STATE", str(tmp_path / "state"))
    launcher = {"run_launcher": {"module": "jobs.runs.launcher", "class": "LessonRunLauncher"}}
    with instance_in(tmp_path, launcher) as made:
        yield made


def _started(instance: dg.DagsterInstance) -> dg.DagsterRun:
    @dg.job
    def nothing() -> None: ...

    origin = _origin(Path(__file__).parents[2])
    return instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED, remote_job_origin=origin)


def _status(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRunStatus:
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found.status


def test_a_run_that_nothing_executes_ends_at_once(instance: dg.DagsterInstance) -> None:
    """After a power cut a teacher would press *Terminate* and see the run as canceling for minutes."""
    run = _started(instance)
    assert instance.run_launcher.terminate(run.run_id)
    assert _status(instance, run) is dg.DagsterRunStatus.CANCELED


def test_a_queued_run_is_taken_out_of_the_queue(instance: dg.DagsterInstance) -> None:
    """A lesson that waits behind a backfill could not be called off."""
    run = _started(instance)
    instance.report_dagster_event(
        dg.DagsterEvent(event_type_value="PIPELINE_ENQUEUED", job_name=run.job_name), run_id=run.run_id
    )
    assert _status(instance, run) is dg.DagsterRunStatus.QUEUED
    assert instance.run_coordinator.cancel_run(run.run_id)
    assert _status(instance, run) is dg.DagsterRunStatus.CANCELED


def test_a_request_that_comes_too_late_changes_nothing(instance: dg.DagsterInstance) -> None:
    """A finished film's run would be shown as canceled, as the request overwrites how the run ended."""
    run = _started(instance)
    instance.report_dagster_event(
        dg.DagsterEvent(event_type_value="PIPELINE_SUCCESS", job_name=run.job_name), run_id=run.run_id
    )
    instance.report_run_canceling(run)
    assert _status(instance, run) is dg.DagsterRunStatus.CANCELING
    assert instance.run_launcher.terminate(run.run_id)
    assert _status(instance, run) is dg.DagsterRunStatus.SUCCESS


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Starts a process that holds the lock of a run."""
    started: list[subprocess.Popen[str]] = []

    def hold(run_id: str) -> subprocess.Popen[str]:
        locks = str(run_locks_folder(tmp_path / "state"))
        command = [sys.executable, "-c", HOLD, locks, run_id]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    yield hold
    for process in started:
        process.kill()
        process.communicate()


def test_a_process_that_took_over_a_number_is_not_stopped(
    instance: dg.DagsterInstance, tmp_path: Path, holder: Callable[[str], subprocess.Popen[str]]
) -> None:
    """*Terminate* would interrupt some other program of the user's: the kernel gives process numbers out again."""
    run = _started(instance)
    process = holder(run.run_id)
    lock = run_locks_folder(tmp_path / "state") / f"{run.run_id}.lock"
    told = executing_process(lock.parent, run.run_id)
    assert told is not None
    assert told.pid == process.pid
    lock.write_text(str(told._replace(start_ticks=told.start_ticks - 1)))
    assert not instance.run_launcher.terminate(run.run_id)
    assert process.poll() is None
    assert _status(instance, run) is dg.DagsterRunStatus.STARTED, "left canceling, with nothing to end it"


def test_the_lock_names_its_process_and_no_other(tmp_path: Path) -> None:
    """The wrong process would be stopped, or none."""
    with hold_run_lock(tmp_path, "run"):
        assert executing_process(tmp_path, "run") == this_process()
    assert executing_process(tmp_path, "run") is None
    (tmp_path / "left.lock").write_text(str(this_process()))
    assert executing_process(tmp_path, "left") is None, "a lock that nothing holds names nobody"


@pytest.mark.parametrize("text", ["", "12", "a b", "1 2 3"])
def test_a_lock_that_says_nothing_names_no_process(text: str) -> None:
    """A lock of an older version would be read as some process."""
    assert RunProcess.parse(text) is None


@pytest.mark.parametrize("terminated", [True, False])
def test_a_lesson_of_many_that_was_terminated_is_not_made_again(tmp_path: Path, terminated: bool) -> None:
    """A command that makes a whole folder would start the lesson anew that somebody had just called off."""
    tries, heard = tmp_path / "tries", []

    def make(_: str) -> None:
        with tries.open("a") as file:
            file.write("x")
        os.kill(os.getpid(), signal.SIGKILL)

    Batch[str, None](make, lambda item, result: heard.append((item, result)), lambda _: not terminated).run(["a"], 1)
    assert tries.read_text() == ("x" if terminated else "xx")
    assert heard == [("a", Crash(-signal.SIGKILL))]


def test_only_a_run_of_this_command_counts_as_terminated(instance: dg.DagsterInstance) -> None:
    """A lesson that was called off last week would not be tried again after a crash of today."""

    @dg.job
    def nothing() -> None: ...

    run = instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED, tags={"dagster/partition": "tiny"})
    before = datetime.now(UTC) - timedelta(days=1)
    assert not was_terminated(instance, "tiny", before)
    instance.report_run_canceled(run)
    assert was_terminated(instance, "tiny", before)
    assert not was_terminated(instance, "tiny", datetime.now(UTC) + timedelta(days=1))
    assert not was_terminated(instance, "other", before)


@pytest.mark.parametrize(
    "text", ["", "12", "1 2 3", "-1 5", "0 0", "4194305 1", f"{'9' * 30} 1", f"{'9' * 5000} 1", "a b"]
)
def test_a_damaged_lock_names_no_process(text: str) -> None:
    """*Terminate* would end in a traceback, or reach every process of the user: so the kernel reads -1."""
    assert RunProcess.parse(text) is None
