"""Declares `lessonreel render`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .project import prepared_project_paths, project_paths
from .reporting import command
from .shared_options import PATH, WholeNumber, lesson_files, max_cost_option, setting_options

_DESCRIPTION = """Make the film of each lesson through Dagster. What did not change since the last time is reused,
section by section. Each film and its files are written to data/videos/<lesson>/."""


@command(
    "render",
    "make the film of each lesson",
    description=_DESCRIPTION,
    exclusive=(("every", "changed", "failed"), ("section", "draft", "storyboard")),
)
@lesson_files
@click.option("--output", type=PATH, metavar="FOLDER", help="also copy each bundle to FOLDER/<lesson>/")
@setting_options
@click.option("--sequential", is_flag=True, help="do one thing at a time, for weak machines")
@click.option(
    "--at-once",
    type=WholeNumber(min=1),
    default=1,
    metavar="N",
    help="make this number of lessons in parallel (default: 1)",
)
@click.option("--report", type=PATH, metavar="FILE", help="write a summary as JSON to FILE")
@max_cost_option
@click.option("--estimate", is_flag=True, help="only print the expected paid calls and their cost")
@click.option("--all", "every", is_flag=True, help="make all of these lessons (default)")
@click.option("--changed", is_flag=True, help="make only the lessons that are not up to date")
@click.option("--failed", is_flag=True, help="make only the lessons that failed last time")
@click.option("--section", default="", metavar="ID", help="make a preview of this section only")
@click.option("--draft", is_flag=True, help="make a small preview of the whole film quickly, beside the real film")
@click.option("--storyboard", is_flag=True, help="make only a sheet of the pictures with their times, no film")
def render_command(files: tuple[Path, ...], *, estimate: bool, every: bool, **options: Any) -> int:
    """Make films, or estimate what they cost. `every` is the default, so it changes nothing."""
    from video_assets.cli.planning import RenderOptions

    render_options = RenderOptions(**options)
    if estimate:
        from video_assets.cli.costs import estimate as print_estimate

        return print_estimate(project_paths(), files, render_options)
    from video_assets.cli.render import render

    return render(prepared_project_paths(), files, render_options)
