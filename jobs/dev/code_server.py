"""The code server of `make dev`: the process that loads this project's code for Dagster and starts its runs.

Dagster has two code servers of its own. `dagster api grpc` cannot be reloaded. `dagster code-server start` can: it is
a proxy process (75 MB and 1 % of a core) in front of a `dagster api grpc`. This one needs no proxy, because the
supervisor starts its successor:

- The webserver and the daemon know one address. It is a symbolic link to the socket of the newest server.
- *Reload* in the UI sends the supervisor SIGUSR1, and returns when the link points to the successor. The old server
  ends when the runs that it started have ended.
- A server that cannot load the code requests a successor when a module of this project changes.

Does not belong here: starting and replacing servers (`code_servers.py`).
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from video_assets.dagster_internals import (
    DagsterApiServer,
    DagsterGrpcServer,
    FuturesAwareThreadPoolExecutor,
    LoadableTargetOrigin,
    configure_loggers,
    dagster_api_pb2,
    setup_interrupt_handlers,
)
from video_assets.environment_file import load_environment_file
from video_assets.project_paths import locate_project

from .location import LOCATION, MODULE

CODE = Path(__file__).resolve().parents[2]
"""The folder that contains this project's packages."""
_PACKAGES = ("video_assets", "resources", "jobs")
_SUCCESSOR_SECONDS = 60.0
_LOOK_SECONDS = 2.0


class ReloadableServer(DagsterApiServer):
    """Dagster's server, which a successor can replace."""

    def __init__(
        self, socket: Path, address: Path, ended: threading.Event, executor: FuturesAwareThreadPoolExecutor
    ) -> None:
        origin = LoadableTargetOrigin(executable_path=sys.executable, module_name=MODULE, working_directory=str(CODE))
        super().__init__(
            server_termination_event=ended,
            logger=logging.getLogger("dagster.code_server"),
            server_threadpool_executor=executor,
            loadable_target_origin=origin,
            lazy_load_user_code=True,  # so that the UI can show why the code could not be loaded
            location_name=LOCATION,
        )
        self._socket, self._address = socket, address
        if self._serializable_load_error is not None:
            _say("The project's code could not be loaded, for the reason above. Fix it: the code is then loaded again.")
            threading.Thread(target=self._reload_when_fixed, name="wait-for-fixed-code", daemon=True).start()

    def ReloadCode(  # noqa: N802  the name is part of Dagster's protocol
        self, _request: dagster_api_pb2.ReloadCodeRequest, _context: object
    ) -> dagster_api_pb2.ReloadCodeReply:
        """See DagsterApi. Returns when the successor answers at the address. Raises TimeoutError after 60 seconds."""
        due = time.monotonic() + _SUCCESSOR_SECONDS
        if self._is_newest():
            os.kill(os.getppid(), signal.SIGUSR1)
        while self._is_newest():
            if time.monotonic() > due:
                raise TimeoutError(
                    "No new code server started within a minute. Read the reason in the terminal of `make dev`."
                )
            time.sleep(0.1)
        self._shutdown_once_executions_finish_event.set()
        return dagster_api_pb2.ReloadCodeReply()

    def _is_newest(self) -> bool:
        return self._address.readlink() == self._socket

    def _reload_when_fixed(self) -> None:
        seen = _state_of_code()
        while (now := _state_of_code()) == seen:
            time.sleep(_LOOK_SECONDS)
        while (later := _state_of_code()) != now:  # an editor or Git may be writing several files
            now = later
            time.sleep(_LOOK_SECONDS)
        self.ReloadCode(dagster_api_pb2.ReloadCodeRequest(), None)


def _state_of_code() -> frozenset[tuple[str, int, int]]:
    found: set[tuple[str, int, int]] = set()
    for package in _PACKAGES:
        for path in (CODE / package).rglob("*.py"):
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            found.add((str(path), status.st_mtime_ns, status.st_size))
    return frozenset(found)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM, or until a successor serves and all runs of this server have ended."""
    parser = argparse.ArgumentParser(prog="python -m jobs.dev.code_server", description=__doc__)
    parser.add_argument("--socket", type=Path, required=True, help="the socket to listen on")
    parser.add_argument("--address", type=Path, required=True, help="the link that leads to the newest server's socket")
    parser.add_argument("--log-level", default="warning")
    options = parser.parse_args(arguments)
    setup_interrupt_handlers()
    configure_loggers(log_level=options.log_level.upper())
    load_environment_file(locate_project().root, os.environ)
    ended, executor = threading.Event(), FuturesAwareThreadPoolExecutor()
    server = DagsterGrpcServer(
        server_termination_event=ended,
        dagster_api_servicer=ReloadableServer(options.socket, options.address, ended, executor),
        logger=logging.getLogger("dagster.code_server"),
        threadpool_executor=executor,
        socket=str(options.socket),
    )
    with suppress(KeyboardInterrupt):  # raised by SIGTERM and SIGINT
        server.serve()


def _say(text: str) -> None:
    sys.stderr.write(f"lessonreel: {text}\n")


if __name__ == "__main__":
    main()
