"""What `make dev` takes of a machine while there is nothing to do: memory and processor time of all its processes.

    python -m benchmarks.idle [LESSONS] [SECONDS]      (default 10 and 60)

In a checkout of its own, with small films. It is measured when every film is made and has been for half a minute.
Memory is the proportional set size (PSS: shared pages count once, in parts), which can be added up. Linux only.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from video_assets.project_paths import ProjectPaths

_REPOSITORY = Path(__file__).resolve().parent.parent
_LESSONS, _SECONDS = 10, 60.0
_SETTLE_SECONDS = 30.0
_FILMS_SECONDS = 900.0
_SMALL = '[settings]\nwidth_px = 320\nheight_px = 320\nframe_rate = 12\npreset = "ultrafast"\n'
_WORDS = (
    "dagster_webserver",
    "dagster._daemon",
    "jobs.dev.code_server",
    "dagster dev",
    "code-server",
    "api grpc",
    "jobs.dev",
)


class Used(NamedTuple):
    """A process: what it is, its memory and the processor seconds it has used since it began."""

    name: str
    pss_mb: float
    cpu_seconds: float


def main(lessons: int = _LESSONS, seconds: float = _SECONDS) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="lessonreel-bench-") as root:
        project_paths = _laid_out(Path(root), lessons)
        process = _start(project_paths)
        try:
            _await_films(project_paths, lessons)
            time.sleep(_SETTLE_SECONDS)
            before = dict(_tree(process.pid))
            time.sleep(seconds)
            after = dict(_tree(process.pid))
        finally:
            process.terminate()
            process.wait(60)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, load {os.getloadavg()[0]:.1f}, {lessons} lessons, {seconds:g} s\n\nMB PSS   % of a core")
    total_mb = total_percent = 0.0
    for pid, used in after.items():
        percent = 100 * (used.cpu_seconds - (before[pid].cpu_seconds if pid in before else 0.0)) / seconds
        total_mb, total_percent = total_mb + used.pss_mb, total_percent + percent
        print(f"{used.pss_mb:6.0f}   {percent:11.2f}   {used.name}")
    print(f"{total_mb:6.0f}   {total_percent:11.2f}   all")


def _laid_out(root: Path, lessons: int) -> ProjectPaths:
    project_paths = ProjectPaths(root, root / "data" / "state")
    project_paths.usual_lessons.mkdir(parents=True)
    for folder in (project_paths.fonts, project_paths.presenters):
        folder.symlink_to(_REPOSITORY / folder.relative_to(root))
    shutil.copy(_REPOSITORY / "dagster.yaml", root)
    project_paths.project_file.write_text(_SMALL)
    for number in range(lessons):
        section = {
            "image_description": f"Lamp {number}.",
            "content": f"A closed switch makes lamp number {number} bright.",
        }
        (project_paths.lessons / f"lamp-{number}.json").write_text(json.dumps({"sections": [section]}))
    return project_paths


def _start(project_paths: ProjectPaths) -> subprocess.Popen[bytes]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "LESSONREEL_ROOT": str(project_paths.root),
        "LESSONREEL_STATE": str(project_paths.state),
        "DAGSTER_HOME": str(project_paths.root),
        "PYTHONPATH": str(_REPOSITORY),
    }
    command = [sys.executable, "-m", "jobs.dev", "--port", str(port)]
    return subprocess.Popen(command, cwd=project_paths.root, env=environment)


def _await_films(project_paths: ProjectPaths, lessons: int) -> None:
    due = time.monotonic() + _FILMS_SECONDS
    while sum(1 for _ in project_paths.videos.glob("*/*.mp4")) < lessons:
        if time.monotonic() > due:
            raise TimeoutError("The films were not made; what was printed above says why.")
        time.sleep(1)


def _tree(root: int) -> Iterator[tuple[int, Used]]:
    """The process `root` and all that descend from it."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has just ended
        children.setdefault(parent, []).append(int(folder.name))
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        waiting += children.get(pid, [])
        yield pid, _used(Path(f"/proc/{pid}"))


def _used(folder: Path) -> Used:
    command = (folder / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    pss_kb = next(
        int(line.split()[1]) for line in (folder / "smaps_rollup").read_text().splitlines() if line.startswith("Pss:")
    )
    name = next((word for word in _WORDS if word in command), command[-60:])
    return Used(name, pss_kb / 1024, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:3]))
