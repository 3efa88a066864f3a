"""Commands and programs as forks of a process that has loaded Dagster: loading takes most of a short command's time.

Such a command does what `python -m video_assets.cli` does: it is a process of its own, in a session of its own, with
its own folder, environment, output and signal handlers. Two things differ. Its modules are loaded before it starts, and
the commands of one session share Python's hash seed. So a test of the start, or of the same bytes from different
processes, wants a new interpreter: `House.started(interpreter="new")`.

This file, run as a program, is the process that forks. It starts no thread, and loads nothing that reads the project's
folders when it is imported: that is why `video_assets.definitions` is not among its imports.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any, NamedTuple

from PIL import Image

REPOSITORY = Path(__file__).parents[2]
PRELOADED = (
    "dagster._core.storage.noop_compute_log_manager",
    "dagster._core.workspace.autodiscovery",
    "fontTools.ttLib.tables.otTables",
    "jobs.approve",
    "jobs.archive_report",
    "jobs.lessons.find_lessons",
    "jobs.lessons.nightly_check",
    "jobs.lessons.sensor",
    "jobs.render",
    "jobs.runs.executor",
    "jobs.runs.instance_storage",
    "jobs.runs.launcher",
    "jobs.store_maintenance",
    "openai.resources",
    "pytest",
    "resources.deadlines",
    "resources.lessons",
    "resources.openai_client",
    "resources.pictures.slides",
    "resources.presenters.drawn",
    "resources.presenters.photographed",
    "resources.providers",
    "resources.slots",
    "resources.stage_contexts",
    "resources.speech.espeak",
    "resources.store",
    "video_assets.cli.render",
    "video_assets.final_video",
    "video_assets.lesson",
    "video_assets.lip_synced_clip",
    "video_assets.script",
    "video_assets.section_audio",
    "video_assets.section_image",
)
_LONGEST_MESSAGE_BYTES = 1 << 18
_READ_AT_START = ("PYTHON", "LC_", "LD_", "OPENBLAS", "OMP_", "LANG", "TZ")
"""Environment variables that an interpreter, or a library, reads once. A fork would not see another value."""


class CommandOrder(NamedTuple):
    """A command to run: its arguments, folder and environment. `program`, if any, is Python to run instead of it."""

    arguments: Sequence[str]
    folder: str
    environment: Mapping[str, str]
    program: str = ""


class ForkedCommand(subprocess.Popen[str]):
    """A command that the server forked. Its input and output are text, and only these methods and attributes are
    offered: pid, returncode, stdin, stdout, stderr, poll, wait, communicate, send_signal, terminate and kill.
    """

    def __init__(self, server: CommandServer, order: CommandOrder, *, stdout: int = subprocess.PIPE) -> None:
        self._server = server
        self.args = list(order.arguments)
        self.returncode = None
        theirs, ours = os.pipe()
        self.stdin = open(ours, "w", encoding="utf-8")  # noqa: PTH123, SIM115  # a descriptor; it is open as long as we
        self.stdout, out = _pipe() if stdout == subprocess.PIPE else (None, _duplicate(stdout))
        self.stderr, err = _pipe()
        try:
            self.pid = server.start(order, [theirs, out, err])
        finally:
            for descriptor in (theirs, out, err):
                os.close(descriptor)
        self._ended = os.pidfd_open(self.pid)
        self._read: dict[str, str] = {}
        self._readers: list[threading.Thread] = []

    def poll(self) -> int | None:
        """See subprocess.Popen."""
        if self.returncode is None and select.select([self._ended], [], [], 0)[0]:
            self._note_exit()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """See subprocess.Popen."""
        if self.returncode is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            self._note_exit()
        assert self.returncode is not None
        return self.returncode

    def _note_exit(self) -> None:
        self.returncode = self._server.join(self.pid)
        os.close(self._ended)

    def communicate(self, input: str | None = None, timeout: float | None = None) -> tuple[str, str]:  # noqa: A002  # as in Popen
        """See subprocess.Popen; there is no input."""
        assert input is None
        if not self._readers:
            self._readers = [
                threading.Thread(target=self._read_all, args=(name, stream), daemon=True)
                for name, stream in (("out", self.stdout), ("err", self.stderr))
                if stream is not None
            ]
            for reader in self._readers:
                reader.start()
        self.wait(timeout)
        for reader in self._readers:
            reader.join(timeout)
            if reader.is_alive():  # a process below the command still holds its output
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return self._read.get("out", ""), self._read.get("err", "")

    def _read_all(self, name: str, stream: IO[str]) -> None:
        with stream:
            self._read[name] = stream.read()


def _pipe() -> tuple[IO[str], int]:
    """A pipe: the end to read text from, and the descriptor to write to."""
    read, write = os.pipe()
    return open(read, encoding="utf-8"), write  # noqa: PTH123  # a descriptor; the reader closes it


def _duplicate(stdout: int) -> int:
    """A descriptor of what the caller of Popen chose: nothing, or one of its own."""
    return os.open(os.devnull, os.O_WRONLY) if stdout == subprocess.DEVNULL else os.dup(stdout)


class CommandServer:
    """The process whose forks are commands."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._turn = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                # The last argument is for whoever looks for the project's processes in a list.
                [sys.executable, "-P", __file__, str(theirs.fileno()), "video_assets.cli"],
                env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C ends the tests, and the closed socket ends this process
            )

    def start(self, order: CommandOrder, descriptors: list[int]) -> int:
        """Fork a command with this input, output and error output; returns its process id."""
        return self._ask(["start", order], descriptors)

    def join(self, pid: int) -> int:
        """Wait for a command; returns its exit code, negative after a signal."""
        return self._ask(["join", pid], [])

    def close(self) -> None:
        """End it."""
        self._ours.close()
        self._process.wait(60)

    def _ask(self, request: Any, descriptors: list[int]) -> int:
        with self._turn:
            socket.send_fds(self._ours, [json.dumps(request).encode()], descriptors)
            return int(self._ours.recv(_LONGEST_MESSAGE_BYTES))


@cache
def command_server() -> CommandServer:
    """The server of this process, started by the first command."""
    server = CommandServer()
    atexit.register(server.close)
    return server


def can_be_forked(environment: Mapping[str, str]) -> bool:
    """Whether a fork sees everything that `environment` says, on this system."""
    ours = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    changed = {name for name in {*environment, *ours} if environment.get(name) != ours.get(name)}
    return hasattr(os, "pidfd_open") and not any(name.startswith(_READ_AT_START) for name in changed)


def start_program(program: str, *arguments: str) -> subprocess.Popen[str]:
    """A Python program with these arguments, in a process that has loaded the project's modules."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    if can_be_forked(environment):
        order = CommandOrder(arguments, str(REPOSITORY), environment, program)
        return ForkedCommand(command_server(), order)
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def serve(connection: socket.socket) -> CommandOrder | None:
    """Answer requests until there are no more. In a fork it returns the order that the fork has to obey."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(connection, _LONGEST_MESSAGE_BYTES, 3)
        if not message:
            return None
        kind, value = json.loads(message)
        if kind == "join":
            answer = os.waitstatus_to_exitcode(os.waitpid(value, 0)[1])
        else:
            answer = os.fork()
            if answer == 0:
                connection.close()
                for standard, descriptor in enumerate(descriptors):
                    os.dup2(descriptor, standard)
            for descriptor in descriptors:
                os.close(descriptor)
            if answer == 0:
                return CommandOrder(*value)
        connection.send(str(answer).encode())


def obey(order: CommandOrder) -> int:
    """What `python -m video_assets.cli`, or `python -c` with the program, does; in the process of a fork."""
    os.setsid()
    os.chdir(order.folder)
    os.environ.clear()
    os.environ.update(order.environment)
    if not order.environment.get("PYTHONSAFEPATH"):
        sys.path.insert(0, "" if order.program else order.folder)
    sys.argv = ["lessonreel", *order.arguments]
    if order.program:
        exec(compile(order.program, "<string>", "exec"), {"__name__": "__main__"})
        return 0
    return import_module("video_assets.cli").main()


if __name__ == "__main__":
    gc.disable()
    for name in PRELOADED:
        import_module(name)
    Image.init()
    gc.freeze()
    gc.enable()
    # numpy's threads sleep, and are made anew in a fork.
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with socket.socket(fileno=int(sys.argv[1])) as opened:
        ordered = serve(opened)
    sys.exit(0 if ordered is None else obey(ordered))
