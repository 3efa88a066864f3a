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
    """Ask the kernel to end this process when `parent` (a process id), which forked it, ends. Linux only; elsewhere it
    does nothing.

    For steps: Dagster leaves the step of a killed run alive, and it goes on to write into the run that failed.
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
    """End this process, without a word, as soon as the process that started it through `multiprocessing` has ended.
    Linux only; elsewhere it does nothing.

    A thread sleeps on the process's descriptor: unlike `die_with_parent`, this does not depend on which of the other
    process's threads started us. For runs: a code server that is killed would leave them alive, and unsupervised.
    """
    starter = multiprocessing.parent_process()
    if sys.platform != "linux" or starter is None or starter.pid is None:
        return
    try:
        descriptor = os.pidfd_open(starter.pid)
    except ProcessLookupError:
        descriptor = None
    if descriptor is None or os.getppid() != starter.pid:
        os.kill(os.getpid(), signal.SIGKILL)  # it is gone already, and its number perhaps another's
        return

    def watch() -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            selector.select()
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="ends-with-its-server", daemon=True).start()
