"""The command `lessonreel`: for those who type instead of click.

Belongs here: arguments, what is printed, exit codes (0 made, 1 failed, 2 bad lesson or usage, 130 interrupted). Does
not belong here: making anything; it runs the same job, through the same instance, as Dagster's UI.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence

from . import interruption

__all__ = ["main"]

_OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""Loading code makes objects that stay: looking through them every 700, as Python does, costs a seventh of the time."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code. Never a traceback for a lesson's, a setting's, a provider's or the disk's
    fault, nor for an interruption. Without `arguments` it is a process of its own, whose signals are its own, too.
    """
    if arguments is None:
        interruption.install_exit_handlers()
        gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    from .main import run

    code = run(arguments)
    if arguments is None:
        interruption.ignore_interrupts()
    return code
