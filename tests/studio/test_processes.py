"""Children of the studio: deadlines, crashes, and that none outlives its parent."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from tests.kit.work import hang_guard
from video_assets.studio.core.errors import ProcessFailed
from video_assets.studio.processes.children import run
from video_assets.studio.processes.worker import Worker

ECHO = """
import struct, sys, os, time
def exactly(n):
    data = sys.stdin.buffer.read(n)
    if len(data) < n:
        sys.exit(0)
    return data
while True:
    request = exactly(struct.unpack('>Q', exactly(8))[0])
    if request == b'crash':
        sys.stderr.write('the disk is on fire'); sys.stderr.flush(); os._exit(3)
    if request == b'sleep':
        time.sleep(60)
    if request == b'babble':
        request = b''; sys.stdout.buffer.write(b'hello, world\\n')
    sys.stdout.buffer.write(struct.pack('>Q', len(request)) + request); sys.stdout.buffer.flush()
"""
REPOSITORY = Path(__file__).resolve().parents[2]


def echo() -> Worker:
    return Worker([sys.executable, "-c", ECHO], name="the echo")


def gone(pid: int, within_seconds: float) -> bool:
    due = time.monotonic() + within_seconds
    while time.monotonic() < due:
        status = Path(f"/proc/{pid}/status")
        if not status.exists() or "State:\tZ" in status.read_text():
            return True
        time.sleep(0.02)
    return False


def test_a_command_gets_its_input_and_returns_its_output() -> None:
    """Whoever calls a program through here would otherwise lose what it answered."""
    done = run([sys.executable, "-c", "import sys; print(sys.stdin.read().upper())"], deadline_seconds=20, stdin=b"hi")
    assert done.stdout.strip() == b"HI"


def test_a_failed_command_shows_the_end_of_what_it_said() -> None:
    """A teacher with a failed render would otherwise see a number and no reason."""
    with pytest.raises(ProcessFailed, match=r"status 4.*no such codec") as caught:
        run(
            [sys.executable, "-c", "import sys; sys.exit(sys.stderr.write('no such codec') and 4)"], deadline_seconds=20
        )
    assert caught.value.remedy


def test_a_missing_program_is_named() -> None:
    """Someone on a bare machine would otherwise not learn what to install."""
    with pytest.raises(ProcessFailed, match="no-such-program-here"):
        run(["no-such-program-here"], deadline_seconds=20)


def test_a_command_past_its_deadline_is_ended_with_all_it_started(tmp_path: Path) -> None:
    """A render would otherwise hang for ever on a program that waits, or leave its children behind."""
    note = tmp_path / "pid"
    script = f"sleep 3600 & echo $! > {note}; wait"
    with hang_guard(), pytest.raises(ProcessFailed, match=r"not done after 0\.5 s"):
        run(["/bin/sh", "-c", script], deadline_seconds=0.5)
    assert gone(int(note.read_text()), 20)


def test_a_worker_answers_many_requests_large_and_small() -> None:
    """A long section's sound would otherwise be cut at the size of a pipe."""
    with echo() as worker:
        for size in (0, 1, 65_536, 3_000_000):
            assert worker.ask(b"x" * size, deadline_seconds=20) == b"x" * size


def test_a_worker_serves_threads_without_mixing_their_answers() -> None:
    """Sections made at the same time would otherwise get each other's voices."""
    answers: dict[int, bytes] = {}
    with echo() as worker:

        def ask(number: int) -> None:
            answers[number] = worker.ask(b"%d" % number * 1000, deadline_seconds=20)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == {number: b"%d" % number * 1000 for number in range(8)}


def test_a_worker_lives_on_when_the_thread_that_started_it_ends() -> None:
    """With a pool of threads the voice would otherwise die in mid-lesson: the death signal belongs to a thread."""
    made: list[Worker] = []
    thread = threading.Thread(target=lambda: made.append(echo()))
    thread.start()
    thread.join()
    time.sleep(0.3)
    with made[0] as worker:
        assert worker.ask(b"still there", deadline_seconds=20) == b"still there"


def test_a_crash_is_raised_with_the_last_words_and_later_requests_are_refused() -> None:
    """A broken voice would otherwise be retried silently, or its next answer read from the middle."""
    with echo() as worker:
        with pytest.raises(ProcessFailed, match=r"status 3.*the disk is on fire"):
            worker.ask(b"crash", deadline_seconds=20)
        assert not worker.alive
        with pytest.raises(ProcessFailed, match="takes no more requests"):
            worker.ask(b"again", deadline_seconds=20)


def test_a_late_answer_ends_the_worker() -> None:
    """A stuck voice would otherwise hold a render for ever, or answer the wrong question later."""
    with echo() as worker:
        with pytest.raises(ProcessFailed, match=r"not done after 0\.3 s"):
            worker.ask(b"sleep", deadline_seconds=0.3)
        assert gone(worker.pid, 2)


def test_babble_on_the_output_is_not_taken_for_an_answer() -> None:
    """A library that prints a warning would otherwise become part of somebody's sound."""
    with echo() as worker:
        with pytest.raises(ProcessFailed, match="not a possible length"):
            worker.ask(b"babble", deadline_seconds=20)
        assert not worker.alive


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal exists on Linux only")
@pytest.mark.parametrize("busy", [False, True])
def test_a_worker_dies_with_a_parent_that_was_killed(tmp_path: Path, busy: bool) -> None:
    """After a kill -9 or a crash, a shared machine would otherwise fill with orphans that still work."""
    note = tmp_path / "pid"
    parent_script = textwrap.dedent(f"""
        import sys, time, pathlib
        from video_assets.studio.processes.worker import Worker
        worker = Worker([sys.executable, "-c", {ECHO!r}], name="echo")
        worker.ask(b"hello", deadline_seconds=20)
        pathlib.Path({str(note)!r}).write_text(f"{{worker.pid}}\\n")
        worker.ask(b"sleep", deadline_seconds=60) if {busy} else time.sleep(60)
    """)
    parent = subprocess.Popen([sys.executable, "-c", parent_script], cwd=REPOSITORY)
    try:
        due = time.monotonic() + 20
        while not (note.exists() and note.read_text().endswith("\n")) and time.monotonic() < due:
            time.sleep(0.02)
        child = int(note.read_text())
        time.sleep(0.1)
        os.kill(parent.pid, signal.SIGKILL)
    finally:
        parent.kill()
        parent.wait()
    assert gone(child, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal exists on Linux only")
def test_a_forked_step_ends_with_the_run_that_forked_it(tmp_path: Path) -> None:
    """The step of a killed run would otherwise go on writing into a run that is marked as failed."""
    note = tmp_path / "pid"
    script = textwrap.dedent(f"""
        import os, pathlib, time
        from video_assets.studio.processes.parent import die_with_parent
        parent = os.getpid()
        if os.fork() == 0:
            die_with_parent(parent)
            pathlib.Path({str(note)!r}).write_text(f"{{os.getpid()}}\\n")
        time.sleep(60)
    """)
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=REPOSITORY)
    due = time.monotonic() + 20
    while not (note.exists() and note.read_text().endswith("\n")) and time.monotonic() < due:
        time.sleep(0.02)
    parent.kill()
    parent.wait()
    assert gone(int(note.read_text()), 2)


def test_ctrl_c_in_the_terminal_does_not_reach_the_worker() -> None:
    """Ctrl-C would otherwise kill the voice under a parent that wanted to finish its section cleanly."""
    with echo() as worker:
        assert os.getsid(worker.pid) != os.getsid(0)
        assert os.getpgid(worker.pid) != os.getpgid(0)


def test_nothing_is_left_after_closing() -> None:
    """A long-running server would otherwise run out of descriptors and fill its table with zombies."""

    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    echo().close()
    gc.collect()  # what other tests of this process left to the collector
    before = descriptors()
    workers = [echo() for _ in range(5)]
    pids = [worker.pid for worker in workers]
    for _ in range(3):
        workers[0].close()
        workers.pop(0).close()
    del workers
    gc.collect()
    assert descriptors() <= before
    for pid in pids:
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
