"""TODO: say what this module is for."""

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
    """Remove the lock file that a killed holder of `exclusive(path)` left; False if somebody holds it just now."""
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
    """Hold the lock named by `path` among all processes and threads of this machine; the kernel frees it at death.

    The lock file is removed by whoever leaves last, so that locks do not pile up. Who waits when `stopped` is set gets
    Stopped instead, within a quarter of a second.
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
        # Somebody removed the file while we waited: queue at the new one.
    with lock:
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _await_lock(descriptor: int, stopped: threading.Event | None) -> None:
    if stopped is None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return
    pause = _FIRST_LOOK_SECONDS  # a wait in the kernel ends when the lock is free, and not before
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
    """Be inside with all others who are not alone, or alone; among all processes and threads of this machine.

    The file `path` stays, as many pass it often. The kernel frees it at death.
    """
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
    """Whether some living process holds the lock named by `path` just now."""
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
