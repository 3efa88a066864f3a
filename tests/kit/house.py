"""Project folders in which tests run the real command, in a process of its own."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import dagster as dg
import pytest

from tests.instances import add_tables
from tests.kit.forked_commands import CommandOrder, ForkedCommand, can_be_forked, command_server
from video_assets.cli import main

REPOSITORY = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "video_assets.cli")
SMALL = ("--set", "width_px=320", "--set", "height_px=320", "--set", "frame_rate=12", "--set", "preset=ultrafast")
DEADLINE_SECONDS = 240


def section(id_: str, words: str, **more: object) -> dict[str, object]:
    """A section in the format of lesson files."""
    return {"id": id_, "image_description": f"A {id_} with the label '{id_}'.", "content": words, **more}


LAMP = section("lamp", "A closed switch makes the *lamp* bright today.")
BATTERY = section("battery", "The battery pumps charge around and around again.")
COPPER = section("copper", "Most people believe copper wires carry more.", title="Why copper")


class Ended(NamedTuple):
    """How the command ended."""

    code: int
    out: str
    err: str


class House:
    """A checkout of its own: lessons, store, videos and Dagster's home in `root`; fonts and presenters are linked. A
    `bare` one has nothing of Dagster's.
    """

    section = staticmethod(section)
    lamp, battery, copper = LAMP, BATTERY, COPPER
    small = SMALL
    command: tuple[str, ...] = ()
    """Arguments that a fixture keeps for its tests."""

    def __init__(self, root: Path, *, bare: bool = False) -> None:
        self.root = root
        self.lessons = root / "data" / "lessons"
        self.videos = root / "data" / "videos"
        self.state = root / "data" / "state"
        if not root.exists():
            self._lay_out()
            if not bare:
                add_tables(self.state)

    def _lay_out(self) -> None:
        self.lessons.mkdir(parents=True)
        for name in ("fonts", "presenters"):
            (self.root / "data" / name).symlink_to(REPOSITORY / "data" / name)
        shutil.copy(REPOSITORY / "dagster.yaml", self.root)

    def copy_to(self, root: Path) -> House:
        """A checkout of one's own with everything that was made in this one."""
        shutil.copytree(self.root, root, symlinks=True)
        return House(root)

    @property
    def environment(self) -> dict[str, str]:
        """That of the command: this checkout, the code under test, nothing else of ours."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LESSONREEL_")}
        return {
            **inherited,
            "LESSONREEL_ROOT": str(self.root),
            "LESSONREEL_STATE": str(self.state),
            "DAGSTER_HOME": str(self.root),
            "PYTHONPATH": str(REPOSITORY),
        }

    def write(self, sections: Sequence[Mapping[str, object]], name: str = "tiny", **more: object) -> Path:
        """A lesson file of `sections`."""
        path = self.lessons / f"{name}.json"
        path.write_text(json.dumps({"title": "Tiny", **more, "sections": list(sections)}), encoding="utf-8")
        return path

    def run(self, *arguments: str | Path, program: str = "", interpreter: str = "", **environment: str) -> Ended:
        """The command, from its start to its end."""
        with self.started(
            *arguments, stdout=subprocess.PIPE, program=program, interpreter=interpreter, **environment
        ) as process:
            out, err = process.communicate(timeout=DEADLINE_SECONDS)
        return Ended(process.returncode, out, err)

    def ask(self, *arguments: str | Path) -> Ended:
        """The command within this process, for what starts no run: half a second instead of two.

        A run would be made in whatever checkout the definitions were first loaded for.
        """
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.chdir(self.root)
            for name in ("LESSONREEL_ROOT", "LESSONREEL_STATE", "DAGSTER_HOME"):
                patch.setenv(name, self.environment[name])
            patch.setenv("PYTHONSAFEPATH", "1")  # as the command does, and taken back afterwards
            code = main([str(argument) for argument in arguments])
        return Ended(code, out.getvalue(), err.getvalue())

    def render(
        self, *arguments: str | Path, sequential: bool = True, interpreter: str = "", **environment: str
    ) -> Ended:
        """`lessonreel render data/lessons/tiny.json`, small. In one process unless asked otherwise: half the time."""
        files = [] if arguments and Path(arguments[0]).suffix == ".json" else ["data/lessons/tiny.json"]
        mode = ["--sequential"] if sequential else []
        return self.run("render", *files, *arguments, *mode, *SMALL, program="", interpreter=interpreter, **environment)

    @contextmanager
    def started(
        self,
        *arguments: str | Path,
        stdout: int = subprocess.PIPE,
        program: str = "",
        interpreter: str = "",
        **environment: str,
    ) -> Iterator[subprocess.Popen[str]]:
        """The command, running in a process group of its own; whatever is left of it afterwards is ended.

        It is a fork of a process that has loaded its modules if `interpreter` is "forked", and a new interpreter if it
        is "new". `program` is Python that ends by calling the command, for a house whose rules a test wants to change;
        by default only a program has a new interpreter.
        """
        words, environment = list(map(str, arguments)), {**self.environment, **environment}
        new = (interpreter or ("new" if program else "forked")) == "new"
        if new or not can_be_forked(environment):
            process = subprocess.Popen(
                [*((sys.executable, "-c", program) if program else COMMAND), *words],
                cwd=self.root,
                env=environment,
                stdout=stdout,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        else:
            order = CommandOrder(words, str(self.root), environment, program)
            process = ForkedCommand(command_server(), order, stdout=stdout)
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        """The checkout's instance."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LESSONREEL_STATE", str(self.state))
            with dg.DagsterInstance.from_config(str(self.root)) as instance:
                yield instance

    def film(self, key: str = "tiny") -> Path:
        """The MP4 file of a lesson's bundle."""
        return self.videos / key / f"{key}.en.mp4"

    def report(self, key: str = "tiny") -> dict[str, Any]:
        """What the run that made the bundle says it did."""
        return json.loads((self.videos / key / "report.json").read_bytes())

    def journal(self) -> list[dict[str, Any]]:
        """Events of the newest run, as far as they are written whole."""
        files = sorted((self.state / "progress").glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
        lines = files[-1].read_text("utf-8").splitlines() if files else []
        return [json.loads(line) for line in lines if line.endswith("}")]

    def await_event(self, process: subprocess.Popen[str], **wanted: str) -> None:
        """Wait until the newest run has told an event with these values."""
        await_true(
            lambda: any(wanted.items() <= event.items() for event in self.journal()) or process.poll() is not None
        )
        assert process.poll() is None, process.communicate()

    def unfinished_files(self) -> list[Path]:
        """Anything of a film that looks half-made, wherever it may hide."""
        return sorted(path for path in self.videos.rglob("*") if path.name.endswith((".part", ".publishing")))


def await_true(condition: Callable[[], bool], seconds: float = 180) -> None:
    """Wait until `condition` holds."""
    due = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < due, "waited in vain"
        time.sleep(0.02)
