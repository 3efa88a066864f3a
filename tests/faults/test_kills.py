"""Killed anywhere, over and over: nothing lost, nothing corrupt, nothing made twice, and the film is the same bytes.

What is killed is the real command over a folder of lessons, several at a time: at random the command itself, one of the
processes below it, or all of them at once. Short in `make test`; at its full figure (200 kills over ten lessons, about
half an hour) by `pytest -m soak tests/faults`.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.kit.house import House
from video_assets.studio.film.bundle import find_version

ARGUMENTS = ("render", "data/lessons", "--at-once", "2")
PATIENCE_SECONDS = 240


def _write(house: House, lessons: int) -> None:
    for number in range(lessons):
        sections = [
            house.section(f"part-{part}", f"Lesson {number} has a part {part} of its own.") for part in range(3)
        ]
        house.write(sections, name=f"lesson-{number}")


def _films(house: House, lessons: int) -> dict[str, bytes]:
    return {key: house.film(key).read_bytes() for key in (f"lesson-{number}" for number in range(lessons))}


def _below(pid: int) -> list[int]:
    """Every living process below `pid`."""
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if parent == pid:
            found += [int(path.name), *_below(int(path.name))]
    return found


def _kill_something(process: subprocess.Popen[str], dice: random.Random) -> bool:
    """Kill the command, one process below it, or all; whether the command itself was meant."""
    below = _below(process.pid)
    what = dice.choice(["command", "below", "all"])
    if what == "below" and below:
        _kill(dice.choice(below))
        return False
    for pid in [process.pid, *(below if what == "all" else [])]:
        _kill(pid)
    return True


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # it was quicker


def _records(house: House) -> dict[str, int]:
    """The records of the store and their inodes: a record that is published a second time has another."""
    return {path.name: path.stat().st_ino for path in (house.root / "data" / "store" / "records").glob("*/[!.]*.json")}


def _assert_nothing_bad_is_visible(house: House, before: dict[str, int]) -> dict[str, int]:
    """No film that is not whole, and nothing that was there was lost or made again."""
    now = _records(house)
    assert {name: now.get(name) for name in before} == before, "something that was finished was lost, or made twice"
    for link in house.videos.glob("lesson-*"):
        assert find_version(house.videos, link.name, link.readlink().name) is not None, f"{link.name} is not whole"
    return now


def _torment(house: House, kills: int, dice: random.Random) -> int:
    """Render and kill until `kills` were dealt or all lessons are made; how many were."""
    dealt, known = 0, {}
    while dealt < kills:
        with house.started(*ARGUMENTS, *house.small, stdout=subprocess.DEVNULL, interpreter="new") as process:
            due = time.monotonic() + PATIENCE_SECONDS
            while process.poll() is None and dealt < kills:
                assert time.monotonic() < due, "the command hangs"
                try:
                    process.wait(dice.uniform(0.2, 9))
                except subprocess.TimeoutExpired:
                    dealt += 1
                    if _kill_something(process, dice):
                        process.wait(30)
            if dealt >= kills:
                _kill(process.pid)
            process.wait(30)
            if process.stderr is not None:
                process.stderr.close()
            code = process.returncode
        known = _assert_nothing_bad_is_visible(house, known)
        if code == 0:
            break
    return dealt


def _assert_all_ended(house: House) -> None:
    with house.instance() as instance:
        unfinished = [run for run in instance.get_runs() if not run.is_finished]
        assert unfinished == [], "a run stands as running for ever"
        storage = instance.event_log_storage
        for pool in storage.get_concurrency_keys():
            assert storage.get_concurrency_info(pool).claimed_slots == [], "a slot is lost"


def _kill_and_compare(rooms: Path, house_of, *, kills: int, lessons: int, seed: int) -> None:
    dice = random.Random(seed)
    calm = house_of(rooms / "calm")
    _write(calm, lessons)
    assert calm.run(*ARGUMENTS, *calm.small).code == 0
    wanted, dealt, rounds = _films(calm, lessons), 0, 0
    while dealt < kills:
        rounds += 1
        house = house_of(rooms / f"round-{rounds}")
        _write(house, lessons)
        dealt += _torment(house, kills - dealt, dice)
        known = _records(house)
        ended = house.run(*ARGUMENTS, *house.small)
        assert ended.code == 0, ended
        _assert_nothing_bad_is_visible(house, known)
        assert _films(house, lessons) == wanted, "not the same bytes"
        _assert_all_ended(house)
        (rooms / "kills.json").write_text(json.dumps({"dealt": dealt, "rounds": rounds}))
    assert dealt == kills


def test_a_few_kills_cost_nothing_that_was_finished(house: House, tmp_path: Path) -> None:
    """A power cut in the night would cost the archive: lost parts, broken films, or everything made once more."""
    _kill_and_compare(tmp_path, type(house), kills=4, lessons=2, seed=2)


@pytest.mark.soak
def test_two_hundred_kills_cost_nothing_that_was_finished(house: House, tmp_path: Path) -> None:
    """G1. What happens once in two hundred times happens to somebody every week."""
    _kill_and_compare(tmp_path, type(house), kills=200, lessons=10, seed=1)
