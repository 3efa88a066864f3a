"""Declares `lessonreel voices`, `presenters` and `themes`."""

from __future__ import annotations

from pathlib import Path

import click

from video_assets.cli.interruption import raise_on_interrupt

from .project import project_paths
from .reporting import command
from .shared_options import PATH


@command("voices", "list the voices, or hear one")
@click.option("--language", default="", metavar="TAG", help="only voices of this language, e.g. de")
@click.option("--say", "text", metavar="TEXT", help="write TEXT, spoken, to a WAV file")
@click.option("--voice", default="", metavar="VOICE", help="the voice that speaks TEXT")
@click.option("--output", type=PATH, metavar="FILE", help="the WAV file (default: voice.wav)")
def voices_command(language: str, text: str | None, voice: str, output: Path | None) -> int:
    """List voices, or speak a text."""
    from video_assets.cli.lists import say, voices

    if text is None:
        return voices(project_paths(), language)
    with raise_on_interrupt():
        return say(project_paths(), text, voice, language, output)


@command("presenters", "list the presenters")
def presenters_command() -> int:
    """List presenters."""
    from video_assets.cli.lists import presenters

    return presenters(project_paths())


@command("themes", "list the themes of the slides")
def themes_command() -> int:
    """List themes."""
    from video_assets.cli.lists import themes

    return themes(project_paths())
