"""Stopping a run from another process, so that its status is true whatever happens.

A run is reported as canceled only when its process has been stopped, or when there is none. A request that comes after
the run's end changes nothing. Dagster's own launcher stops only runs of its code server, and leaves others CANCELING.
"""

from __future__ import annotations

import signal
import time
from pathlib import Path

import dagster as dg
from dagster._core.events import DagsterEvent

from .liveness import bury, executing_process, life_of

KILLED_SECONDS = 5.0
"""How long a killed process may take to be gone."""
_LOOK_SECONDS = 0.02
_ENDINGS = {
    dg.DagsterEventType.RUN_SUCCESS,
    dg.DagsterEventType.RUN_FAILURE,
    dg.DagsterEventType.RUN_CANCELED,
}
STOPPED_TOO_LATE = "The run had ended before it could be stopped."


def interrupt(instance: dg.DagsterInstance, locks: Path, run: dg.DagsterRun) -> bool:
    """Ask the process that executes the run to stop, as Ctrl-C would; False when no such process is known.

    Raises PermissionError, with the run's status as it was, when the process belongs to another user.
    """
    process = executing_process(locks, run.run_id)
    if process is None or not process.send(0):
        return False
    # Reported first: the process takes an interruption that was not announced for a failure.
    if run.status is not dg.DagsterRunStatus.CANCELING:
        instance.report_run_canceling(run, f"Process {process.pid}, which executes this run, is asked to stop.")
    if restore_ending(instance, run.run_id) or process.send(signal.SIGINT):
        return True
    settle_as_canceled(instance, locks, run.run_id, "The process that executed this run has ended.")
    return True


def kill(instance: dg.DagsterInstance, locks: Path, run: dg.DagsterRun) -> str:
    """End the process of a run that did not stop when it was asked to, and report the run as canceled.

    Returns what was done, in words; empty when no process executes the run.
    """
    process = executing_process(locks, run.run_id)
    if process is None:
        return ""
    told = f"Process {process.pid}, which executed this run, did not stop when it was asked to, and was killed."
    # Reported before the kill: a code server reports a run whose process died as failed, and Dagster makes that again.
    instance.report_run_canceled(run, told)
    process.send(signal.SIGKILL)
    due = time.monotonic() + KILLED_SECONDS
    while life_of(locks, run.run_id) == "alive" and time.monotonic() < due:
        time.sleep(_LOOK_SECONDS)
    bury(locks, run.run_id)
    return told


def settle_as_canceled(instance: dg.DagsterInstance, locks: Path, run_id: str, message: str) -> None:
    """Report a run that nothing executes any more as canceled, unless it has ended in another way."""
    run = instance.get_run_by_id(run_id)
    if run is not None and not run.is_finished and not restore_ending(instance, run_id):
        instance.report_run_canceled(run, message)
    bury(locks, run_id)


def restore_ending(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether the run's log has its end already; then its status says so again.

    Between a look at a run and the report that it is being canceled it may end. The report would hide how it ended.
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
    """The event that ended the run; None while it goes on."""
    entries = list(instance.all_logs(run_id, of_type=_ENDINGS))
    return entries[-1].dagster_event if entries else None
