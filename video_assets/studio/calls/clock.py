"""The machine's clocks: corrects times in shared files after the system clock was set.

Processes share Unix times, because these survive a reboot. A person, a time server or a resumed virtual machine may set
the Unix clock by an hour, and every time in a file is then wrong by an hour. So a file also stores a clock reading: the
Unix time and the time since boot, both at the moment of writing. A later reading of the same boot shows by how much the
Unix clock was set in between.

Does not belong here: which times a file holds (`provider_state.py`, `content_breaker.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from video_assets.studio.core.values import FrozenModel


class Moment(FrozenModel):
    """One reading of this machine's clocks."""

    unix_seconds: float = 0
    boot_seconds: float = 0
    """Time since boot, including suspend (CLOCK_BOOTTIME). It cannot be set."""
    boot: str = ""
    """Id of the boot; empty where the system has none. `boot_seconds` is then 0."""


Clock = Callable[[], Moment]


def machine_clock() -> Moment:
    """The current reading."""
    boot = _boot()
    since_boot = time.clock_gettime(time.CLOCK_BOOTTIME) if boot else 0.0
    return Moment(unix_seconds=time.time(), boot_seconds=since_boot, boot=boot)


def clock_shift_seconds(written: Moment, now: Moment) -> float:
    """The seconds by which the Unix clock was set between two readings. Add them to a Unix time stored at `written`.

    Returns 0 if the machine was rebooted in between, because the shift is then unknown.
    """
    if not written.boot or written.boot != now.boot:
        return 0.0
    return (now.unix_seconds - now.boot_seconds) - (written.unix_seconds - written.boot_seconds)


def shift_unix_time(unix_seconds: float, shift_seconds: float) -> float:
    """A stored time, corrected for a clock that was set by `shift_seconds`. 0 means "never" and stays 0."""
    return unix_seconds + shift_seconds if unix_seconds else 0.0


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
