"""Runs the job in this process and its child processes, with the project's Dagster instance but without its daemon.

The UI shows such a run like any other. A run that is interrupted, or whose process dies, gets its correct final status.
Does not belong here: the output of the command.
"""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

import dagster as dg
from sqlalchemy.exc import SQLAlchemyError

from jobs.dev.location import LOCATION, MODULE
from jobs.render import JOB_NAME
from resources.slots import free_slots_of_ended_runs
from video_assets.dagster_internals import (
    PARTITION_NAME_TAG,
    DagsterExecutionInterruptedError,
    LoadableTargetOrigin,
    ManagedGrpcPythonEnvCodeLocationOrigin,
    ModuleCodePointer,
    ReconstructableJob,
    ReconstructableRepository,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
    capture_interrupts,
    check_captured_interrupt,
    execute_run,
)
from video_assets.disk_faults import disk_fault
from video_assets.partitions import LESSONS
from video_assets.studio.storage.locks import file_lock

from .run_locks import hold_run_lock, remove_stale_run_lock, run_state
from .tags import BACKGROUND_PRIORITY, EXECUTED_HERE_TAG, LESSON_TAG, PRIORITY_TAG, TRIGGER_TAG, executed_by_command
from .termination import settle_as_canceled

_STOPPING = frozenset({signal.SIGINT, signal.SIGTERM})
_UNFINISHED = (
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)

_ENDED_EARLY = "The command ended before the run did; finished parts are kept."

CommandRunEnding = Literal["success", "failure", "interrupted"]


class RunOrder(NamedTuple):
    """A run to execute: the lesson's partition key, the assets (none: all), and the run's configuration."""

    run_id: str
    key: str
    assets: Sequence[str]
    run_config: Mapping[str, Any]
    awaited: bool = True
    """Whether a user waits for this run. If not, it is one of a batch and has a lower priority for slots."""


@contextmanager
def open_instance(state: Path) -> Iterator[dg.DagsterInstance]:
    """The project's Dagster instance.

    A lock serialises the first start: six processes that start at once with a new home break its databases (measured).
    Raises DiskFailed if a fault of the disk prevents opening it.
    """
    try:
        with file_lock(state / "first-start.lock"):
            instance = dg.DagsterInstance.get()
            instance.get_runs_count()
            _ = instance.run_launcher  # created at the first access; it sets the pool limits of dagster.yaml
    except Exception as error:
        fault = disk_fault(error, state)
        if fault is None:
            raise
        raise fault from error
    with instance:
        yield instance


def defer_interrupts() -> AbstractContextManager[None]:
    """Inside the block Ctrl-C and SIGTERM only set a flag. A run checks it, stops in order and reports its status."""
    return capture_interrupts()


def run_in_process(instance: dg.DagsterInstance, order: RunOrder, *, root: Path, locks: Path) -> CommandRunEnding:
    """Execute the job for one lesson and wait for its end. After any interruption the run has a final status."""
    with defer_interrupts():
        instance.add_dynamic_partitions(str(LESSONS.name), [order.key])
        # Locked before it is created: another command would take a run without a lock for a run of a dead process.
        with hold_run_lock(locks, order.run_id):
            try:
                return _execute(instance, *_create(instance, order, root))
            finally:
                settle_as_canceled(instance, locks, order.run_id, _ENDED_EARLY)
                free_slots_of_ended_runs(instance)


def _create(instance: dg.DagsterInstance, order: RunOrder, root: Path) -> tuple[ReconstructableJob, dg.DagsterRun]:
    job = _job(order.assets)
    run = instance.create_run_for_job(
        job_def=job.get_definition(),
        run_id=order.run_id,
        run_config=order.run_config,
        tags={
            PARTITION_NAME_TAG: order.key,
            LESSON_TAG: order.key,
            TRIGGER_TAG: "command",
            EXECUTED_HERE_TAG: order.run_id,
            PRIORITY_TAG: "0" if order.awaited else BACKGROUND_PRIORITY,
        },
        asset_selection=frozenset(map(dg.AssetKey, order.assets)) or None,
        remote_job_origin=_origin(root),
        job_code_origin=job.get_python_origin(),
    )
    return job, run


def _execute(instance: dg.DagsterInstance, job: ReconstructableJob, run: dg.DagsterRun) -> CommandRunEnding:
    with _report_canceling_on_signal(instance, run) as stopped:
        if check_captured_interrupt():
            return "interrupted"
        try:
            if execute_run(job, run, instance).success:
                return "success"
        except (DagsterExecutionInterruptedError, KeyboardInterrupt):
            return "interrupted"
    return "interrupted" if stopped.is_set() else "failure"


@contextmanager
def _report_canceling_on_signal(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Iterator[threading.Event]:
    """Report the run as CANCELING as soon as Ctrl-C or SIGTERM arrives. The event is set when it has arrived.

    Dagster reports an interruption of a run that is not CANCELING as a failure. It replaces Python's signal handlers
    while it executes. So this uses the wake-up descriptor, to which Python writes regardless of the handler.
    """
    stopped = threading.Event()
    receiver, wakeup = socket.socketpair()
    wakeup.setblocking(False)

    def announce() -> None:
        while number := receiver.recv(1):
            if number[0] in _STOPPING and not stopped.is_set():
                stopped.set()
                with suppress(SQLAlchemyError):  # such as a full disk; the end of the run is reported again
                    _announce_interruption(instance, run.run_id)

    thread = threading.Thread(target=announce, name="announces-interruption", daemon=True)
    before = signal.set_wakeup_fd(wakeup.fileno(), warn_on_full_buffer=False)
    thread.start()
    try:
        yield stopped
    finally:
        signal.set_wakeup_fd(before)
        wakeup.close()  # ends the thread, after it has read the remaining bytes
        thread.join()
        receiver.close()


def _announce_interruption(instance: dg.DagsterInstance, run_id: str) -> None:
    run = instance.get_run_by_id(run_id)
    # A run terminated in the UI is CANCELING already. The status of an ended run must not be overwritten.
    if run is not None and not run.is_finished and run.status is not dg.DagsterRunStatus.CANCELING:
        instance.report_run_canceling(run, "Interrupted by the user; finished parts are kept.")


def step_errors(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    """The errors that ended the failed steps of a run, or the run itself: for each, the innermost recorded cause."""
    found: list[str] = []
    endings = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE}
    for entry in instance.all_logs(run_id, of_type=endings):
        event = entry.dagster_event
        error = getattr(event.event_specific_data, "error", None) if event else None
        while error is not None and error.cause is not None:
            error = error.cause
        if event and error:
            found.append(f"{event.step_key or 'the run'}: {error.message.strip()}")
    return found


def fail_dead_runs(instance: dg.DagsterInstance, locks: Path) -> list[str]:
    """Report the runs of commands whose process has died as ended, and free their slots. Returns the ids of the runs.

    A command holds its run's lock. The kernel releases the lock when the process dies (killed, power cut).
    """
    unfinished = instance.get_runs(
        filters=dg.RunsFilter(
            tags={TRIGGER_TAG: "command"},
            statuses=list(_UNFINISHED),
        )
    )
    dead = [run for run in unfinished if executed_by_command(run) and run_state(locks, run.run_id) != "alive"]
    for run in dead:
        if run.status is dg.DagsterRunStatus.CANCELING:
            settle_as_canceled(instance, locks, run.run_id, _ENDED_EARLY)
            continue
        instance.report_run_failed(run, "The command that ran this ended without saying so (killed, or a power cut).")
        remove_stale_run_lock(locks, run.run_id)
    free_slots_of_ended_runs(instance)
    return [run.run_id for run in dead]


def preload_definitions() -> None:
    """Load all definitions that a run needs, so that later forks inherit them."""
    _job(()).get_definition()


def _job(assets: Sequence[str]) -> ReconstructableJob:
    # Not the working directory: a folder of the user may have the same name as one of our packages.
    code = str(Path(__file__).resolve().parents[2])
    repository = ReconstructableRepository(ModuleCodePointer(MODULE, "defs", code))
    job = repository.get_reconstructable_job(JOB_NAME)
    return job.get_subset(asset_selection=frozenset(map(dg.AssetKey, assets))) if assets else job


def _origin(root: Path) -> RemoteJobOrigin:
    """The code location in which the UI finds the job of this run."""
    target = LoadableTargetOrigin(module_name=MODULE, working_directory=str(root))
    location = ManagedGrpcPythonEnvCodeLocationOrigin(target, LOCATION)
    return RemoteJobOrigin(RemoteRepositoryOrigin(location, "__repository__"), JOB_NAME)
