"""`make dev`: Dagster's UI, daemon and code server, kept running until Ctrl-C.

`dagster dev` ends when its daemon or webserver is killed, goes on without a code server when that is, and leaves
processes behind when it is killed itself. This supervisor mends each within seconds, and no process outlives it. It
imports no Dagster, as it mostly waits. Belongs here: what is started, in which order, and what a person is told. Does
not belong here: starting again (`supervisor.py`), or what becomes of runs that died (`launcher.py`, `lesson_runs.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from video_assets.checkout import Checkout, prepare, this_checkout
from video_assets.environment_file import load_environment_file
from video_assets.studio.errors import StudioError
from video_assets.studio.processes import Server

from .code_servers import CodeServers
from .dev_lock import only_one
from .location import LOCATION
from .ports import answers, require_free
from .supervisor import Program, RestartPolicy, Service, end_all, say

_LOOK_SECONDS = 0.5
_PREPARATION_SECONDS = 120.0
_CODE_SERVER_SECONDS = 60.0
_BESIDE: tuple[int, ...] = ()
"""Distances to PORT of further ports that are listened on."""
_SWITCH = "Automation, lesson_sensor"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C, SIGTERM or the end of the terminal; 1 if something prevents it, with a message."""
    options = _options(arguments)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
            continue  # nohup: is to outlive its terminal
        signal.signal(number, lambda *_: stopped.set())
    reload = threading.Event()
    signal.signal(signal.SIGUSR1, lambda *_: reload.set())
    try:
        checkout = this_checkout()
        prepare(checkout, os.environ)
        load_environment_file(checkout.root, dict(os.environ))  # only to say at once if it cannot be read
        with only_one(checkout.state, f"http://{options.host}:{options.port}") as sockets:
            require_free(options.host, options.port, _BESIDE)
            Desk(options, checkout, sockets).run(stopped, reload)
    except StudioError as error:
        say(str(error))
        return 1
    except OSError as error:
        say(f"{error.filename or 'A file'}: {error.strerror}. Mend that, and start `make dev` again.")
        return 1
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m jobs.dev", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument(
        "--log-level", default="warning", choices=("debug", "info", "warning", "error"), help="of Dagster's processes"
    )
    return parser.parse_args(arguments)


class Desk:
    """Everything that `make dev` runs in a checkout."""

    def __init__(self, options: argparse.Namespace, checkout: Checkout, sockets: Path) -> None:
        self._host, self._port, self._log_level = options.host, options.port, options.log_level
        self._root, self._is_first_start = checkout.root, not (checkout.state / "history" / "runs.db").exists()
        self._code = CodeServers(sockets, self._root, self._log_level)
        self._workspace = sockets / "workspace.yaml"
        self._services = [
            self._service("webserver", ["dagster_webserver", "--host", self._host, "--port", str(self._port)]),
            self._service("daemon", ["dagster._daemon", "run"]),
        ]
        self._announcement: list[str] | None = None

    def _service(self, name: str, module: Sequence[str]) -> Service:
        level = "--dagster-log-level" if name == "webserver" else "--log-level"
        command = [sys.executable, "-m", *module, level, self._log_level, "--workspace", str(self._workspace)]
        return Service(Program(name, lambda: command), os.environ, self._root, RestartPolicy(), say)

    def run(self, stopped: threading.Event, reload: threading.Event) -> None:
        """Until `stopped` is set; `reload` asks for a new code server. Raises StudioError when something does not stay
        up; then everything has ended, too.
        """
        say("Dagster is being started …")
        _write_workspace(self._workspace, self._code.address)
        try:
            if not self._is_first_start:  # on a first start the databases have to be made before others open them
                self._code.start()
            found = self._prepared(stopped)
            if self._is_first_start:
                self._code.start()
            self._await_code_server(stopped)
            if stopped.is_set():
                return
            for service in self._services:
                service.start()
            self._announcement = found
            while not stopped.wait(_LOOK_SECONDS):
                self._look(reload)
            say("Ending …")
        finally:
            end_all([*self._code.all(), *self._services])

    def _look(self, reload: threading.Event) -> None:
        if reload.is_set():
            reload.clear()
            self._code.reload()
        self._code.look()
        for service in self._services:
            service.look()
        webserver = self._services[0]
        if self._announcement is not None and webserver.running and answers(self._host, self._port):
            self._announce(self._announcement)
            self._announcement = None

    def _await_code_server(self, stopped: threading.Event) -> None:
        """The others would complain without it; but if it takes long, they are started all the same."""
        due = time.monotonic() + _CODE_SERVER_SECONDS
        while not self._code.ready and time.monotonic() < due and not stopped.wait(0.1):
            self._code.look()

    def _prepared(self, stopped: threading.Event) -> list[str]:
        """Make each lesson file selectable; what there is to say about them."""
        lines: list[str] = []
        command = [sys.executable, "-m", "jobs.find_lessons"]
        server = Server(command, environment=dict(os.environ), folder=self._root, output=lines.append)
        due = time.monotonic() + _PREPARATION_SECONDS
        while server.exit_code is None and time.monotonic() < due and not stopped.wait(0.05):
            pass
        code = server.exit_code
        server.stop(deadline_seconds=0)
        server.await_output(deadline_seconds=1)
        if code or (code is None and not stopped.is_set()):
            lines.append("So lessons were not looked for; the UI is started all the same.")
        return lines

    def _announce(self, found: Sequence[str]) -> None:
        url = f"http://{self._host}:{self._port}"
        say("\n".join([f"Dagster's UI is on {url}", *found, "Ctrl-C ends it; what was finished is kept."]))


def _write_workspace(path: Path, socket: Path) -> None:
    """The file that tells Dagster where the code server is. JSON is YAML."""
    server = {"socket": str(socket), "location_name": LOCATION}
    path.write_text(json.dumps({"load_from": [{"grpc_server": server}]}), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
