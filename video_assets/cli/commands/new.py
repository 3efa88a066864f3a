"""Declares `lessonreel new`."""

from __future__ import annotations

from typing import Any

import click

from video_assets.cli.interruption import raise_on_interrupt

from .project import project_paths
from .reporting import command
from .shared_options import PATH, WholeNumber, max_cost_option

_MAX_SECTIONS = 200
_DESCRIPTION = """Have a provider write a lesson: first an outline, then its sections, several at a time. Each request
for sections includes the outline and the sections that are finished before it. The result is a lesson file for you to
read and change. No sound and no picture is made yet."""


@command("new", "have a provider write a lesson about a topic, or from notes", description=_DESCRIPTION)
@click.argument("about", metavar="TOPIC|NOTES.md", help="a topic in quotes, or a text file with notes")
@click.option("-o", "--output", type=PATH, metavar="FILE", help="the lesson file (default: in data/lessons)")
@click.option(
    "--writing",
    "provider",
    default="",
    metavar="PROVIDER",
    help="the provider that writes (default: the setting `writing`)",
)
@click.option(
    "--sections",
    type=WholeNumber(1, _MAX_SECTIONS),
    default=6,
    metavar="N",
    help="the number of sections (default: 6)",
)
@click.option("--language", default="en", metavar="TAG", help="BCP 47 tag (default: en)")
@click.option("--audience", default="", metavar="TEXT", help="for whom, e.g. 'nurses in their first year'")
@click.option(
    "--batch", type=click.Choice((3, 5, 10)), default=5, help="the number of sections in each request (default: 5)"
)
@max_cost_option
def new_command(**options: Any) -> int:
    """Have a provider write a lesson."""
    from video_assets.cli.new import NewOptions, new

    with raise_on_interrupt():
        return new(project_paths(), NewOptions(**options))
