"""The executor: a fork for each step, in the order of the data, with Dagster's own meaning of failure and retry.

It stands on internals of Dagster that an update may change: whatever does is seen here first.
"""

import os
import signal
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from jobs.runs.executor import lesson_steps
from jobs.runs.run_locks import run_state
from tests.instances import instance_in
from video_assets.project_paths import run_locks_folder
from video_assets.studio.processes.children import run
from video_assets.studio.processes.fork import CAN_FORK

REPOSITORY = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not CAN_FORK, reason="elsewhere Dagster's own executor is used")


class Notes(dg.ConfigurableResource):
    """Where the steps of a test leave what they saw."""

    folder: str

    def permit(self, step: str, text: object = "") -> None:
        """Add a line of a step's: its process, and what it saw."""
        with Path(self.folder, step).open("a") as file:
            file.write(f"{os.getpid()} {text}\n")


@dg.op
def first(notes: Notes) -> int:
    notes.permit("first")
    return 20


@dg.op
def second(notes: Notes, number: int) -> int:
    notes.permit("second", number)
    return number + 1


@dg.op(retry_policy=dg.RetryPolicy(max_retries=1))
def killed_once(notes: Notes, number: int) -> int:
    notes.permit("killed_once")
    if len(Path(notes.folder, "killed_once").read_text().splitlines()) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@dg.op
def killed(notes: Notes) -> int:
    notes.permit("killed")
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


@dg.op
def refuses(notes: Notes) -> int:
    raise dg.Failure("The word is misspelled. Mend it.", allow_retries=False)


@dg.op
def sees_its_run(context: dg.OpExecutionContext, notes: Notes) -> int:
    notes.permit("life", run_state(run_locks_folder(Path(os.environ["LESSONREEL_STATE"])), context.run_id))
    return 0


NOTES = {"notes": Notes.configure_at_launch()}


@dg.job(executor_def=lesson_steps, resource_defs=NOTES)
def chain() -> None:
    second(second.alias("again")(first()))


@dg.job(executor_def=lesson_steps, resource_defs=NOTES)
def crash_and_go_on() -> None:
    second(killed_once(first()))


@dg.job(executor_def=lesson_steps, resource_defs=NOTES)
def crash() -> None:
    second(killed())


@dg.job(executor_def=lesson_steps, resource_defs=NOTES)
def refuse() -> None:
    second(refuses())


@dg.job(executor_def=lesson_steps, resource_defs=NOTES)
def live() -> None:
    sees_its_run()


@dg.job(executor_def=lesson_steps.configured({"in_one_process": True}, name="one_process"), resource_defs=NOTES)
def live_in_one_process() -> None:
    sees_its_run()


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """An instance on disk: steps are other processes."""
    monkeypatch.setenv("LESSONREEL_STATE", str(tmp_path / "state"))
    with instance_in(tmp_path) as made:
        yield made


def _run(instance: dg.DagsterInstance, job: dg.JobDefinition, folder: Path) -> dg.JobExecutionResult:
    config = {"resources": {"notes": {"config": {"folder": str(folder)}}}}
    return dg.execute_job(dg.reconstructable(job), instance, run_config=config)


def _pids(folder: Path, step: str) -> list[int]:
    return [int(line.split()[0]) for line in (folder / step).read_text().splitlines()]


def test_each_step_is_a_process_and_gets_what_came_before(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """A step that leaks or crashes would take the others with it; or steps would run before their inputs exist."""
    with _run(instance, chain, tmp_path) as result:
        assert result.success
        assert result.output_for_node("second") == 22
    pids = [*_pids(tmp_path, "first"), *_pids(tmp_path, "second")]
    assert len({*pids, os.getpid()}) == 4


def test_a_killed_step_is_tried_again_by_its_policy(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """A night's backfill would fail wherever memory was short for a moment."""
    with _run(instance, crash_and_go_on, tmp_path) as result:
        assert result.success
    assert len(_pids(tmp_path, "killed_once")) == 2
    assert len(_pids(tmp_path, "first")) == 1


def test_a_step_that_is_killed_without_a_policy_fails_its_run(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """A run would be green though a step never ended, or say nothing of what happened to it."""
    with _run(instance, crash, tmp_path) as result:
        assert not result.success
        (failure,) = result.get_step_failure_events()
        assert failure.step_key == "killed"
        error = failure.step_failure_data.error
        assert error is not None
        assert "killed by signal 9" in error.message
    assert not (tmp_path / "second").exists()


def test_a_failure_keeps_its_words(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """Whoever wrote the lesson would be told of processes instead of the misspelled word."""
    with _run(instance, refuse, tmp_path) as result:
        assert not result.success
        (failure,) = result.get_step_failure_events()
        data = failure.step_failure_data
        assert data.user_failure_data is not None
        assert data.user_failure_data.description == "The word is misspelled. Mend it."
        assert result.dagster_run.status is dg.DagsterRunStatus.FAILURE


@pytest.mark.parametrize("job", [live, live_in_one_process], ids=lambda job: job.name)
def test_a_run_is_alive_while_its_steps_work(
    instance: dg.DagsterInstance, tmp_path: Path, job: dg.JobDefinition
) -> None:
    """A healthy run would be taken for a dead one, failed, and made a second time beside itself."""
    with _run(instance, job, tmp_path) as result:
        assert result.success
        assert (tmp_path / "life").read_text().split()[1] == "alive"
        assert run_state(run_locks_folder(tmp_path / "state"), result.run_id) == "unknown"


@pytest.mark.parametrize("what", ["a step at work", "a full pool"])
def test_a_run_that_waits_leaves_the_processor_alone(what: str, tmp_path: Path) -> None:
    """Four runs that wait for the GPU would take both cores from the one that has it (Dagster's own do).

    Counted, not timed: between two looks at the steps the run sleeps, for a quarter of a second at least or until one
    of its steps has news.
    """
    script = textwrap.dedent(f"""
        import time
        from pathlib import Path
        import dagster as dg
        from dagster._core.execution.plan.active import ActiveExecution
        from jobs.runs import executor

        POOL = {what!r} == "a full pool"
        looks, sleeps, news = 0, 0, 0
        enough = Path("enough")

        @dg.op(pool="busy" if POOL else None)
        def waits() -> None:
            while not enough.exists():
                time.sleep(0.05)

        @dg.job(executor_def=executor.lesson_steps)
        def waiting() -> None:
            waits()

        class Clock:
            @staticmethod
            def sleep(seconds: float) -> None:
                global sleeps
                sleeps += seconds >= 0.25
                time.sleep(seconds)

        def speaking(forks, timeout_seconds):
            global sleeps, news
            heard = list(speaking_before(forks, timeout_seconds=timeout_seconds))
            news += bool(heard)
            sleeps += not heard and timeout_seconds >= 0.25
            return heard

        def steps_to_execute(self, limit=None):
            global looks
            found = steps_before(self, limit=limit)
            looks += not found
            if looks == 12:
                enough.touch()
                instance.event_log_storage.free_concurrency_slot_for_step("other", "holder")
            return found

        if __name__ == "__main__":
            speaking_before, steps_before = executor.sending, ActiveExecution.get_steps_to_execute
            executor.sending, executor.time, ActiveExecution.get_steps_to_execute = speaking, Clock, steps_to_execute
            with dg.DagsterInstance.local_temp({str(tmp_path)!r}) as instance:
                instance.event_log_storage.set_concurrency_slots("busy", 1)
                instance.event_log_storage.claim_concurrency_slot("busy", "other", "holder")
                job = dg.reconstructable(waiting)
                assert dg.execute_job(job, instance).success
                Path("counts").write_text(f"{{looks}} {{sleeps}} {{news}}")
    """)
    (tmp_path / "waits.py").write_text(script)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "LESSONREEL_STATE": str(tmp_path / "state")}
    run([sys.executable, "waits.py"], deadline_seconds=120, folder=tmp_path, environment=environment)
    looks, sleeps, news = map(int, (tmp_path / "counts").read_text().split())
    assert looks >= 12
    assert looks <= sleeps + news, "it looked again without having slept"
