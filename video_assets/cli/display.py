"""Displays the progress of a run: bars on a terminal, plain lines elsewhere.

Does not belong here: any decision that depends on the progress.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from video_assets.studio.pipeline.order import ASSETS, FILM_STAGE
from video_assets.studio.telemetry.events import Event, EventLog, ProgressCounter, Stopwatch

_REFRESH_SECONDS = 0.2


class Display(Protocol):
    """Displays the events of a run as they arrive."""

    def show(self, event: Event) -> None:
        """Show one event."""

    def tick(self, seconds: float) -> None:
        """Show that `seconds` have passed since the run began."""


class PlainLines:
    """One line when a stage ends or a section fails: for logs and pipes."""

    def __init__(self, console: Console, lesson: str, counter: ProgressCounter) -> None:
        self._console = console
        self._lesson = lesson
        self._counter = counter

    def show(self, event: Event) -> None:
        """See Display."""
        if event.kind == "stage-done":
            made, reused = self._counter.made(event.stage), self._counter.reused(event.stage)
            counts = f"{made} made, {reused} reused, " if made or reused else ""
            if event.stage == FILM_STAGE:
                counts = "joined, " if event.made else "nothing changed, "
            self._print(f"{event.stage}: {counts}{event.seconds:.1f} s")
        elif event.kind == "section-failed":
            self._print(f"{event.stage}: section {event.section} failed: {event.message}")
        elif event.kind == "note":
            self._print(f"{event.stage}: {event.message}")

    def tick(self, seconds: float) -> None:
        """See Display. A log needs no clock."""

    def _print(self, text: str) -> None:
        self._console.print(f"{self._lesson}: {text}", markup=False, highlight=False, soft_wrap=True)


class Bars:
    """A bar for each stage, which counts sections, and the estimated remaining time."""

    def __init__(self, console: Console, expected_seconds: float, counter: ProgressCounter) -> None:
        self._expected_seconds = expected_seconds
        self.progress = Progress(
            TextColumn("{task.description:<16}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[count]}", justify="right"),
            TextColumn("{task.fields[note]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {
            stage: self.progress.add_task(stage, total=1, start=False, note="", count="") for stage in ASSETS
        }
        self._whole = self.progress.add_task("to the end", total=100, note="", count="")
        self._counter = counter

    def show(self, event: Event) -> None:
        """See Display."""
        task = self._tasks.get(event.stage)
        if task is None:
            return
        if event.kind == "note":
            self.progress.console.print(event.message, markup=False, highlight=False)
        elif event.kind == "stage-started":
            self.progress.start_task(task)
            self.progress.update(task, total=event.total or 1, count=f"0/{event.total}" if event.total else "")
        elif event.kind in {"section-done", "section-failed"}:
            self._move(event.stage)
        elif event.kind == "stage-done":
            total = self.progress.tasks[task].total or 1
            self.progress.update(task, completed=total, note=self._note(event.stage))
            self.progress.stop_task(task)
        elif event.kind == "stage-failed":
            self.progress.update(task, note="failed")
            self.progress.stop_task(task)

    def tick(self, seconds: float) -> None:
        """See Display."""
        expected = max(self._expected_seconds, 0.1)
        percent = min(99, 100 * seconds / expected)
        left = f"about {expected - seconds:.0f} s left" if seconds < expected else "longer than estimated"
        self.progress.update(self._whole, completed=percent, note=left, count=f"{percent:.0f} %")

    def _move(self, stage: str) -> None:
        task = self._tasks[stage]
        ended, total = self._counter.ended(stage), self.progress.tasks[task].total or 1
        self.progress.update(task, completed=ended, note=self._note(stage), count=f"{ended}/{total:.0f}")

    def _note(self, stage: str) -> str:
        made, reused = self._counter.made(stage), self._counter.reused(stage)
        return f"{made} made, {reused} reused" if made or reused else ""


@contextmanager
def watching(event_log: EventLog, display: Display, counter: ProgressCounter) -> Iterator[None]:
    """Inside the block, a thread counts the events of the log in `counter` and shows them."""
    stop = threading.Event()

    def follow() -> None:
        watch = Stopwatch()
        while not stop.wait(_REFRESH_SECONDS):
            _show_new(event_log, display, counter)
            display.tick(watch.seconds)
        _show_new(event_log, display, counter)

    thread = threading.Thread(target=follow, name="display", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _show_new(event_log: EventLog, display: Display, counter: ProgressCounter) -> None:
    for event in event_log.read_new():
        counter.add(event)
        display.show(event)
