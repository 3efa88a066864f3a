"""The circuit breaker for content: a provider whose answers are all useless is not paid for more of them.

Every answer is billed, and judged after it came. Of a model of which no answer was any good lately, only three calls
may be in flight or known to be useless: all sections, runs and processes share that count, kept in a small file per
provider.

    unproven   no good answer for a quarter of an hour: three calls at most, until one of them is good
    proven     an answer was good: any number of calls; eight useless answers in a row, of several wishes, end it
    stopped    too many were useless: nothing is asked but one call in five minutes, until an answer is good

A single wish that is answered badly three times ends alone: the model may be right about others. A kind of work
(speech, pictures) counts by itself, and a change of the provider's file begins anew. Belongs here: those rules. Does
not belong here: waiting (`owner.py`), or what a good answer is (the providers' `judge`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, ValidationError

from video_assets.studio.disk import gate, write_whole
from video_assets.studio.errors import AnswersUseless
from video_assets.studio.records import Frozen

from .clock import Clock, Moment, machine_clock, moved, set_by_seconds
from .gates import FAILURES_UNTIL_OUT, QuickDisk
from .ledger import new_id

MOST_USELESS = 3
PROVEN_SECONDS = 900.0
REST_SECONDS = 300.0
LONGEST_TRIAL_SECONDS = 7200.0
"""Whose process lives on but was forgotten: its place is free again after that."""
_WHY_CHARACTERS = 200


class Model(NamedTuple):
    """What is judged as one."""

    provider: str
    """As messages name it."""
    work: str
    name: str
    version: str
    """Digest of how the provider is described: another one begins anew."""


class _Trial(Frozen):
    """A call that may be useless: its answer was not judged yet."""

    process: int
    until: float


class _Standing(Frozen):
    version: str = ""
    good_at: float = 0
    useless: tuple[str, ...] = ()
    """Recipes of the answers since the last good one that could not be used."""
    why: str = ""
    """What was wrong with the last of them."""
    trials: dict[str, _Trial] = Field(default_factory=dict)
    rests_until: float = 0


class _Known(Frozen):
    written: Moment = Moment()
    models: dict[str, _Standing] = Field(default_factory=dict)


class ContentBreaker:
    """What is known of the answers of one model, for one kind of work."""

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

    def enter(self, recipe: str) -> str | None:
        """The id of a call that may be made now for `recipe`; None where somebody else's answer is to be awaited.

        Raises AnswersUseless where nothing is to be asked for now.
        """
        with self._changing() as change:
            standing, now = change.standing, change.now
            proven = now - standing.good_at <= PROVEN_SECONDS
            most = max(FAILURES_UNTIL_OUT, self._most) if proven else self._most
            several = len(set(standing.useless)) > 1
            stopped = len(standing.useless) >= most and several
            if stopped or (not proven and standing.useless.count(recipe) >= most):
                if now < standing.rests_until:
                    raise self._useless(standing)
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

    def was_good(self, call: str) -> None:
        """The answer of a call is of use."""
        with self._changing() as change:
            change.standing = _Standing(
                version=self._model.version, good_at=change.now, trials=_without(change.standing.trials, call)
            )

    def was_useless(self, call: str, recipe: str, why: str) -> None:
        """It is not, for the reason `why`."""
        with self._changing() as change:
            told = {
                "useless": (*change.standing.useless, recipe)[-max(FAILURES_UNTIL_OUT, self._most) :],
                "why": why[:_WHY_CHARACTERS],
                "rests_until": change.now + REST_SECONDS,
                "trials": _without(change.standing.trials, call),
            }
            change.standing = change.standing.model_copy(update=told)

    def ended(self, call: str) -> None:
        """There was no answer to judge."""
        with self._changing() as change:
            if call in change.standing.trials:
                trials = _without(change.standing.trials, call)
                change.standing = change.standing.model_copy(update={"trials": trials})

    def _useless(self, standing: _Standing) -> AnswersUseless:
        model = self._model
        return AnswersUseless(
            f"{model.provider} bills answers that cannot be used: {len(standing.useless)} of {model.name} for "
            f"{model.work}, one after the other. The last one: {standing.why}",
            remedy=f"Look at its file in data/providers, or name another provider for {model.work}. It is asked again "
            f"{REST_SECONDS / 60:.0f} minutes after the last answer, or at once when its file was changed.",
        )

    @contextmanager
    def _changing(self) -> Iterator[_Change]:
        with gate(self._lock, alone=True):
            now = self._clock()
            known = self._known()
            name = f"{self._model.work}/{self._model.name}"
            before = known.models.get(name, _Standing())
            shift = set_by_seconds(known.written, now)
            change = _Change(self._of_today(before, now.unix_seconds, shift), now.unix_seconds)
            found = change.standing
            try:
                yield change
            finally:
                if change.standing != found:
                    models = {other: _moved(each, shift) for other, each in known.models.items()}
                    after = _Known(written=now, models={**models, name: change.standing})
                    write_whole(self._path, after.model_dump_json().encode(), disk=QuickDisk())

    def _of_today(self, standing: _Standing, now: float, shift: float) -> _Standing:
        """The standing by today's clock, without what cannot be: times that nothing explains, and ended processes."""
        if standing.version != self._model.version:
            return _Standing(version=self._model.version)
        standing = _moved(standing, shift)
        trials = {
            call: trial
            for call, trial in standing.trials.items()
            if now < trial.until <= now + LONGEST_TRIAL_SECONDS and _lives(trial.process)
        }
        rests = standing.rests_until if standing.rests_until <= now + REST_SECONDS else 0
        good = standing.good_at if standing.good_at <= now else 0
        return standing.model_copy(update={"trials": trials, "rests_until": rests, "good_at": good})

    def _known(self) -> _Known:
        try:
            return _Known.model_validate_json(self._path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return _Known()


class _Change:
    """The standing inside the lock, to be replaced by whoever changes it."""

    def __init__(self, standing: _Standing, now: float) -> None:
        self.standing = standing
        self.now = now


def _moved(standing: _Standing, shift: float) -> _Standing:
    """The standing by a clock that was set by `shift` seconds."""
    trials = {call: each.model_copy(update={"until": each.until + shift}) for call, each in standing.trials.items()}
    times = {name: moved(getattr(standing, name), shift) for name in ("good_at", "rests_until")}
    return standing.model_copy(update={**times, "trials": trials})


def _without(trials: dict[str, _Trial], call: str) -> dict[str, _Trial]:
    return {other: each for other, each in trials.items() if other != call}


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
