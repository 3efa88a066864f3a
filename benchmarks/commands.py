"""What a person types and looks at: processor seconds of each command, as a ratio to another checkout of this project.

    python -m benchmarks.commands [BASELINE [RUNS]]      (default: no baseline, 5 runs)

`BASELINE` is the folder of another version's checkout (`git worktree add FOLDER COMMIT`). It is run by this Python,
with the same libraries. Each version makes the film of `welcome.json` in a root of its own. Then each command runs in
turn with both versions, `RUNS` times; the table shows the medians of user and system seconds of the command and its
children (orphans included on Linux). `import dagster` is the floor of the commands that ask Dagster.
"""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parent.parent
_LESSON = "data/lessons/welcome.json"
_PR_SET_CHILD_SUBREAPER = 36
_CLI = ("-m", "video_assets.cli")
_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "python -c 'import dagster'": ("-c", "import dagster"),
    "lessonreel --help": (*_CLI, "--help"),
    "lessonreel voices": (*_CLI, "voices"),
    "lessonreel check, one lesson": (*_CLI, "check", _LESSON),
    "lessonreel explain, one lesson": (*_CLI, "explain", _LESSON),
    "lessonreel stats": (*_CLI, "stats"),
    "lessonreel render, unchanged": (*_CLI, "render", _LESSON),
}


def main(baseline: str = "", runs: str = "5") -> None:
    """Print the table."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    versions = [Path(baseline).resolve(), _REPOSITORY] if baseline else [_REPOSITORY]
    load = os.getloadavg()[0]
    cores = len(os.sched_getaffinity(0))
    print(f"{platform.machine()}, {cores} cores, Python {platform.python_version()}, load {load:.1f} before\n")
    with tempfile.TemporaryDirectory(prefix="lessonreel-bench-") as temporary:
        places = [_project_paths(Path(temporary, str(number)), code) for number, code in enumerate(versions)]
        for root, environment in places:
            _cpu_seconds((*_CLI, "render", _LESSON), root, environment)
        print(f"{'command':34}{'CPU s':>8}" + (f"{'baseline':>10}{'ratio':>8}" if baseline else ""))
        for name, command in _COMMANDS.items():
            _compare(name, command, places, int(runs))


def _compare(name: str, command: Sequence[str], places: Sequence[tuple[Path, Mapping[str, str]]], runs: int) -> None:
    took: list[list[float]] = [[] for _ in places]
    for _ in range(runs):
        for place, seconds in zip(places, took, strict=True):
            seconds.append(_cpu_seconds(command, *place))
    *before, now = (statistics.median(seconds) for seconds in took)
    print(f"{name:34}{now:8.2f}" + "".join(f"{other:10.2f}{now / other:8.2f}" for other in before))


def _project_paths(root: Path, code: Path) -> tuple[Path, dict[str, str]]:
    """A root with one lesson, and the environment in which Python runs the version of the folder `code` there."""
    (root / "data" / "lessons").mkdir(parents=True)
    for name in ("fonts", "presenters"):
        (root / "data" / name).symlink_to(code / "data" / name)
    shutil.copy(code / "dagster.yaml", root)
    shutil.copy(code / _LESSON, root / _LESSON)
    left_out = ("LESSONREEL_", "DAGSTER_", "PYTHONDONTWRITEBYTECODE")  # a user's Python keeps what it compiled
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    environment = {
        **inherited,
        "LESSONREEL_ROOT": str(root),
        "LESSONREEL_STATE": str(root / "data" / "state"),
        "DAGSTER_HOME": str(root),
        "PYTHONPATH": str(code),
        "PYTHONSAFEPATH": "1",
    }
    return root, environment


def _cpu_seconds(command: Sequence[str], root: Path, environment: Mapping[str, str]) -> float:
    before = os.times()
    done = subprocess.run(
        [sys.executable, *command], env=environment, cwd=root, capture_output=True, text=True, check=False
    )
    with suppress(ChildProcessError):
        while True:
            os.wait()  # orphans of the command are ours; their time counts when they are reaped
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


if __name__ == "__main__":
    main(*sys.argv[1:3])
