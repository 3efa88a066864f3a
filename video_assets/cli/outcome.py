"""Converts the errors of a command into an exit code and one message.

Only an internal error of lessonreel ends in a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from video_assets.disk_faults import disk_fault
from video_assets.environment_file import load_environment_file
from video_assets.project_paths import locate_project
from video_assets.studio.core.errors import DiskFailed, LessonInvalid, StoreError, StudioError

from .interruption import INTERRUPTED, MESSAGE

FAILED, BAD_INPUT = 1, 2


def exit_code_of(command: Callable[[], int]) -> int:
    """Run `command` and return its exit code. An error is printed on standard error."""
    try:
        load_environment_file(locate_project().root, os.environ)
        return _flush_output(command())
    except KeyboardInterrupt:
        sys.stderr.write(f"\n{MESSAGE}\n")
        return INTERRUPTED
    except Exception as error:
        code = report(error)
        if code is None:
            raise
        return code


def report(error: Exception) -> int | None:
    """Print the message of an error, and return the exit code. An internal error has no message; it returns None."""
    if isinstance(error, LessonInvalid):
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    if isinstance(error, BrokenPipeError):
        # The reader of the pipe has closed it. Without this the interpreter would report it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    known = error if isinstance(error, StudioError) else disk_fault(error, locate_project().state)
    return None if known is None else _print_message(known)


def _flush_output(code: int) -> int:
    sys.stdout.flush()  # at the interpreter's exit a full disk would end in a traceback
    return code


def _print_message(error: StudioError) -> int:
    sys.stderr.write(f"lessonreel: {error}\n")
    from_disk = isinstance(error, DiskFailed) or (
        isinstance(error, StoreError) and isinstance(error.__cause__, OSError)
    )
    return FAILED if from_disk else BAD_INPUT
