"""Progress events of a run, and their log: JSON lines, one `write` each, safe from several processes.

No decision depends on these events, so they may be lost. Does not belong here: their display (`cli`).
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
"""The stages whose sections count as made or reused: sounds, pictures and clips, including the film's cards. They are
cached by recipe and costly. Text, which is derived in every run, and the film are not counted.
"""


class Event(FrozenModel):
    """One event. `seconds` is a duration, `total` the number of the stage's sections. A note has only `message`.

    The fields after `message` are for events of a whole step: at its start (attempt, unix_seconds) and its end (all).
    """

    kind: EventKind
    stage: str
    section: str = ""
    made: bool = False
    seconds: float = 0
    total: int = 0
    message: str = ""
    attempt: int | None = None
    """The number of the attempt of this stage in its run, from 1: a killed step is retried."""
    unix_seconds: float | None = None
    """The time of the event."""
    used: ResourceUsage | None = None
    figures: dict[str, int | float] = Field(default_factory=dict)
    """Figures of the stage's result: seconds of speech, of video, of the film."""


class EventLog:
    """Appends events to a file, and reads new ones."""

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
                continue  # an incomplete line of a killed process

    def read_all(self) -> tuple[Event, ...]:
        """Every complete event so far."""
        return tuple(EventLog(self._path).read_new())


class NullEventLog(EventLog):
    """A log that keeps nothing, for dry runs."""

    def __init__(self) -> None:
        super().__init__(Path(os.devnull))

    def write(self, event: Event) -> None:
        """Do nothing."""


class ProgressCounter:
    """The totals of events.

    A section counts once, however many attempts its stage had: as made if it was ever made. Sections of stages outside
    COUNTED only end or fail.
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
        """Every stage with an event, in the order in which they began."""
        return tuple(self._made)

    def made(self, stage: str) -> int:
        """Sections that were made."""
        return sum(self._made.get(stage, {}).values()) if stage in COUNTED else 0

    def reused(self, stage: str) -> int:
        """Sections that came from the store."""
        return len(self._made.get(stage, {})) - self.made(stage) if stage in COUNTED else 0

    @property
    def all_made(self) -> int:
        """Sections that were made, in all stages."""
        return sum(map(self.made, COUNTED))

    @property
    def all_reused(self) -> int:
        """Sections that came from the store, in all stages."""
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
