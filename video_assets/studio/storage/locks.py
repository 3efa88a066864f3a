"""File locks among all processes and threads of this machine. The kernel frees them when a process dies.

file_lock     exclusive; the lock file is removed afterwards, so it suits many short-lived names (one per recipe)
shared_lock   shared or exclusive; the lock file stays, so it suits a lock that is taken often
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from video_assets.studio.core.errors import Cancelled

from .filesystem import FileSystem, make_folders


def remove_stale_lock(path: Path) -> bool:
    """Remove the lock file that a killed holder of `file_lock(path)` left. False if there is none, or it is held."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_still(path, descriptor):
            path.unlink()
            return True
    except BlockingIOError:
        pass
    finally:
        os.close(descriptor)
    return False


@contextmanager
def file_lock(
    path: Path, *, filesystem: FileSystem | None = None, stopped: threading.Event | None = None
) -> Iterator[None]:
    """Hold the exclusive lock named by `path`.

    The lock file is removed at the end, so that lock files do not pile up. A waiter raises Cancelled within a quarter
    of a second after `stopped` is set.
    """
    make_folders(path.parent, filesystem=filesystem or FileSystem())
    while True:
        with ExitStack() as opened:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            opened.callback(os.close, descriptor)
            _await_lock(descriptor, stopped)
            if _is_still(path, descriptor):
                lock = opened.pop_all()
                break
        # The previous holder removed the file during the wait: wait for the new file.
    with lock:
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _await_lock(descriptor: int, stopped: threading.Event | None) -> None:
    if stopped is None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return
    pause = _FIRST_POLL_SECONDS  # polled, because a wait in the kernel cannot be cancelled
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if stopped.wait(pause):
                raise Cancelled("The wait for a lock was cancelled.", remedy="The work was cancelled.") from None
            pause = min(pause * 1.5, _MAX_POLL_SECONDS)
        else:
            return


_FIRST_POLL_SECONDS, _MAX_POLL_SECONDS = 0.005, 0.25


@contextmanager
def shared_lock(path: Path, *, alone: bool, filesystem: FileSystem | None = None) -> Iterator[None]:
    """Hold the reader-writer lock named by `path`: exclusively if `alone`, else shared. The file `path` stays."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except FileNotFoundError:
        make_folders(path.parent, filesystem=filesystem or FileSystem())
        descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        now = path.stat()
    except FileNotFoundError:
        return False
    held = os.fstat(descriptor)
    return (now.st_ino, now.st_dev) == (held.st_ino, held.st_dev)


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock named by `path` at this moment."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
