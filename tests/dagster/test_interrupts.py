"""Stopped in the middle, by a person or by a power cut: nothing half-made is seen; the next call goes on from there.

The processes are real and so are the signals.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from tests.kit.house import House

SECTIONS = 8
ARGUMENTS = ("--set", "width_px=480", "--set", "height_px=320", "--set", "preset=medium")
"""Enough work that a signal meets it in the middle."""


@pytest.fixture
def long(house: House):
    """A checkout with a lesson of many sections."""
    house.write([house.section(f"part-{number}", f"This is part number {number} of it.") for number in range(SECTIONS)])
    house.command = ("render", "data/lessons/tiny.json", *ARGUMENTS)
    return house


def _descendants(pid: int) -> list[int]:
    """Every living process below `pid`."""
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            fields = (path / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found += [int(path.name), *_descendants(int(path.name))]
    return found


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _says(pid: int, words: bytes) -> bool:
    try:
        return words in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _resumes(house: House, clips_before: int) -> None:
    """The next call completes, and makes nothing that was finished before."""
    ended = house.run(*house.command)
    assert ended.code == 0, ended
    stages = house.report()["stages"]
    assert stages["section_audio"]["made"] == 0
    assert stages["section_image"]["made"] == 0
    assert stages["lip_synced_clip"]["reused"] >= clips_before > 0
    assert house.unfinished_files() == []


def _clips_done(house: House) -> int:
    clips = [e for e in house.journal() if e["kind"] == "section-done" and e["stage"] == "lip_synced_clip"]
    return len({event["section"] for event in clips})


def _no_slot_is_held(house: House) -> bool:
    with house.instance() as instance:
        storage = instance.event_log_storage
        return not any(
            storage.get_concurrency_info(pool).claimed_slots or storage.get_concurrency_info(pool).pending_steps
            for pool in storage.get_concurrency_keys()
        )


def _second_try_works(house: House, process: subprocess.Popen[str], killed: int) -> bool:
    """Whether the clips' step runs again, in another process, and has told the journal so."""
    tries = [e for e in house.journal() if e["kind"] == "stage-started" and e["stage"] == "lip_synced_clip"]
    alive = [pid for pid in _descendants(process.pid) if _says(pid, b"video_assets.cli") and pid > killed]
    return len(tries) >= 3 and any(map(_alive, alive))


@pytest.mark.parametrize(
    "sequential", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["processes", "one process"]
)
def test_ctrl_c_leaves_nothing_half_made(long, await_: Callable[..., None], sequential: bool):
    """Somebody who stops a long render would lose it, or find half a film and processes that go on for hours."""
    arguments = (*long.command, "--sequential") if sequential else long.command
    with long.started(*arguments) as process:
        long.await_event(process, kind="section-done", stage="lip_synced_clip")
        children = _descendants(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, (out, err)
    assert "Run the same command again to continue" in out + err
    assert "Traceback" not in out + err
    await_(lambda: not any(map(_alive, children)), seconds=10)
    assert not (long.videos / "tiny").exists()
    assert long.unfinished_files() == []
    with long.instance() as instance:
        assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.CANCELED]
    assert _no_slot_is_held(long)
    done = _clips_done(long)
    assert 0 < done < SECTIONS, "the signal came too late or too early to show anything"
    _resumes(long, done)


def test_a_killed_command_is_settled_by_the_next(long, await_: Callable[..., None]):
    """After a power cut a run would stand in the UI as running for ever, and hold the slots that others wait for."""
    with long.started(*long.command) as process:
        long.await_event(process, kind="section-done", stage="lip_synced_clip")
        children = _descendants(process.pid)
        process.kill()
        process.wait(10)
        await_(lambda: not any(map(_alive, children)), seconds=10)
    with long.instance() as instance:
        (dead,) = instance.get_runs()
        assert dead.status == dg.DagsterRunStatus.STARTED
    done = _clips_done(long)
    _resumes(long, done)
    with long.instance() as instance:
        again = instance.get_run_by_id(dead.run_id)
        assert again is not None
        assert again.status == dg.DagsterRunStatus.FAILURE
    assert _no_slot_is_held(long)


def _kill_step(process: subprocess.Popen[str]) -> int:
    """Kill the newest step of the command, as the kernel does when memory runs out; returns its process id."""
    step = max(pid for pid in _descendants(process.pid) if _says(pid, b"video_assets.cli"))
    os.kill(step, signal.SIGKILL)
    return step


def test_a_killed_step_is_tried_again_and_goes_on(long):
    """A backfill over night would lose every lesson whose step the kernel killed, though another try would do."""
    with long.started(*long.command) as process:
        long.await_event(process, kind="section-done", stage="lip_synced_clip")
        _kill_step(process)
        out, err = process.communicate(timeout=90)
    assert process.returncode == 0, (out, err)
    made = [e["section"] for e in long.journal() if e["stage"] == "lip_synced_clip" and e["made"]]
    assert len(made) == len(set(made)) >= SECTIONS, "what was finished was made again"
    assert _no_slot_is_held(long)
    assert long.unfinished_files() == []


@pytest.mark.slow
def test_a_step_that_is_killed_again_fails_the_run_and_says_so(long, await_: Callable[..., None]):
    """When the machine runs out of memory somebody would see nothing but that it did not work."""
    with long.started(*long.command) as process:
        long.await_event(process, kind="section-done", stage="lip_synced_clip")
        first = _kill_step(process)
        await_(lambda: _second_try_works(long, process, first), seconds=30)
        _kill_step(process)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1, (out, err)
    assert "lip_synced_clip" in out
    assert "Traceback" not in out + err
    done = _clips_done(long)
    assert _no_slot_is_held(long)
    _resumes(long, done)


SIGNAL_AT = """
import os, signal, sys
left, number, group = int(sys.argv.pop(1)), int(sys.argv.pop(1)), sys.argv.pop(1) == "group"

def at(event, _arguments, pid=os.getpid()):
    global left
    if event in {"import", "open"} and os.getpid() == pid:
        left -= 1
        if left == 0:
            (os.killpg if group else os.kill)(pid, number)

from video_assets.cli import main
if left == 0:
    os.kill(os.getpid(), number)
sys.addaudithook(at)
sys.exit(main())
"""
"""Sends the command a signal when it imports or opens something for the n-th time."""


@pytest.mark.parametrize(
    ("event", "number", "whom"),
    [
        (1, signal.SIGINT, "group"),
        (60, signal.SIGTERM, "group"),
        (1000, signal.SIGINT, "group"),
        (2200, signal.SIGTERM, "group"),
        (3000, signal.SIGINT, "group"),
        (3000, signal.SIGINT, "process"),
        # Early on, the command is the only process of its group.
        pytest.param(1, signal.SIGINT, "process", marks=pytest.mark.slow),
        pytest.param(60, signal.SIGTERM, "process", marks=pytest.mark.slow),
        pytest.param(1000, signal.SIGINT, "process", marks=pytest.mark.slow),
        pytest.param(2200, signal.SIGTERM, "process", marks=pytest.mark.slow),
    ],
)
def test_an_interruption_at_any_instant_is_one_line(house: House, event: int, number: int, whom: str):
    """Somebody who notices at once that he named the wrong folder would get two screens of frames for his Ctrl-C."""
    for name in ("first", "second"):
        house.write([house.lamp], name=name)
    command = ("render", "data/lessons", "--at-once", "2", *house.small)
    ended = house.run(str(event), str(int(number)), whom, *command, program=SIGNAL_AT)
    assert ended.code == 130, ended
    assert (ended.out + ended.err).count("Interrupted. Finished parts are kept") == 1, ended
    assert "Traceback" not in ended.out + ended.err
    assert "Error" not in ended.out + ended.err
    assert house.unfinished_files() == []
