"""Terminates a run from another process, and keeps the run's status correct.

A run is reported as canceled only when its process has stopped, or when there is no process. A request after the run's
end changes nothing. Dagster's own launcher terminates only runs of its code server, and leaves all others CANCELING.
"""

from __future__ import annotations

import signal
import time
from pathlib import Path

import dagster as dg

from video_assets.dagster_internals import DagsterEvent

from .run_locks import executing_process, remove_stale_run_lock, run_state

KILLED_SECONDS = 5.0
"""How long `kill` waits for the process to end."""
_LOOK_SECONDS = 0.02
_ENDINGS = {
    dg.DagsterEventType.RUN_SUCCESS,
    dg.DagsterEventType.RUN_FAILURE,
    dg.DagsterEventType.RUN_CANCELED,
}
STOPPED_TOO_LATE = "The run had ended before it could be stopped."


def interrupt(instance: dg.DagsterInstance, locks: Path, run: dg.DagsterRun) -> bool:
    """Send SIGINT to the process that executes the run. Returns False when no such process is known.

    Raises PermissionError, with the run's status as it was, when the process belongs to another user.
    """
    process = executing_process(locks, run.run_id)
    if process is None or not process.send(0):
        return False
    # Reported first: without CANCELING the process reports the interruption as a failure.
    if run.status is not dg.DagsterRunStatus.CANCELING:
        instance.report_run_canceling(run, f"Process {process.pid}, which executes this run, was asked to stop.")
    if restore_ending(instance, run.run_id) or process.send(signal.SIGINT):
        return True
    settle_as_canceled(instance, locks, run.run_id, "The process that executed this run has ended.")
    return True


def kill(instance: dg.DagsterInstance, locks: Path, run: dg.DagsterRun) -> str:
    """Kill the process of a run that did not stop on request, and report the run as canceled.

    Returns a message about it; empty when no process executes the run.
    """
    process = executing_process(locks, run.run_id)
    if process is None:
        return ""
    message = f"Process {process.pid}, which executed this run, did not stop on request and was killed."
    # Reported before the kill: a code server reports a run with a dead process as failed, and Dagster retries that run.
    instance.report_run_canceled(run, message)
    process.send(signal.SIGKILL)
    due = time.monotonic() + KILLED_SECONDS
    while run_state(locks, run.run_id) == "alive" and time.monotonic() < due:
        time.sleep(_LOOK_SECONDS)
    remove_stale_run_lock(locks, run.run_id)
    return message


def settle_as_canceled(instance: dg.DagsterInstance, locks: Path, run_id: str, message: str) -> None:
    """Report a run without a process as canceled, unless it has ended in another way."""
    run = instance.get_run_by_id(run_id)
    if run is not None and not run.is_finished and not restore_ending(instance, run_id):
        instance.report_run_canceled(run, message)
    remove_stale_run_lock(locks, run_id)


def restore_ending(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether the run's event log already has its end. If so, the run's status is set to that end again.

    The run may end between the check of its status and the report of CANCELING, which overwrites the status.
    """
    ending = ending_of(instance, run_id)
    if ending is None:
        return False
    run = instance.get_run_by_id(run_id)
    if run is not None and not run.is_finished:
        instance.report_engine_event(STOPPED_TOO_LATE, run)
        instance.report_dagster_event(ending, run_id)
    return True


def ending_of(instance: dg.DagsterInstance, run_id: str) -> DagsterEvent | None:
    """The event that ended the run; None if it has not ended."""
    entries = list(instance.all_logs(run_id, of_type=_ENDINGS))
    return entries[-1].dagster_event if entries else None
