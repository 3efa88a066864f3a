"""Declares `lessonreel lipsync`."""

from __future__ import annotations

from typing import Any

import click

from video_assets.cli.interruption import raise_on_interrupt

from .project import project_paths
from .reporting import command
from .shared_options import PATH, profile_option

_DESCRIPTION = """Make a video of FACE saying SOUND, in the picture's own proportions. The engine makes the lips, on a
GPU if there is one. docs/lip-sync.md says which weights it needs and what their licence allows."""


@command("lipsync", "make a face speak a sound, without a lesson", description=_DESCRIPTION)
@click.argument("sound", metavar="SOUND", type=PATH, help="WAV, FLAC, MP3, Ogg or AAC")
@click.argument("face", metavar="FACE", type=PATH, help="a photo, a short video, or a presenter's folder")
@click.option("-o", "--output", metavar="FILE", type=PATH, required=True, help="the MP4 to write")
@click.option("--box", default="", metavar="L,T,R,B", help="where the face is, in pixels of the picture")
@click.option("--engine", default="wav2lip", metavar="ENGINE", help="the lip-sync engine (default: wav2lip)")
@click.option("--checkpoint", default="", metavar="FILE", help="the weights, in data/weights")
@profile_option
@click.option(
    "--no-mark",
    "mark",
    is_flag=True,
    flag_value=False,
    default=True,
    help="leave out the mark that the picture is synthetic",
)
def lipsync_command(**options: Any) -> int:
    """Make a video from a sound and a face, without a lesson."""
    from video_assets.cli.lipsync import LipsyncOptions, lipsync

    with raise_on_interrupt():
        return lipsync(project_paths(), LipsyncOptions(**options))
