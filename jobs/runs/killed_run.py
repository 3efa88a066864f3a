"""The configuration and tags of a killed run, which the run that replaces it inherits.

Does not belong here: which runs are replaced (`jobs/lessons/runs.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import dagster as dg

from video_assets.dagster_internals import BACKFILL_ID_TAG, PRIORITY_TAG

_SYSTEM_PREFIXES = ("dagster/", ".dagster/", "lessonreel/")
"""Prefixes of tags that describe how the killed run itself started and ended. They are not inherited."""


class KilledRun(NamedTuple):
    """What the replacement of the run `run_id` inherits."""

    run_id: str
    run_config: Mapping[str, Any]
    tags: Mapping[str, str]


def killed_run_of(run: dg.DagsterRun) -> KilledRun:
    """The whole configuration of `run`, and its tags: backfill, priority, and those that a user set."""
    kept = {name: value for name, value in run.tags.items() if not name.startswith(_SYSTEM_PREFIXES)}
    if BACKFILL_ID_TAG in run.tags:
        kept[BACKFILL_ID_TAG] = run.tags[BACKFILL_ID_TAG]
    return KilledRun(run.run_id, run.run_config, {**kept, PRIORITY_TAG: run.tags.get(PRIORITY_TAG, "0")})


def accepted_config(job: dg.JobDefinition, carried: KilledRun) -> Mapping[str, Any]:
    """The part of the killed run's configuration that `job` accepts: all, only that of the asset `lesson`, or nothing.

    An earlier version may have written it. Dagster stops a sensor that requests a run with an invalid configuration.
    """
    chosen = carried.run_config.get("ops", {}).get("lesson")
    for config in (carried.run_config, {"ops": {"lesson": chosen}} if chosen else {}):
        try:
            dg.validate_run_config(job, dict(config))
        except dg.DagsterInvalidConfigError:
            continue
        return config
    return {}
