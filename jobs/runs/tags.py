"""The tags and priorities of this project's runs."""

from __future__ import annotations

from typing import Literal

import dagster as dg

LESSON_TAG = "lessonreel/lesson"
TRIGGER_TAG = "lessonreel/trigger"
REASON_TAG = "lessonreel/reason"
"""Why the sensor requested the run: `new`, `changed`, or the reason of a request in the queue."""
EXECUTED_HERE_TAG = "lessonreel/executed-by-command"
"""Its value is the run's own id: re-executing the run in the UI copies the tag, and the copy is not the command's."""
KILLED_TAG = "lessonreel/killed"
"""Set on a run whose process has died. Neither the lesson nor a setting caused it, so another run replaces it."""
PRIORITY_TAG = "dagster/priority"
BACKGROUND_PRIORITY = "-1"
"""The priority of runs for which no user waits. Runs that a user started precede them in the queue and for slots."""

Trigger = Literal["command", "ui", "backfill", "sensor", "catch-up"]


def executed_by_command(run: dg.DagsterRun) -> bool:
    """Whether a `lessonreel` command executes this run itself."""
    return run.tags.get(EXECUTED_HERE_TAG) == run.run_id
