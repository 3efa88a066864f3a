"""What a run that is made again takes over from the one that was killed: what somebody chose for it, and whose it is.

Belongs here: the value, and making it from a run. Does not belong here: which runs are made again (`lesson_runs.py`),
or when (`lesson_tick.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import dagster as dg
from dagster._core.storage.tags import BACKFILL_ID_TAG, PRIORITY_TAG

_OF_THE_SYSTEM = ("dagster/", ".dagster/", "lessonreel/")
"""Tags that say how the killed run itself came about and ended."""


class Carried(NamedTuple):
    """The configuration and the tags of a killed run, for the run that takes its place."""

    run_id: str
    run_config: Mapping[str, Any]
    tags: Mapping[str, str]


def carried_from(run: dg.DagsterRun) -> Carried:
    """The whole configuration of `run`, its backfill and priority, and the tags that people gave it."""
    kept = {name: value for name, value in run.tags.items() if not name.startswith(_OF_THE_SYSTEM)}
    if BACKFILL_ID_TAG in run.tags:
        kept[BACKFILL_ID_TAG] = run.tags[BACKFILL_ID_TAG]
    return Carried(run.run_id, run.run_config, {**kept, PRIORITY_TAG: run.tags.get(PRIORITY_TAG, "0")})


def fitting_config(job: dg.JobDefinition, carried: Carried) -> Mapping[str, Any]:
    """The configuration as far as the job of this version takes it: else a request that Dagster refuses would stop the
    sensor for all lessons. All of it, else what was chosen for the lesson, else nothing.
    """
    chosen = carried.run_config.get("ops", {}).get("lesson")
    for config in (carried.run_config, {"ops": {"lesson": chosen}} if chosen else {}):
        try:
            dg.validate_run_config(job, dict(config))
        except dg.DagsterInvalidConfigError:
            continue
        return config
    return {}
