"""Writes the statistics of runs to files: CSV, Parquet or a plot. pandas is imported only when a file is written.

Does not belong here: the columns (`studio/telemetry/run_table.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from video_assets.plots import draw_runs
from video_assets.studio.storage.filesystem import FileSystem, atomic_write
from video_assets.studio.telemetry.run_statistics import RunStatistics
from video_assets.studio.telemetry.run_table import COLUMNS, rows_of

if TYPE_CHECKING:
    import pandas as pd

_TYPES = {
    "text": "string",
    "integer": "Int64",
    "number": "Float64",
    "truth": "boolean",
    "time": "Float64",
}
"""The nullable types of pandas. A plain integer column with a missing value would become floats."""


def frame_of(runs: Sequence[RunStatistics]) -> pd.DataFrame:
    """A row for each run and stage, the newest run first, with the columns of `run_table`. Times are in UTC."""
    import pandas as pd

    rows = list(rows_of(runs))
    columns = {
        name: pd.array([row[name] for row in rows], dtype=_TYPES[kind])  # type: ignore[call-overload]
        for name, kind in COLUMNS.items()
    }
    frame = pd.DataFrame(columns)
    for name, kind in COLUMNS.items():
        if kind == "time":
            frame[name] = pd.to_datetime(frame[name], unit="s", utc=True)
    return frame


def write_csv(runs: Sequence[RunStatistics], path: Path) -> None:
    """Write CSV in UTF-8 with a header. Times are in ISO 8601 (UTC). Unknown values are empty."""
    text = frame_of(runs).to_csv(index=False, date_format="%Y-%m-%dT%H:%M:%S.%fZ", lineterminator="\n")
    atomic_write(path, text.encode("utf-8"), filesystem=FileSystem())


def write_parquet(runs: Sequence[RunStatistics], path: Path) -> None:
    """Write Parquet with typed columns. Unknown values are null."""
    atomic_write(path, frame_of(runs).to_parquet(None, index=False), filesystem=FileSystem())


def write_plot(runs: Sequence[RunStatistics], path: Path) -> None:
    """Write a plot as PNG, with the oldest run at the left."""
    atomic_write(path, draw_runs(list(reversed(runs))), filesystem=FileSystem())
