"""The error boundary around one lesson: an unexpected exception fails that lesson, and the others continue.

Code that processes several lessons (planning, explaining, checking, the sensor, the nightly check) wraps the work on
each one in `defect_boundary`. An error in our own code then becomes a message that names the lesson's file, and its
traceback goes to the log. Expected faults are StudioErrors and pass unchanged.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import InternalDefect, Problem, StudioError

LOG = logging.getLogger("lessonreel.defects")
"""Receives the traceback of every defect. Without a handler Python prints it on standard error."""


@contextmanager
def defect_boundary(file: str) -> Iterator[None]:
    """Turn an unexpected exception inside the block, which works on the lesson `file`, into an InternalDefect.

    StudioErrors pass unchanged, as do KeyboardInterrupt, SystemExit and Dagster's interruption of a run.
    """
    try:
        yield
    except StudioError:
        raise
    except Exception as error:  # not blind: it is logged, named and chained; see the module's docstring
        LOG.exception("Internal error in the lesson %s", file)
        raise InternalDefect(
            f"An internal error of lessonreel: {_summary(error)}",
            remedy="The other lessons are not affected. Please report it with this lesson and the traceback.",
            place=file,
        ) from error


def defect_problem(file: str, defect: InternalDefect) -> Problem:
    """The defect as a problem of its file, for lists of problems."""
    return Problem(file=file, code="internal-error", message=defect.message.rstrip("."), remedy=defect.remedy)


def _summary(error: Exception) -> str:
    """The type of `error` and the first line of its message, at most 200 characters of it."""
    lines = str(error).strip().splitlines()[:1]
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
