"""Child processes: commands with a deadline and long-lived workers, none of which outlives its parent.

Belongs here: every start of another program, and the only imports of `subprocess`. Does not belong here: what a
program is asked (the adapters in `resources`), nor a second try (`calls.py` owns retries; here a failure is raised).

How a child dies with its parent: on Linux every command is started through a few lines of Python that set
PR_SET_PDEATHSIG to SIGKILL, make sure that the parent is still there, and then become the command. The signal is tied
to the *thread* that started the child, so all children are started from one thread that lives as long as the process.
Elsewhere a worker notices that its standard input closed; a plain command ends at its deadline at the latest.

Every child gets a session of its own: Ctrl-C in a terminal reaches the parent alone, which then decides, and ending a
child ends everything that it started in turn.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import selectors
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import weakref
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
_PR_SET_PDEATHSIG = 1
_TAIL_CHARACTERS = 2000
_LONGEST_ANSWER_BYTES = 1 << 30
_LENGTH = struct.Struct(">Q")


class CompletedProcess(NamedTuple):
    """What a command that ended well wrote."""

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
    """Run `command` to its end and return what it wrote.

    `environment` replaces the inherited one. Raises ProcessFailed, with the end of its stderr, when the command is not
    there, ends with another status than 0, or is not done after `deadline_seconds`. Whatever ends this call (Ctrl-C
    too), the command and all that it started are gone.
    """
    process = _start(command, stderr=subprocess.PIPE, folder=folder, environment=environment)
    try:
        stdout, stderr = process.communicate(stdin, timeout=deadline_seconds)
    except subprocess.TimeoutExpired as error:
        _kill(process)
        _, stderr = process.communicate()
        raise _late(command, deadline_seconds, stderr) from error
    finally:
        _kill(process)
    if process.returncode:
        raise _died(command, process.returncode, stderr)
    return CompletedProcess(stdout, stderr)


def run_discarding_output(
    command: Sequence[str],
    *,
    deadline_seconds: float,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """As `run`, of a program that may write without end: what it prints is not kept, but for the end of its stderr."""
    with tempfile.TemporaryFile() as stderr:
        process = _start(command, stderr=stderr, stdout=subprocess.DEVNULL, folder=folder, environment=environment)
        try:
            process.communicate(b"", timeout=deadline_seconds)
        except subprocess.TimeoutExpired as error:
            _kill(process)
            raise _late(command, deadline_seconds, _end_of(stderr)) from error
        finally:
            _kill(process)
        if process.returncode:
            raise _died(command, process.returncode, _end_of(stderr))


def _end_of(file: IO[bytes]) -> bytes:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 4096))
    return file.read()


class Worker:
    """A long-lived child that answers requests, one at a time.

    Request and answer are bytes behind their length (8 bytes, big-endian) on the child's standard input and output.
    After a crash, a missed deadline or nonsense on its output the child is ended and reaped, the error is raised, and
    every later request is refused: whether a new Worker is started is the owner's choice. Safe to use from several
    threads; not to be carried through a fork.
    """

    def __init__(self, command: Sequence[str], *, name: str, environment: Mapping[str, str] | None = None) -> None:
        self.name = name
        self._command = tuple(command)
        self._lock = threading.Lock()
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the worker; `_end_worker` closes it
        try:
            self._process = _start(self._command, stderr=self._stderr, environment=environment)
        except ProcessFailed:
            self._stderr.close()
            raise
        self._pid = self._process.pid
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
        self._end = weakref.finalize(self, _end_worker, self._process, self._stderr, os.getpid())

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._pid

    @property
    def alive(self) -> bool:
        """Whether requests are still taken."""
        return self._end.alive and self._process.poll() is None

    def ask(self, request: bytes, *, deadline_seconds: float) -> bytes:
        """The child's answer to `request`. Raises ProcessFailed when it crashes or is later than `deadline_seconds`."""
        with self._lock:
            if not self._end.alive:
                raise ProcessFailed(f"{self.name} has ended and takes no more requests.", remedy="Start a new one.")
            due = time.monotonic() + deadline_seconds
            try:
                self._write(_LENGTH.pack(len(request)) + request, due)
                return self._read(self._answer_length(due), due)
            except TimeoutError as error:
                raise _late(self._command, deadline_seconds, self._close_with_tail()) from error
            except (BrokenPipeError, EOFError) as error:
                stderr = self._close_with_tail()
                raise _died(self._command, self._process.returncode, stderr) from error
            except _NoAnswerError as error:
                self._end()
                raise ProcessFailed(str(error), remedy="It must write nothing else to stdout.") from error
            except BaseException:
                # An interrupted exchange leaves half an answer in the pipe: the next one would be read wrongly.
                self._end()
                raise

    def close(self) -> None:
        """End the child and reap it. Closing twice is allowed."""
        with self._lock:
            self._end()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _write(self, data: bytes, due: float) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        rest = memoryview(data)
        while rest:
            _await(pipe, selectors.EVENT_WRITE, due)
            with contextlib.suppress(BlockingIOError):
                rest = rest[os.write(pipe.fileno(), rest) :]

    def _answer_length(self, due: float) -> int:
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size, due))
        if length > _LONGEST_ANSWER_BYTES:
            raise _NoAnswerError(f"{self.name} announced an answer of {length} bytes, which is no answer.")
        return length

    def _read(self, size: int, due: float) -> bytes:
        pipe = self._process.stdout
        assert pipe is not None
        data = bytearray()
        while len(data) < size:
            _await(pipe, selectors.EVENT_READ, due)
            with contextlib.suppress(BlockingIOError):
                chunk = os.read(pipe.fileno(), min(1 << 20, size - len(data)))
                if not chunk:
                    raise EOFError
                data += chunk
        return bytes(data)

    def _close_with_tail(self) -> bytes:
        # A child that closed its output is usually about to end: let it, so that its own status is reported.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=0.2)
        _kill(self._process)
        self._stderr.seek(0)
        tail = self._stderr.read()[-4 * _TAIL_CHARACTERS :]
        self._end()
        return tail


class Server:
    """A program that runs beside us until it is told to stop.

    It prints where we print. With `output`, each line it writes to stdout or stderr is handed to that function instead,
    without its line break, on a thread of its own, until the program has closed both.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        output: Callable[[str], None] | None = None,
    ) -> None:
        stdout, stderr = (subprocess.PIPE, subprocess.STDOUT) if output else (None, None)
        self._process = _start(
            command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, environment=environment, folder=folder
        )
        self._reader: threading.Thread | None = None
        if output:
            arguments = (self._process.stdout, output)
            self._reader = threading.Thread(target=_hand_over_lines, args=arguments, name="reads-output", daemon=True)
            self._reader.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal that killed it, where one did."""
        return self._process.poll()

    def await_output(self, *, deadline_seconds: float) -> None:
        """After it has ended: wait until its last line was handed over, or the deadline has passed."""
        if self._reader is not None:
            self._reader.join(deadline_seconds)

    def ask_to_stop(self) -> None:
        """Send SIGTERM and return at once."""
        self._process.terminate()

    def stop(self, *, deadline_seconds: float) -> None:
        """Send SIGTERM; end it with all that it started when it has not ended after `deadline_seconds`."""
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(deadline_seconds)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


_LONGEST_LINE_BYTES = 1 << 16


def _hand_over_lines(pipe: IO[bytes], output: Callable[[str], None]) -> None:
    with pipe:
        while line := pipe.readline(_LONGEST_LINE_BYTES):
            output(line.decode("utf-8", "replace").rstrip("\r\n"))


class _NoAnswerError(Exception):
    """What came from a worker cannot be the start of an answer."""


def _await(pipe: IO[bytes], event: int, due: float) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, event)
        if not selector.select(max(0.0, due - time.monotonic())):
            raise TimeoutError


def _start(
    command: Sequence[str],
    *,
    stderr: int | IO[bytes] | None,
    stdin: int | None = subprocess.PIPE,
    stdout: int | None = subprocess.PIPE,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
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
            # Keyed by process: after a fork the parent's thread does not exist in the child.
            starter = _starters[os.getpid()] = ThreadPoolExecutor(1, thread_name_prefix="starts-processes")
    return starter.submit(start).result()


def _renew_lock_after_fork() -> None:
    global _starters_lock  # noqa: PLW0603  a lock held by another thread at the fork would stay held for ever
    _starters_lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock_after_fork)


def _end_worker(process: subprocess.Popen[bytes], stderr: IO[bytes], owner: int) -> None:
    if os.getpid() == owner:
        _kill(process)
    for pipe in (process.stdin, process.stdout, stderr):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the child and everything in its session, and reap it."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _late(command: Sequence[str], deadline_seconds: float, stderr: bytes) -> ProcessFailed:
    return ProcessFailed(
        f"{_name(command)} was not done after {deadline_seconds:g} s and was ended.{_tail(stderr)}",
        remedy="Give it less to do or more time.",
    )


def _died(command: Sequence[str], status: int, stderr: bytes) -> ProcessFailed:
    how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    return ProcessFailed(f"{_name(command)} {how}.{_tail(stderr)}", remedy="Its own words above say why, if any.")


def _name(command: Sequence[str]) -> str:
    return " ".join(Path(part).name if index == 0 else part for index, part in enumerate(command))[:200]


def _tail(stderr: bytes) -> str:
    text = stderr.decode("utf-8", "replace").strip()[-_TAIL_CHARACTERS:]
    return f" It said: {text}" if text else " It said nothing."


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
