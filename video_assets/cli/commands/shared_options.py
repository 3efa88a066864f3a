"""The options and arguments that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., int])

PATH = click.Path(path_type=Path, readable=False)
"""Any text is a path. The command itself reports a file that does not exist or cannot be read."""


class WholeNumber(click.IntRange):
    """A whole number in a range. An error calls it a whole number, not an "integer range"."""

    name = "whole number"


lesson_files = click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=PATH, help="a lesson, or a folder of lessons"
)
profile_option = click.option(
    "--profile", default="", metavar="PROFILE", help="a preset of settings: standard, enhanced, ultra_fast or draft"
)
json_option = click.option("--json", "as_json", is_flag=True, help="print JSON for programs, not text")
max_cost_option = click.option(
    "--max-cost", default="", metavar="AMOUNT", help="stop before paid calls cost more than this, e.g. 2.50"
)


def setting_options(command: Command) -> Command:
    """Add the options that choose the settings of a render: `--profile`, `--set` and `--reset`."""
    options = (
        profile_option,
        click.option(
            "--set", "assignments", multiple=True, metavar="KEY=VALUE", help="choose the value of a setting; repeatable"
        ),
        click.option(
            "--reset",
            multiple=True,
            is_flag=False,
            flag_value="all",
            metavar="[KEY]",
            help="forget what was chosen before with --set or --profile: this setting, or all; repeatable",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command
