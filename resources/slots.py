"""Dagster's concurrency slots, claimed around single calls, so that a limit holds over all runs and shows in the UI.

This is the only use of the instance's slot methods, which are not public API (checked with 1.13.27). Their behaviour
was found by trying, and is held by tests/contracts/test_slots.py and tests/dagster/test_slots.py:

- A pool must be initialised before the first claim: an unknown pool refuses for ever.
- `initialize_concurrency_limit_to_default` overwrites a limit that was set by hand, so it is called for unknown pools
  only.
- A slot is assigned to a pending step only at the moment when it is freed. A step that becomes pending after the slot
  was freed is never assigned, so it must enter the queue again when it finds a free slot.
- Limits are soft: many steps that claim at once may get one slot more than there are. Calls of
  HARD_LIMITED_POOLS hold a permit of a file semaphore as well.
- Claims are served first in, first out among equal priorities. The run's priority (its tag `dagster/priority`) goes
  first.
- The slots of a killed process stay claimed: a step frees the slots that an earlier attempt of the same asset in its
  run left, and the command frees those of ended runs.
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
"""Pools whose limit must never be exceeded: two jobs do not fit into the memory of one GPU. The pools of providers are
hard-limited too, because a plan may be paid for by that limit.
"""
_ASSET_PRIORITY = {"section_image": 1}
"""Longest processing time first (Graham 1969): calls for pictures take longer than calls for sounds."""
_FIRST_POLL_SECONDS = 0.02
_MAX_POLL_SECONDS = 0.25


class _WaitQueue:
    """The threads of a process that wait for a slot of a pool. One of them polls the instance for all.

    Sixteen threads that each poll for themselves keep two thirds of a core busy (measured with four lessons).
    """

    def __init__(self, poll: Callable[[Sequence[str]], Sequence[str]], stopped: threading.Event) -> None:
        self._poll = poll
        self._stopped = stopped
        self._changed = threading.Condition()
        self._waiting: dict[str, None] = {}
        self._ready: set[str] = set()
        self._is_polled = False
        self._freed_count = 0

    def wait(self, step: str) -> None:
        """Return when `step` should claim its slot again."""
        with self._changed:
            self._waiting[step] = None
            try:
                while step not in self._ready and not self._stopped.is_set():
                    if self._is_polled or self._ready:
                        self._changed.wait()
                    else:
                        self._poll_for_all()
            finally:
                del self._waiting[step]
                self._ready.discard(step)
                self._changed.notify_all()

    def poll_now(self) -> None:
        """Poll at once: a thread of this process has freed a slot. Slots of other processes are found by polling."""
        with self._changed:
            self._freed_count += 1
            self._changed.notify_all()

    def _poll_for_all(self) -> None:
        self._is_polled = True
        wait = _FIRST_POLL_SECONDS
        try:
            while not self._ready and not self._stopped.is_set():
                count = self._freed_count
                freed = self._changed.wait_for(partial(self._has_freed_since, count), wait)
                wait = _FIRST_POLL_SECONDS if freed else min(wait * 1.5, _MAX_POLL_SECONDS)
                waiting = tuple(self._waiting)
                self._changed.release()
                try:
                    ready = self._poll(waiting)
                finally:
                    self._changed.acquire()
                self._ready.update(step for step in ready if step in self._waiting)
        finally:
            self._is_polled = False
            self._changed.notify_all()

    def _has_freed_since(self, count: int) -> bool:
        return self._freed_count != count


class InstanceSlots(Slots):
    """Slots claimed through a Dagster instance for one step of one run. Keys are `<asset>[<call>]`."""

    def __init__(
        self,
        instance: dg.DagsterInstance,
        run_id: str,
        asset: str,
        limits: Mapping[str, int],
        semaphores: Path,
        priority: int = 0,
        hard_limited: Collection[str] = HARD_LIMITED_POOLS,
    ) -> None:
        super().__init__()
        self._hard_limited = frozenset(hard_limited)
        self._queues: dict[str, _WaitQueue] = {}
        self._storage = instance.event_log_storage
        self._run_id = run_id
        self._asset = asset
        self._limits = limits
        self._semaphores = semaphores
        self._priority = priority

    @contextmanager
    def slot(self, pool: str, key: str) -> Iterator[int]:
        """See Slots. The wait has no timeout. One thread polls for all, at most four times a second."""
        step = f"{self._asset}[{key}]"
        if not self._is_bounded(pool):
            yield 0
            return
        with ExitStack() as held:
            held.callback(self._free, step)
            number = 0
            with self._waiting():
                self._wait_for_slot(pool, step)
                if pool in self._hard_limited:
                    number = held.enter_context(acquire(self._semaphores, pool, self._count(pool), self._check_stopped))
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
            number = 0 if self._try_claim(pool, step) else None
            if number is not None and pool in self._hard_limited:
                number = held.enter_context(try_acquire(self._semaphores, pool, self._count(pool)))
            yield number

    def _count(self, pool: str) -> int:
        return self._storage.get_concurrency_info(pool).slot_count

    def _wait_for_slot(self, pool: str, step: str) -> None:
        queue = self._queue(pool)
        while not self._try_claim(pool, step):
            queue.wait(step)
            self._check_stopped()

    def _queue(self, pool: str) -> _WaitQueue:
        return self._queues.setdefault(pool, _WaitQueue(partial(self._ready_steps, pool), self._stopped))

    def _ready_steps(self, pool: str, waiting: Sequence[str]) -> Sequence[str]:
        """The waiting steps that should claim again: first those with an assigned slot, at most one per free slot.

        More slots may be assigned than exist. A step that is not pending any more claims as well, to become pending.
        """
        info = self._storage.get_concurrency_info(pool)
        pending = {each.step_key: each for each in info.pending_steps if each.run_id == self._run_id}
        assigned = [step for step in waiting if step in pending and pending[step].assigned_timestamp]
        not_pending = [step for step in waiting if step not in pending]
        unassigned = waiting[:1] if info.assigned_step_count < info.slot_count else ()
        free = max(0, info.slot_count - len(info.claimed_slots))
        return (*not_pending, *(assigned or unassigned)[:free])

    def cancel(self) -> None:
        """See Slots."""
        super().cancel()
        self._wake()

    def _free(self, step: str) -> None:
        self._storage.free_concurrency_slot_for_step(self._run_id, step)
        self._wake()

    def _wake(self) -> None:
        for queue in tuple(self._queues.values()):
            queue.poll_now()

    def _try_claim(self, pool: str, step: str) -> bool:
        claim = self._storage.claim_concurrency_slot(pool, self._run_id, step, self._priority)
        if claim.is_claimed or claim.is_assigned or not self._has_free_slot(pool):
            return claim.is_claimed
        self._storage.free_concurrency_slot_for_step(self._run_id, step)
        return self._storage.claim_concurrency_slot(pool, self._run_id, step, self._priority).is_claimed

    def _has_free_slot(self, pool: str) -> bool:
        info = self._storage.get_concurrency_info(pool)
        return info.assigned_step_count < info.slot_count

    def release_stale(self) -> int:
        """Free the claims, held or pending, of a killed attempt of this asset in this run. Returns their number."""
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
        """Whether the pool has a limit. Initialises the pool in the instance if needed."""
        if pool not in self._storage.get_concurrency_keys():
            self._initialise(pool)
        # If the instance has no default limit either, a claim would be refused for ever.
        return self._storage.get_concurrency_info(pool).limit is not None

    def _initialise(self, pool: str) -> None:
        if pool in self._limits:
            self._storage.set_concurrency_slots(pool, self._limits[pool])
        else:
            self._storage.initialize_concurrency_limit_to_default(pool)


def free_slots_of_ended_runs(instance: dg.DagsterInstance) -> int:
    """Free the slots of ended or unknown runs. Returns the number of these runs. For use without a daemon."""
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
        semaphores: Path,
        priority: int = 0,
        hard_limited: Collection[str] = HARD_LIMITED_POOLS,
    ) -> None:
        self._hard_limited = hard_limited
        self._instance = instance
        self._run_id = run_id
        self._limits = limits
        self._semaphores = semaphores
        self._priority = priority

    def slots_for(self, asset: str) -> Slots:
        """See SlotFactory. Frees the slots of a killed attempt of the same asset in this run first."""
        priority = self._priority + _ASSET_PRIORITY.get(asset, 0)
        slots = InstanceSlots(
            self._instance, self._run_id, asset, self._limits, self._semaphores, priority, self._hard_limited
        )
        slots.release_stale()
        return slots


def slots_resource(limits: Mapping[str, int], semaphores: Path, providers: Path | None = None) -> dg.ResourceDefinition:
    """The slots of the instance that runs the step.

    `limits` initialise pools that the instance does not know yet. After that the instance's limits hold, which the UI
    can change. Each file in `providers` has a pool of its name. `semaphores` is the folder of the file semaphore.
    """

    def factory(context: dg.InitResourceContext) -> InstanceSlotFactory:
        if context.instance is None or context.run is None:
            raise dg.DagsterInvariantViolationError("Slots need an instance and a run.")
        configured = {name: file.at_once for name, file in read_providers(providers).items()} if providers else {}
        return InstanceSlotFactory(
            context.instance,
            context.run.run_id,
            {**limits, **configured},
            semaphores,
            _priority(context.run),
            HARD_LIMITED_POOLS | set(configured),
        )

    return dg.ResourceDefinition(factory, description="Slots of Dagster's pools, for single calls.")


def _priority(run: dg.DagsterRun) -> int:
    """The run's priority, as Dagster's queue reads it: an interactive run goes before a backfill."""
    text = run.tags.get(PRIORITY_TAG, "0")
    return int(text) if text.lstrip("-").isdecimal() else 0
