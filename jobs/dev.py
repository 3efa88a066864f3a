"""`make dev`: Dagster's UI, daemon and code server, started again when one of them dies.

`dagster dev` ends when its daemon or webserver is killed, and goes on without a code server when that is: then the UI
shows an error until somebody presses Reload, and nothing runs. Here both are mended within seconds. Belongs here:
keeping them up. Does not belong here: what becomes of runs that died with them (`launcher.py`, `lesson_runs.py`).
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

import httpx

from video_assets.checkout import prepare, this_checkout
from video_assets.studio.processes import Server

from . import find_lessons

LOCATION = "lessonreel"
_LOOK_SECONDS = 5.0
_STOP_SECONDS = 30.0
_SHORTEST_LIFE_SECONDS = 20.0
_MOST_SHORT_LIVES = 3
"""What ends so often right after its start will not stay up: the port is taken, or the code does not load."""
_UNREACHABLE = "DagsterUserCodeUnreachableError"
_ASK = """{ workspaceOrError { ... on Workspace { locationEntries {
    name loadStatus locationOrLoadError { ... on PythonError { message } } } } } }"""
_RELOAD = """mutation ($name: String!) { reloadRepositoryLocation(repositoryLocationName: $name) { __typename } }"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C (or SIGTERM); 1 if Dagster does not stay up."""
    options = _options(arguments)
    checkout = this_checkout()
    prepare(checkout, os.environ)
    find_lessons.main()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    command = [sys.executable, "-m", "dagster", "dev", "--host", options.host, "--port", str(options.port)]
    command += ["--workspace", str(checkout.root / "workspace.yaml")]
    return _keep_up(command, f"http://{options.host}:{options.port}/graphql", stopped)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m jobs.dev", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3000)
    return parser.parse_args(arguments)


def _keep_up(command: Sequence[str], graphql: str, stopped: threading.Event) -> int:
    short_lives = 0
    while not stopped.is_set():
        server, started = Server(command, environment=_environment()), time.monotonic()
        try:
            code = _watch(server, graphql, stopped)
        finally:
            server.stop(deadline_seconds=_STOP_SECONDS)
        if stopped.is_set():
            break
        short_lives = short_lives + 1 if time.monotonic() - started < _SHORTEST_LIFE_SECONDS else 0
        if short_lives == _MOST_SHORT_LIVES:
            _say("Dagster does not stay up; what it printed above says why.")
            return 1
        _say(f"Dagster ended by itself (status {code}); it is started again.")
    return 0


def _watch(server: Server, graphql: str, stopped: threading.Event) -> int | None:
    """Until it ends (its exit code) or we are asked to stop (None), mending its code server meanwhile."""
    with httpx.Client(timeout=_LOOK_SECONDS) as client:
        while not stopped.wait(_LOOK_SECONDS):
            if server.exit_code is not None:
                return server.exit_code
            if _code_server_is_gone(client, graphql):
                _say("The code server is gone; it is started again.")
                _ask(client, graphql, _RELOAD, {"name": LOCATION})
    return None


def _code_server_is_gone(client: httpx.Client, graphql: str) -> bool:
    answer = _ask(client, graphql, _ASK, {})
    entries = answer.get("workspaceOrError", {}).get("locationEntries", [])
    # Any other error is one in the code, which only its author can mend.
    return any(_UNREACHABLE in (entry["locationOrLoadError"] or {}).get("message", "") for entry in entries)


def _ask(client: httpx.Client, graphql: str, query: str, variables: dict[str, str]) -> dict[str, Any]:
    """The answer; empty while the webserver does not answer, as in its first seconds: it is asked again."""
    try:
        answer = client.post(graphql, json={"query": query, "variables": variables})
    except httpx.TransportError:
        return {}
    return (answer.json().get("data") or {}) if answer.is_success else {}


def _environment() -> dict[str, str]:
    # The warning that is silenced advises `dg dev`, a package that is not needed here.
    return {**os.environ, "PYTHONWARNINGS": "ignore:Function `dev_command` is superseded"}


def _say(text: str) -> None:
    sys.stderr.write(f"lessonreel: {text}\n")


if __name__ == "__main__":
    sys.exit(main())
