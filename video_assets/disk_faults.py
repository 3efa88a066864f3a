"""Recognises a full, read-only or failing disk in an exception, and says what to do.

The exception may come from a file of this project or from Dagster's database. This module imports no database library,
so that commands without one start quickly. Does not belong here: catching exceptions.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from video_assets.studio.core.errors import DiskFailed
from video_assets.studio.core.quantities import format_size

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_UNWRITABLE = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_FULL_WORDS = ("database or disk is full",)
_UNWRITABLE_WORDS = ("attempt to write a readonly database", "unable to open database file")
_FAILING_WORDS = ("disk i/o error",)
_LOW_SPACE_BYTES = 1_000_000
"""For a memory-mapped file SQLite reports a full disk as an I/O error. Less free space than this means "full"."""
_RUN_BYTES = 5_000_000
"""A run of a long lesson writes about 2 MB of events and snapshots."""

_FREE_SOME = "Free some space (`lessonreel store gc` removes what nothing needs)"
_MAKE_WRITABLE = "Make the folder writable for this user (after errors a disk may be mounted read-only)"
_CHECK_DISK = "Check the disk"
_AGAIN = "then run the same command again: finished parts are kept"


def disk_fault(error: BaseException, state: Path) -> DiskFailed | None:
    """The DiskFailed that describes `error`, if it or one of its causes is a fault of the disk; else None.

    `state` is the folder of Dagster's database, whose errors name no file.
    """
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, OSError) and (remedy := _remedy_of_file(cause)):
            return _disk_failed(
                f"write {cause.filename}" if cause.filename else "write a file", cause.strerror or "", remedy
            )
    for cause in causes:
        if isinstance(cause, sqlite3.Error) and (remedy := _remedy_of_database(str(cause), state)):
            return _disk_failed(f"use Dagster's database in {state}", str(cause), remedy)
    return None


def require_room(state: Path) -> None:
    """Raise DiskFailed if the disk of `state` has no room for Dagster's records of a run.

    Without this check the run would fail halfway, with a long traceback.
    """
    if _is_low_on_space(state, _RUN_BYTES):
        raise _disk_failed(
            f"make a run in {state}", f"less than {format_size(_RUN_BYTES)} are free there for its records", _FREE_SOME
        )


def _disk_failed(what: str, came_back: str, remedy: str) -> DiskFailed:
    return DiskFailed(f"Tried to {what}: {came_back}.", remedy=f"{remedy}, {_AGAIN}.")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and all its causes, each once."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        cause = waiting.pop(0)
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        original = getattr(cause, "orig", None)  # the error that SQLAlchemy wraps
        waiting += [cause.__cause__, cause.__context__, original if isinstance(original, BaseException) else None]


def _remedy_of_file(error: OSError) -> str:
    if error.errno in _FULL:
        return _FREE_SOME
    if error.errno in _UNWRITABLE:
        return _MAKE_WRITABLE
    return _CHECK_DISK if error.errno == errno.EIO else ""


def _remedy_of_database(words: str, state: Path) -> str:
    message = words.lower()
    known = (*_FULL_WORDS, *_UNWRITABLE_WORDS, *_FAILING_WORDS)
    if not any(each in message for each in known):
        return ""
    if any(each in message for each in _FULL_WORDS) or _is_low_on_space(state):
        return _FREE_SOME
    return _MAKE_WRITABLE if any(each in message for each in _UNWRITABLE_WORDS) else _CHECK_DISK


def _is_low_on_space(folder: Path, threshold_bytes: int = _LOW_SPACE_BYTES) -> bool:
    try:
        status = os.statvfs(folder)
    except OSError:
        return False
    writable = not status.f_flag & os.ST_RDONLY
    return writable and status.f_bavail * status.f_frsize < threshold_bytes
