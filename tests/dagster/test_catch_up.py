"""The nightly look, and what was lost: lessons that no file tells of are asked for, once, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.tags import PARTITION_NAME_TAG

from jobs.lessons.nightly_check import catch_up, nightly
from jobs.lessons.render_requests import read_requests
from jobs.lessons.runs import lost_runs
from jobs.runs.tags import KILLED_TAG
from resources.lesson_folder import LessonFolder
from tests.instances import instance_in
from tests.kit.house import House

FAILURE, SUCCESS = dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS


def _looked(house: House, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, str], dict[str, Any]]:
    """What the nightly look asks for in a house, and what it tells."""
    monkeypatch.setenv("LESSONREEL_ROOT", str(house.root))
    monkeypatch.setenv("LESSONREEL_STATE", str(house.state))
    lesson_source = LessonFolder(house.lessons, house.state / "elsewhere", house.root / "data" / "project.toml")
    result = catch_up.execute_in_process(resources={"lesson_source": lesson_source})
    assert result.success
    (output,) = [e for e in result.all_node_events if e.is_successful_output]
    told = {name: value.value for name, value in output.step_output_data.metadata.items()}
    return read_requests(house.state).reasons, told


def test_a_made_archive_is_left_alone_and_a_changed_setting_is_found(
    made: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every night would make the whole archive again; or a theme changed in the project file would never be seen."""
    for name, value in _small(made).items():
        monkeypatch.setenv(f"LESSONREEL_{name.upper()}", value)
    wanted, told = _looked(made, monkeypatch)
    assert (wanted, told["due"], told["lessons"]) == ({}, 0, 1)
    (made.root / "data" / "project.toml").write_text('[settings]\ntheme = "paper"\n')
    wanted, told = _looked(made, monkeypatch)
    assert "theme" in wanted["tiny"]
    assert told["due"] == 1
    assert "theme" in told["why"]


def test_a_lesson_that_waits_for_an_approval_is_left_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each morning a teacher would find a new run that had only waited for her approval again."""
    for name, value in _small(house).items():
        monkeypatch.setenv(f"LESSONREEL_{name.upper()}", value)
    house.write([house.lamp])
    assert house.render("--set", "review=true").code == 0
    wanted, told = _looked(house, monkeypatch)
    assert (wanted, told["waiting for an approval"]) == ({}, 1)
    (house.root / "data" / "project.toml").write_text('[settings]\ntheme = "paper"\n')
    wanted, _ = _looked(house, monkeypatch)
    assert set(wanted) == {"tiny"}, "its pictures would be other ones"


def _small(house: House) -> dict[str, str]:
    return {name: value for name, _, value in (text.partition("=") for text in house.small[1::2])}


def test_a_bad_lesson_is_named_and_blocks_nobody(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """One misspelled file would stop the night's work, or fail anew every night."""
    house.write([house.lamp])
    (house.lessons / "bad.json").write_text('{"sections": [')
    wanted, told = _looked(house, monkeypatch)
    assert set(wanted) == {"tiny"}
    assert told["refused"] == 1
    assert "bad" in told["why"]


def test_the_night_is_on() -> None:
    """What the sensor cannot see would wait for somebody to remember it."""
    assert nightly.default_status is dg.DefaultScheduleStatus.RUNNING
    assert nightly.cron_schedule == "0 3 * * *"


@pytest.fixture
def instance(tmp_path: Path) -> Any:
    """An instance of its own."""
    retries = {"run_retries": {"enabled": True, "max_retries": 2}}
    with instance_in(tmp_path, retries) as made:
        yield made


def _run(
    instance: dg.DagsterInstance, status: dg.DagsterRunStatus, retry_of: dg.DagsterRun | None = None, **tags: str
) -> dg.DagsterRun:
    @dg.job
    def nothing() -> None: ...

    # Dagster finds the runs of a group by their tags, which the instance's own re-execution sets.
    family = {"dagster/parent_run_id": retry_of.run_id, "dagster/root_run_id": retry_of.run_id} if retry_of else {}
    return instance.create_run_for_job(
        nothing,
        status=status,
        tags={PARTITION_NAME_TAG: "a", **family, **tags},
        parent_run_id=retry_of.run_id if retry_of else None,
        root_run_id=retry_of.run_id if retry_of else None,
    )


LATER = timedelta(minutes=2)


def test_a_killed_run_that_nobody_repeated_is_lost_until_somebody_does(instance: dg.DagsterInstance) -> None:
    """A lesson whose run died together with the code server would never be made."""
    _run(instance, FAILURE, None, **{KILLED_TAG: "true", "dagster/will_retry": "false"})
    now = datetime.now(UTC)
    assert lost_runs(instance, now) == {}, "Dagster may still repeat it"
    assert {key: run.reason for key, run in lost_runs(instance, now + LATER).items()} == {"a": "its run was killed"}
    _run(instance, dg.DagsterRunStatus.NOT_STARTED)
    assert lost_runs(instance, now + LATER) == {}


def test_what_dagster_repeats_is_not_lost(instance: dg.DagsterInstance) -> None:
    """A killed lesson would be made twice at once."""
    _run(instance, FAILURE, None, **{KILLED_TAG: "true", "dagster/will_retry": "true"})
    assert lost_runs(instance, datetime.now(UTC) + LATER) == {}


def test_a_lesson_that_kills_whatever_makes_it_is_left_alone(instance: dg.DagsterInstance) -> None:
    """A lesson too large for the memory would be tried for ever, and take the machine down each time."""
    first = _run(instance, FAILURE, None, **{KILLED_TAG: "true", "dagster/will_retry": "false"})
    for _ in range(instance.run_retries_max_retries):
        _run(instance, FAILURE, retry_of=first, **{KILLED_TAG: "true", "dagster/will_retry": "false"})
    assert lost_runs(instance, datetime.now(UTC) + LATER) == {}
