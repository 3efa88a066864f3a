"""Each lesson has its own results of the film's checks, and each result aims at the film that it judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import dagster as dg
import pytest
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from tests.kit.events import check_evaluation
from tests.kit.house import House
from video_assets.studio.film.checks import CHECKS

FILM = dg.AssetKey("final_video")
KEYS = [dg.AssetCheckKey(FILM, name) for name in CHECKS]
RUN = "import sys; from video_assets.cli import main; sys.exit(main())"
REJECTING = f"import video_assets.studio.film.checks as film; film.LOUDNESS_TOLERANCE_LU = -1.0; {RUN}"
"""The command, in a project whose check `loudness` passes nothing."""
FAILING = f"""
import importlib
from video_assets.studio.core.errors import ContentError
def fail(*_):
    raise ContentError("The script cannot be written.", remedy="Nothing helps.")
importlib.import_module("video_assets.script").write_script = fail
{RUN}
"""
"""The command, in a project whose runs fail before there is a film."""
SUCCEEDED, FAILED = AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED


class Seen(NamedTuple):
    """What Dagster knows of the checks."""

    states: Mapping[str, Mapping[str, Any]]
    """Lesson -> check -> status."""
    evaluations: Mapping[str, Mapping[str, dg.AssetCheckEvaluation]]
    """Lesson -> check -> newest evaluation."""
    films: Mapping[str, int]
    """Lesson -> storage id of the newest materialization of its film."""


def _seen(house: House, *lessons: str) -> Seen:
    with house.instance() as instance:
        infos = instance.event_log_storage.get_asset_check_partition_info(KEYS)
        evaluations: dict[str, dict[str, dg.AssetCheckEvaluation]] = {lesson: {} for lesson in lessons}
        for run in reversed(instance.get_runs()):
            for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
                data = check_evaluation(entry)
                assert data.partition is not None
                evaluations[data.partition][data.check_name] = data
        films = {}
        for lesson in lessons:
            filters = dg.AssetRecordsFilter(asset_key=FILM, asset_partitions=[lesson])
            if records := instance.fetch_materializations(filters, limit=1).records:
                films[lesson] = records[0].storage_id
    states = {
        lesson: {info.check_key.name: info.latest_execution_status for info in infos if info.partition_key == lesson}
        for lesson in lessons
    }
    assert {info.partition_key for info in infos} <= set(lessons), "a check that belongs to no lesson"
    return Seen(states, evaluations, films)


def _render(house: House, name: str, program: str = RUN) -> int:
    house.write([house.lamp], name=name)
    arguments = ("render", f"data/lessons/{name}.json", "--sequential", *house.small)
    return house.run(*arguments, program=program, interpreter="forked").code


@pytest.fixture
def archive(made: House) -> House:
    """A checkout with a good film (`tiny`), a rejected one, and a lesson whose run fails before its film."""
    assert _render(made, "rejected", REJECTING) == 1
    assert _render(made, "failing", FAILING) == 1
    return made


def test_each_lesson_is_green_or_red_by_its_own_film(archive: House) -> None:
    """One bad lesson of five hundred would turn every lesson's checks red, and hide which film failed."""
    seen = _seen(archive, "tiny", "rejected", "failing")
    assert seen.states["tiny"] == dict.fromkeys(CHECKS, SUCCEEDED)
    assert seen.states["rejected"] == {**dict.fromkeys(CHECKS, SUCCEEDED), "loudness": FAILED}
    assert not {SUCCEEDED, FAILED} & set(seen.states["failing"].values()), "there is no film to judge"
    assert set(seen.films) == {"tiny"}
    targets = {each.target_materialization_data.storage_id for each in seen.evaluations["tiny"].values()}  # type: ignore[union-attr]
    assert targets == {seen.films["tiny"]}
    assert {each.target_materialization_data for each in seen.evaluations["rejected"].values()} == {None}


@pytest.mark.slow
def test_the_next_film_s_results_aim_at_the_next_film(made: House) -> None:
    """A passed check would vouch for the film before the one that it looked at."""
    first = _seen(made, "tiny").films["tiny"]
    _render(made, "tiny")
    again = _seen(made, "tiny")
    assert again.films["tiny"] != first
    targets = {each.target_materialization_data.storage_id for each in again.evaluations["tiny"].values()}  # type: ignore[union-attr]
    assert targets == {again.films["tiny"]}


@pytest.mark.slow
def test_a_rejected_film_after_a_good_one_turns_its_lesson_red(made: House) -> None:
    """A teacher would see a green lesson whose newest version was refused."""
    before = _seen(made, "tiny")
    assert _render(made, "tiny", REJECTING) == 1
    after = _seen(made, "tiny")
    assert after.films == before.films
    assert after.states["tiny"]["loudness"] is FAILED
    assert after.evaluations["tiny"]["loudness"].target_materialization_data is None


def test_definitions_load_without_a_warning(house: House) -> None:
    """Every command would begin with eight lines about a preview feature of Dagster's."""
    ended = house.run(program="import video_assets.definitions as d; d.defs.get_repository_def()")
    assert (ended.code, ended.err) == (0, "")
