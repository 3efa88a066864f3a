"""The statistics of one run, from the events of its event log and from nothing else.

An unknown figure is None, never 0. A killed attempt of a step has no end event, so its usage is unknown: `untold`
counts such attempts, and the other figures are those of the ended attempts. A section counts once, however many
attempts it had.

All functions are pure. Does not belong here: event logs and Dagster's data (`jobs/runs/run_figures.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from video_assets.studio.core.values import FrozenModel

from .events import COUNTED, Event

FILM = "final_video"

RunEnding = Literal["success", "failure", "canceled", "unfinished"]
Outcome = Literal["made", "unchanged", "failed", "interrupted", "unfinished", "not reached"]
Resource = Literal["processor", "slots", "orchestration", "idle cores"]


class SectionFigures(FrozenModel):
    """A section (or card) in a stage.

    `seconds`: of the attempt that made it, else of the look-up in the store. `done`: it ended in a stage that does not
    count sections as made or reused.
    """

    id: str
    outcome: Literal["made", "reused", "done", "failed"]
    seconds: float | None
    why: str = ""


Target = Literal["met", "missed", "nothing made"]


class StageFigures(FrozenModel):
    """A stage in a run. Seconds and processor time are summed over the ended attempts; memory is their maximum."""

    stage: str
    attempts: int | None
    untold: int | None
    """Attempts without an end event: killed, or still running."""
    ended: Literal["done", "failed", ""]
    seconds: float | None
    cpu_seconds: float | None
    memory_bytes: int | None
    waited_seconds: float | None
    cores: int | None
    total: int | None
    """Sections of the stage; None if it has none, or did not get so far."""
    sections: tuple[SectionFigures, ...]
    made_anything: bool | None
    figures: dict[str, int | float]
    why: str = ""
    """Why it failed."""
    spans: tuple[tuple[float, float], ...] = ()
    """The start and end of its attempts, in Unix seconds."""

    def count(self, outcome: str) -> int:
        """Sections with this outcome."""
        return sum(section.outcome == outcome for section in self.sections)

    @property
    def counts(self) -> Mapping[str, int | None]:
        """Sections made, reused and failed; None if this stage does not count them, or did not reach them."""
        known = {"made": self.stage in COUNTED, "reused": self.stage in COUNTED, "failed": True}
        return {outcome: self.count(outcome) if self.total and counts else None for outcome, counts in known.items()}


class FailureReason(FrozenModel):
    """A failure, and the first line of its reason. `section` is empty if a whole stage failed."""

    stage: str
    section: str
    reason: str


class Bottleneck(FrozenModel):
    """The resource that bounded the speed of a run, from the use of its cores.

    A run of W wall seconds on C cores has W x C core-seconds. Of them
    - `processor`: processor seconds of its stages and their children / (W x C);
    - `slots`: seconds that its calls waited for slots, summed over threads / (W x C);
    - `orchestration`: (W - the seconds in which at least one stage was running) / W: Dagster's overhead;
    - `idle cores`: the rest: work on a single core, files, network.
    `by` is the largest. The shares are measured independently, so their sum may be a little over 1.
    """

    by: Resource
    processor: float
    slots: float
    orchestration: float
    idle_cores: float


class RunFacts(NamedTuple):
    """Dagster's data of a run. Times in Unix seconds; None: not reached yet."""

    run_id: str
    lesson: str
    ending: RunEnding
    trigger: str = ""
    created: float | None = None
    started: float | None = None
    ended: float | None = None
    errors: tuple[str, ...] = ()
    """Why it failed, if its event log does not say so: an internal error, or a killed process."""
    backfill: str = ""


class RunStatistics(FrozenModel):
    """The figures of a run."""

    run_id: str
    lesson: str
    outcome: Outcome
    trigger: str
    backfill: str
    started_unix_seconds: float | None
    ended_unix_seconds: float | None
    queued_seconds: float | None
    """From the request to the start."""
    wall_seconds: float | None
    """From start to end."""
    stages: tuple[StageFigures, ...]
    failures: tuple[FailureReason, ...]

    def stage(self, name: str) -> StageFigures | None:
        """The stage of this name, if it has any event."""
        return next((stage for stage in self.stages if stage.stage == name), None)

    def sections(self, outcome: str) -> int:
        """Sounds, pictures and clips with this outcome."""
        return sum(stage.count(outcome) for stage in self.stages if stage.stage in COUNTED)

    @property
    def speech_seconds(self) -> float | None:
        """Seconds of sound."""
        return self._figure("section_audio", "speech_seconds")

    @property
    def video_seconds(self) -> float | None:
        """Seconds of clips and cards."""
        return self._figure("lip_synced_clip", "video_seconds")

    @property
    def film_seconds(self) -> float | None:
        """Length of the film, if one was published."""
        return self._figure(FILM, "film_seconds")

    @property
    def cpu_seconds(self) -> float | None:
        """Processor seconds of all stages."""
        return total_of(stage.cpu_seconds for stage in self.stages)

    @property
    def waited_seconds(self) -> float | None:
        """Seconds that calls waited for slots."""
        return total_of(stage.waited_seconds for stage in self.stages)

    @property
    def memory_bytes(self) -> int | None:
        """The largest peak memory of its steps."""
        return most_of(stage.memory_bytes for stage in self.stages)

    @property
    def attempts(self) -> int | None:
        """The largest number of attempts of a step."""
        return most_of(stage.attempts for stage in self.stages)

    @property
    def busy_seconds(self) -> float | None:
        """Wall seconds in which at least one stage was running; None if an attempt has no end event."""
        if not self.stages or any(stage.untold != 0 or not stage.spans for stage in self.stages):
            return None
        return _covered(span for stage in self.stages for span in stage.spans)

    @property
    def speed(self) -> float | None:
        """Seconds of film per wall second: above 1 is faster than real time."""
        return speed_of([self])

    @property
    def target_percent(self) -> float | None:
        """The target for the time of a run, in percent of the film's length; None without a target."""
        return self._figure(FILM, "target_percent") or None

    @property
    def target(self) -> Target | None:
        """Whether the run took no longer than its target. A run that made nothing has neither met nor missed it."""
        if self.target_percent is None or not self.film_seconds or self.wall_seconds is None:
            return None
        if not self.sections("made"):
            return "nothing made"
        return "met" if 100 * self.wall_seconds <= self.target_percent * self.film_seconds else "missed"

    @property
    def bound(self) -> Bottleneck | None:
        """What bounded it; None if one of the required figures is not known."""
        cores, wall, busy = most_of(stage.cores for stage in self.stages), self.wall_seconds, self.busy_seconds
        cpu, waited = self.cpu_seconds, self.waited_seconds
        if not cores or not wall or busy is None or cpu is None or waited is None:
            return None
        shares: dict[Resource, float] = {
            "processor": cpu / (wall * cores),
            "slots": waited / (wall * cores),
            "orchestration": max(0.0, wall - busy) / wall,
        }
        shares["idle cores"] = max(0.0, 1 - sum(shares.values()))
        rounded = {name: round(share, 3) for name, share in shares.items()}
        return Bottleneck(
            by=max(shares, key=lambda name: shares[name]),
            processor=rounded["processor"],
            slots=rounded["slots"],
            orchestration=rounded["orchestration"],
            idle_cores=rounded["idle cores"],
        )

    def _figure(self, stage: str, name: str) -> float | None:
        found = self.stage(stage)
        value = found.figures.get(name) if found else None
        return None if value is None else float(value)


def run_statistics(facts: RunFacts, events: Iterable[Event]) -> RunStatistics:
    """The figures of one run, from all its events in their order."""
    by_stage: dict[str, list[Event]] = {}
    for event in events:
        by_stage.setdefault(event.stage, []).append(event)
    stages = tuple(_stage(name, stage_events) for name, stage_events in by_stage.items())
    failures = () if facts.ending == "success" else tuple(_failures(stages, facts.errors))
    return RunStatistics(
        run_id=facts.run_id,
        lesson=facts.lesson,
        outcome=_outcome(facts.ending, stages),
        trigger=facts.trigger,
        backfill=facts.backfill,
        started_unix_seconds=facts.started,
        ended_unix_seconds=facts.ended,
        queued_seconds=_between(facts.created, facts.started),
        wall_seconds=_between(facts.started, facts.ended),
        stages=stages,
        failures=failures,
    )


def _stage(name: str, events: Sequence[Event]) -> StageFigures:
    ends = [event for event in events if event.kind in {"stage-done", "stage-failed"}]
    used = [event.used for event in ends if event.used is not None]
    attempts = most_of(event.attempt for event in events)
    last = ends[-1] if ends else None
    return StageFigures(
        stage=name,
        attempts=attempts,
        untold=None if attempts is None else max(0, attempts - len(ends)),
        ended="" if last is None else "done" if last.kind == "stage-done" else "failed",
        # In events of old versions, a failed stage has no seconds.
        seconds=total_of(event.seconds for event in ends if event.kind == "stage-done" or event.used),
        cpu_seconds=total_of(each.cpu_seconds for each in used),
        memory_bytes=most_of(each.memory_bytes for each in used),
        waited_seconds=total_of(each.waited_seconds for each in used),
        cores=most_of(each.cores for each in used),
        total=most_of(event.total or None for event in events),
        sections=tuple(_sections(events, counted=name in COUNTED)),
        made_anything=any(event.made for event in ends) if used else None,
        figures=last.figures if last else {},
        why=last.message if last and last.kind == "stage-failed" else "",
        spans=tuple((end.unix_seconds - end.seconds, end.unix_seconds) for end in ends if end.unix_seconds is not None),
    )


def _sections(events: Iterable[Event], *, counted: bool) -> Iterator[SectionFigures]:
    found: dict[str, SectionFigures] = {}
    for event in events:
        known = found.get(event.section)
        if event.kind == "section-done" and (known is None or known.outcome != "made"):
            # A later attempt finds the results of an earlier one in the store: this run made them.
            outcome = ("made" if event.made else "reused") if counted else "done"
            found[event.section] = SectionFigures(id=event.section, outcome=outcome, seconds=event.seconds)
        elif event.kind == "section-failed" and known is None:
            found[event.section] = SectionFigures(
                id=event.section, outcome="failed", seconds=None, why=first_line(event.message)
            )
    yield from found.values()


def _failures(stages: Iterable[StageFigures], errors: Iterable[str]) -> Iterator[FailureReason]:
    explained = False
    for stage in stages:
        failed = [section for section in stage.sections if section.outcome == "failed"]
        for section in failed:
            yield FailureReason(stage=stage.stage, section=section.id, reason=section.why)
        if stage.why and not failed:
            yield FailureReason(stage=stage.stage, section="", reason=first_line(stage.why))
        explained = explained or bool(stage.why or failed)
    if not explained:
        yield from (FailureReason(stage="", section="", reason=first_line(error)) for error in errors)


_WITHOUT_SUCCESS: Mapping[str, Outcome] = {
    "failure": "failed",
    "canceled": "interrupted",
    "unfinished": "unfinished",
}


def _outcome(ending: RunEnding, stages: Iterable[StageFigures]) -> Outcome:
    if ending != "success":
        return _WITHOUT_SUCCESS[ending]
    for stage in stages:
        if stage.stage in COUNTED and stage.count("made"):
            return "made"
        # In events of old versions, a film does not say whether it existed already.
        if stage.stage == FILM and stage.made_anything is not False:
            return "made"
    return "unchanged"


def speed_of(runs: Iterable[RunStatistics]) -> float | None:
    """Seconds of film per wall second, over the runs that have both."""
    both = [(run.film_seconds, run.wall_seconds) for run in runs if run.film_seconds and run.wall_seconds]
    wall = total_of(seconds for _, seconds in both)
    film = total_of(seconds for seconds, _ in both)
    return round(film / wall, 3) if film and wall else None


def total_of(values: Iterable[float | None]) -> float | None:
    """The sum of the known values, to the millisecond; None if none is known."""
    known = [value for value in values if value is not None]
    return round(sum(known), 3) if known else None


def most_of(values: Iterable[int | None]) -> int | None:
    """The largest known value; None if none is known."""
    return max((value for value in values if value is not None), default=None)


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else round(max(0.0, end - start), 3)


def _covered(spans: Iterable[tuple[float, float]]) -> float:
    """Seconds inside at least one of the spans."""
    covered, until = 0.0, float("-inf")
    for start, end in sorted(spans):
        covered += max(0.0, end - max(start, until))
        until = max(until, end)
    return covered


def first_line(text: str) -> str:
    """The part of a message that fits into a table."""
    return text.strip().partition("\n")[0]
