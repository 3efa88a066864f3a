"""A disk that is full, cannot be written or fails, in words: whoever met it, a file of ours or Dagster's database.

Belongs here: recognising it in an exception and saying what to do. Does not belong here: catching exceptions. Imports
no database library, as commands that use none must not wait for one.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from .studio.errors import DiskFailed

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_UNWRITABLE = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_FULL_WORDS = ("database or disk is full",)
_UNWRITABLE_WORDS = ("attempt to write a readonly database", "unable to open database file")
_FAILING_WORDS = ("disk i/o error",)
_LITTLE_BYTES = 1_000_000
"""SQLite calls a full disk an input/output error where it maps a file into memory: then what is free decides."""
_RUN_BYTES = 5_000_000
"""A run of a long lesson writes about 2 MB of events and snapshots."""

_FREE_SOME = "Free some space (`lessonreel store gc` removes what nothing needs)"
_MAKE_WRITABLE = "Make the folder writable for this user; a disk that had errors may be mounted read-only"
_CHECK_DISK = "Check the disk"
_AGAIN = "then run the same command again: what was finished is kept"


def disk_fault(error: BaseException, state: Path) -> DiskFailed | None:
    """What the disk did, where `error` or one of its causes comes from that; None where it does not.

    `state`: the folder of Dagster's database, which names no file in its errors.
    """
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, OSError) and (remedy := _remedy_of_file(cause)):
            return _told(f"write {cause.filename}" if cause.filename else "write a file", cause.strerror or "", remedy)
    for cause in causes:
        if isinstance(cause, sqlite3.Error) and (remedy := _remedy_of_database(str(cause), state)):
            return _told(f"use Dagster's database in {state}", str(cause), remedy)
    return None


def require_room(state: Path) -> None:
    """Raise DiskFailed where Dagster's records of a run would not find room: it would fail in the middle, with more
    words than help anybody.
    """
    if _has_little_room(state, _RUN_BYTES):
        raise _told(
            f"make a run in {state}", f"less than {_RUN_BYTES / 1e6:.0f} MB are free there for its records", _FREE_SOME
        )


def _told(what: str, came_back: str, remedy: str) -> DiskFailed:
    return DiskFailed(f"Tried to {what}: {came_back}.", remedy=f"{remedy}, {_AGAIN}.")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what led to it, each once."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        cause = waiting.pop(0)
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        original = getattr(cause, "orig", None)  # what a database library wraps
        waiting += [cause.__cause__, cause.__context__, original if isinstance(original, BaseException) else None]


def _remedy_of_file(error: OSError) -> str:
    if error.errno in _FULL:
        return _FREE_SOME
    if error.errno in _UNWRITABLE:
        return _MAKE_WRITABLE
    return _CHECK_DISK if error.errno == errno.EIO else ""


def _remedy_of_database(words: str, state: Path) -> str:
    said = words.lower()
    known = (*_FULL_WORDS, *_UNWRITABLE_WORDS, *_FAILING_WORDS)
    if not any(each in said for each in known):
        return ""
    if any(each in said for each in _FULL_WORDS) or _has_little_room(state):
        return _FREE_SOME
    return _MAKE_WRITABLE if any(each in said for each in _UNWRITABLE_WORDS) else _CHECK_DISK


def _has_little_room(folder: Path, little_bytes: int = _LITTLE_BYTES) -> bool:
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    writable = not found.f_flag & os.ST_RDONLY
    return writable and found.f_bavail * found.f_frsize < little_bytes
