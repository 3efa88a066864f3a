"""Declares `lessonreel check` and `lessonreel init`."""

from __future__ import annotations

from pathlib import Path

import click

from video_assets.cli.interruption import raise_on_interrupt

from .project import project_paths
from .reporting import command
from .shared_options import PATH, lesson_files


@command("check", "list everything that is wrong with lessons, and how to correct it")
@lesson_files
@click.option(
    "--format",
    "output_format",
    type=click.Choice(("text", "json")),
    default="text",
    help="the format of the list (default: text)",
)
def check_command(files: tuple[Path, ...], output_format: str) -> int:
    """Check lesson files."""
    from video_assets.cli.lessons import check

    return check(project_paths(), files, output_format)


@command("init", "write a starter lesson that explains itself")
@click.argument("file", metavar="FILE", type=PATH, help="e.g. data/lessons/my-lesson.json")
@click.option("--title", default="", metavar="TITLE", help="title of the lesson (default: made from the file's name)")
def init_command(file: Path, title: str) -> int:
    """Write a starter lesson."""
    from video_assets.cli.lessons import init

    with raise_on_interrupt():
        return init(project_paths(), file, title)
