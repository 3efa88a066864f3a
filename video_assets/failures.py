"""Studio errors as Dagster failures: the message is the remedy, and retrying has the right meaning.

Belongs here: the translation. Does not belong here: deciding what an error is (`studio/errors.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import dagster as dg

from .studio.errors import (
    Busy,
    ContentError,
    LessonInvalid,
    OutcomeUnknown,
    Problem,
    ProcessFailed,
    SectionsFailed,
    SettingInvalid,
    StoreError,
    StudioError,
)

ONCE_AGAIN = dg.RetryPolicy(max_retries=1)
"""A step whose process was killed (out of memory, say) is tried once more, in the same run and without a delay: waiting
for one keeps a core busy in Dagster 1.13. It goes on where it was, as what it finished is in the store. Errors that
would come again are not retried (`allow_retries`), and calls to providers have their own owner of retries.
"""

_MAY_PASS = (Busy, OutcomeUnknown, ProcessFailed, StoreError)
"""Errors that another try may not meet again. Everything else is wrong in the lesson, the settings or the code."""

_AUTHORS = (ContentError, LessonInvalid, SettingInvalid)
"""Errors that whoever wrote the lesson or chose the settings can mend."""


@contextmanager
def failing_readably() -> Iterator[None]:
    """Turn a StudioError inside the block into a dg.Failure whose description says what to do."""
    try:
        yield
    except StudioError as error:
        # Where in our code an author's mistake was noticed helps nobody: the UI would show it below the remedy.
        cause = None if is_authors(error) else error
        raise dg.Failure(
            description=str(error),
            metadata=_metadata(error),
            allow_retries=may_pass(error),
        ) from cause


def may_pass(error: StudioError) -> bool:
    """Whether the same work may succeed on another try: for several sections, only if that holds for each."""
    if isinstance(error, SectionsFailed):
        return all(may_pass(each) for each in error.failures.values())
    return isinstance(error, _MAY_PASS)


def is_authors(error: StudioError) -> bool:
    """Whether only the lesson or a setting has to change: for several sections, only if that holds for each."""
    if isinstance(error, SectionsFailed):
        return all(is_authors(each) for each in error.failures.values())
    return isinstance(error, _AUTHORS)


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
