"""A disk that is full or cannot be written, under real commands: one message, and nothing is damaged."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.kit.house import House

COMMAND = (sys.executable, "-m", "video_assets.cli")
RENDER = ("render", "data/lessons/tiny.json", "--set", "width_px=320", "--set", "height_px=320")


def _may_mount() -> bool:
    try:
        tried = subprocess.run(
            ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
        )
    except FileNotFoundError:
        return False
    return tried.returncode == 0


pytestmark = pytest.mark.skipif(not _may_mount(), reason="mounting a small disk needs root, and `unshare`")


@pytest.fixture
def filesystem(house: House, tmp_path: Path):
    """Runs commands whose state lies on a disk of its own: `disk(mount options, command, ...)`; a command that begins
    with `mount` changes the disk in between.
    """
    house.write([house.lamp])
    state = tmp_path / "state"
    state.mkdir()

    def run(options: str, *commands: tuple[str, ...]) -> list[tuple[int, str]]:
        lines = [f"mount -t tmpfs -o {options} none {shlex.quote(str(state))}"]
        for number, command in enumerate(commands):
            if command[0] == "mount":
                lines.append(f"{shlex.join(command)} {shlex.quote(str(state))}")
            else:
                said = shlex.quote(str(tmp_path / f"{number}.txt"))
                lines.append(f"{shlex.join([*COMMAND, *command])} >{said} 2>&1; echo $? >>{said}")
        environment = {**house.environment, "LESSONREEL_STATE": str(state)}
        script = "\n".join(lines)
        subprocess.run(["unshare", "-m", "sh", "-c", script], cwd=house.root, env=environment, check=True)
        found = []
        for number, command in enumerate(commands):
            if command[0] != "mount":
                said = (tmp_path / f"{number}.txt").read_text("utf-8").rstrip().rpartition("\n")
                found.append((int(said[2]), said[0]))
        return found

    return run


def _is_one_message(told: tuple[int, str], *words: str) -> None:
    code, said = told
    assert code == 1, told
    assert said.count("\n") == 0 and said.startswith("lessonreel: Tried to "), told
    assert all(word in said for word in (*words, "run the same command again")), told


@pytest.mark.parametrize(
    "kilobytes", [700, *(pytest.param(size, marks=pytest.mark.slow) for size in (40, 300, 1500, 2500))]
)
def test_a_full_disk_is_one_message_and_space_mends_it(filesystem: Any, kilobytes: int):
    """A teacher would read four stacked tracebacks of a database, and not that her disk is full."""
    grown = ("mount", "-o", "remount,size=60m")
    render, stats, mended = filesystem(f"size={kilobytes}k", RENDER, ("stats",), grown, ("stats",))
    _is_one_message(render, "Free some space")
    if stats[0]:
        _is_one_message(stats, "Free some space")
    assert (mended[0], "No run yet" in mended[1]) == (0, True), mended


@pytest.mark.parametrize("command", [RENDER, ("stats",)], ids=["render", "stats"])
def test_a_disk_that_cannot_be_written_is_one_message(filesystem: Any, command: tuple[str, ...]):
    """After an error of the disk the system mounts it read-only: nobody would guess that from 24 lines of frames."""
    (told,) = filesystem("ro", command)
    _is_one_message(told, "Read-only file system", "writable")


def test_what_only_reads_needs_no_disk_that_can_be_written(filesystem: Any):
    """A lesson on a medium that is protected could not even be looked at."""
    asked = filesystem("ro", ("check", "data/lessons"), ("explain", "data/lessons"), ("store", "status"), ("themes",))
    assert [code for code, _ in asked] == [0, 0, 0, 0], asked
