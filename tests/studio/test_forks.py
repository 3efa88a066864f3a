"""Forks: what they tell arrives, whole and in order, and their end is noticed however it comes."""

from __future__ import annotations

import os
import signal
import time

import pytest

from video_assets.studio.processes.fork import CAN_FORK, Fork, Send, sending

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="forks are for Linux")


def _until_ended(fork: Fork, seconds: float = 20) -> list[object]:
    told: list[object] = []
    due = time.monotonic() + seconds
    while not fork.ended:
        assert time.monotonic() < due, "its end went unnoticed"
        for each in sending([fork], timeout_seconds=1):
            told += each.receive()
    return told


def test_what_a_fork_tells_arrives_in_order_and_whole() -> None:
    """A step's events would be missing from the log, or a large one (a storyboard) would come in halves."""

    def work(tell: Send) -> None:
        for number in range(50):
            tell(number)
        tell(b"x" * 3_000_000)

    fork = Fork(work, name="talks")
    told = _until_ended(fork)
    assert told == [*range(50), b"x" * 3_000_000]
    assert fork.exit_code == 0


def test_a_killed_fork_is_noticed_and_what_it_said_is_heard() -> None:
    """A run would wait for ever for a step that the kernel has killed."""

    def work(tell: Send) -> None:
        tell("begun")
        os.kill(os.getpid(), signal.SIGKILL)

    fork = Fork(work, name="dies")
    assert _until_ended(fork) == ["begun"]
    assert fork.exit_code == -signal.SIGKILL


def test_a_fork_that_raises_says_so_by_its_status(capfd: pytest.CaptureFixture[str]) -> None:
    """A defect of ours would look like a step that did its work and told nothing."""

    def work(tell: Send) -> None:
        raise ZeroDivisionError

    fork = Fork(work, name="raises")
    assert _until_ended(fork) == []
    assert fork.exit_code == 1
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_the_end_of_one_is_noticed_while_a_later_one_lives() -> None:
    """A later fork holds a copy of every pipe: the first one's end would be noticed only at the end of all."""
    first = Fork(lambda tell: tell("one"), name="first")
    second = Fork(lambda tell: time.sleep(30), name="second")
    try:
        assert _until_ended(first, seconds=10) == ["one"]
        assert not second.ended
    finally:
        os.kill(second.pid, signal.SIGKILL)
        _until_ended(second)


def test_an_interrupted_fork_ends() -> None:
    """Ctrl-C would leave a step working for an hour."""

    def work(tell: Send) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            tell("ready")
            time.sleep(60)
        except KeyboardInterrupt:
            tell("stopped")

    fork = Fork(work, name="sleeps")
    assert sending([fork], timeout_seconds=20)
    assert fork.receive() == ["ready"]
    fork.interrupt()
    assert _until_ended(fork) == ["stopped"]


def test_a_fork_ends_with_the_process_that_forked_it() -> None:
    """A killed run would leave its step at work: it writes into a run that another has taken over."""

    def parent(tell: Send) -> None:
        child = Fork(lambda _tell: time.sleep(60), name="grandchild")
        tell(child.pid)
        time.sleep(60)

    fork = Fork(parent, name="parent")
    assert sending([fork], timeout_seconds=20)
    (grandchild,) = fork.receive()
    os.kill(fork.pid, signal.SIGKILL)
    _until_ended(fork)
    due = time.monotonic() + 5
    while _lives(grandchild):
        assert time.monotonic() < due, "the orphan lives on"
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
