"""Declares `lessonreel explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .project import project_paths
from .reporting import command
from .shared_options import json_option, lesson_files, setting_options

_DESCRIPTION = """Show for every sound, picture and clip of each lesson, and for its film, whether a render would make
it or reuse it, and why. Nothing is made and nothing is written. Everything that would be reused is read and
verified."""


@command(
    "explain",
    "show what a render would make, and why, without making it",
    description=_DESCRIPTION,
    exclusive=(("section", "draft"),),
)
@lesson_files
@setting_options
@json_option
@click.option("--section", default="", metavar="ID", help="explain the preview of this section only")
@click.option("--draft", is_flag=True, help="explain the draft, not the film")
def explain_command(files: tuple[Path, ...], **options: Any) -> int:
    """Explain what a render would make."""
    from video_assets.cli.explain import ExplainOptions, explain

    return explain(project_paths(), files, ExplainOptions(**options))
