"""What the launcher adds to Dagster's: dead runs are noticed, pools have limits, runs say whose they are."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.launcher.base import WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG

from jobs.runs.launcher import LessonRunLauncher, apply_pool_limits, missing_tags
from jobs.runs.run_locks import hold_run_lock, run_state
from jobs.runs.tags import EXECUTED_HERE_TAG, KILLED_TAG, LESSON_TAG, TRIGGER_TAG
from tests.instances import instance_in
from video_assets.project_paths import run_locks_folder
from video_assets.studio.telemetry.resource_usage import cores

REPOSITORY = Path(__file__).parents[2]
HOLD = """
import os, sys
from pathlib import Path
from jobs.runs.run_locks import hold_run_lock
with hold_run_lock(Path(sys.argv[1]), sys.argv[2]):
    os.kill(os.getpid(), 9)
"""
"""The process of a run, killed while it executes."""


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """An instance on disk, and the state folder beside it."""
    monkeypatch.setenv("LESSONREEL_STATE", str(tmp_path / "state"))
    with instance_in(tmp_path) as made:
        yield made


@pytest.fixture
def launcher(instance: dg.DagsterInstance) -> LessonRunLauncher:
    """The launcher, at work for the instance."""
    made = LessonRunLauncher({})
    made.register_instance(instance)
    return made


def _started(instance: dg.DagsterInstance, **tags: str) -> dg.DagsterRun:
    @dg.job
    def nothing() -> None: ...

    run = instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED, tags=tags)
    if EXECUTED_HERE_TAG in tags:
        instance.add_run_tags(run.run_id, {EXECUTED_HERE_TAG: run.run_id})
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found


def _tags(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dict[str, str]:
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return dict(found.tags)


def test_a_run_whose_process_lives_is_healthy(launcher, instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """The daemon would fail a lesson that is being made, and start it a second time beside itself."""
    run = _started(instance)
    with hold_run_lock(run_locks_folder(tmp_path / "state"), run.run_id):
        assert launcher.check_run_worker_health(run).status is WorkerStatus.RUNNING
    assert KILLED_TAG not in _tags(instance, run)


def test_a_run_whose_process_was_killed_is_not(launcher, instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """After a power cut a lesson would be in the making for ever, its slots with it."""
    run = _started(instance)
    locks = run_locks_folder(tmp_path / "state")
    subprocess.run([sys.executable, "-c", HOLD, str(locks), run.run_id], cwd=REPOSITORY, check=False)
    assert run_state(locks, run.run_id) == "dead"
    health = launcher.check_run_worker_health(run)
    assert health.status is WorkerStatus.FAILED
    assert "killed" in (health.msg or "")
    assert _tags(instance, run)[KILLED_TAG] == "true"
    assert run_state(locks, run.run_id) == "unknown", "its lock lies there for ever"


def test_the_run_of_a_command_that_is_gone_is_not_healthy(launcher, instance: dg.DagsterInstance) -> None:
    """A killed command's run would stay in the UI until somebody types the command again."""
    run = _started(instance, **{EXECUTED_HERE_TAG: "itself"})
    assert launcher.check_run_worker_health(run).status is WorkerStatus.FAILED


def test_a_run_of_nobody_is_found_out(launcher, instance: dg.DagsterInstance) -> None:
    """A run that was started by a server of last week would be healthy for ever."""
    assert launcher.check_run_worker_health(_started(instance)).status is WorkerStatus.NOT_FOUND


def test_the_file_s_limits_are_the_pools(instance: dg.DagsterInstance) -> None:
    """A machine would encode forty clips at once: Dagster's own file has no place for a pool's limit."""
    apply_pool_limits(instance, {"rendering": "cores", "speech": 4})
    assert _limit(instance, "rendering") == cores()
    assert _limit(instance, "speech") == 4


def test_a_limit_that_was_changed_in_the_ui_stays_until_the_file_changes(instance: dg.DagsterInstance) -> None:
    """Who lowers a limit in the UI would find it raised at the next start; who changes the file, no effect."""
    apply_pool_limits(instance, {"speech": 4})
    instance.event_log_storage.set_concurrency_slots("speech", 1)
    apply_pool_limits(instance, {"speech": 4})
    assert _limit(instance, "speech") == 1
    apply_pool_limits(instance, {"speech": 3})
    assert _limit(instance, "speech") == 3


@pytest.mark.parametrize("limit", [0, -1, "many", 1.5, None])
def test_a_limit_that_is_none_is_refused_by_name(instance: dg.DagsterInstance, limit: object) -> None:
    """A typing error would leave a pool closed, or open, and say nothing."""
    with pytest.raises(dg.DagsterInvalidConfigError, match=r"pool_limits\.speech"):
        apply_pool_limits(instance, {"speech": limit})  # type: ignore[dict-item]


def _limit(instance: dg.DagsterInstance, pool: str) -> int | None:
    return instance.event_log_storage.get_concurrency_info(pool).limit


@pytest.mark.parametrize(
    ("tags", "trigger"),
    [
        ({}, "ui"),
        ({"dagster/backfill": "abc"}, "backfill"),
        ({"dagster/sensor_name": "lesson_sensor"}, "sensor"),
        ({"dagster/schedule_name": "nightly"}, "catch-up"),
    ],
)
def test_a_run_says_whose_it_is(tags: dict[str, str], trigger: str) -> None:
    """Among a thousand runs nobody would find those of one lesson, or know why a run started at night."""
    assert missing_tags({**tags, "dagster/partition": "ohms-law"}) == {LESSON_TAG: "ohms-law", TRIGGER_TAG: trigger}
    assert missing_tags({LESSON_TAG: "x", TRIGGER_TAG: "command"}) == {}


def test_a_run_names_the_server_that_started_it_and_not_the_newest(
    launcher, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """After *Reload* in the UI, *Terminate* would ask a server that knows nothing of the run."""
    address = tmp_path / "code.sock"
    address.symlink_to("code-1.sock")
    run = _started(instance, **{GRPC_INFO_TAG: json.dumps({"host": "localhost", "socket": str(address)})})
    launcher._name_server(run.run_id)
    assert json.loads(_tags(instance, run)[GRPC_INFO_TAG])["socket"] == str(tmp_path / "code-1.sock")
