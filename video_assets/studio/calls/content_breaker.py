"""The circuit breaker for content: it stops paid calls to a model that returns only useless responses.

Every response is billed before it can be validated. So the number of unvalidated calls is limited as well. All
sections, runs and processes share the count, in a small file per provider. A model has one of three states:

    unproven   No good response for 15 minutes. At most three calls are unvalidated or were useless.
    proven     The last good response is younger than 15 minutes. Calls are not limited. Eight useless responses in a
               row, for several requests, open the circuit.
    open       Too many responses were useless. One probe is allowed every five minutes. A good response closes the
               circuit.

A single request with three useless responses fails alone, because the model may answer others well. Each kind of work
(speech, pictures) has its own state. A change of the provider's file resets it.

Does not belong here: outages (`circuit_breaker.py`), waiting (`retry.py`), or the validation of a response (providers).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, ValidationError

from video_assets.studio.core.errors import InvalidResponsesLimit
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.storage.filesystem import UnsyncedFileSystem, atomic_write
from video_assets.studio.storage.locks import shared_lock

from .circuit_breaker import FAILURES_UNTIL_OPEN
from .clock import Clock, Moment, clock_shift_seconds, machine_clock, shift_unix_time
from .ledger.ledger import new_id

MAX_USELESS = 3
PROVEN_SECONDS = 900.0
REST_SECONDS = 300.0
_MAX_TRIAL_SECONDS = 7200.0
"""A call that was never validated, although its process is alive, is dropped after this time."""
_WHY_CHARACTERS = 200


class Model(NamedTuple):
    """The key of a circuit: responses of one model for one kind of work."""

    provider: str
    """Its name in messages."""
    work: str
    name: str
    version: str
    """Digest of the provider's file. A new version resets the state."""


class _Trial(FrozenModel):
    """A call whose response has not been validated."""

    process: int
    until: float


class _ModelState(FrozenModel):
    version: str = ""
    good_at: float = 0
    useless: tuple[str, ...] = ()
    """Recipes of the useless responses since the last good one."""
    why: str = ""
    """The fault of the last of them."""
    trials: dict[str, _Trial] = Field(default_factory=dict)
    rests_until: float = 0


class _StateFile(FrozenModel):
    written: Moment = Moment()
    models: dict[str, _ModelState] = Field(default_factory=dict)


class ContentBreaker:
    """The circuit breaker of one model and kind of work. `folder` and `provider_key` name its file."""

    def __init__(
        self,
        folder: Path,
        provider_key: str,
        model: Model,
        *,
        max_useless: int = MAX_USELESS,
        clock: Clock = machine_clock,
    ) -> None:
        self._path = folder / f"{provider_key}.content.json"
        self._lock = folder / f"{provider_key}.content.gate"
        self._model = model
        self._max_useless = max_useless
        self._clock = clock

    def acquire(self, recipe: str) -> str | None:
        """Allow a call for `recipe` and return its id, or return None if other calls have to be validated first.

        Every id must be returned through `record_good`, `record_useless` or `release`. Raises InvalidResponsesLimit
        while the circuit is open.
        """
        with self._exclusive_change() as change:
            state, now = change.state, change.now
            proven = now - state.good_at <= PROVEN_SECONDS
            limit = max(FAILURES_UNTIL_OPEN, self._max_useless) if proven else self._max_useless
            several = len(set(state.useless)) > 1
            stopped = len(state.useless) >= limit and several
            if stopped or (not proven and state.useless.count(recipe) >= limit):
                if now < state.rests_until:
                    raise self._refusal(state)
                room = 1
            elif proven:
                return new_id()  # validated later, but not counted while it is in flight
            else:
                room = max(1, limit - len(state.useless))
            if len(state.trials) >= room:
                return None
            call = new_id()
            trial = _Trial(process=os.getpid(), until=now + _MAX_TRIAL_SECONDS)
            change.state = state.model_copy(update={"trials": {**state.trials, call: trial}})
            return call

    def record_good(self, call: str) -> None:
        """Record a good response: the model is proven."""
        with self._exclusive_change() as change:
            change.state = _ModelState(
                version=self._model.version, good_at=change.now, trials=_without_trial(change.state.trials, call)
            )

    def record_useless(self, call: str, recipe: str, why: str) -> None:
        """Record that the response of the call for `recipe` was useless, for the reason `why`."""
        with self._exclusive_change() as change:
            update = {
                "useless": (*change.state.useless, recipe)[-max(FAILURES_UNTIL_OPEN, self._max_useless) :],
                "why": why[:_WHY_CHARACTERS],
                "rests_until": change.now + REST_SECONDS,
                "trials": _without_trial(change.state.trials, call),
            }
            change.state = change.state.model_copy(update=update)

    def release(self, call: str) -> None:
        """Record that the call ended without a response to validate."""
        with self._exclusive_change() as change:
            if call in change.state.trials:
                trials = _without_trial(change.state.trials, call)
                change.state = change.state.model_copy(update={"trials": trials})

    def _refusal(self, state: _ModelState) -> InvalidResponsesLimit:
        model = self._model
        return InvalidResponsesLimit(
            f"{model.provider} bills answers that cannot be used: {len(state.useless)} answers of {model.name} "
            f"for {model.work} in a row. The fault of the last one: {state.why}",
            remedy=f"Correct its file in data/providers, or choose another provider for {model.work}. The next call is "
            f"allowed {REST_SECONDS / 60:.0f} minutes after the last answer, or at once after a change of that file.",
        )

    @contextmanager
    def _exclusive_change(self) -> Iterator[_Change]:
        with shared_lock(self._lock, alone=True):
            now = self._clock()
            file = self._load()
            name = f"{self._model.work}/{self._model.name}"
            before = file.models.get(name, _ModelState())
            shift = clock_shift_seconds(file.written, now)
            change = _Change(self._current(before, now.unix_seconds, shift), now.unix_seconds)
            unchanged = change.state
            try:
                yield change
            finally:
                if change.state != unchanged:
                    models = {other: _shift_times(each, shift) for other, each in file.models.items()}
                    after = _StateFile(written=now, models={**models, name: change.state})
                    atomic_write(self._path, after.model_dump_json().encode(), filesystem=UnsyncedFileSystem())

    def _current(self, state: _ModelState, now: float, shift: float) -> _ModelState:
        """The state with times on the current clock. Drops impossible times, and calls of processes that have ended."""
        if state.version != self._model.version:
            return _ModelState(version=self._model.version)
        state = _shift_times(state, shift)
        trials = {
            call: trial
            for call, trial in state.trials.items()
            if now < trial.until <= now + _MAX_TRIAL_SECONDS and _is_running(trial.process)
        }
        rests = state.rests_until if state.rests_until <= now + REST_SECONDS else 0
        good = state.good_at if state.good_at <= now else 0
        return state.model_copy(update={"trials": trials, "rests_until": rests, "good_at": good})

    def _load(self) -> _StateFile:
        try:
            return _StateFile.model_validate_json(self._path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return _StateFile()


class _Change:
    """The state that is read and replaced while the lock is held."""

    def __init__(self, state: _ModelState, now: float) -> None:
        self.state = state
        self.now = now


def _shift_times(state: _ModelState, shift: float) -> _ModelState:
    """The state, corrected for a clock that was set by `shift` seconds."""
    trials = {call: each.model_copy(update={"until": each.until + shift}) for call, each in state.trials.items()}
    times = {name: shift_unix_time(getattr(state, name), shift) for name in ("good_at", "rests_until")}
    return state.model_copy(update={**times, "trials": trials})


def _without_trial(trials: dict[str, _Trial], call: str) -> dict[str, _Trial]:
    return {other: each for other, each in trials.items() if other != call}


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
