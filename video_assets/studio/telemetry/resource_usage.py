"""The resource usage of a step: processor time, memory, and the time spent waiting for slots.

This module measures the process between two moments. Does not belong here: totals over stages (`run_statistics.py`).
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
"""Written to /proc/self/clear_refs, this resets the high-water mark of memory (Linux 4.0)."""


def cores() -> int:
    """The number of cores that this process may use (not those of the machine)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def gpus() -> int:
    """The number of NVIDIA GPUs that this process may use, found without loading a driver (Linux only)."""
    present = sum(1 for path in Path("/dev").glob("nvidia[0-9]*"))
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return present
    # As CUDA reads it: the names before the first invalid one; an empty list hides all.
    named = list(takewhile(lambda name: name and name != "-1", map(str.strip, visible.split(","))))
    return min(present, len(named))


class ResourceUsage(FrozenModel):
    """The usage between two moments. None: this system does not report it."""

    cpu_seconds: float
    """User and system time of this process, its ended children and, on Linux, its running children."""
    memory_bytes: int | None
    """The peak memory of this process, without its children."""
    waited_seconds: float
    """Waits for slots, summed over the threads."""
    cores: int
    """The cores that this process could use."""


class Meter:
    """Measures from its creation on.

    Counted: the processor time of all threads of this process, of its children, and of their ended children. Not
    counted: the work of the run's process for a step (its start, Dagster's bookkeeping), the load of the step before
    and the storage of its result after the stage, and, except on Linux, children that still run at the end. If steps
    share the run's process, a thread that draws progress is counted. The memory of a fork includes pages that it
    shares with the run's process.
    """

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._started = time.monotonic()
        self._cpu_seconds = _cpu_seconds()
        self._waited_seconds = slots.waited_seconds
        self._knows_memory = _reset_high_water()

    @property
    def seconds(self) -> float:
        """Wall seconds so far."""
        return time.monotonic() - self._started

    def used(self) -> ResourceUsage:
        """The usage so far."""
        return ResourceUsage(
            cpu_seconds=max(0.0, _cpu_seconds() - self._cpu_seconds),
            memory_bytes=_high_water_bytes() if self._knows_memory else None,
            waited_seconds=self._slots.waited_seconds - self._waited_seconds,
            cores=cores(),
        )


def _cpu_seconds() -> float:
    usages = [resource.getrusage(target) for target in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in usages) + sum(_cpu_seconds_of_children())


def _cpu_seconds_of_children() -> Iterator[float]:
    """The time of each running child: a worker is kept for the next request, and reaped only after the stage."""
    if sys.platform != "linux":
        return
    ticks = os.sysconf("SC_CLK_TCK")
    for task in (_PROC / "self" / "task").iterdir():
        for pid in _read(task / "children").split():
            # The name, in brackets, may hold spaces; utime, stime, cutime and cstime are the 14th to 17th field.
            fields = _read(_PROC / pid / "stat").rpartition(")")[2].split()
            yield sum(map(int, fields[11:15])) / ticks


def _read(path: Path) -> str:
    """Empty if the file is missing: a process may end in the meantime, and kernels differ in their files."""
    try:
        return path.read_text("ascii", "replace")
    except OSError:
        return ""


def _reset_high_water() -> bool:
    """Reset the peak memory of this process to its present memory. Returns whether that worked."""
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
