"""The sensors' ticks share one Dagster instance."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from jobs.lessons.tick_instance import instance_of_tick
from tests.instances import instance_in


def _context(instance: dg.DagsterInstance) -> dg.SensorEvaluationContext:
    """A context as a code server makes it: with a reference, and without an instance."""
    return dg.SensorEvaluationContext(
        instance_ref=instance.get_ref(),
        last_tick_completion_time=None,
        last_run_key=None,
        cursor=None,
        repository_name=None,
        log_key=None,
    )


def test_ticks_share_one_instance(tmp_path: Path) -> None:
    """A laptop would check the schema of three databases every few seconds, with nothing to do."""
    with instance_in(tmp_path / "one") as one:
        assert instance_of_tick(_context(one)) is instance_of_tick(_context(one))


def test_another_instance_is_another(tmp_path: Path) -> None:
    """A sensor would read and start the runs of another checkout."""
    with instance_in(tmp_path / "one") as one, instance_in(tmp_path / "two") as two:
        instance_of_tick(_context(one))
        run = two.create_run_for_job(_nothing)
        assert instance_of_tick(_context(two)).get_run_by_id(run.run_id) is not None
        assert instance_of_tick(_context(one)).get_run_by_id(run.run_id) is None


def test_a_context_that_was_built_around_an_instance_keeps_it(tmp_path: Path) -> None:
    """A test of a sensor would silently test an instance that nobody gave it."""
    with instance_in(tmp_path) as instance:
        assert instance_of_tick(dg.build_sensor_context(instance=instance)) is instance


@dg.job
def _nothing() -> None: ...
