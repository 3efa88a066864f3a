"""All benchmarks: `python -m benchmarks [SECTIONS]`; so many sections are also composed by MoviePy (default 2)."""

from __future__ import annotations

import os
import platform
import sys

from . import lesson


def main() -> None:
    """Print what machine this is, then the benchmark of a whole lesson."""
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    print(
        f"{platform.machine()}, {cores} cores, Python {platform.python_version()}, load {load:.1f} before the start\n"
    )
    lesson.main(*(int(argument) for argument in sys.argv[1:2]))


if __name__ == "__main__":
    main()
