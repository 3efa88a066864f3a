"""What running lessons costs besides making them: the floor of six empty assets, a lesson of which nothing changed, and
a batch of small lessons.

    python -m benchmarks.orchestration [LESSONS]      (default 50)

The floor is measured twice in the same run: with Dagster's own multiprocess executor (forkserver, definitions
preloaded) and with ours. Processor seconds are those of every process that was started, orphans included (Linux).
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from video_assets.project_paths import ProjectPaths, prepare

_REPOSITORY = Path(__file__).resolve().parent.parent
_PR_SET_CHILD_SUBREAPER = 36
_SMALL = ("--set", "width_px=320", "--set", "height_px=320", "--set", "frame_rate=12", "--set", "preset=ultrafast")
_TIMES = 3
_EMPTY = textwrap.dedent("""
    import os, sys
    import dagster as dg
    from jobs.runs.executor import lesson_steps

    EXECUTORS = {
        "ours": lesson_steps,
        "dagster's": dg.multiprocess_executor.configured(
            {"max_concurrent": 2, "start_method": {"forkserver": {"preload_modules": ["empty"]}}}, name="theirs"
        ),
    }
    LESSONS = dg.DynamicPartitionsDefinition(name="lessons")

    def asset(name, above):
        @dg.asset(name=name, partitions_def=LESSONS, ins={each: dg.AssetIn(each) for each in above})
        def empty(**inputs) -> int:
            return 0
        return empty

    NAMES = {"lesson": [], "script": ["lesson"], "section_audio": ["script"], "section_image": ["script"],
             "lip_synced_clip": ["section_audio", "section_image"], "final_video": ["lip_synced_clip"]}
    ASSETS = [asset(name, above) for name, above in NAMES.items()]
    defs = dg.Definitions(
        assets=ASSETS,
        jobs=[dg.define_asset_job("empty", selection="*", executor_def=EXECUTORS[os.environ["EXECUTOR"]])],
    )

    if __name__ == "__main__":
        from dagster._core.code_pointer import ModuleCodePointer
        from dagster._core.definitions.reconstruct import ReconstructableRepository
        repository = ReconstructableRepository(ModuleCodePointer("empty", "defs", os.getcwd()))
        with dg.DagsterInstance.get() as instance:
            instance.add_dynamic_partitions("lessons", ["one"])
            job = repository.get_reconstructable_job("empty")
            with dg.execute_job(job, instance, tags={"dagster/partition": "one"}) as result:
                sys.exit(0 if result.success else 1)
""")


class Cost(NamedTuple):
    """What a command took."""

    wall_seconds: float
    cpu_seconds: float


def main(lessons: int = 50) -> None:
    """Print the tables."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    load = os.getloadavg()[0]
    cores = len(os.sched_getaffinity(0))
    print(f"{platform.machine()}, {cores} cores, Python {platform.python_version()}, load {load:.1f} before\n")
    floor = {executor: _floor(executor) for executor in ("dagster's", "ours")}
    for executor, cost in floor.items():
        print(f"six empty assets, {executor + ' executor':20} {_told(cost)}")
    with _project_paths() as (project_paths, environment):
        shutil.copy(_REPOSITORY / "data" / "lessons" / "welcome.json", project_paths.lessons)
        _command(environment, project_paths, "render", "data/lessons/welcome.json")
        again = _best(lambda: _command(environment, project_paths, "render", "data/lessons/welcome.json"))
        print(f"\nwelcome.json, nothing changed, by the command: {_told(again)} (target 8 s wall)")
    for at_once in (1, 2):
        with _project_paths() as (project_paths, environment):
            _write_small(project_paths, lessons)
            _print_batch(environment, project_paths, lessons, at_once, floor)


def _print_batch(
    environment: Mapping[str, str], project_paths: ProjectPaths, lessons: int, at_once: int, floor: Mapping[str, Cost]
) -> None:
    arguments = ("render", "data/lessons", "--at-once", str(at_once), *_SMALL)
    first = _command(environment, project_paths, *arguments, "--report", "first.json")
    stages = json.loads((project_paths.root / "first.json").read_text())["totals"]["cpu_seconds"]
    again = _command(environment, project_paths, *arguments)
    overhead = (first.cpu_seconds - stages) / lessons
    print(f"\n{lessons} small lessons, {at_once} at a time: {_told(first)}, of which {stages:.1f} CPU s in stages")
    print(f"  orchestration a lesson          {overhead:6.2f} CPU s (target 7)")
    theirs, ours = (floor[executor].cpu_seconds for executor in ("dagster's", "ours"))
    print(f"  floor, six empty assets         {theirs:6.2f} CPU s by Dagster's executor, {ours:.2f} by ours")
    print(f"  all again, nothing changed      {again.cpu_seconds / lessons:6.2f} CPU s a lesson; {_told(again)}")


def _floor(executor: str) -> Cost:
    with _project_paths() as (project_paths, environment):
        (project_paths.root / "empty.py").write_text(_EMPTY)
        path = f"{project_paths.root}{os.pathsep}{_REPOSITORY}"
        # Dagster's own launcher and log capture stay out of it: the same instance for both.
        return _best(
            lambda: _run(
                [sys.executable, "empty.py"],
                {**environment, "EXECUTOR": executor, "PYTHONPATH": path, "PYTHONSAFEPATH": ""},
                project_paths.root,
            )
        )


def _best(run) -> Cost:
    return min((run() for _ in range(_TIMES)), key=lambda cost: cost.cpu_seconds)


def _command(environment: Mapping[str, str], project_paths: ProjectPaths, *arguments: str) -> Cost:
    return _run([sys.executable, "-m", "video_assets.cli", *arguments], environment, project_paths.root)


def _run(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Cost:
    before, started = os.times(), time.monotonic()
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    wall = time.monotonic() - started
    with suppress(ChildProcessError):
        while True:
            os.wait()
    after = os.times()
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(wall, cpu)


@contextmanager
def _project_paths() -> Iterator[tuple[ProjectPaths, dict[str, str]]]:
    """A root of its own, and the environment of a command in it."""
    with tempfile.TemporaryDirectory(prefix="lessonreel-bench-") as folder:
        project_paths = ProjectPaths(Path(folder), Path(folder, "state"))
        project_paths.lessons.mkdir(parents=True)
        for name in ("fonts", "presenters"):
            (project_paths.data / name).symlink_to(_REPOSITORY / "data" / name)
        shutil.copy(_REPOSITORY / "dagster.yaml", folder)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LESSONREEL_", "DAGSTER_"))}
        prepare(project_paths, kept)
        yield project_paths, {**kept, "PYTHONPATH": str(_REPOSITORY)}


def _write_small(project_paths: ProjectPaths, lessons: int) -> None:
    for number in range(lessons):
        sections = [
            {"image_description": f"Lamp {number}.", "content": f"A closed switch makes lamp {number} bright today."},
            {
                "image_description": "A battery.",
                "content": f"The battery pumps charge around, {number} times and more.",
            },
        ]
        (project_paths.lessons / f"small-{number}.json").write_text(json.dumps({"sections": sections}))


def _told(cost: Cost) -> str:
    return f"{cost.wall_seconds:6.1f} s wall, {cost.cpu_seconds:6.1f} CPU s"


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
