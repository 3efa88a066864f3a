"""The context that every stage is given, and the result that it returns."""

from __future__ import annotations

from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from video_assets.studio.calls.context import CallContext, CallServices
from video_assets.studio.calls.slots import SlotFactory, Slots
from video_assets.studio.storage.filesystem import FileSystem
from video_assets.studio.storage.store import Scalar, Store
from video_assets.studio.telemetry.events import Event, EventLog

from .manifests import Manifest

Result = TypeVar("Result", bound=Manifest)


class StageContext(NamedTuple):
    """The dependencies of a stage: the store, the slots, the event log, and more."""

    store: Store
    slots: Slots
    event_log: EventLog
    fonts: Path
    """Folder of fonts, for contact sheets."""
    workers: int | None = None
    """Threads per stage; None: one per core."""
    filesystem: FileSystem = FileSystem()
    """Writes the bundle. Tests replace it by one that fails."""
    services: CallServices | None = None
    """For paid calls; None: no paid call is possible."""
    run: str = ""
    approvals: Path | None = None
    """Folder of the approvals of scripts."""
    choices: Path | None = None
    """Folder of the settings that people chose for each lesson; None: choices are not remembered."""

    def call_context(self, stage: str, lesson: str, section: str, *, fallback: bool = False) -> CallContext | None:
        """The context of a provider's calls for `section`; None without `services`.

        `fallback`: whether another provider takes over if this one fails.
        """
        if self.services is None:
            return None

        def notify(message: str) -> None:
            self.note(stage, f"{section}: {message}" if section else message)

        return CallContext(self.services, self.slots, self.store, lesson, section, self.run, notify, fallback)

    def cancel(self) -> None:
        """Cancel: every wait (slot, provider, single-flight lock) raises Cancelled, so that worker threads can exit."""
        self.slots.cancel()
        self.store.cancel()
        if self.services is not None:
            self.services.stopped.set()

    def note(self, stage: str, message: str) -> None:
        """Write a message for people to the event log. It is not a failure."""
        self.event_log.write(Event(kind="note", stage=stage, message=message))


class StageContextFactory:
    """Makes the stage contexts of a project. `event_logs` is the folder of the event logs."""

    def __init__(
        self,
        store: Store,
        slots: SlotFactory,
        event_logs: Path,
        fonts: Path,
        workers: int | None,
        services: CallServices | None = None,
        approvals: Path | None = None,
        choices: Path | None = None,
        state: Path | None = None,
    ) -> None:
        self.store = store
        self.slots = slots
        self.event_logs = event_logs
        self.fonts = fonts
        self.workers = workers
        self.services = services
        self.approvals = approvals
        self.choices = choices
        self.state = state
        """The project's state folder, with the film index and the addresses of servers."""

    def stage_context(self, asset: str, run_id: str) -> StageContext:
        """The context for one step."""
        event_log = EventLog(journal_path(self.event_logs, run_id))
        slots = self.slots.slots_for(asset)
        return StageContext(
            self.store,
            slots,
            event_log,
            self.fonts,
            self.workers,
            services=self.services,
            run=run_id,
            approvals=self.approvals,
            choices=self.choices,
        )


def journal_path(folder: Path, run_id: str) -> Path:
    """The file of a run's event log."""
    return folder / f"{run_id}.jsonl"


class SectionRow(NamedTuple):
    """A row of the stage's table: one section (or card), whether it was made now, and facts to display.

    `made` is None in stages that are not counted (see `telemetry.events.COUNTED`).
    """

    section: str
    title: str
    made: bool | None
    facts: dict[str, Scalar]


class StageResult(NamedTuple, Generic[Result]):
    """A finished stage: its manifest, the manifest's digest, a row per section, and figures of the whole.

    `joined`: whether the film was joined in this run; None for every other stage.
    """

    manifest: Result
    digest: str
    rows: tuple[SectionRow, ...]
    figures: dict[str, int | float]
    joined: bool | None = None

    @property
    def made(self) -> int:
        """How many rows were made now."""
        return sum(row.made is True for row in self.rows)

    @property
    def reused(self) -> int:
        """How many rows came from the store."""
        return sum(row.made is False for row in self.rows)
