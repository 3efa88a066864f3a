"""Declares `lessonreel approve`."""

from __future__ import annotations

import click

from video_assets.cli.interruption import raise_on_interrupt

from .project import project_paths
from .reporting import command


@command("approve", "approve lessons with the setting `review`, so that their films are made")
@click.argument(
    "lessons",
    nargs=-1,
    metavar="[LESSON]...",
    help="the key of a lesson: the name of its file without .json; without a key, list the lessons that wait",
)
def approve_command(lessons: tuple[str, ...]) -> int:
    """Approve lessons, or list those that wait."""
    from video_assets.cli.approve import approve

    with raise_on_interrupt():
        return approve(project_paths(), lessons)
