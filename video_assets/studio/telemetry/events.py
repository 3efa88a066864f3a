"""What a run has done so far, for whoever watches it.

Belongs here: the events and their journal (JSON lines, one `write` each, safe from several processes). Does not belong
here: drawing them (`cli`), or Dagster's own event log. Nothing is decided by progress: it may be lost.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from video_assets.studio.core.values import FrozenModel

from .resource_usage import ResourceUsage

EventKind = Literal["stage-started", "section-done", "section-failed", "stage-done", "stage-failed", "note"]


COUNTED = ("section_audio", "section_image", "lip_synced_clip")
"""The stages whose sections count as made or reused: sounds, pictures and clips, cards of the film included. They are
kept by recipe and cost something. Text, which is written in every run, and the film are not counted.
"""


class Event(FrozenModel):
    """Something happened. `seconds` is how long it took; `total` the sections of the stage; a note only says `message`.

    What follows `message` is told by the step as a whole, at its start (attempt, unix_seconds) and at its end (all).
    """

    kind: EventKind
    stage: str
    section: str = ""
    made: bool = False
    seconds: float = 0
    total: int = 0
    message: str = ""
    attempt: int | None = None
    """Which try of this stage in its run this is, from 1: a step that was killed is tried again."""
    unix_seconds: float | None = None
    """When it was told."""
    used: ResourceUsage | None = None
    figures: dict[str, int | float] = Field(default_factory=dict)
    """What the stage says of its result: seconds of speech, of video, of the film."""


class EventLog:
    """Appends events to a file; reads those that are new."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def write(self, event: Event) -> None:
        """Append `event` in one system call, so that lines of several processes do not mix."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(event.model_dump(mode="json", exclude_none=True), ensure_ascii=False) + "\n"
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.write(descriptor, line.encode("utf-8"))
        finally:
            os.close(descriptor)

    def read_new(self) -> Iterator[Event]:
        """The complete events since the last call."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            try:
                yield Event.model_validate_json(line)
            except ValidationError:
                continue  # a torn line of a killed process: progress may be lost

    def read_all(self) -> tuple[Event, ...]:
        """Every complete event so far."""
        return tuple(EventLog(self._path).read_new())


class NullEventLog(EventLog):
    """A journal that keeps nothing: for work that is only thought through."""

    def __init__(self) -> None:
        super().__init__(Path(os.devnull))

    def write(self, event: Event) -> None:
        """Tell nobody."""


class ProgressCounter:
    """What events add up to. A section counts once, however often its stage was tried: made if it ever was. Sections
    of stages outside COUNTED only end or fail.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.failures: list[Event] = []
        self._made: dict[str, dict[str, bool]] = {}
        self._failed: dict[str, set[str]] = {}

    def add(self, event: Event) -> None:
        """Count `event`."""
        made, failed = self._made.setdefault(event.stage, {}), self._failed.setdefault(event.stage, set())
        if event.kind == "section-done":
            made[event.section] = made.get(event.section, False) or event.made
            failed.discard(event.section)
        elif event.kind == "section-failed":
            failed.add(event.section)
        elif event.kind == "stage-done":
            self.seconds[event.stage] = event.seconds
        elif event.kind == "stage-failed":
            self.failures.append(event)

    @property
    def stages(self) -> tuple[str, ...]:
        """Every stage that told anything, in the order in which they began."""
        return tuple(self._made)

    def made(self, stage: str) -> int:
        """Sections that were made."""
        return sum(self._made.get(stage, {}).values()) if stage in COUNTED else 0

    def reused(self, stage: str) -> int:
        """Sections that were there already."""
        return len(self._made.get(stage, {})) - self.made(stage) if stage in COUNTED else 0

    @property
    def all_made(self) -> int:
        """Sections that were made, in all stages."""
        return sum(map(self.made, COUNTED))

    @property
    def all_reused(self) -> int:
        """Sections that were there already, in all stages."""
        return sum(map(self.reused, COUNTED))

    def failed(self, stage: str) -> int:
        """Sections that failed and were not made afterwards."""
        return len(self._failed.get(stage, set()))

    def ended(self, stage: str) -> int:
        """Sections that were made, reused or failed."""
        return len(self._made.get(stage, {}).keys() | self._failed.get(stage, set()))


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Elapsed wall seconds."""
        return time.monotonic() - self._started
