"""Studio errors as Dagster failures: the message is the remedy, and retrying has the right meaning.

Belongs here: the translation. Does not belong here: deciding what an error is (`studio/core/errors.py`).
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
"""A step that failed for a reason that may pass is tried once more, in the same run and without a delay: waiting for
one keeps a core busy in Dagster 1.13. It goes on where it was, as what it finished is in the store. Calls to providers
have their own retries. A step whose process was killed is the executor's to repeat (`jobs/runs/executor.py`).

The assets have no RetryPolicy of Dagster's: with one, the last failure reads "Exceeded max_retries of 1" instead of
what went wrong, and a step that a person terminated is shown as waiting for its retry.
"""

_MAY_PASS = (Unavailable, OutcomeUnknown, ProcessFailed, StoreError)
"""Errors that another try may not meet again. Everything else is wrong in the lesson, the settings or the code."""

_NOT_RETRIED = (MixedStates,)
"""Errors of these kinds that another try of the same step meets again."""

_USER_ERRORS = (ContentError, LessonInvalid, SettingInvalid)
"""Errors that whoever wrote the lesson or chose the settings can mend."""


@contextmanager
def as_dagster_failure() -> Iterator[None]:
    """Turn a StudioError inside the block into a dg.Failure whose description says what to do, and which is final."""
    try:
        yield
    except StudioError as error:
        raise failure_of(error) from _shown_cause(error)


@contextmanager
def as_failure_or_retry(context: dg.AssetExecutionContext) -> Iterator[None]:
    """As `as_dagster_failure`; but an error that may pass asks Dagster for another try, while there is one left."""
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
    """Whether the same work may succeed on another try: for several sections, only if that holds for each."""
    if isinstance(error, SectionsFailed):
        return all(is_retryable(each) for each in error.failures.values())
    return isinstance(error, _MAY_PASS) and not isinstance(error, _NOT_RETRIED)


def is_user_error(error: StudioError) -> bool:
    """Whether only the lesson or a setting has to change: for several sections, only if that holds for each."""
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
    """What is wrong in a lesson, a line for each: where, what, and what to do."""
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
