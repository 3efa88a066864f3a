"""What a piece of work used of the machine: processor, memory, the time it waited for slots.

Belongs here: measuring this process, at the start and the end of the work. Does not belong here: telling it
(`progress.py`), adding it up or judging it (`statistics.py`).
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from video_assets.studio.calls.slots import Slots
from video_assets.studio.core.values import FrozenModel

_PROC = Path("/proc")
_RESET_HIGH_WATER = "5"
"""What /proc/self/clear_refs takes for "begin the high-water of memory anew" (Linux 4.0)."""


def cores() -> int:
    """The cores this process may use (not those the machine has)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def gpus() -> int:
    """How many NVIDIA GPUs this process may use, found without loading anything that drives them (Linux only)."""
    there = sum(1 for path in Path("/dev").glob("nvidia[0-9]*"))
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return there
    # As CUDA reads it: names up to the first that is none; an empty list hides all.
    named = list(takewhile(lambda name: name and name != "-1", map(str.strip, visible.split(","))))
    return min(there, len(named))


class ResourceUsage(FrozenModel):
    """What a finished piece of work used. None: this system does not tell."""

    cpu_seconds: float
    """Of this process, its ended children and, on Linux, those that still run; user and system."""
    memory_bytes: int | None
    """The most that this process held in memory at once; of its children nothing."""
    waited_seconds: float
    """For slots, added up over the threads that waited."""
    cores: int
    """That this process might use."""


class Meter:
    """Measures from when it is made.

    Counted: the processor time of all threads of this process, whatever they do; of its children; of their ended
    children. Not counted: what the run's own process does for a step in a process of its own (starting it, Dagster's
    bookkeeping), loading the step before and storing its result after the stage; and, elsewhere than on Linux, children
    that still run at the end. Where steps share the run's process, a thread that draws progress is counted in. The
    memory of a fork contains pages that it shares with the run's process.
    """

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._started = time.monotonic()
        self._cpu_seconds = _cpu_seconds()
        self._waited_seconds = slots.waited_seconds
        self._knows_memory = _begin_high_water()

    @property
    def seconds(self) -> float:
        """Wall seconds so far."""
        return time.monotonic() - self._started

    def used(self) -> ResourceUsage:
        """What was used so far."""
        return ResourceUsage(
            cpu_seconds=max(0.0, _cpu_seconds() - self._cpu_seconds),
            memory_bytes=_high_water_bytes() if self._knows_memory else None,
            waited_seconds=self._slots.waited_seconds - self._waited_seconds,
            cores=cores(),
        )


def _cpu_seconds() -> float:
    of_ours = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in of_ours) + sum(_cpu_seconds_of_children())


def _cpu_seconds_of_children() -> Iterator[float]:
    """Of each child that runs: a worker is kept for the next request, and reaped only after the stage."""
    if sys.platform != "linux":
        return
    ticks = os.sysconf("SC_CLK_TCK")
    for task in (_PROC / "self" / "task").iterdir():
        for pid in _read(task / "children").split():
            # The name, in brackets, may hold spaces; utime, stime, cutime and cstime are the 14th to 17th field.
            fields = _read(_PROC / pid / "stat").rpartition(")")[2].split()
            yield sum(map(int, fields[11:15])) / ticks


def _read(path: Path) -> str:
    """Empty where there is none: a process may end while it is looked at, and kernels differ in what they tell."""
    try:
        return path.read_text("ascii", "replace")
    except OSError:
        return ""


def _begin_high_water() -> bool:
    """Whether the high-water of this process now starts from what it holds at present."""
    try:
        (_PROC / "self" / "clear_refs").write_text(_RESET_HIGH_WATER, "ascii")
    except OSError:
        return False
    return _high_water_bytes() is not None


def _high_water_bytes() -> int | None:
    for line in _read(_PROC / "self" / "status").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None
