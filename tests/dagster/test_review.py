"""A lesson that waits for an approval says so at its run, at its asset and in a list, until it is approved."""

from __future__ import annotations

from typing import Any

import dagster as dg
import pytest

from tests.kit.house import House
from video_assets.definitions import build_defs
from video_assets.review import APPROVED, NOT_REVIEWED, SUPERSEDED, WAITS, WAITS_TAG

REVIEW = ("--set", "review=yes")


def _waiting_tags(house: House) -> list[str]:
    """The values of the tag, of the newest run first."""
    with house.instance() as instance:
        return [run.tags.get(WAITS_TAG, "") for run in instance.get_runs()]


def _warnings(house: House) -> list[str]:
    with house.instance() as instance:
        logs = instance.all_logs(instance.get_runs()[0].run_id)
    return [entry.user_message for entry in logs if entry.level == 30]


def _listed(house: House) -> Any:
    """What the job in the UI lists."""
    with pytest.MonkeyPatch.context() as patch, dg.DagsterInstance.ephemeral() as instance:
        for name in ("LESSONREEL_ROOT", "LESSONREEL_STATE", "DAGSTER_HOME"):
            patch.setenv(name, house.environment[name])
        ended = build_defs().resolve_job_def("waiting_for_approval").execute_in_process(instance=instance)
        (event,) = [event for event in ended.all_events if event.is_successful_output]
        return event.step_output_data.metadata["waiting"].value


def test_a_lesson_that_waits_says_so_everywhere_until_it_is_approved(house: House) -> None:
    """A teacher would see a green run without a film, and nothing that says what to do."""
    house.write([house.lamp])
    assert "No lesson waits" in house.ask("approve").out
    assert house.render(*REVIEW).code == 0
    (warning,) = [text for text in _warnings(house) if "waits for approval" in text]
    assert "job `approve`" in warning
    with house.instance() as instance:
        filters = dg.AssetRecordsFilter(asset_key=dg.AssetKey("section_audio"), asset_partitions=["tiny"])
        (record,) = instance.fetch_observations(filters, limit=5).records
        assert record.asset_observation is not None
        assert record.asset_observation.metadata["what to do"].value == warning
    assert house.render(*REVIEW).code == 0
    assert _waiting_tags(house) == [WAITS, SUPERSEDED], "one lesson waits once"
    assert house.ask("approve").out.splitlines()[1:] == ["  tiny"]
    assert _listed(house) == 1
    assert house.ask("approve", "tiny").code == 0
    assert _waiting_tags(house) == [APPROVED, SUPERSEDED]
    assert "No lesson waits" in house.ask("approve").out
    assert _listed(house) == 0


def test_a_lesson_whose_review_was_called_off_waits_no_more(house: House) -> None:
    """A teacher would be asked to approve a lesson whose film is there."""
    house.write([house.lamp])
    assert house.render(*REVIEW).code == 0
    assert house.render("--set", "review=false").code == 0
    assert _waiting_tags(house) == ["", NOT_REVIEWED]
    assert "No lesson waits" in house.ask("approve").out
