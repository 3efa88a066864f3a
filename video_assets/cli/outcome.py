"""Converts the errors of a command into an exit code and one message.

Only an internal error of lessonreel ends in a traceback.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable

from video_assets.disk_faults import disk_fault
from video_assets.environment_file import load_environment_file
from video_assets.project_paths import locate_project
from video_assets.studio.core.errors import DiskFailed, LessonInvalid, StoreError, StudioError

from .interruption import INTERRUPTED, MESSAGE

FAILED, BAD_INPUT = 1, 2


def exit_code_of(command: Callable[[Namespace], int], options: Namespace) -> int:
    """Run `command` and return its exit code. An error is printed on standard error."""
    try:
        load_environment_file(locate_project().root, os.environ)
        return _flush_output(command(options))
    except LessonInvalid as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    except StudioError as error:
        return _report(error)
    except KeyboardInterrupt:
        sys.stderr.write(f"\n{MESSAGE}\n")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of the pipe has closed it. Without this the interpreter would report it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        fault = disk_fault(error, locate_project().state)
        if fault is None:
            raise
        return _report(fault)


def _flush_output(code: int) -> int:
    sys.stdout.flush()  # at the interpreter's exit a full disk would end in a traceback
    return code


def _report(error: StudioError) -> int:
    sys.stderr.write(f"lessonreel: {error}\n")
    from_disk = isinstance(error, DiskFailed) or (
        isinstance(error, StoreError) and isinstance(error.__cause__, OSError)
    )
    return FAILED if from_disk else BAD_INPUT
