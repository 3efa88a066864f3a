"""File locks among all processes and threads of this machine. The kernel releases a lock when its holder dies.

Does not belong here: a counting semaphore (`calls/file_semaphore.py`).
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
    """Remove the lock file that a killed holder of `file_lock(path)` left. Returns False if the lock is held."""
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
    """Hold the exclusive lock that `path` names.

    The holder removes the lock file on release, so that lock files do not accumulate. Once `stopped` is set, a waiting
    caller gets Cancelled within a quarter of a second.
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
        # The previous holder removed the file while this caller waited. Wait at the new file.
    with lock:
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _await_lock(descriptor: int, stopped: threading.Event | None) -> None:
    if stopped is None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return
    pause = _FIRST_LOOK_SECONDS  # polled: a wait in the kernel could not be cancelled
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if stopped.wait(pause):
                raise Cancelled("Nobody waits for it any more.", remedy="The work was stopped.") from None
            pause = min(pause * 1.5, _RAREST_LOOK_SECONDS)
        else:
            return


_FIRST_LOOK_SECONDS, _RAREST_LOOK_SECONDS = 0.005, 0.25


@contextmanager
def shared_lock(path: Path, *, alone: bool, filesystem: FileSystem | None = None) -> Iterator[None]:
    """Hold a shared lock, or an exclusive one with `alone`. The lock file stays, because this lock is taken often."""
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
    """Whether a live process holds the lock that `path` names."""
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
