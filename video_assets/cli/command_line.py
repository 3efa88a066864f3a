"""The command line: the group `lessonreel` with all its commands.

It imports no slow module, so that `--help` and the completion of a shell are quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import click

from .commands.approve import approve_command
from .commands.costs import costs_command
from .commands.explain import explain_command
from .commands.lessons import check_command, init_command
from .commands.lipsync import lipsync_command
from .commands.lists import presenters_command, themes_command, voices_command
from .commands.new import new_command
from .commands.providers import providers_command
from .commands.read import read_command
from .commands.render import render_command
from .commands.reporting import OrderedGroup
from .commands.stats import stats_command
from .commands.store import store_group

_NAME = "lessonreel"
_COMPLETION_VARIABLE = "_LESSONREEL_COMPLETE"


@click.group(
    _NAME,
    cls=OrderedGroup,
    help="Lesson files in, narrated, captioned, lip-synced teaching videos out.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--verbose", is_flag=True, help="show the traceback of an internal error")
def lessonreel(verbose: bool) -> None:
    """The group of all commands. `ReportingCommand` reads `--verbose` from the context."""


for _command in (
    render_command,
    explain_command,
    check_command,
    read_command,
    init_command,
    new_command,
    approve_command,
    voices_command,
    presenters_command,
    themes_command,
    providers_command,
    costs_command,
    lipsync_command,
    store_group,
    stats_command,
):
    lessonreel.add_command(_command)


def run_command_line(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` name (those of the process by default); returns its exit code.

    A usage error is printed on standard error, and its exit code is 2.
    """
    try:
        if instruction := os.environ.get(_COMPLETION_VARIABLE):
            return _complete(instruction)
        return _invoke(sys.argv[1:] if arguments is None else arguments)
    except OSError as error:  # the help could not be printed
        from .outcome import report

        code = report(error)
        if code is None:
            raise
        return code


def _invoke(arguments: Sequence[str]) -> int:
    # `lessonreel.main` would catch KeyboardInterrupt and the error of a closed pipe, which `outcome.py` reports.
    try:
        with lessonreel.make_context(_NAME, list(arguments)) as context:
            return lessonreel.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        with suppress(OSError):  # a full disk or a closed terminal: the exit code still says it
            error.show()
        return error.exit_code


def _complete(instruction: str) -> int:
    """Print the completions, or the script, that a shell asks for."""
    from click.shell_completion import shell_complete

    return shell_complete(lessonreel, {}, _NAME, _COMPLETION_VARIABLE, instruction)
