"""The supervisor restarts a program that ends, gives up on a crash loop, and leaves no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.dev.supervisor import CrashLoop, Program, RestartPolicy, Service, stop_all

AT_ONCE = RestartPolicy(first_seconds=0, longest_seconds=0, max_deaths=4)


def _service(folder: Path, script: str, said: list[str], policy: RestartPolicy = AT_ONCE) -> Service:
    command = ["sh", "-c", script]
    return Service(Program("helper", lambda: command, stop_seconds=5), os.environ, folder, policy, said.append)


def test_what_does_not_stay_up_is_given_up_on_with_its_last_words(tmp_path: Path, await_):
    """A user would watch a program being started again for ever, as the reason scrolls by."""
    said: list[str] = []
    service = _service(tmp_path, "echo x >> starts; echo 'the disk is full' >&2; exit 3", said)
    service.start()
    with pytest.raises(CrashLoop) as raised:
        await_(service.poll)
    assert (tmp_path / "starts").read_text().count("x") == AT_ONCE.max_deaths
    assert "status 3" in str(raised.value) and "the disk is full" in str(raised.value)
    assert len(said) == AT_ONCE.max_deaths - 1 and all("helper ended unexpectedly (status 3)" in line for line in said)


def test_a_program_that_was_killed_is_started_again(tmp_path: Path, await_):
    """After the kernel killed the daemon for its memory, no lesson would be made until somebody looks."""
    said: list[str] = []
    service = _service(tmp_path, "echo $$ >> pids; exec sleep 600", said)
    service.start()
    try:
        await_((tmp_path / "pids").exists)
        os.kill(int((tmp_path / "pids").read_text()), signal.SIGKILL)
        await_(lambda: service.poll() or len((tmp_path / "pids").read_text().split()) == 2)
        assert service.running
        assert "killed by signal 9" in said[0]
    finally:
        stop_all([service])
    assert not service.running


def test_delays_grow_up_to_a_limit():
    """A program that fails at once would keep the machine busy by being started."""
    policy = RestartPolicy(first_seconds=1, longest_seconds=8)
    assert [policy.delay_seconds(deaths) for deaths in range(1, 7)] == [1, 2, 4, 8, 8, 8]


def test_what_a_program_started_ends_with_it(tmp_path: Path, await_):
    """Each restart would leave a process behind, which keeps the port or the memory."""
    said: list[str] = []
    service = _service(tmp_path, "sleep 600 & echo $! > child; exit 1", said)
    service.start()
    await_(lambda: service.poll() or bool(said))
    child = int((tmp_path / "child").read_text())
    await_(lambda: not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2])
    stop_all([service])


def test_a_paused_terminal_holds_up_nothing():
    """After Ctrl-S in the terminal, or with a pipe that nobody reads, Ctrl-C would do nothing."""
    script = (
        "from jobs.dev.supervisor import flush, print_line\nfor _ in range(5000): print_line('x' * 100)\n"
        "flush(0)\nprint('went on')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "went on\n"
        assert process.wait(60) == 0


def test_no_signal_gets_lost_however_many_come():
    """Ctrl-C would do nothing, for ever: a handler that takes a lock may interrupt whatever holds it."""
    script = (
        "from jobs.dev.servers import Signals\nasked = Signals(); asked.listen(); print('ready', flush=True)\n"
        "while not asked.wait_for_stop(0): pass\nprint(asked.reload)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        for _ in range(20_000):
            process.send_signal(signal.SIGUSR1)
        process.send_signal(signal.SIGTERM)
        try:
            assert process.communicate(timeout=180)[0] == "True\n"
        finally:
            process.kill()


def test_the_supervisor_imports_no_dagster():
    """`make dev` would hold 100 MB of a small machine only to wait."""
    script = (
        "import sys, jobs.dev.servers; print(sorted({'dagster', 'httpx', 'grpc', 'sqlalchemy'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.stdout.strip(), ended.returncode) == ("[]", 0), ended.stderr
