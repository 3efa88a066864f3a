"""Declares `lessonreel store status`, `verify` and `gc`."""

from __future__ import annotations

import click

from video_assets.cli.interruption import raise_on_interrupt

from .project import project_paths
from .reporting import OrderedGroup, command
from .shared_options import json_option

_GC = """Remove what no current lesson needs, as far as the limits of [store] in data/project.toml (or those given here)
ask for it, and what killed processes left. Safe while lessons are made."""


@click.group(
    "store",
    cls=OrderedGroup,
    short_help="show, verify and clean up the store",
    help="Show, verify and clean up the store, which keeps everything that was made.",
    subcommand_metavar="ACTION [ARGS]...",
)
def store_group() -> None:
    """The group of the commands of the store."""


@command("status", "show what the store has, what current lessons need and what can be removed")
@json_option
def status_command(*, as_json: bool) -> int:
    """Print the contents of the store."""
    from video_assets.cli.store import status

    return status(project_paths(), as_json=as_json)


@command("verify", "read everything and quarantine corrupt objects; the exit code is 1 if there are any")
@json_option
def verify_command(*, as_json: bool) -> int:
    """Read and verify the whole store."""
    from video_assets.cli.store import verify

    with raise_on_interrupt():
        return verify(project_paths(), as_json=as_json)


@command("gc", "remove what no current lesson needs, as far as the limits ask for it", description=_GC)
@json_option
@click.option("--max-size", default="", metavar="SIZE", help="the largest size of the store, e.g. 20GB")
@click.option("--max-age", default="", metavar="AGE", help="the longest time since the last use, e.g. 30d")
@click.option("--dry-run", is_flag=True, help="only show what would be removed")
def gc_command(max_size: str, max_age: str, *, dry_run: bool, as_json: bool) -> int:
    """Remove unneeded objects from the store."""
    from video_assets.cli.store import gc

    with raise_on_interrupt():
        return gc(project_paths(), max_size, max_age, dry_run=dry_run, as_json=as_json)


for _command in (status_command, verify_command, gc_command):
    store_group.add_command(_command)
