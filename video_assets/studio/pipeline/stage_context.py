"""What every stage works with, and what it hands back.

Belongs here: the tools a stage is given and the shape of its result. Does not belong here: any stage.
"""

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
    """The store, the bound on parallel work, and where progress is told. `workers` is per stage; None: one a core."""

    store: Store
    slots: Slots
    event_log: EventLog
    fonts: Path
    """Folder of fonts, for contact sheets."""
    workers: int | None = None
    filesystem: FileSystem = FileSystem()
    """Writes the bundle; a test's may fail."""
    services: CallServices | None = None
    """Of paid calls; without one, nothing that costs can be made."""
    run: str = ""
    approvals: Path | None = None
    """Where approved scripts are named."""
    choices: Path | None = None
    """Where it is remembered what people chose for each lesson; None: nothing is remembered."""

    def call_context(self, stage: str, lesson: str, section: str, *, fallback: bool = False) -> CallContext | None:
        """For whom a provider works that makes something of `section`; `fallback`: another takes over if it cannot."""
        if self.services is None:
            return None

        def tell(message: str) -> None:
            self.note(stage, f"{section}: {message}" if section else message)

        return CallContext(self.services, self.slots, self.store, lesson, section, self.run, tell, fallback)

    def cancel(self) -> None:
        """Nobody waits for what is being made: waits for slots, for providers and for others that make the same end, so
        that threads do.
        """
        self.slots.cancel()
        self.store.cancel()
        if self.services is not None:
            self.services.stopped.set()

    def note(self, stage: str, message: str) -> None:
        """Tell a person something that is no failure."""
        self.event_log.write(Event(kind="note", stage=stage, message=message))


class StageContextFactory:
    """The tools of this checkout that every stage needs: store, slots, fonts, and the folder of progress journals."""

    def __init__(
        self,
        store: Store,
        slots: SlotFactory,
        journals: Path,
        fonts: Path,
        workers: int | None,
        services: CallServices | None = None,
        approvals: Path | None = None,
        choices: Path | None = None,
        state: Path | None = None,
    ) -> None:
        self.store = store
        self.slots = slots
        self.journals = journals
        self.fonts = fonts
        self.workers = workers
        self.services = services
        self.approvals = approvals
        self.choices = choices
        self.state = state
        """The checkout's state folder: the index of films and the addresses of servers lie there."""

    def stage_context(self, asset: str, run_id: str) -> StageContext:
        """The tools for one step."""
        journal = EventLog(journal_path(self.journals, run_id))
        slots = self.slots.slots_for(asset)
        return StageContext(
            self.store,
            slots,
            journal,
            self.fonts,
            self.workers,
            services=self.services,
            run=run_id,
            approvals=self.approvals,
            choices=self.choices,
        )


def journal_path(folder: Path, run_id: str) -> Path:
    """Where a run tells its progress."""
    return folder / f"{run_id}.jsonl"


class SectionRow(NamedTuple):
    """A line of the stage's table: one section (or card), whether it was made just now, and what is worth seeing.

    `made` is None in stages that are not counted (see `progress.COUNTED`).
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
        """How many rows were made just now."""
        return sum(row.made is True for row in self.rows)

    @property
    def reused(self) -> int:
        """How many rows came from the store."""
        return sum(row.made is False for row in self.rows)
