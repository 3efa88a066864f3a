"""Converts studio errors to Dagster failures and retries. The failure's description says what to do.

Does not belong here: the kinds of errors (`studio/core/errors.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import dagster as dg

from video_assets.studio.core.errors import (
    ContentError,
    LessonInvalid,
    MixedStates,
    OutcomeUnknown,
    Problem,
    ProcessFailed,
    SectionsFailed,
    SettingInvalid,
    StoreError,
    StudioError,
    Unavailable,
)

MAX_RETRIES = 1
"""A step that failed for a temporary reason is retried once, in the same run and without a delay, because waiting for a
delayed retry keeps a core busy in Dagster 1.13. The retry resumes the work: finished parts are in the store. Calls to
providers have their own retries. The executor retries a step whose process was killed (`jobs/runs/executor.py`).

The assets do not use Dagster's RetryPolicy. With one, the last failure reads "Exceeded max_retries of 1" instead of the
error, and a step that a user terminated is shown as waiting for its retry.
"""

_TEMPORARY = (Unavailable, OutcomeUnknown, ProcessFailed, StoreError)
"""Errors that may be temporary. The cause of all others is in the lesson, the settings or the code."""

_NOT_RETRIED = (MixedStates,)
"""Subclasses of these errors that would occur again in the same step."""

_USER_ERRORS = (ContentError, LessonInvalid, SettingInvalid)
"""Errors that the author of the lesson or of the settings can correct."""


@contextmanager
def as_dagster_failure() -> Iterator[None]:
    """Convert a StudioError inside the block to a dg.Failure without retries, whose description says what to do."""
    try:
        yield
    except StudioError as error:
        raise failure_of(error) from _shown_cause(error)


@contextmanager
def as_failure_or_retry(context: dg.AssetExecutionContext) -> Iterator[None]:
    """Like `as_dagster_failure`, but a temporary error requests a retry, as long as one is left."""
    try:
        yield
    except StudioError as error:
        failure = failure_of(error)
        failure.__cause__ = _shown_cause(error)
        retries = not context.get_step_execution_context().retry_mode.disabled
        if retries and is_retryable(error) and context.retry_number < MAX_RETRIES:
            raise dg.RetryRequested(max_retries=MAX_RETRIES) from failure
        raise failure from failure.__cause__


def failure_of(error: StudioError) -> dg.Failure:
    """The error as Dagster shows it."""
    return dg.Failure(description=str(error), metadata=_metadata(error), allow_retries=False)


def _shown_cause(error: StudioError) -> StudioError | None:
    # For an author's mistake the place in our code is of no use. The UI would show it below the remedy.
    return None if is_user_error(error) else error


def is_retryable(error: StudioError) -> bool:
    """Whether a retry of the same work may succeed. For several sections: only if it may for each of them."""
    if isinstance(error, SectionsFailed):
        return all(is_retryable(each) for each in error.failures.values())
    return isinstance(error, _TEMPORARY) and not isinstance(error, _NOT_RETRIED)


def is_user_error(error: StudioError) -> bool:
    """Whether the lesson or a setting causes the error. For several sections: only if one does for each of them."""
    if isinstance(error, SectionsFailed):
        return all(is_user_error(each) for each in error.failures.values())
    return isinstance(error, _USER_ERRORS)


def _metadata(error: StudioError) -> dict[str, dg.MetadataValue]:
    if isinstance(error, LessonInvalid):
        return {"kind": dg.MetadataValue.text(type(error).__name__), "problems": problems_table(error.problems)}
    if not isinstance(error, SectionsFailed):
        return {"kind": dg.MetadataValue.text(type(error).__name__)}
    records = [
        dg.TableRecord({"section": section, "what": each.message, "remedy": each.remedy, "kind": type(each).__name__})
        for section, each in error.failures.items()
    ]
    return {"failed_sections": dg.MetadataValue.table(records)}


def problems_table(problems: Iterable[Problem]) -> dg.MetadataValue:
    """A table of the problems of a lesson: the place, the problem and the remedy."""
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "severity": each.severity,
                    "line": str(each.line or ""),
                    "column": str(each.column or ""),
                    "what": each.message,
                    "remedy": each.remedy,
                }
            )
            for each in problems
        ]
    )
