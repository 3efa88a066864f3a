"""How a command ends: its exit code, and one message for whatever is not a defect of ours.

Belongs here: the only place where a command's errors become an exit code. Does not belong here: the errors' words.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable

from video_assets.checkout import this_checkout
from video_assets.disk_faults import disk_fault
from video_assets.environment_file import load_environment_file
from video_assets.studio.errors import DiskFailed, LessonInvalid, StoreError, StudioError

from .interruption import INTERRUPTED, MESSAGE

FAILED, BAD_INPUT = 1, 2


def outcome_of(command: Callable[[Namespace], int], options: Namespace) -> int:
    """Run `command`; returns its exit code. What is wrong is said on the standard error output."""
    try:
        load_environment_file(this_checkout().root, os.environ)
        return _whole(command(options))
    except LessonInvalid as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    except StudioError as error:
        return _said(error)
    except KeyboardInterrupt:
        sys.stderr.write(f"\n{MESSAGE}\n")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough; the interpreter must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        fault = disk_fault(error, this_checkout().state)
        if fault is None:
            raise
        return _said(fault)


def _whole(code: int) -> int:
    sys.stdout.flush()  # now: at the interpreter's end a full disk would be a traceback
    return code


def _said(error: StudioError) -> int:
    sys.stderr.write(f"lessonreel: {error}\n")
    from_disk = isinstance(error, DiskFailed) or (
        isinstance(error, StoreError) and isinstance(error.__cause__, OSError)
    )
    return FAILED if from_disk else BAD_INPUT
