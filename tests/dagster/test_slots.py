"""The contract of Dagster's slots that resources/slots.py relies on: killed steps, no daemon, limits that people set.

Slots are not public API: each line here was found by trying, and an update of Dagster that changes one is seen here
before a run waits for ever.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqlEventLogStorage
from dagster._utils.concurrency import ConcurrencyKeyInfo

from jobs.runs.local_run import fail_dead_runs
from jobs.runs.tags import EXECUTED_HERE_TAG, TRIGGER_TAG
from resources.slots import InstanceSlotFactory, InstanceSlots, free_slots_of_ended_runs
from tests.instances import instance_in
from video_assets.studio.storage.locks import file_lock

REPOSITORY = Path(__file__).parents[2]
HOLD = """
import sys, time
from pathlib import Path

import dagster as dg
from resources.slots import InstanceSlots
with dg.DagsterInstance.local_temp(sys.argv[1]) as instance:
    with InstanceSlots(instance, sys.argv[2], "clips", {"gpu": 1}, Path(sys.argv[1], "seats")).slot("gpu", "first"):
        print("held", flush=True)
        time.sleep(60)
"""
"""A step that holds the only slot of `gpu`."""


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance of its own, with no daemon."""
    with instance_in(tmp_path) as made:
        yield made


def _run(instance: dg.DagsterInstance, status: dg.DagsterRunStatus = dg.DagsterRunStatus.STARTED) -> str:
    @dg.job
    def nothing() -> None: ...

    run_id = str(uuid.uuid4())
    tags = {TRIGGER_TAG: "command", EXECUTED_HERE_TAG: run_id}
    return instance.create_run_for_job(nothing, run_id=run_id, status=status, tags=tags).run_id


def _killed_holder(home: Path, run_id: str) -> None:
    """A step of the run takes the slot and is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home), run_id], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def _held(instance: dg.DagsterInstance, pool: str = "gpu") -> set[tuple[str, str]]:
    info = instance.event_log_storage.get_concurrency_info(pool)
    return {(slot.run_id, slot.step_key) for slot in info.claimed_slots}


def test_a_retried_step_frees_what_its_killed_try_held(instance: dg.DagsterInstance, tmp_path: Path):
    """With one GPU the retry would wait for its own dead predecessor, for ever."""
    run_id = _run(instance)
    _killed_holder(tmp_path, run_id)
    assert _held(instance) == {(run_id, "clips[first]")}, "nobody else frees it: there is no daemon"
    slots = InstanceSlotFactory(instance, run_id, {"gpu": 1}, tmp_path).slots_for("clips")
    assert _held(instance) == set()
    with slots.slot("gpu", "first"):
        assert _held(instance) == {(run_id, "clips[first]")}
    assert _held(instance) == set()


def test_only_the_own_leftovers_are_freed(instance: dg.DagsterInstance, tmp_path: Path):
    """A step that starts would take the GPU away from another asset, or from another lesson's run."""
    mine, other = _run(instance), _run(instance)
    limits = {"gpu": 3}
    with (
        InstanceSlots(instance, other, "clips", limits, tmp_path).slot("gpu", "a"),
        InstanceSlots(instance, mine, "section_image", limits, tmp_path).slot("gpu", "b"),
        InstanceSlots(instance, mine, "clips_of_old", limits, tmp_path).slot("gpu", "c"),
    ):
        before = _held(instance)
        assert InstanceSlots(instance, mine, "clips", limits, tmp_path).release_stale() == 0
        assert _held(instance) == before


def test_slots_of_ended_and_unknown_runs_are_freed(instance: dg.DagsterInstance, tmp_path: Path):
    """After a power cut the GPU would stay taken until somebody finds the page on which to free it."""
    dead = _run(instance)
    _killed_holder(tmp_path, dead)
    alive = _run(instance)
    assert free_slots_of_ended_runs(instance) == 0, "its run is not over yet, as far as anybody knows"
    (run,) = instance.get_runs(dg.RunsFilter(run_ids=[dead]))
    instance.report_run_failed(run)
    instance.event_log_storage.set_concurrency_slots("gpu", 3)
    for run_id in (alive, "a-run-that-was-deleted"):
        instance.event_log_storage.claim_concurrency_slot("gpu", run_id, "clips[x]")
    assert free_slots_of_ended_runs(instance) == 2
    assert _held(instance) == {(alive, "clips[x]")}


def test_a_dead_command_s_run_is_settled_and_its_slots_freed(instance: dg.DagsterInstance, tmp_path: Path):
    """The next render would wait for the slots of a command that was killed yesterday."""
    dead, alive = _run(instance), _run(instance)
    _killed_holder(tmp_path, dead)
    with file_lock(tmp_path / "locks" / f"{alive}.lock"):
        assert fail_dead_runs(instance, tmp_path / "locks") == [dead]
        assert _status(instance, dead) is dg.DagsterRunStatus.FAILURE
        assert _status(instance, alive) is dg.DagsterRunStatus.STARTED
    assert _held(instance) == set()


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.CANCELING])
def test_a_run_is_settled_wherever_its_command_was_killed(
    instance: dg.DagsterInstance, tmp_path: Path, status: dg.DagsterRunStatus
):
    """A run would be starting, or ending, for ever in the UI."""
    run_id = _run(instance, status)
    assert fail_dead_runs(instance, tmp_path / "locks") == [run_id]
    assert _status(instance, run_id).value in {"FAILURE", "CANCELED"}


def _status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status


def test_a_limit_that_somebody_set_is_kept(instance: dg.DagsterInstance, tmp_path: Path):
    """Whoever lowers a limit in the UI to spare a machine would find it raised again by the next step."""
    instance.event_log_storage.set_concurrency_slots("rendering", 1)
    with InstanceSlots(instance, _run(instance), "clips", {"rendering": 8}, tmp_path).slot("rendering", "a"):
        assert instance.event_log_storage.get_concurrency_info("rendering").slot_count == 1


def test_the_house_sets_a_limit_that_nobody_set(instance: dg.DagsterInstance, tmp_path: Path):
    """A machine of two cores would encode forty clips at once."""
    with InstanceSlots(instance, _run(instance), "clips", {"rendering": 2}, tmp_path).slot("rendering", "a"):
        assert instance.event_log_storage.get_concurrency_info("rendering").slot_count == 2


def test_a_waiting_call_gets_the_slot_when_it_is_free(
    instance: dg.DagsterInstance, tmp_path: Path, await_: Callable[..., None]
):
    """A freed GPU would stand idle, or a call that gave up waiting would keep its place in the queue."""
    run_id, order = _run(instance), []
    slots = InstanceSlots(instance, run_id, "clips", {"gpu": 1}, tmp_path)

    def wait() -> None:
        with slots.slot("gpu", "second"):
            order.append("second")

    with slots.slot("gpu", "first"):
        waiting = threading.Thread(target=wait)
        waiting.start()
        await_(lambda: instance.event_log_storage.get_concurrency_info("gpu").pending_step_count > 0)
        order.append("first")
    waiting.join(60)
    assert order == ["first", "second"]
    assert _held(instance) == set()


def test_a_waiting_call_that_dagster_forgot_gets_its_slot(instance: dg.DagsterInstance, tmp_path: Path):
    """A render would hang for ever with a slot free: freed in the moment in which the call queued up for it."""
    run_id, done = _run(instance), threading.Event()
    slots = InstanceSlots(instance, run_id, "clips", {"gpu": 1}, tmp_path)
    with slots.slot("gpu", "before"):
        pass
    # What the queue holds after that moment: an entry that nobody assigned, beside a free slot.
    storage = instance.event_log_storage
    assert isinstance(storage, SqlEventLogStorage)
    storage.add_pending_step("gpu", run_id, "clips[forgotten]", should_assign=False)

    def call() -> None:
        with slots.slot("gpu", "forgotten"):
            done.set()

    waiting = threading.Thread(target=call, daemon=True)
    waiting.start()
    assert done.wait(30)
    waiting.join(30)
    assert _held(instance) == set()


def test_of_a_crowd_that_waits_one_looks(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, await_: Callable[..., None]
):
    """Forty sections that wait for a provider would ask the instance 160 times a second, and keep a core busy."""
    slots = InstanceSlots(instance, _run(instance), "audio", {"trial": 1}, tmp_path)
    storage = instance.event_log_storage
    lookers: list[int] = []
    look = storage.get_concurrency_info

    def noted(pool: str) -> ConcurrencyKeyInfo:
        lookers.append(threading.get_ident())
        return look(pool)

    def pass_by(number: int) -> None:
        with slots.slot("trial", str(number)):
            pass

    crowd = [threading.Thread(target=pass_by, args=(number,)) for number in range(16)]
    monkeypatch.setattr("resources.slots._MAX_POLL_SECONDS", 0.02)
    with slots.slot("trial", "holds"):
        for each in crowd:
            each.start()
        await_(lambda: look("trial").pending_step_count == len(crowd))
        monkeypatch.setattr(storage, "get_concurrency_info", noted)
        await_(lambda: len(lookers) >= 4 * len(crowd))
        monkeypatch.undo()
    for each in crowd:
        each.join(30)
        assert not each.is_alive()
    assert len(set(lookers[-2 * len(crowd) :])) == 1, "each looked for itself"
