"""The command `lessonreel`.

Exit codes: 0 made, 1 failed, 2 bad lesson or usage, 130 interrupted. The command runs the same job, in the same Dagster
instance, as Dagster's UI. Does not belong here: making anything without that job.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence

from . import interruption

__all__ = ["main"]

_OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""Imports create objects that stay alive. With Python's default, 700, collections take a seventh of the time."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code.

    Errors of a lesson, a setting, a provider or the disk, and interruptions, print a message and no traceback. Without
    `arguments` the command owns its process, and installs its own signal handlers.
    """
    if arguments is None:
        interruption.install_exit_handlers()
        gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    from .command_line import run_command_line

    code = run_command_line(arguments)
    if arguments is None:
        interruption.ignore_interrupts()
    return code
