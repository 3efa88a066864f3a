"""Child processes: start, end, and run a command with a deadline. No child outlives its parent.

On Linux every command is started through a few lines of Python. They set PR_SET_PDEATHSIG to SIGKILL, check that the
parent still exists, and then exec the command. The kernel sends this signal when the *thread* that started the child
ends, so one thread that lives as long as the process starts all children. On other systems a worker exits when its
standard input closes, and a plain command ends at its deadline at the latest.

Every child has its own session. Ctrl-C in a terminal reaches only the parent, which then decides. Ending a child also
ends every process that the child started.

Does not belong here: retries (`video_assets.studio.calls`). A failure is raised.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, NamedTuple

from video_assets.studio.core.errors import ProcessFailed

_LAUNCHER = """
import ctypes, os, sys
ctypes.CDLL(None, use_errno=True).prctl(1, 9, 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    os._exit(1)
try:
    os.execvp(sys.argv[2], sys.argv[2:])
except OSError as error:
    sys.stderr.write(f"{sys.argv[2]}: {error.strerror}")
    os._exit(127)
"""
TAIL_CHARACTERS = 2000


class CompletedProcess(NamedTuple):
    """The output of a command that ended with status 0."""

    stdout: bytes
    stderr: bytes


def run(
    command: Sequence[str],
    *,
    deadline_seconds: float,
    stdin: bytes = b"",
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> CompletedProcess:
    """Run `command` to its end and return its output.

    `environment` replaces the inherited one. Raises ProcessFailed, with the end of its stderr, when the command does
    not exist, ends with a status other than 0, or is not done after `deadline_seconds`. However this call ends (also by
    Ctrl-C), the command and all processes that it started have ended too.
    """
    process = start_child(command, stderr=subprocess.PIPE, folder=folder, environment=environment)
    try:
        stdout, stderr = process.communicate(stdin, timeout=deadline_seconds)
    except subprocess.TimeoutExpired as error:
        kill_child(process)
        _, stderr = process.communicate()
        raise deadline_passed(command, deadline_seconds, stderr) from error
    finally:
        kill_child(process)
    if process.returncode:
        raise child_failed(command, process.returncode, stderr)
    return CompletedProcess(stdout, stderr)


def run_discarding_output(
    command: Sequence[str],
    *,
    deadline_seconds: float,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """As `run`, but for a program that may write without end: only the end of its stderr is kept."""
    with tempfile.TemporaryFile() as stderr:
        process = start_child(command, stderr=stderr, stdout=subprocess.DEVNULL, folder=folder, environment=environment)
        try:
            process.communicate(b"", timeout=deadline_seconds)
        except subprocess.TimeoutExpired as error:
            kill_child(process)
            raise deadline_passed(command, deadline_seconds, _end_of(stderr)) from error
        finally:
            kill_child(process)
        if process.returncode:
            raise child_failed(command, process.returncode, _end_of(stderr))


def _end_of(file: IO[bytes]) -> bytes:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 4096))
    return file.read()


def start_child(
    command: Sequence[str],
    *,
    stderr: int | IO[bytes] | None,
    stdin: int | None = subprocess.PIPE,
    stdout: int | None = subprocess.PIPE,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, so that it ends with this process. Raises ProcessFailed."""
    guarded = list(command)
    if sys.platform == "linux":
        guarded = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), *command]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  commands are lists built by adapters; no shell is involved
            guarded,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )

    try:
        return _on_the_starting_thread(start)
    except OSError as error:
        raise ProcessFailed(f"{command[0]} could not be started: {error.strerror}.", remedy="Install it.") from error


_starters: dict[int, ThreadPoolExecutor] = {}
_starters_lock = threading.Lock()


def _on_the_starting_thread(start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    with _starters_lock:
        starter = _starters.get(os.getpid())
        if starter is None:
            # Keyed by process, because the parent's thread does not exist in a forked child.
            starter = _starters[os.getpid()] = ThreadPoolExecutor(1, thread_name_prefix="starts-processes")
    return starter.submit(start).result()


def _renew_lock_after_fork() -> None:
    global _starters_lock  # noqa: PLW0603  a lock held by another thread at the fork would stay held for ever
    _starters_lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock_after_fork)


def kill_child(process: subprocess.Popen[bytes]) -> None:
    """Kill the child and all processes in its session, and reap it."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def deadline_passed(command: Sequence[str], deadline_seconds: float, stderr: bytes) -> ProcessFailed:
    """The error for a command that was ended at its deadline, with the end of its stderr."""
    return ProcessFailed(
        f"{_name(command)} was not done after {deadline_seconds:g} s and was ended.{_tail(stderr)}",
        remedy="Give it less to do or more time.",
    )


def child_failed(command: Sequence[str], status: int, stderr: bytes) -> ProcessFailed:
    """The error for a command that ended with a status other than 0 (negative: a signal)."""
    how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    return ProcessFailed(f"{_name(command)} {how}.{_tail(stderr)}", remedy="Its own words above say why, if any.")


def _name(command: Sequence[str]) -> str:
    return " ".join(Path(part).name if index == 0 else part for index, part in enumerate(command))[:200]


def _tail(stderr: bytes) -> str:
    text = stderr.decode("utf-8", "replace").strip()[-TAIL_CHARACTERS:]
    return f" It said: {text}" if text else " It said nothing."
