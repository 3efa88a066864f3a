"""Rules about the imported program: the tree of errors, and the versions of assets."""

from __future__ import annotations

import re
from importlib import import_module

import dagster as dg
import pytest

from video_assets.definitions import ASSETS
from video_assets.studio.core import errors

WITHOUT_CODE = {"lesson", "script"}
"""Stages that keep no result of their own under a recipe, and so have no CODE."""


def _drawn() -> set[tuple[str, str]]:
    """Pairs of base and class, as the docstring draws them: four columns a level."""
    pairs, path = set(), []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"((?:[│ ]   )*)(?:[├└]── )?([A-Z]\w+)  ", line)
        if found is None:
            continue
        depth = (found.start(2) - 4) // 4
        path[depth:] = [found[2]]
        if depth:
            pairs.add((path[depth - 1], found[2]))
    return pairs


def _defined(base: type[Exception]) -> set[tuple[str, str]]:
    """Pairs of base and class in the module; other modules may derive their own."""
    derived = [each for each in base.__subclasses__() if each.__module__ == errors.__name__]
    return {(base.__name__, each.__name__) for each in derived}.union(*map(_defined, derived))


def test_the_tree_of_errors_is_drawn_as_it_is() -> None:
    """A maintainer would catch an error that is not derived from what the drawing says, and miss it."""
    assert _drawn() == _defined(errors.StudioError)


@pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset.key.to_user_string())
def test_the_code_version_of_an_asset_is_that_of_its_stage(asset: dg.AssetsDefinition) -> None:
    """A teacher would see in Dagster that a film is up to date, although its stage now makes another one."""
    name = asset.key.to_user_string()
    stage = import_module(f"video_assets.studio.stages.{name}")
    assert hasattr(stage, "CODE") == (name not in WITHOUT_CODE)
    if name not in WITHOUT_CODE:
        assert asset.code_versions_by_key[asset.key] == stage.CODE
