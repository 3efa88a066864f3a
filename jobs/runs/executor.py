"""Executes each step of a run in a fork of the run's process, which sleeps until a fork has an event.

Dagster's multiprocess executor starts a server that imports everything a second time. Each step loads the instance and
checks its database schema again, and the executor polls fifty times a second. A run that waits for a pool keeps a core
busy. Here a step is a fork, which already has the imports, the instance and the
checked schema, and a waiting run sleeps. docs/benchmarks.md has the figures.

Dagster's `ActiveExecution` still decides when a step may run (tests/dagster/test_executor.py).

Does not belong here: the pools that limit a step. A step claims a slot for each of its calls (`resources/slots.py`).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from typing import NamedTuple

import dagster as dg

from video_assets.dagster_internals import (
    GRPC_INFO_TAG,
    ActiveExecution,
    DagsterEvent,
    DagsterExecutionInterruptedError,
    DagsterSubprocessError,
    EngineEventData,
    ExecutionPlan,
    ExecutionStep,
    Executor,
    InProcessExecutor,
    InstanceConcurrencyContext,
    KnownExecutionState,
    MultiprocessExecutor,
    PlanOrchestrationContext,
    RetryMode,
    SerializableErrorInfo,
    StepRetryData,
    capture_interrupts,
    create_context_free_log_manager,
    create_execution_plan,
    execute_plan_iterator,
    multiple_process_executor_requirements,
    pop_captured_interrupt,
    serializable_error_info_from_exc_info,
)
from video_assets.project_paths import locate_project
from video_assets.studio.processes.fork import CAN_FORK, INTERRUPTED, Fork, Send, sending
from video_assets.studio.processes.parent import exit_with_parent

from .run_locks import hold_run_lock
from .tags import executed_by_command

_EVENT_WAIT_SECONDS = 0.5
"""The longest sleep of a run before it checks for a request to stop."""
_IDLE_SECONDS = 0.25
"""The sleep while no step runs and none may start yet, because its pool is full or its retry is delayed."""

MAX_CRASH_RETRIES = 1
"""How often a run retries a step whose process was killed."""


class _Done(NamedTuple):
    """The last message of a fork. `error` is set if something other than a failure of the step ended it."""

    error: SerializableErrorInfo | None = None


class ForkedSteps(Executor):
    """Executes each step in a fork of this process, at most `steps_at_once` in parallel."""

    def __init__(self, retries: RetryMode, steps_at_once: int) -> None:
        self._retries = retries
        self._steps_at_once = steps_at_once

    @property
    def retries(self) -> RetryMode:
        """See Executor."""
        return self._retries

    def execute(self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan) -> Iterator[DagsterEvent]:
        """See Executor. On an interruption it interrupts its steps and waits for them."""
        with ExitStack() as stack:
            stack.enter_context(_hold_lock(plan_context))
            pools = stack.enter_context(InstanceConcurrencyContext(plan_context.instance, plan_context.dagster_run))
            active_execution = stack.enter_context(
                ActiveExecution(
                    execution_plan,
                    retry_mode=self._retries,
                    max_concurrent=self._steps_at_once,
                    instance_concurrency_context=pools,
                )
            )
            yield DagsterEvent.engine_event(
                plan_context,
                f"Each step is executed in a fork of process {os.getpid()}.",
                EngineEventData.multiprocess(os.getpid(), step_keys_to_execute=execution_plan.step_keys_to_execute),
            )
            supervisor = _StepSupervisor(self, plan_context, execution_plan, active_execution, self._steps_at_once)
            yield from supervisor.events()
            _check_not_settled(plan_context)

    def after_crash(
        self,
        context: PlanOrchestrationContext,
        step: ExecutionStep,
        error: SerializableErrorInfo,
        active_execution: ActiveExecution,
    ) -> DagsterEvent:
        """The event for a killed step: up for retry, or failed.

        A step without its own retry policy is retried once: the cause (lack of memory, for example) may be temporary.
        """
        step_context = context.for_step(step)
        attempts = active_execution.get_known_state().get_retry_state().get_attempt_count(step.key)
        if step_context.op_retry_policy or attempts >= MAX_CRASH_RETRIES:
            return self.log_failure_or_retry_event_after_error(step_context, error, active_execution.get_known_state())
        return DagsterEvent.step_retry_event(step_context, StepRetryData(error=error, seconds_to_wait=0))


class OneProcess(InProcessExecutor):
    """Executes the steps one after the other in the run's own process."""

    def execute(self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan) -> Iterator[DagsterEvent]:
        """See Executor."""
        with _hold_lock(plan_context):
            yield from super().execute(plan_context, execution_plan)
            _check_not_settled(plan_context)


def _check_not_settled(context: PlanOrchestrationContext) -> None:
    """Raise an interruption when another process has reported the run as ended.

    Dagster would report success regardless of the status, so that a canceled run becomes a successful one.
    """
    run = context.instance.get_run_by_id(context.run_id)
    if run is not None and run.is_finished:
        raise DagsterExecutionInterruptedError


def _hold_lock(context: PlanOrchestrationContext) -> ExitStack:
    """Hold the run's lock until the returned stack is closed. A run that a code server started ends with the server."""
    stack, run = ExitStack(), context.dagster_run
    if executed_by_command(run):
        return stack  # the command locks its runs before it creates them, and may outlive its terminal
    if GRPC_INFO_TAG in run.tags:
        exit_with_parent()
    stack.enter_context(hold_run_lock(locate_project().run_locks, run.run_id))
    return stack


class _StepSupervisor:
    """Starts the steps of one run as soon as they may run, and receives their events."""

    def __init__(
        self,
        executor: ForkedSteps,
        context: PlanOrchestrationContext,
        plan: ExecutionPlan,
        active_execution: ActiveExecution,
        limit: int,
    ) -> None:
        self._executor = executor
        self._context = context
        self._plan = plan
        self._active_execution = active_execution
        self._limit = limit
        self._forks: dict[str, Fork] = {}
        self._done: set[str] = set()
        self._succeeded: set[str] = set()
        self._errors: list[SerializableErrorInfo] = []
        self._stopping = False

    def events(self) -> Iterator[DagsterEvent]:
        """The run's events, until all steps have ended. Raises the error of a step that ended without reporting one."""
        try:
            while self._forks or not (self._stopping or self._active_execution.is_complete):
                if self._active_execution.check_for_interrupts():
                    yield from self._stop()
                if not self._stopping:
                    yield from self._start()
                yield from self._listen()
                yield from self._active_execution.plan_events_iterator(self._context)
        finally:
            # Forks are still alive here only after an internal error. They must not continue without a supervisor.
            for fork in self._forks.values():
                fork.interrupt()
        if self._stopping and self._succeeded >= set(self._plan.step_keys_to_execute):
            return  # the request to stop arrived after the last step had succeeded
        if self._stopping and all(_is_interruption(error) for error in self._errors):
            raise DagsterExecutionInterruptedError
        if self._errors:
            messages = "\n".join(error.to_string() for error in self._errors)
            raise DagsterSubprocessError(
                f"Steps ended without reporting a result:\n{messages}", subprocess_error_infos=self._errors
            )

    def _stop(self) -> Iterator[DagsterEvent]:
        self._stopping = True
        self._active_execution.mark_interrupted()
        yield DagsterEvent.engine_event(
            self._context,
            "The run was asked to stop. Its steps are interrupted.",
            EngineEventData.interrupted(list(self._forks)),
        )
        for fork in self._forks.values():
            fork.interrupt()

    def _start(self) -> Iterator[DagsterEvent]:
        while True:
            steps = self._active_execution.get_steps_to_execute(limit=self._limit - len(self._forks))
            yield from self._active_execution.concurrency_event_iterator(self._context)
            if not steps:
                return
            for step in steps:
                yield DagsterEvent.step_worker_starting(
                    self._context.for_step(step), f"Forking for {step.key}.", metadata={}
                )
                work = partial(_execute, self._context, self._plan, step.key, self._active_execution.get_known_state())
                self._forks[step.key] = Fork(work, name=step.key)

    def _listen(self) -> Iterator[DagsterEvent]:
        if not self._forks:
            if not self._active_execution.is_complete:
                time.sleep(_IDLE_SECONDS)
            return
        for fork in sending(self._forks.values(), timeout_seconds=_EVENT_WAIT_SECONDS):
            for message in fork.receive():
                yield from self._handle(fork.name, message)
            if fork.ended:
                yield from self._remove(fork)

    def _handle(self, step: str, message: DagsterEvent | _Done) -> Iterator[DagsterEvent]:
        if isinstance(message, _Done):
            self._done.add(step)
            self._errors.extend([message.error] if message.error else [])
            return
        yield message
        self._active_execution.handle_event(message)
        if message.is_step_success:
            self._succeeded.add(step)
        if message.is_resource_init_failure:
            error = message.engine_event_data.error
            assert error is not None
            yield from self._fail(step, error)

    def _remove(self, fork: Fork) -> Iterator[DagsterEvent]:
        step = fork.name
        if step not in self._done and self._stopping and fork.exit_code == INTERRUPTED:
            self._errors.append(SerializableErrorInfo("", stack=[], cls_name="KeyboardInterrupt"))
        elif step not in self._done:
            yield from self._crash(fork)
        del self._forks[step]
        self._done.discard(step)
        self._active_execution.verify_complete(self._context, step)

    def _crash(self, fork: Fork) -> Iterator[DagsterEvent]:
        error = _crash_error(fork)
        step_context = self._context.for_step(self._active_execution.get_step_by_key(fork.name))
        yield DagsterEvent.engine_event(step_context, error.message, EngineEventData.engine_error(error))
        for event in self._fail(fork.name, error):
            if event.is_step_failure:
                self._errors.append(error)
            yield event

    def _fail(self, step: str, error: SerializableErrorInfo) -> Iterator[DagsterEvent]:
        event = self._executor.after_crash(
            self._context, self._active_execution.get_step_by_key(step), error, self._active_execution
        )
        self._active_execution.handle_event(event)
        yield event


def _crash_error(fork: Fork) -> SerializableErrorInfo:
    code = fork.exit_code or 0
    how = f"was killed by signal {-code}" if code < 0 else f"ended with status {code}"
    out_of_memory = " Often that is the system running out of memory." if code == -9 else ""
    message = f"The process of {fork.name} {how}.{out_of_memory} Finished parts are kept. A retry resumes from there."
    return SerializableErrorInfo(message, stack=[], cls_name="ProcessCrashed")


def _is_interruption(error: SerializableErrorInfo) -> bool:
    return error.cls_name in {"DagsterExecutionInterruptedError", "KeyboardInterrupt"}


def _execute(
    context: PlanOrchestrationContext, plan: ExecutionPlan, step: str, known: KnownExecutionState, send: Send
) -> None:
    """In the fork: execute one step and send its events to the run."""
    with capture_interrupts():
        pop_captured_interrupt()  # an interruption before the fork was not for this step
        try:
            for event in _events_of(context, plan, step, known):
                send(event)
        except (Exception, KeyboardInterrupt, DagsterExecutionInterruptedError):  # noqa: BLE001  sent to the run, which raises
            send(_Done(serializable_error_info_from_exc_info(sys.exc_info())))
        else:
            send(_Done())


def _events_of(
    context: PlanOrchestrationContext, plan: ExecutionPlan, step: str, known: KnownExecutionState
) -> Iterator[DagsterEvent]:
    run, instance, job = context.dagster_run, context.instance, context.reconstructable_job
    log = create_context_free_log_manager(instance, run)
    pid = {"pid": dg.MetadataValue.text(str(os.getpid()))}
    yield DagsterEvent.step_worker_started(log, run.job_name, f"Executing {step} in a fork.", pid, step)
    alone = create_execution_plan(
        job=job,
        run_config=context.run_config,
        step_keys_to_execute=[step],
        known_state=known,
        repository_load_data=plan.repository_load_data,
    )
    yield from execute_plan_iterator(
        alone,
        job,
        run,
        run_config=context.run_config,
        retry_mode=context.retry_mode.for_inner_plan(),
        instance=instance,
    )


def _requirements(config: Mapping[str, object]) -> list[dg.ExecutorRequirement]:
    return [] if config.get("in_one_process") else list(multiple_process_executor_requirements())


@dg.executor(
    name="lesson_steps",
    config_schema={
        "steps_at_once": dg.Field(
            int,
            default_value=2,
            description="Steps of one run at a time: only section_audio and section_image can run side by side.",
        ),
        "in_one_process": dg.Field(
            bool,
            default_value=False,
            description="One step after the other in the run's own process, for weak machines. Whatever kills a step "
            "kills the run.",
        ),
    },
    requirements=_requirements,
)
def lesson_steps(context: dg.InitExecutorContext) -> Executor:
    """The executor of all lesson jobs: a fork for each step, or one process for all steps."""
    if context.executor_config["in_one_process"]:
        return OneProcess(RetryMode.DISABLED)  # it would only retry interruptions, which it must not
    steps_at_once = context.executor_config["steps_at_once"]
    assert isinstance(steps_at_once, int)
    if CAN_FORK:
        return ForkedSteps(RetryMode.ENABLED, steps_at_once)
    return MultiprocessExecutor(
        RetryMode.ENABLED,
        steps_at_once,
        start_method="forkserver",
        explicit_forkserver_preload=["video_assets.definitions"],
    )
