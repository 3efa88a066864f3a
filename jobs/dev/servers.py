"""`make dev`: runs Dagster's UI, daemon and code server, and the film server, until Ctrl-C.

`dagster dev` ends when its daemon or webserver is killed. It continues without a code server when that is killed, and
it leaves processes behind when it is killed itself. This supervisor restarts each within seconds, and no process
outlives it. It imports no Dagster, because it mostly waits.

Does not belong here: restarting programs (`supervisor.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from video_assets.addresses import Addresses, save_addresses
from video_assets.environment_file import load_environment_file
from video_assets.project_paths import ProjectPaths, locate_project, prepare
from video_assets.studio.core.errors import StudioError
from video_assets.studio.processes.server import Server

from .code_servers import CodeServers
from .film_server import FilmServer
from .location import LOCATION
from .lock import single_instance
from .ports import answers, require_free
from .supervisor import Program, RestartPolicy, Service, flush, print_line, stop_all

_LOOK_SECONDS = 0.5
_PREPARATION_SECONDS = 120.0
_CODE_SERVER_SECONDS = 60.0
FILM_PORT_OFFSET = 1
"""The film server's port minus the UI's port."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C, SIGTERM or the end of the terminal. Returns 1, with a message, if that is not possible."""
    options = _options(arguments)
    signals = Signals()
    signals.listen()
    try:
        project_paths = locate_project()
        prepare(project_paths, os.environ)
        load_environment_file(project_paths.root, dict(os.environ))  # only to fail early if it cannot be read
        with single_instance(project_paths.state, _url(options)) as sockets:
            require_free(options.host, options.port, beside=[FILM_PORT_OFFSET])
            with FilmServer(project_paths, options.host, options.port + FILM_PORT_OFFSET) as films:
                save_addresses(project_paths.state, Addresses(ui=_url(options), films=films.address))
                DevServers(options, project_paths, sockets, films.address).run(signals)
    except StudioError as error:
        print_line(str(error))
        return 1
    except OSError as error:
        print_line(f"{error.filename or 'A file'}: {error.strerror}. Fix that, and start `make dev` again.")
        return 1
    finally:
        flush()
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m jobs.dev", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument(
        "--log-level", default="warning", choices=("debug", "info", "warning", "error"), help="of Dagster's processes"
    )
    return parser.parse_args(arguments)


def _url(options: argparse.Namespace) -> str:
    host = f"[{options.host}]" if ":" in options.host else options.host
    return f"http://{host}:{options.port}"


class Signals:
    """What signals have requested.

    The handlers set plain values and take no lock: the code that a handler interrupts may hold that lock.
    """

    def __init__(self) -> None:
        self.stop = self.reload = False

    def listen(self) -> None:
        """Install the handlers: SIGINT, SIGTERM and SIGHUP request a stop, SIGUSR1 a reload of the code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
            if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # under nohup the process must outlive its terminal
            signal.signal(number, self._received)

    def wait_for_stop(self, seconds: float) -> bool:
        """Sleep for `seconds`, unless a stop is requested already. Returns whether a stop is requested."""
        if not self.stop:
            time.sleep(seconds)
        return self.stop

    def _received(self, number: int, _frame: object) -> None:
        if number == signal.SIGUSR1:
            self.reload = True
        else:
            self.stop = True


class DevServers:
    """All programs that `make dev` runs."""

    def __init__(self, options: argparse.Namespace, project_paths: ProjectPaths, sockets: Path, films: str) -> None:
        self._host, self._port, self._log_level = options.host, options.port, options.log_level
        self._url, self._films = _url(options), films
        self._root, self._is_first_start = (
            project_paths.root,
            not (project_paths.state / "history" / "runs.db").exists(),
        )
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
        return Service(Program(name, lambda: command), os.environ, self._root, RestartPolicy(), print_line)

    def run(self, signals: Signals) -> None:
        """Run all of it until a stop is requested. Raises CrashLoop. In both cases every process has ended."""
        print_line("Starting Dagster …")
        _write_workspace(self._workspace, self._code.address)
        try:
            if not self._is_first_start:  # the first start creates the databases before another process opens them
                self._code.start()
            found = self._find_lessons(signals)
            if self._is_first_start:
                self._code.start()
            self._await_code_server(signals)
            if signals.stop:
                return
            for service in self._services:
                service.start()
            self._announcement = found
            while not signals.wait_for_stop(_LOOK_SECONDS):
                self._look(signals)
            print_line("Stopping …")
        finally:
            stop_all([*self._code.all(), *self._services])

    def _look(self, signals: Signals) -> None:
        if signals.reload:
            signals.reload = False
            self._code.reload()
        self._code.poll()
        for service in self._services:
            service.poll()
        webserver = self._services[0]
        if self._announcement is not None and webserver.running and answers(self._host, self._port):
            self._announce(self._announcement)
            self._announcement = None

    def _await_code_server(self, signals: Signals) -> None:
        """Wait until the code server answers, for a minute at most: without it the others print errors."""
        due = time.monotonic() + _CODE_SERVER_SECONDS
        while not self._code.ready and time.monotonic() < due and not signals.wait_for_stop(0.1):
            self._code.poll()

    def _find_lessons(self, signals: Signals) -> list[str]:
        """Add a partition for each lesson file. Returns the lines to print about them."""
        lines: list[str] = []
        command = [sys.executable, "-m", "jobs.lessons.find_lessons"]
        server = Server(command, environment=dict(os.environ), folder=self._root, output=lines.append)
        due = time.monotonic() + _PREPARATION_SECONDS
        while server.exit_code is None and time.monotonic() < due and not signals.wait_for_stop(0.05):
            pass
        code = server.exit_code
        server.stop(deadline_seconds=0)
        server.await_output(deadline_seconds=1)
        if code or (code is None and not signals.stop):
            lines.append("New lessons could not be added. The UI starts anyway.")
        return lines

    def _announce(self, found: Sequence[str]) -> None:
        places = f"Dagster's UI is on {self._url}, the films are on {self._films}"
        print_line("\n".join([places, *found, "Press Ctrl-C to stop. Finished work is kept."]))


def _write_workspace(path: Path, socket: Path) -> None:
    """Write the file that tells Dagster the address of the code server, as JSON, which is valid YAML."""
    server = {"socket": str(socket), "location_name": LOCATION}
    path.write_text(json.dumps({"load_from": [{"grpc_server": server}]}), encoding="utf-8")
