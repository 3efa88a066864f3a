"""The tags of our runs: which lesson, what made them start.

Belongs here: names of tags and reading them. Does not belong here: who sets them.
"""

from __future__ import annotations

from typing import Literal

import dagster as dg

LESSON_TAG = "lessonreel/lesson"
TRIGGER_TAG = "lessonreel/trigger"
REASON_TAG = "lessonreel/reason"
"""Why it was asked for: `new`, `changed`, or the words of whoever found it due."""
EXECUTED_HERE_TAG = "lessonreel/executed-by-command"
"""Its value is the run's own id: re-executing the run in the UI copies the tag, and the copy is not the command's."""
KILLED_TAG = "lessonreel/killed"
"""Set on a run whose process was found dead: what it lacks is nobody's mistake, and is made by another run."""
PRIORITY_TAG = "dagster/priority"
BACKGROUND_PRIORITY = "-1"
"""Priority of runs that nobody waits for: those a person started go first, to a place in the queue and to slots."""

Trigger = Literal["command", "ui", "backfill", "sensor", "catch-up"]


def executed_by_command(run: dg.DagsterRun) -> bool:
    """Whether a `lessonreel` command executes this run itself."""
    return run.tags.get(EXECUTED_HERE_TAG) == run.run_id
