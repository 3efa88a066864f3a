"""The run launcher that dagster.yaml names: Dagster's default launcher with four additions.

- A health check. Without it, a run whose process died stays STARTED for ever and keeps its slots. With it,
  run_monitoring in dagster.yaml fails such a run, and run_retries resumes it.
- *Terminate* stops every run, also one that a `lessonreel` command executes. It signals the process that holds the
  run's lock.
- The limits of pools are in dagster.yaml, where Dagster itself does not support them. A limit that a user changed in
  the UI stays until the file has a new value.
- Every run has tags for its lesson and its trigger.

Does not belong here: executing runs (`executor.py`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import dagster as dg

from video_assets.dagster_internals import (
    BACKFILL_ID_TAG,
    GRPC_INFO_TAG,
    PARTITION_NAME_TAG,
    SCHEDULE_NAME_TAG,
    SENSOR_NAME_TAG,
    CheckRunHealthResult,
    ConfigurableClassData,
    DagsterUserCodeUnreachableError,
    DefaultRunLauncher,
    LaunchRunContext,
    WorkerStatus,
)
from video_assets.project_paths import locate_project
from video_assets.studio.telemetry.resource_usage import cores

from .run_locks import remove_stale_run_lock, run_state
from .tags import KILLED_TAG, LESSON_TAG, TRIGGER_TAG, Trigger, executed_by_command
from .termination import interrupt, kill, settle_as_canceled

CORES = "cores"
"""A limit in dagster.yaml that stands for the number of cores that this process may use."""
_APPLIED = "lessonreel/pool-limit/"
_ENDING_SECONDS = 1.0
"""A run's process releases the lock shortly before it reports the run's end."""
_NOTHING_EXECUTES = "No process executes this run any more."


class LessonRunLauncher(DefaultRunLauncher):
    """Dagster's launcher with a health check, limits of pools, and tags."""

    def __init__(self, pool_limits: Mapping[str, int | str], inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(inst_data)
        self._pool_limits = pool_limits

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """See ConfigurableClass."""
        return {"pool_limits": dg.Field(dg.Map(str, dg.Any), default_value={})}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]) -> Self:
        """See ConfigurableClass."""
        return cls(config_value["pool_limits"], inst_data)

    def register_instance(self, instance: dg.DagsterInstance) -> None:
        """See RunLauncher. Called once in each process that launches runs. Applies the pool limits of dagster.yaml."""
        super().register_instance(instance)
        apply_pool_limits(instance, self._pool_limits)

    def launch_run(self, context: LaunchRunContext) -> None:
        """See RunLauncher."""
        run = context.dagster_run
        self._instance.add_run_tags(run.run_id, missing_tags(run.tags))
        super().launch_run(context)
        self._name_server(run.run_id)

    def _name_server(self, run_id: str) -> None:
        """Record the code server that started this run, because only that one can terminate it.

        Under `make dev` the server's address is a symbolic link, which *Reload* moves to another server.
        """
        run = self._instance.get_run_by_id(run_id)
        server = json.loads(run.tags.get(GRPC_INFO_TAG, "{}")) if run else {}
        address = server.get("socket")
        if address and Path(address).is_symlink():
            server["socket"] = str(Path(address).resolve())
            self._instance.add_run_tags(run_id, {GRPC_INFO_TAG: json.dumps(server)})

    def terminate(self, run_id: str) -> bool:
        """See RunLauncher. Returns False when the run has ended, or when its process cannot be found.

        A run whose process is gone is never left CANCELING.
        """
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return False
        locks = locate_project().run_locks
        try:
            if interrupt(self._instance, locks, run):
                return True
        except PermissionError as error:
            self._instance.report_engine_event(f"Another user's process executes this run: {error}.", run)
            return False
        if GRPC_INFO_TAG in run.tags and self._server_stops(run):
            return True
        return self._settle_abandoned(run)

    def _server_stops(self, run: dg.DagsterRun) -> bool:
        """Whether the code server that started the run still executes it, and accepted the request to stop it."""
        try:
            return super().terminate(run.run_id)
        except DagsterUserCodeUnreachableError:
            return False

    def _settle_abandoned(self, run: dg.DagsterRun) -> bool:
        locks = locate_project().run_locks
        time.sleep(_ENDING_SECONDS)
        if run_state(locks, run.run_id) == "alive":
            if not interrupt(self._instance, locks, run):
                self._instance.report_engine_event(
                    "The process that executes this run is not known. Press Ctrl-C in the terminal that started it.",
                    run,
                )
                return False
            return True
        settle_as_canceled(self._instance, locks, run.run_id, _NOTHING_EXECUTES)
        return True

    def get_run_worker_debug_info(self, run: dg.DagsterRun, include_container_logs: bool | None = True) -> str | None:
        """See RunLauncher. Kills the process of a run that is CANCELING.

        Dagster's run monitoring calls this just before it reports a run as canceled that did not stop within
        `cancel_timeout_seconds`. With the process killed, the report is true.
        """
        if run.status is not dg.DagsterRunStatus.CANCELING:
            return super().get_run_worker_debug_info(run, include_container_logs)
        return kill(self._instance, locate_project().run_locks, run) or None

    @property
    def supports_check_run_worker_health(self) -> bool:
        """See RunLauncher."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """See RunLauncher. Checks the lock of the run's process; without a lock, whether the run's server answers."""
        health = self._health(run)
        if health.status is not WorkerStatus.RUNNING:
            self._instance.add_run_tags(run.run_id, {KILLED_TAG: "true"})
            remove_stale_run_lock(locate_project().run_locks, run.run_id)
        return health

    def _health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        state = run_state(locate_project().run_locks, run.run_id)
        if state == "alive":
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        if state == "dead":
            return CheckRunHealthResult(WorkerStatus.FAILED, "The process of this run was killed.")
        if executed_by_command(run):
            return CheckRunHealthResult(WorkerStatus.FAILED, "The command that executed this run is gone.")
        return self._server_health(run)

    def _server_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        client = self._get_grpc_client_for_termination(run.run_id) if GRPC_INFO_TAG in run.tags else None
        if client is None:
            return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "The process that executes this run is not known.")
        try:
            client.ping("")
        except DagsterUserCodeUnreachableError:
            return CheckRunHealthResult(WorkerStatus.FAILED, "The code server that executed this run is gone.")
        return CheckRunHealthResult(WorkerStatus.RUNNING)


def apply_pool_limits(instance: dg.DagsterInstance, wanted: Mapping[str, int | str]) -> None:
    """Set the limit of each pool to the value in dagster.yaml, unless that value was applied before.

    So a limit that a user changed in the UI since then stays.
    """
    texts = {pool: str(_number(pool, limit)) for pool, limit in wanted.items()}
    kept, storage = instance.run_storage, instance.event_log_storage
    applied = kept.get_cursor_values({_APPLIED + pool for pool in texts})
    for pool, text in texts.items():
        if applied.get(_APPLIED + pool) != text:
            storage.set_concurrency_slots(pool, int(text))
            kept.set_cursor_values({_APPLIED + pool: text})


def _number(pool: str, limit: int | str) -> int:
    if limit == CORES:
        return cores()
    if isinstance(limit, int) and limit > 0:
        return limit
    raise dg.DagsterInvalidConfigError(
        f"dagster.yaml: run_launcher.config.pool_limits.{pool} is {limit!r}. Write a number from 1 on, or {CORES}.",
        [],
        {},
    )


def missing_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that the run lacks: its lesson and its trigger."""
    found: dict[str, str] = {}
    if LESSON_TAG not in tags and PARTITION_NAME_TAG in tags:
        found[LESSON_TAG] = tags[PARTITION_NAME_TAG]
    if TRIGGER_TAG not in tags:
        found[TRIGGER_TAG] = _trigger(tags)
    return found


def _trigger(tags: Mapping[str, str]) -> Trigger:
    if BACKFILL_ID_TAG in tags:
        return "backfill"
    if SENSOR_NAME_TAG in tags:
        return "sensor"
    return "catch-up" if SCHEDULE_NAME_TAG in tags else "ui"
