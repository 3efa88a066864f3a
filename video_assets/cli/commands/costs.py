"""Declares `lessonreel costs`."""

from __future__ import annotations

import click

from .project import project_paths
from .reporting import command
from .shared_options import json_option


@command("costs", "show what was spent on writing, voices and pictures")
@click.option(
    "--by",
    type=click.Choice(("lesson", "provider", "month", "account", "work")),
    default="lesson",
    help="how the costs are grouped (default: lesson)",
)
@json_option
def costs_command(by: str, *, as_json: bool) -> int:
    """Print the cost of paid calls."""
    from video_assets.cli.costs import costs

    return costs(project_paths(), by, as_json=as_json)
