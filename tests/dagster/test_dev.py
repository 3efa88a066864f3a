"""`make dev`, with its real processes: it stays up or says why not, and leaves none of them behind."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from jobs.dev.lock import single_instance, url_of_running
from jobs.dev.ports import require_free
from tests.kit.house import Ended, House
from video_assets.studio.core.errors import StudioError

LOADED = "{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError { __typename } } } } }"
RELOAD = 'mutation { reloadRepositoryLocation(repositoryLocationName: "lessonreel") { __typename } }'
IN_A_TERMINAL = (
    "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_DFL); "  # the tests may run under nohup
    "os.login_tty(0); os.execv(sys.argv[1], sys.argv[1:])"
)
DEV = "import sys; from jobs.dev.servers import main; sys.exit(main())"
MODULES = ("dagster_webserver", "dagster._daemon", "jobs.dev.code_server")


def free_port() -> int:
    """A port that is free together with the next one, on which the films are served."""
    while True:
        with socket.socket() as probe, socket.socket() as beside:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            with suppress(OSError, OverflowError):
                beside.bind(("127.0.0.1", port + 1))
                return port


class Dev:
    """`make dev` in a house, in a terminal of its own."""

    def __init__(self, house: House, await_: Callable[..., None]) -> None:
        self.house, self._await, self.port = house, await_, free_port()
        self.said = ""
        self._terminal, theirs = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", IN_A_TERMINAL, sys.executable, "-m", "jobs.dev", "--port", str(self.port)],
            cwd=house.root,
            env=house.environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        os.set_blocking(self._terminal, False)

    def ask(self, query: str) -> str:
        """What the webserver answers; empty while it does not."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            json.dumps({"query": query}).encode(),
            {"content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=90) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, OSError):
            return ""

    def read(self) -> str:
        """All that it has written to its terminal until now."""
        with suppress(BlockingIOError, OSError):
            while data := os.read(self._terminal, 1 << 16):
                self.said += data.decode(errors="replace")
        return self.said

    def await_up(self) -> None:
        """Wait until the three run and the UI shows our assets."""
        self._await(
            lambda: (
                self.process.poll() is not None
                or (
                    "Ctrl-C" in self.read()
                    and set(self.pids()) == set(MODULES)
                    and "RepositoryLocation" in self.ask(LOADED)
                )
            ),
            seconds=120,
        )
        assert self.process.poll() is None, self.read()

    def pids(self) -> dict[str, int]:
        """Its children by their module."""
        found = {}
        for pid in processes_of(self.house.root):
            command = _command(pid)
            found |= {module: pid for module in MODULES if module in command}
        return found

    def close_terminal(self) -> None:
        """As when its window is closed."""
        os.close(self._terminal)
        self._terminal = -1

    def end(self) -> None:
        """End whatever is left."""
        if self._terminal >= 0:
            self.close_terminal()
        for pid in {self.process.pid, *processes_of(self.house.root)}:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


def processes_of(root: Path) -> list[int]:
    """All living processes that work for the checkout in `root`, whoever is their parent."""
    mark = f"LESSONREEL_ROOT={root}\0".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (folder / "environ").read_bytes() + b"\0" and int(folder.name) != os.getpid():
                found.append(int(folder.name))
    return found


def _command(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
    return ""


@contextmanager
def started(house: House, await_: Callable[..., None]) -> Iterator[Dev]:
    dev = Dev(house, await_)
    try:
        yield dev
    finally:
        dev.end()


def _dev(house: House, port: int) -> Ended:
    """What `make dev` says where it cannot start."""
    return house.run("--port", str(port), program=DEV, interpreter="forked")


def test_a_taken_port_is_refused_with_a_command_that_works(house: House) -> None:
    """A teacher would wait for a page that never comes, or look at that of another program."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = _dev(house, port)
    assert ended.code == 1
    assert ended.err.startswith(f"lessonreel: Port {port} is taken") and "Traceback" not in ended.err
    (proposed,) = re.findall(r"make dev PORT=(\d+)", ended.err)
    require_free("127.0.0.1", int(proposed))
    assert not (house.state / "dev.lock").read_text().strip("{}"), "the lock is free again"


@pytest.mark.parametrize(("port", "said"), [(0, "no port 0"), (70000, "no port 70000")])
def test_a_port_that_is_none_is_refused(house: House, port: int, said: str) -> None:
    """A slip of the pen would end in a traceback of the webserver, again and again."""
    assert said in _dev(house, port).err


def test_a_second_start_in_one_checkout_names_the_first(house: House) -> None:
    """Two daemons on one database would stop each other's looks at the lessons."""
    with single_instance(house.state, "http://127.0.0.1:4711") as sockets:
        assert url_of_running(house.state) == "http://127.0.0.1:4711"
        ended = _dev(house, free_port())
        assert (ended.code, ended.err.count("\n")) == (1, 1), ended
        assert "already runs in this checkout (http://127.0.0.1:4711)" in ended.err
        assert sockets.exists()
    assert url_of_running(house.state) is None and not sockets.exists()


def test_the_lock_of_a_killed_start_holds_up_nobody(house: House) -> None:
    """After a power cut the project could not be started until somebody finds and removes a file."""
    script = (
        "import os, signal, pathlib; from jobs.dev.lock import single_instance\n"
        f"with single_instance(pathlib.Path({str(house.state)!r}), 'http://x'): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=house.root, env=house.environment, check=False)
    left = Path(json.loads((house.state / "dev.lock").read_text())["sockets"])
    assert left.is_dir()
    with single_instance(house.state, "http://127.0.0.1:1") as sockets:
        assert sockets != left and not left.exists(), "and its sockets are removed"


def test_a_state_that_cannot_be_written_is_one_line(house: House, tmp_path: Path) -> None:
    """A user of a read-only copy would be met by a traceback."""
    with pytest.raises(StudioError, match="cannot be written"), single_instance(tmp_path / "none", "http://x"):
        pass


@pytest.mark.slow
def test_kills_and_a_closed_terminal_leave_nothing_behind_and_every_start_comes_up(house: House, await_) -> None:
    """A teacher who closes a window would have a dead page on the port, and a `make dev` that never comes up again."""
    with started(house, await_) as dev:
        dev.await_up()
        assert f"http://127.0.0.1:{dev.port}" in dev.read() and "0 lessons" in dev.read()
        order = list(MODULES)
        random.shuffle(order)
        for module in order:
            before = dev.pids()[module]
            os.kill(before, signal.SIGKILL)
            await_(lambda module=module, before=before: dev.pids().get(module, before) != before)
        dev.await_up()
        before = dev.pids()["jobs.dev.code_server"]
        # A mistake in the project file hides nothing.
        (house.root / "data" / "project.toml").write_text("[settings\n")
        assert "WorkspaceLocationEntry" in dev.ask(RELOAD)
        assert dev.pids()["jobs.dev.code_server"] != before, "Reload loads the code again"
        assert "RepositoryLocation" in dev.ask(LOADED)
        dev.process.kill()
        dev.process.wait()
        await_(lambda: not processes_of(house.root))
    with started(house, await_) as again:
        again.await_up()
        assert "project.toml is not TOML" in again.read() and "Traceback" not in again.read()
        again.close_terminal()
        await_(lambda: not processes_of(house.root))
        assert again.process.wait(30) == 0
    assert url_of_running(house.state) is None


@pytest.mark.slow
def test_killed_at_random_beside_runs_nothing_is_left_and_the_films_are_made(house: House, await_) -> None:
    """A machine would fill up with processes of `make dev` that work for nobody, and lessons would stay unmade."""
    (house.root / "data" / "project.toml").write_text(
        "[settings]\nwidth_px = 320\nheight_px = 320\nframe_rate = 12\npreset = 'ultrafast'\n"
    )
    for number in range(3):
        house.write([house.lamp, house.battery], name=f"lesson-{number}")
    chance = random.Random()
    for _ in range(4):
        with started(house, await_) as dev:
            dev.await_up()
            for _ in range(chance.randrange(3)):
                pids = processes_of(house.root)
                victim = chance.choice([pid for pid in pids if pid != dev.process.pid])
                with suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                dev.await_up()
            await_(lambda: any((house.state / "running").glob("*.lock")) or not _missing(house))
            chance.choice([dev.process.kill, dev.process.terminate, dev.close_terminal])()
            await_(lambda: not processes_of(house.root))  # also while nobody reads what it writes
    with started(house, await_) as dev:
        dev.await_up()
        await_(lambda: not _missing(house), seconds=300)


def _missing(house: House) -> list[str]:
    return [path.stem for path in house.lessons.glob("*.json") if not house.film(path.stem).exists()]
