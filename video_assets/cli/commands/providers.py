"""Declares `lessonreel providers`."""

from __future__ import annotations

import click

from .project import project_paths
from .reporting import command


@command("providers", "list the configured providers, their prices, and models that will be shut down")
@click.argument("names", nargs=-1, metavar="[NAME...]", help="only these; all without a name")
@click.option("--check", "ask", is_flag=True, help="ask each server for its models and voices; nothing is paid")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(("text", "json")),
    default="text",
    help="the format of the list (default: text)",
)
def providers_command(names: tuple[str, ...], output_format: str, *, ask: bool) -> int:
    """List providers."""
    from video_assets.cli.providers import providers

    return providers(project_paths(), names, output_format, ask=ask)
