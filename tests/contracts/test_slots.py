"""The contract of Slots: never more at once than the pool allows, and a slot comes back whatever happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from resources.slots import InstanceSlots
from tests.instances import instance_in
from video_assets.studio.calls.file_semaphore import FileSlots
from video_assets.studio.calls.slots import LocalSlots, Slots
from video_assets.studio.core.errors import Cancelled

MakeSlots = Callable[[int], Slots]


@pytest.fixture(params=["local", "files", "instance"])
def slots_of(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeSlots]:
    """Each implementation in turn, given the limit of the pool `gpu`."""
    if request.param == "local":
        yield lambda limit: LocalSlots({"gpu": limit})
        return
    if request.param == "files":
        yield lambda limit: FileSlots(tmp_path, {"gpu": limit})
        return
    with instance_in(tmp_path) as instance:
        yield lambda limit: InstanceSlots(instance, "run-1", "lip_synced_clip", {"gpu": limit}, tmp_path / "seats")


def _busiest(slots: Slots, calls: int) -> int:
    """How many of `calls` threads were inside at once."""
    inside, most, lock = 0, 0, threading.Lock()

    def call(number: int) -> None:
        nonlocal inside, most
        with slots.slot("gpu", f"call-{number}"):
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.05)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=call, args=(number,)) for number in range(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    return most


def test_one_slot_is_for_one(slots_of: MakeSlots) -> None:
    """Two jobs on one GPU would run out of its memory."""
    assert _busiest(slots_of(1), 4) == 1


def test_a_limit_is_used_to_the_full(slots_of: MakeSlots) -> None:
    """An archive would take as long as if everything ran one after the other."""
    assert 2 <= _busiest(slots_of(3), 8) <= 3


def test_a_slot_comes_back_after_an_error(slots_of: MakeSlots) -> None:
    """One failed call would block every later one for ever."""
    slots = slots_of(1)
    with pytest.raises(ZeroDivisionError), slots.slot("gpu", "fails"):
        _ = 1 / 0
    with slots.slot("gpu", "next"):
        pass


def test_an_unlimited_pool_does_not_refuse(slots_of: MakeSlots) -> None:
    """A pool that nobody configured would hang a run for ever (an unknown pool of the instance refuses)."""
    entered = False
    with slots_of(1).slot("unheard-of", "call"):
        entered = True
    assert entered


def test_the_time_until_a_slot_is_told(slots_of: MakeSlots) -> None:
    """A run that waited all day for another would be said to be slow."""
    slots = slots_of(1)
    before = slots.waited_seconds
    inside, permit = threading.Event(), threading.Event()

    def hold() -> None:
        with slots.slot("gpu", "holds"):
            inside.set()
            permit.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert inside.wait(10)
    quick = slots.waited_seconds - before
    started = time.monotonic()
    threading.Timer(0.3, permit.set).start()
    with slots.slot("gpu", "waits"):
        took = time.monotonic() - started
    holder.join(10)
    waited = slots.waited_seconds - before - quick
    assert 0 < waited <= took, "the look whether there is a limit at all comes before the waiting"


def test_who_waits_is_sent_away_when_the_work_is_stopped(slots_of: MakeSlots) -> None:
    """Ctrl-C would end a run only when another run gives its slot back, an hour later."""
    slots = slots_of(1)
    sent_away = threading.Event()

    def wait() -> None:
        with pytest.raises(Cancelled), slots.slot("gpu", "waits"):
            pytest.fail("there is no slot")
        sent_away.set()

    with slots.slot("gpu", "holds"):
        waiting = threading.Thread(target=wait)
        waiting.start()
        time.sleep(0.5)
        assert not sent_away.is_set()
        slots.cancel()
        waiting.join(30)
        assert sent_away.is_set()


def test_slots_that_are_held_at_once_have_numbers_of_their_own(slots_of: MakeSlots) -> None:
    """Two jobs would work on one GPU while the other idles: the number names the device."""
    slots = slots_of(3)
    with slots.slot("gpu", "a") as first, slots.slot("gpu", "b") as second, slots.try_slot("gpu", "c") as third:
        assert sorted([first, second, -1 if third is None else third]) == [0, 1, 2]


def test_who_does_not_wait_is_told_that_nothing_is_free(slots_of: MakeSlots) -> None:
    """A run with work for two GPUs would stand still until another run gives the second one back."""
    slots = slots_of(1)
    with slots.slot("gpu", "holds"), slots.try_slot("gpu", "asks") as number:
        assert number is None, "it came back while the slot was still held"
    with slots.try_slot("gpu", "asks") as number:
        assert number == 0
    with slots.slot("gpu", "next") as number:
        assert number == 0, "whoever asked in vain holds nothing"
