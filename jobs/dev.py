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
import time
from collections.abc import Sequence
from pathlib import Path

from video_assets.addresses import Addresses, save_addresses
from video_assets.checkout import Checkout, prepare, this_checkout
from video_assets.environment_file import load_environment_file
from video_assets.studio.errors import StudioError
from video_assets.studio.processes import Server

from .code_servers import CodeServers
from .dev_lock import only_one
from .film_server import FilmServer
from .location import LOCATION
from .ports import answers, require_free
from .supervisor import Program, RestartPolicy, Service, end_all, flush, say

_LOOK_SECONDS = 0.5
_PREPARATION_SECONDS = 120.0
_CODE_SERVER_SECONDS = 60.0
FILMS = 1
"""Films are served on the port that is by so much larger than that of the UI."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C, SIGTERM or the end of the terminal; 1 if something prevents it, with a message."""
    options = _options(arguments)
    asked = Signals()
    asked.listen()
    try:
        checkout = this_checkout()
        prepare(checkout, os.environ)
        load_environment_file(checkout.root, dict(os.environ))  # only to say at once if it cannot be read
        with only_one(checkout.state, _url(options)) as sockets:
            require_free(options.host, options.port, beside=[FILMS])
            with FilmServer(checkout, options.host, options.port + FILMS) as films:
                save_addresses(checkout.state, Addresses(ui=_url(options), films=films.address))
                Desk(options, checkout, sockets, films.address).run(asked)
    except StudioError as error:
        say(str(error))
        return 1
    except OSError as error:
        say(f"{error.filename or 'A file'}: {error.strerror}. Mend that, and start `make dev` again.")
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
    """What signals have asked for. Plain values, as a lock that a handler takes may be held by what it interrupts."""

    def __init__(self) -> None:
        self.stop = self.reload = False

    def listen(self) -> None:
        """From now on SIGINT, SIGTERM and SIGHUP ask for an end, SIGUSR1 for a new code server."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
            if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # nohup: it is to outlive its terminal
            signal.signal(number, self._received)

    def stop_within(self, seconds: float) -> bool:
        """Wait so long; whether an end was asked for."""
        if not self.stop:
            time.sleep(seconds)
        return self.stop

    def _received(self, number: int, _frame: object) -> None:
        if number == signal.SIGUSR1:
            self.reload = True
        else:
            self.stop = True


class Desk:
    """Everything that `make dev` runs in a checkout."""

    def __init__(self, options: argparse.Namespace, checkout: Checkout, sockets: Path, films: str) -> None:
        self._host, self._port, self._log_level = options.host, options.port, options.log_level
        self._url, self._films = _url(options), films
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

    def run(self, asked: Signals) -> None:
        """Until an end is asked for. Raises StudioError when something does not stay up; then all has ended, too."""
        say("Dagster is being started …")
        _write_workspace(self._workspace, self._code.address)
        try:
            if not self._is_first_start:  # on a first start the databases have to be made before others open them
                self._code.start()
            found = self._prepared(asked)
            if self._is_first_start:
                self._code.start()
            self._await_code_server(asked)
            if asked.stop:
                return
            for service in self._services:
                service.start()
            self._announcement = found
            while not asked.stop_within(_LOOK_SECONDS):
                self._look(asked)
            say("Ending …")
        finally:
            end_all([*self._code.all(), *self._services])

    def _look(self, asked: Signals) -> None:
        if asked.reload:
            asked.reload = False
            self._code.reload()
        self._code.look()
        for service in self._services:
            service.look()
        webserver = self._services[0]
        if self._announcement is not None and webserver.running and answers(self._host, self._port):
            self._announce(self._announcement)
            self._announcement = None

    def _await_code_server(self, asked: Signals) -> None:
        """The others would complain without it; but if it takes long, they are started all the same."""
        due = time.monotonic() + _CODE_SERVER_SECONDS
        while not self._code.ready and time.monotonic() < due and not asked.stop_within(0.1):
            self._code.look()

    def _prepared(self, asked: Signals) -> list[str]:
        """Make each lesson file selectable; what there is to say about them."""
        lines: list[str] = []
        command = [sys.executable, "-m", "jobs.find_lessons"]
        server = Server(command, environment=dict(os.environ), folder=self._root, output=lines.append)
        due = time.monotonic() + _PREPARATION_SECONDS
        while server.exit_code is None and time.monotonic() < due and not asked.stop_within(0.05):
            pass
        code = server.exit_code
        server.stop(deadline_seconds=0)
        server.await_output(deadline_seconds=1)
        if code or (code is None and not asked.stop):
            lines.append("So lessons were not looked for; the UI is started all the same.")
        return lines

    def _announce(self, found: Sequence[str]) -> None:
        places = f"Dagster's UI is on {self._url}, the films are on {self._films}"
        say("\n".join([places, *found, "Ctrl-C ends it; what was finished is kept."]))


def _write_workspace(path: Path, socket: Path) -> None:
    """The file that tells Dagster where the code server is. JSON is YAML."""
    server = {"socket": str(socket), "location_name": LOCATION}
    path.write_text(json.dumps({"load_from": [{"grpc_server": server}]}), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
