"""Declares `lessonreel read`."""

from __future__ import annotations

import click

from .project import project_paths
from .reporting import command

_DESCRIPTION = """Print the words that a voice is given, one line for each sentence: numbers, signs and formulas in
words, with the pronunciations of the project and the lesson. A text that is the name of a .json file is a lesson. JSON
also has the place of each word in the text as it was written."""


@command("read", "print what a voice will say for a text or a lesson", description=_DESCRIPTION, takes_text=True)
@click.argument("source", metavar="TEXT|FILE", help="a text in quotes, a lesson, or - for a text from standard input")
@click.option("--language", default="", metavar="TAG", help="BCP 47 tag (default: the lesson's; en for a text)")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(("text", "json")),
    default="text",
    help="the format of the output (default: text)",
)
def read_command(source: str, language: str, output_format: str) -> int:
    """Print the spoken text."""
    from video_assets.cli.read import read_aloud

    return read_aloud(project_paths(), source, language, output_format)
