"""The sensor over a folder of ten thousand lessons in which nothing changed: seconds and memory of a tick, beside the
same question answered by reading everything; and how long the first look takes.

    python -m benchmarks.sensor [LESSONS]

One lesson in twenty names a picture. The real sensor function is called with a real instance on disk, in a temporary
root; nothing is launched: every lesson is already known, as after its first run.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import platform
import statistics
import struct
import sys
import tempfile
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import dagster as dg

from jobs.lessons import tick as lesson_tick
from jobs.lessons.contents import read_entry
from jobs.lessons.index import load_index, save_index
from jobs.lessons.sensor import lesson_sensor
from jobs.render import render_job
from video_assets.definitions import ASSETS, build_defs
from video_assets.project_paths import ProjectPaths

LESSONS = 10_000
TICKS = 50
_WARM_UP = 50
_PICTURED = 20


class Watched(NamedTuple):
    """The sensor and what it watches."""

    project_paths: ProjectPaths
    tick: Callable[[], str]


def main(lessons: int = LESSONS) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="lessonreel-bench-") as root:
        project_paths = ProjectPaths(Path(root), Path(root, "state"))
        _write(project_paths.lessons, lessons)
        home = Path(root, "home")
        home.mkdir()
        with dg.DagsterInstance.local_temp(str(home)) as instance:
            watched = _watched(project_paths, instance)
            ticks, seconds = _first_look(watched)
            print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {lessons} lessons")
            print(f"first look: {ticks} ticks, the longest {max(seconds):.2f} s, together {sum(seconds):.1f} s")
            _know_all(project_paths)
            _compare(watched)
            _memory(watched)


def _write(folder: Path, lessons: int) -> None:
    """Lessons of four sections, about 4 kB each, a hundred to a folder."""
    words = "A closed switch makes the lamp bright, as the battery pumps charge around the circuit again. " * 10
    for number in range(lessons):
        path = folder / f"course-{number // 100:03}" / f"lesson-{number:05}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        sections = [{"image_description": f"Figure {index} of {number}", "content": words} for index in range(4)]
        if number % _PICTURED == 0:
            sections[0]["picture"] = f"figure-{number}.png"
            (path.parent / f"figure-{number}.png").write_bytes(_png(number))
        path.write_text(json.dumps({"sections": sections}), encoding="utf-8")


def _png(seed: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + hashlib.sha256(f"{seed}/{row}".encode()).digest() * 2 for row in range(64))
    header = struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _watched(project_paths: ProjectPaths, instance: dg.DagsterInstance) -> Watched:
    sensor = lesson_sensor(lambda: project_paths)
    repository = dg.Definitions(
        assets=list(ASSETS), jobs=[render_job()], sensors=[sensor], resources=build_defs().resources
    ).get_repository_def()
    reference = instance.get_ref()

    def tick() -> str:
        with dg.SensorEvaluationContext(
            instance_ref=reference, sensor_name=sensor.name, repository_def=repository
        ) as context:
            data = sensor.evaluate_tick(context)
        return data.skip_message or f"{len(data.run_requests or ())} requested"

    return Watched(project_paths, tick)


def _first_look(watched: Watched) -> tuple[int, list[float]]:
    """Until every file was read. No place in the queue: only looking is measured."""
    lesson_tick.MOST_UNFINISHED, room = 0, lesson_tick.MOST_UNFINISHED
    seconds: list[float] = []
    while "waiting" in (told := _timed(watched.tick, seconds)) or len(seconds) < 2:
        assert len(seconds) < 1000, told
    lesson_tick.MOST_UNFINISHED = room
    return len(seconds), seconds


def _timed(tick: Callable[[], str], seconds: list[float]) -> str:
    started = time.perf_counter()
    told = tick()
    seconds.append(time.perf_counter() - started)
    return told


def _know_all(project_paths: ProjectPaths) -> None:
    index = load_index(project_paths.watched)
    assert index is not None
    known = {entry.key: entry.content for entry in index.entries.values()}
    save_index(project_paths.watched, index._replace(known=known))


def _compare(watched: Watched) -> None:
    ours: list[float] = []
    theirs: list[float] = []
    told = [_timed(watched.tick, ours) for _ in range(7)]
    for _ in range(3):
        _timed(lambda: _read_all(watched.project_paths), theirs)
    print(f"told: {told[-1]}")
    mine, every = statistics.median(ours), statistics.median(theirs)
    print(f"unchanged tick, median of 7 (slowest):      {mine:.3f} s ({max(ours):.3f} s); target 2 s")
    print(f"everything read and hashed, median of 3:    {every:.3f} s ({max(theirs):.3f} s)")
    print(f"a tick costs 1/{every / mine:.1f} of that")


def _read_all(project_paths: ProjectPaths) -> str:
    """The same question, answered by looking into every lesson and picture (from memory: no disk is slower)."""
    index = load_index(project_paths.watched)
    assert index is not None
    read = {path: read_entry(project_paths.lessons, path, entry) for path, entry in index.entries.items()}
    changed = sum(entry.content != read[path].content for path, entry in index.entries.items())
    return f"{changed} changed"


def _memory(watched: Watched) -> None:
    for _ in range(_WARM_UP):
        watched.tick()  # a Python process grows for a while, whatever it does
    gc.collect()
    before = _resident_mb()
    for _ in range(TICKS):
        watched.tick()
    gc.collect()
    after = _resident_mb()
    tracemalloc.start()
    watched.tick()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    print(
        f"resident before and after {TICKS} ticks: {before:.1f} and {after:.1f} MB; held during a tick: {peak:.1f} MB"
    )
    print(f"memory file: {watched.project_paths.watched.stat().st_size / 1e6:.1f} MB")


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
