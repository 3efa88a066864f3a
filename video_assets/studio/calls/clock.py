"""The machine's clocks, so that what one process writes down another can read after the clock was set.

A time that several processes share is a Unix time: it outlives a restart. But a person, a time server or a resumed
virtual machine may set that clock by an hour, and all times in a file would be wrong by as much. So a file carries a
stamp: the Unix time and the time since the machine started, both of when it was written. Within one start of the
machine the two tell by how much the clock was set meanwhile.

Belongs here: that. Does not belong here: which times a file holds (`gates.py`, `content.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from video_assets.studio.records import Frozen


class Moment(Frozen):
    """A point in time, by the clocks of this machine."""

    unix_seconds: float = 0
    boot_seconds: float = 0
    """Since the machine started, time asleep included; nobody can set it."""
    boot: str = ""
    """Which start of the machine that was; empty where the system does not tell."""


Clock = Callable[[], Moment]


def machine_clock() -> Moment:
    """Now."""
    boot = _boot()
    since_boot = time.clock_gettime(time.CLOCK_BOOTTIME) if boot else 0.0
    return Moment(unix_seconds=time.time(), boot_seconds=since_boot, boot=boot)


def set_by_seconds(written: Moment, now: Moment) -> float:
    """By how much the Unix clock was set between two moments: add it to a Unix time that was noted at `written`.

    0 where nobody can tell, as the machine was started again in between.
    """
    if not written.boot or written.boot != now.boot:
        return 0.0
    return (now.unix_seconds - now.boot_seconds) - (written.unix_seconds - written.boot_seconds)


def moved(unix_seconds: float, shift_seconds: float) -> float:
    """A noted time by a clock that was set by `shift_seconds`; 0 stays "never"."""
    return unix_seconds + shift_seconds if unix_seconds else 0.0


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
