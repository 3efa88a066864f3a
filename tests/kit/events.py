"""Narrow the types of what Dagster returns; a value of another kind fails the test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg


def check_evaluation(entry: dg.EventLogEntry) -> dg.AssetCheckEvaluation:
    """Return the evaluation of an asset check."""
    assert entry.dagster_event is not None
    return entry.dagster_event.asset_check_evaluation_data


def text_of(value: dg.MetadataValue[Any]) -> str:
    """Return the text of a metadata value."""
    assert isinstance(value.value, str)
    return value.value


def records_of(value: dg.MetadataValue[Any]) -> Sequence[dg.TableRecord]:
    """Return the rows of a table."""
    assert isinstance(value, dg.TableMetadataValue)
    return value.records


def requests_of(data: Any) -> Sequence[dg.RunRequest]:
    """Return the run requests of a tick, none for a skipped one."""
    return data.run_requests or ()
