"""Declares `lessonreel stats`."""

from __future__ import annotations

from typing import Any

import click

from video_assets.cli.interruption import raise_on_interrupt

from .project import prepared_project_paths
from .reporting import command
from .shared_options import PATH, json_option


@command("stats", "show what runs made, how long they took, and what limited them", exclusive=(("run", "lesson"),))
@click.option(
    "--run", default="", metavar="ID", help="one run, stage by stage; the first characters of its id are enough"
)
@click.option("--lesson", default="", metavar="KEY", help="every run of one lesson")
@click.option("--since", default="", metavar="TIME", help="only runs of the last 90m, 12h, 7d or 4w")
@click.option("--csv", type=PATH, metavar="FILE", help="also write a row per run and stage to FILE")
@click.option("--parquet", type=PATH, metavar="FILE", help="also write the same rows as Parquet, with types")
@click.option("--plot", type=PATH, metavar="FILE", help="also draw the runs (PNG)")
@json_option
def stats_command(**options: Any) -> int:
    """Print statistics of runs."""
    from video_assets.cli.stats import StatsOptions, stats

    project_paths = prepared_project_paths()
    with raise_on_interrupt():
        return stats(project_paths, StatsOptions(**options))
