"""Slots of Dagster's pools around single calls, so that a limit holds over all runs and shows in the UI.

Belongs here: the only use of the instance's slot methods, which are not public API (checked with 1.13.27). Their
contract, each line found by trying, is held by tests/contracts/test_slots.py and tests/dagster/test_slots.py:

- a pool must be initialised before the first claim: an unknown pool refuses for ever;
- `initialize_concurrency_limit_to_default` overwrites a limit that somebody set: it is called for unknown pools only;
- a slot is given to who waits for it when it is freed, and only then: whoever queues up between the look at the slots
  and its own entry is forgotten for ever, and must queue up again when it finds a slot free;
- limits are soft: many that ask at once may get one more than there are. Pools in HARD_LIMITED_POOLS
  hold a permit of a file semaphore as well;
- who asks first is served first, among equals: the run's priority (its tag `dagster/priority`) goes before;
- nobody frees the slots of a killed process: a step frees what an earlier try of the same asset in its run left,
  and the command frees those of runs that ended.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import dagster as dg

from video_assets.dagster_internals import PRIORITY_TAG
from video_assets.studio.calls.file_semaphore import acquire, try_acquire
from video_assets.studio.calls.slots import SlotFactory, Slots

from .provider_file import read_providers

HARD_LIMITED_POOLS = frozenset({"gpu"})
"""Pools of which one too many breaks something: two jobs do not fit into the memory of one GPU. So do the pools of
providers, whose limit may be what was paid for.
"""
_LONGEST_FIRST = {"section_image": 1}
"""What a picture's call takes, a sound's can be done beside it: the longest first ends the soonest (Graham 1969)."""
_FIRST_WAIT_SECONDS = 0.02
_LONGEST_WAIT_SECONDS = 0.25


class _WaitQueue:
    """The threads of a process that wait for a pool. One of them looks for all: sixteen that ask the instance each for
    itself keep two thirds of a core busy with nothing (measured with four lessons).
    """

    def __init__(self, look: Callable[[Sequence[str]], Sequence[str]], stopped: threading.Event) -> None:
        self._look = look
        self._stopped = stopped
        self._changed = threading.Condition()
        self._waiting: dict[str, None] = {}
        self._called: set[str] = set()
        self._someone_looks = False
        self._freed = 0

    def wait(self, step: str) -> None:
        """Returns when `step` should ask for its slot again."""
        with self._changed:
            self._waiting[step] = None
            try:
                while step not in self._called and not self._stopped.is_set():
                    if self._someone_looks or self._called:
                        self._changed.wait()
                    else:
                        self._look_for_all()
            finally:
                del self._waiting[step]
                self._called.discard(step)
                self._changed.notify_all()

    def tell(self) -> None:
        """A thread of this process gave a slot back: look at once. Of other processes' slots nobody tells."""
        with self._changed:
            self._freed += 1
            self._changed.notify_all()

    def _look_for_all(self) -> None:
        self._someone_looks = True
        wait = _FIRST_WAIT_SECONDS
        try:
            while not self._called and not self._stopped.is_set():
                freed = self._freed
                heard = self._changed.wait_for(partial(self._has_freed_since, freed), wait)
                wait = _FIRST_WAIT_SECONDS if heard else min(wait * 1.5, _LONGEST_WAIT_SECONDS)
                waiting = tuple(self._waiting)
                self._changed.release()
                try:
                    called = self._look(waiting)
                finally:
                    self._changed.acquire()
                self._called.update(step for step in called if step in self._waiting)
        finally:
            self._someone_looks = False
            self._changed.notify_all()

    def _has_freed_since(self, freed: int) -> bool:
        return self._freed != freed


class InstanceSlots(Slots):
    """Slots claimed through a Dagster instance for one step of one run. Keys are `<asset>[<call>]`."""

    def __init__(
        self,
        instance: dg.DagsterInstance,
        run_id: str,
        asset: str,
        limits: Mapping[str, int],
        seats: Path,
        priority: int = 0,
        seated: Collection[str] = HARD_LIMITED_POOLS,
    ) -> None:
        super().__init__()
        self._seated = frozenset(seated)
        self._lines: dict[str, _WaitQueue] = {}
        self._storage = instance.event_log_storage
        self._run_id = run_id
        self._asset = asset
        self._limits = limits
        self._seats = seats
        self._priority = priority

    @contextmanager
    def slot(self, pool: str, key: str) -> Iterator[int]:
        """See Slots. Waits for as long as it takes, looking four times a second at most for all that wait here."""
        step = f"{self._asset}[{key}]"
        if not self._is_bounded(pool):
            yield 0
            return
        with ExitStack() as held:
            held.callback(self._free, step)
            number = 0
            with self._waiting():
                self._await_slot(pool, step)
                if pool in self._seated:
                    number = held.enter_context(acquire(self._seats, pool, self._count(pool), self._check_stopped))
            yield number

    @contextmanager
    def try_slot(self, pool: str, key: str) -> Iterator[int | None]:
        """See Slots."""
        step = f"{self._asset}[{key}]"
        if not self._is_bounded(pool):
            yield 0
            return
        with ExitStack() as held:
            held.callback(self._free, step)
            number = 0 if self._claims(pool, step) else None
            if number is not None and pool in self._seated:
                number = held.enter_context(try_acquire(self._seats, pool, self._count(pool)))
            yield number

    def _count(self, pool: str) -> int:
        return self._storage.get_concurrency_info(pool).slot_count

    def _await_slot(self, pool: str, step: str) -> None:
        line = self._line(pool)
        while not self._claims(pool, step):
            line.wait(step)
            self._check_stopped()

    def _line(self, pool: str) -> _WaitQueue:
        return self._lines.setdefault(pool, _WaitQueue(partial(self._called, pool), self._stopped))

    def _called(self, pool: str, waiting: Sequence[str]) -> Sequence[str]:
        """Who of those who wait should ask again: no more than slots are free, those first to whom they are promised.

        More may be promised than there are; whoever is on no list should ask as well, to be on one.
        """
        info = self._storage.get_concurrency_info(pool)
        mine = {each.step_key: each for each in info.pending_steps if each.run_id == self._run_id}
        promised = [step for step in waiting if step in mine and mine[step].assigned_timestamp]
        lost = [step for step in waiting if step not in mine]
        nobody_s = waiting[:1] if info.assigned_step_count < info.slot_count else ()
        free = max(0, info.slot_count - len(info.claimed_slots))
        return (*lost, *(promised or nobody_s)[:free])

    def cancel(self) -> None:
        """See Slots."""
        super().cancel()
        self._wake()

    def _free(self, step: str) -> None:
        self._storage.free_concurrency_slot_for_step(self._run_id, step)
        self._wake()

    def _wake(self) -> None:
        for line in tuple(self._lines.values()):
            line.tell()

    def _claims(self, pool: str, step: str) -> bool:
        claim = self._storage.claim_concurrency_slot(pool, self._run_id, step, self._priority)
        if claim.is_claimed or claim.is_assigned or not self._has_free_slot(pool):
            return claim.is_claimed
        self._storage.free_concurrency_slot_for_step(self._run_id, step)
        return self._storage.claim_concurrency_slot(pool, self._run_id, step, self._priority).is_claimed

    def _has_free_slot(self, pool: str) -> bool:
        info = self._storage.get_concurrency_info(pool)
        return info.assigned_step_count < info.slot_count

    def release_stale(self) -> int:
        """Free what a killed try of this asset in this run still holds or waits for; returns how many there were."""
        freed = 0
        for pool in self._storage.get_concurrency_keys():
            info = self._storage.get_concurrency_info(pool)
            held = [(slot.run_id, slot.step_key) for slot in (*info.claimed_slots, *info.pending_steps)]
            for run_id, step in held:
                if run_id == self._run_id and step.startswith(f"{self._asset}["):
                    self._storage.free_concurrency_slot_for_step(run_id, step)
                    freed += 1
        return freed

    def _is_bounded(self, pool: str) -> bool:
        """Whether the pool has a limit, after making it known to the instance if it was not."""
        if pool not in self._storage.get_concurrency_keys():
            self._introduce(pool)
        # Without a default limit of the instance either, a claim would be refused for ever.
        return self._storage.get_concurrency_info(pool).limit is not None

    def _introduce(self, pool: str) -> None:
        if pool in self._limits:
            self._storage.set_concurrency_slots(pool, self._limits[pool])
        else:
            self._storage.initialize_concurrency_limit_to_default(pool)


def free_slots_of_ended_runs(instance: dg.DagsterInstance) -> int:
    """Free the slots of runs that are over or unknown; returns how many runs held some. For use without a daemon."""
    storage = instance.event_log_storage
    ended = [run_id for run_id in storage.get_concurrency_run_ids() if _has_ended(instance, run_id)]
    for run_id in ended:
        storage.free_concurrency_slots_for_run(run_id)
    return len(ended)


def _has_ended(instance: dg.DagsterInstance, run_id: str) -> bool:
    run = instance.get_run_by_id(run_id)
    return run is None or run.is_finished


class InstanceSlotFactory(SlotFactory):
    """The slots of one run's instance."""

    def __init__(
        self,
        instance: dg.DagsterInstance,
        run_id: str,
        limits: Mapping[str, int],
        seats: Path,
        priority: int = 0,
        seated: Collection[str] = HARD_LIMITED_POOLS,
    ) -> None:
        self._seated = seated
        self._instance = instance
        self._run_id = run_id
        self._limits = limits
        self._seats = seats
        self._priority = priority

    def slots_for(self, asset: str) -> Slots:
        """See SlotFactory. What a killed try of the same asset in this run left is freed first."""
        priority = self._priority + _LONGEST_FIRST.get(asset, 0)
        slots = InstanceSlots(self._instance, self._run_id, asset, self._limits, self._seats, priority, self._seated)
        slots.release_stale()
        return slots


def slots_resource(limits: Mapping[str, int], seats: Path, providers: Path | None = None) -> dg.ResourceDefinition:
    """Slots of the instance that runs the step. `limits` are written for pools the instance does not know yet;
    afterwards the instance's (which the UI changes) hold. Each file in `providers` has a pool of its name.
    """

    def factory(context: dg.InitResourceContext) -> InstanceSlotFactory:
        if context.instance is None or context.run is None:
            raise dg.DagsterInvariantViolationError("Slots need an instance and a run.")
        described = {name: file.at_once for name, file in read_providers(providers).items()} if providers else {}
        return InstanceSlotFactory(
            context.instance,
            context.run.run_id,
            {**limits, **described},
            seats,
            _priority(context.run),
            HARD_LIMITED_POOLS | set(described),
        )

    return dg.ResourceDefinition(factory, description="Slots of Dagster's pools, for single calls.")


def _priority(run: dg.DagsterRun) -> int:
    """As Dagster's queue reads it: whoever waits in person goes before a backfill."""
    text = run.tags.get(PRIORITY_TAG, "0")
    return int(text) if text.lstrip("-").isdecimal() else 0
