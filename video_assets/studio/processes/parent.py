"""Processes that end with their parent. On other systems than Linux these functions do nothing."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import selectors
import signal
import sys
import threading

from video_assets.studio.core.errors import ProcessFailed

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when `parent`, the id of the process that forked it, ends.

    For steps: Dagster leaves the step of a killed run alive, and the step would continue to write into the failed run.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise ProcessFailed(
            f"Tried to tie this process's life to that of its parent: {os.strerror(ctypes.get_errno())}.",
            remedy="Report this with your kernel's version.",
        )
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def exit_with_parent() -> None:
    """Kill this process as soon as the process that started it through `multiprocessing` has ended.

    A thread waits on a pidfd of the parent. Unlike `die_with_parent`, this does not depend on the thread of the parent
    that started this process. For runs: a killed code server would leave its runs alive and unsupervised.
    """
    starter = multiprocessing.parent_process()
    if sys.platform != "linux" or starter is None or starter.pid is None:
        return
    try:
        descriptor = os.pidfd_open(starter.pid)
    except ProcessLookupError:
        descriptor = None
    if descriptor is None or os.getppid() != starter.pid:
        os.kill(os.getpid(), signal.SIGKILL)  # the parent has ended, and its id may belong to another process
        return

    def watch() -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            selector.select()
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="ends-with-its-server", daemon=True).start()
