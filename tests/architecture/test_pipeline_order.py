"""The order of the pipeline is stated once, and agrees with the assets' dependencies."""

from __future__ import annotations

from video_assets.definitions import ASSETS as DAGSTER_ASSETS
from video_assets.studio.pipeline.order import ASSETS, FILM_STAGE, PLANNED_STAGES, STORED_STAGES
from video_assets.studio.stages import plans
from video_assets.studio.telemetry.events import COUNTED


def test_every_asset_comes_after_the_assets_that_it_is_made_from() -> None:
    """An author would be told that a clip stays as it was, because the dry run had not looked at its picture yet."""
    upstream = {
        asset.key.to_user_string(): {key.to_user_string() for key in asset.dependency_keys} for asset in DAGSTER_ASSETS
    }
    assert set(ASSETS) == set(upstream)
    for number, asset in enumerate(ASSETS):
        assert upstream[asset] <= set(ASSETS[:number])


def test_every_stage_with_results_in_the_store_has_a_plan() -> None:
    """An author would get an explanation without the sounds, or a traceback in place of one."""
    assert set(plans.PLANS) == set(STORED_STAGES) == set(COUNTED)
    assert (*STORED_STAGES, FILM_STAGE) == PLANNED_STAGES
