"""Which of the named lessons `lessonreel render` makes: all, those that changed, those that failed.

Belongs here: choosing. Does not belong here: what a change is (`studio/explain.py`), or reading lessons.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import dagster as dg
from dagster._core.storage.tags import PARTITION_NAME_TAG

Which = Literal["all", "changed", "failed"]


def failed_keys(instance: dg.DagsterInstance, keys: Sequence[str]) -> frozenset[str]:
    """Those whose newest run failed."""
    return frozenset(key for key in keys if _newest(instance, key) is dg.DagsterRunStatus.FAILURE)


def _newest(instance: dg.DagsterInstance, key: str) -> dg.DagsterRunStatus | None:
    runs = instance.get_runs(filters=dg.RunsFilter(tags={PARTITION_NAME_TAG: key}), limit=1)
    return runs[0].status if runs else None
