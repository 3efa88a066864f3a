"""The circuit breaker for content: it stops paid calls to a model that returns only useless answers.

Every answer is billed before it can be judged. So the number of unjudged calls is limited as well. All sections, runs
and processes share the count, in a small file per provider. A model has one of three states:

    unproven   No good answer for 15 minutes. At most three calls are unjudged or were useless.
    proven     The last good answer is younger than 15 minutes. Calls are not limited. Eight useless answers in a row,
               for several requests, open the circuit.
    open       Too many answers were useless. One probe is allowed every five minutes. A good answer closes the circuit.

A single request with three useless answers fails alone, because the model may answer others well. Each kind of work
(speech, pictures) has its own state. A change of the provider's file resets it.

Belongs here: those rules. Does not belong here: waiting (`owner.py`), or judging an answer (the providers' `judge`).
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
from video_assets.studio.storage.filesystem import atomic_write
from video_assets.studio.storage.locks import shared_lock

from .clock import Clock, Moment, clock_shift_seconds, machine_clock, shift_unix_time
from .ledger import new_id
from .provider_state import FAILURES_UNTIL_OUT, UnsyncedFileSystem

MOST_USELESS = 3
PROVEN_SECONDS = 900.0
REST_SECONDS = 300.0
LONGEST_TRIAL_SECONDS = 7200.0
"""A call that was never judged, although its process is alive, is dropped after this time."""
_WHY_CHARACTERS = 200


class Model(NamedTuple):
    """The key of a circuit: answers of one model for one kind of work."""

    provider: str
    """Its name in messages."""
    work: str
    name: str
    version: str
    """Digest of the provider's file. A new version resets the state."""


class _Trial(FrozenModel):
    """A call whose answer has not been judged."""

    process: int
    until: float


class _ModelState(FrozenModel):
    version: str = ""
    good_at: float = 0
    useless: tuple[str, ...] = ()
    """Recipes of the useless answers since the last good one."""
    why: str = ""
    """The fault of the last of them."""
    trials: dict[str, _Trial] = Field(default_factory=dict)
    rests_until: float = 0


class _StateFile(FrozenModel):
    written: Moment = Moment()
    models: dict[str, _ModelState] = Field(default_factory=dict)


class ContentBreaker:
    """The circuit breaker of one model and kind of work. `folder` and `gate_name` name its file."""

    def __init__(
        self,
        folder: Path,
        gate_name: str,
        model: Model,
        *,
        most_useless: int = MOST_USELESS,
        clock: Clock = machine_clock,
    ) -> None:
        self._path = folder / f"{gate_name}.content.json"
        self._lock = folder / f"{gate_name}.content.gate"
        self._model = model
        self._most = most_useless
        self._clock = clock

    def acquire(self, recipe: str) -> str | None:
        """Permission for a call for `recipe`: the call's id. None while other calls have to be judged first.

        Every id has to be given back: to `record_good`, `record_useless` or `release`.
        Raises InvalidResponsesLimit while the
        circuit is open.
        """
        with self._exclusive_change() as change:
            standing, now = change.standing, change.now
            proven = now - standing.good_at <= PROVEN_SECONDS
            most = max(FAILURES_UNTIL_OUT, self._most) if proven else self._most
            several = len(set(standing.useless)) > 1
            stopped = len(standing.useless) >= most and several
            if stopped or (not proven and standing.useless.count(recipe) >= most):
                if now < standing.rests_until:
                    raise self._refusal(standing)
                room = 1
            elif proven:
                return new_id()  # judged, but not counted while it is in flight
            else:
                room = max(1, most - len(standing.useless))
            if len(standing.trials) >= room:
                return None
            call = new_id()
            trial = _Trial(process=os.getpid(), until=now + LONGEST_TRIAL_SECONDS)
            change.standing = standing.model_copy(update={"trials": {**standing.trials, call: trial}})
            return call

    def record_good(self, call: str) -> None:
        """The answer of the call was good: the model is proven."""
        with self._exclusive_change() as change:
            change.standing = _ModelState(
                version=self._model.version, good_at=change.now, trials=_without_trial(change.standing.trials, call)
            )

    def record_useless(self, call: str, recipe: str, why: str) -> None:
        """The answer of the call for `recipe` was useless, for the reason `why`."""
        with self._exclusive_change() as change:
            update = {
                "useless": (*change.standing.useless, recipe)[-max(FAILURES_UNTIL_OUT, self._most) :],
                "why": why[:_WHY_CHARACTERS],
                "rests_until": change.now + REST_SECONDS,
                "trials": _without_trial(change.standing.trials, call),
            }
            change.standing = change.standing.model_copy(update=update)

    def release(self, call: str) -> None:
        """The call ended without an answer to judge."""
        with self._exclusive_change() as change:
            if call in change.standing.trials:
                trials = _without_trial(change.standing.trials, call)
                change.standing = change.standing.model_copy(update={"trials": trials})

    def _refusal(self, standing: _ModelState) -> InvalidResponsesLimit:
        model = self._model
        return InvalidResponsesLimit(
            f"{model.provider} bills answers that cannot be used: {len(standing.useless)} answers of {model.name} "
            f"for {model.work} in a row. The fault of the last one: {standing.why}",
            remedy=f"Correct its file in data/providers, or choose another provider for {model.work}. The next call is "
            f"allowed {REST_SECONDS / 60:.0f} minutes after the last answer, or at once after a change of that file.",
        )

    @contextmanager
    def _exclusive_change(self) -> Iterator[_Change]:
        with shared_lock(self._lock, alone=True):
            now = self._clock()
            known = self._load()
            name = f"{self._model.work}/{self._model.name}"
            before = known.models.get(name, _ModelState())
            shift = clock_shift_seconds(known.written, now)
            change = _Change(self._current(before, now.unix_seconds, shift), now.unix_seconds)
            found = change.standing
            try:
                yield change
            finally:
                if change.standing != found:
                    models = {other: _shift_times(each, shift) for other, each in known.models.items()}
                    after = _StateFile(written=now, models={**models, name: change.standing})
                    atomic_write(self._path, after.model_dump_json().encode(), filesystem=UnsyncedFileSystem())

    def _current(self, standing: _ModelState, now: float, shift: float) -> _ModelState:
        """The state with times on the current clock. Drops impossible times, and calls of processes that have ended."""
        if standing.version != self._model.version:
            return _ModelState(version=self._model.version)
        standing = _shift_times(standing, shift)
        trials = {
            call: trial
            for call, trial in standing.trials.items()
            if now < trial.until <= now + LONGEST_TRIAL_SECONDS and _is_running(trial.process)
        }
        rests = standing.rests_until if standing.rests_until <= now + REST_SECONDS else 0
        good = standing.good_at if standing.good_at <= now else 0
        return standing.model_copy(update={"trials": trials, "rests_until": rests, "good_at": good})

    def _load(self) -> _StateFile:
        try:
            return _StateFile.model_validate_json(self._path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return _StateFile()


class _Change:
    """The state that is read and replaced while the lock is held."""

    def __init__(self, standing: _ModelState, now: float) -> None:
        self.standing = standing
        self.now = now


def _shift_times(standing: _ModelState, shift: float) -> _ModelState:
    """The state, corrected for a clock that was set by `shift` seconds."""
    trials = {call: each.model_copy(update={"until": each.until + shift}) for call, each in standing.trials.items()}
    times = {name: shift_unix_time(getattr(standing, name), shift) for name in ("good_at", "rests_until")}
    return standing.model_copy(update={**times, "trials": trials})


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
