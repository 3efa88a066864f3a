"""Hostile lessons, equations and texts: every one is a message or a plan, never a traceback, in little memory.

Small counts run by default; `pytest -m soak tests/soak` runs LESSONREEL_SOAK_COUNT (100,000) of each. The inputs are
made from a seed, so a failure can be repeated: `python tests/soak/hostile.py lessons SEED COUNT`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HOSTILE = Path(__file__).with_name("hostile.py")
MOST_MB = 300
"""Of resident memory, the interpreter and the imports included."""


def _told(kind: str, seed: int, count: int) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, str(HOSTILE), kind, str(seed), str(count)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return json.loads(ran.stdout)


def _check(told: dict[str, Any], count: int) -> None:
    assert told["tracebacks"] == []
    assert told["count"] == count
    assert told["peak_mb"] <= MOST_MB, told["slowest"]


@pytest.mark.parametrize(("kind", "count"), [("lessons", 400), ("equations", 3000), ("patterns", 12)])
def test_nothing_a_file_can_hold_is_a_traceback(kind: str, count: int) -> None:
    """A teacher would read Python's frames about a file that somebody else wrote, and get none of the other films."""
    _check(_told(kind, 1, count), count)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["lessons", "equations", "patterns"])
def test_nor_is_anything_of_very_much(kind: str) -> None:
    """The same, for what is seldom."""
    count = int(os.environ.get("LESSONREEL_SOAK_COUNT", "100000")) // (50 if kind == "patterns" else 1)
    _check(_told(kind, 2, count), count)
