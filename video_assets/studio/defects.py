"""The boundary around one lesson: what nobody expected there is reported for that lesson, and the others go on.

Whoever goes through several lessons (planning, explaining, checking, the sensor, the nightly look) puts what it does
with each of them inside `reporting_defects`. So an error in our own code is a message that names the file, like every
other fault of a lesson, and its traceback is in the log. Belongs here: that boundary, the only one of its kind. Does
not belong here: faults that are expected; they are StudioErrors and pass unchanged.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import InternalDefect, Problem, StudioError

LOG = logging.getLogger("lessonreel.defects")
"""Gets the traceback of every defect. Without a handler Python prints it on standard error."""


@contextmanager
def reporting_defects(file: str) -> Iterator[None]:
    """Turn an unexpected exception inside the block, which works on the lesson `file`, into an InternalDefect.

    StudioErrors pass unchanged, as do KeyboardInterrupt, SystemExit and what ends a run from outside.
    """
    try:
        yield
    except StudioError:
        raise
    except Exception as error:  # not blind: it is logged, named and chained; see the module's docstring
        LOG.exception("Internal error in the lesson %s", file)
        raise InternalDefect(
            f"An internal error of lessonreel: {_named(error)}",
            remedy="The other lessons are not affected. Please report it with this lesson and the traceback.",
            place=file,
        ) from error


def defect_problem(file: str, defect: InternalDefect) -> Problem:
    """The defect as a problem of its file, for whoever lists problems."""
    return Problem(file=file, code="internal-error", message=defect.message.rstrip("."), remedy=defect.remedy)


def _named(error: Exception) -> str:
    """Kind and first line of `error`, not longer than a message can be."""
    said = str(error).strip().splitlines()[:1]
    return f"{type(error).__name__}: {said[0][:200]}" if said else type(error).__name__
