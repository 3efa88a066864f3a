"""What every stage works with, and what it hands back.

Belongs here: the tools a stage is given and the shape of its result. Does not belong here: any stage.
"""

from __future__ import annotations

from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from video_assets.studio.calls.context import CallDesk, Errand
from video_assets.studio.calls.slots import SlotBoard, Slots
from video_assets.studio.storage.filesystem import Disk
from video_assets.studio.storage.store import Fact, Store
from video_assets.studio.telemetry.events import Event, Journal

from .manifests import Manifest

Result = TypeVar("Result", bound=Manifest)


class Workshop(NamedTuple):
    """The store, the bound on parallel work, and where progress is told. `workers` is per stage; None: one a core."""

    store: Store
    slots: Slots
    journal: Journal
    fonts: Path
    """Folder of fonts, for contact sheets."""
    workers: int | None = None
    disk: Disk = Disk()
    """Writes the bundle; a test's may fail."""
    desk: CallDesk | None = None
    """Of paid calls; without one, nothing that costs can be made."""
    run: str = ""
    approvals: Path | None = None
    """Where approved scripts are named."""
    choices: Path | None = None
    """Where it is remembered what people chose for each lesson; None: nothing is remembered."""

    def errand(self, stage: str, lesson: str, section: str, *, stand_in: bool = False) -> Errand | None:
        """For whom a provider works that makes something of `section`; `stand_in`: another takes over if it cannot."""
        if self.desk is None:
            return None

        def tell(message: str) -> None:
            self.note(stage, f"{section}: {message}" if section else message)

        return Errand(self.desk, self.slots, self.store, lesson, section, self.run, tell, stand_in)

    def stop(self) -> None:
        """Nobody waits for what is being made: waits for slots, for providers and for others that make the same end, so
        that threads do.
        """
        self.slots.stop()
        self.store.stop()
        if self.desk is not None:
            self.desk.stopped.set()

    def note(self, stage: str, message: str) -> None:
        """Tell a person something that is no failure."""
        self.journal.write(Event(kind="note", stage=stage, message=message))


class Bench:
    """The tools of this checkout that every stage needs: store, slots, fonts, and the folder of progress journals."""

    def __init__(
        self,
        store: Store,
        slots: SlotBoard,
        journals: Path,
        fonts: Path,
        workers: int | None,
        desk: CallDesk | None = None,
        approvals: Path | None = None,
        choices: Path | None = None,
        state: Path | None = None,
    ) -> None:
        self.store = store
        self.slots = slots
        self.journals = journals
        self.fonts = fonts
        self.workers = workers
        self.desk = desk
        self.approvals = approvals
        self.choices = choices
        self.state = state
        """The checkout's state folder: the index of films and the addresses of servers lie there."""

    def workshop(self, asset: str, run_id: str) -> Workshop:
        """The tools for one step."""
        journal = Journal(journal_path(self.journals, run_id))
        slots = self.slots.for_asset(asset)
        return Workshop(
            self.store,
            slots,
            journal,
            self.fonts,
            self.workers,
            desk=self.desk,
            run=run_id,
            approvals=self.approvals,
            choices=self.choices,
        )


def journal_path(folder: Path, run_id: str) -> Path:
    """Where a run tells its progress."""
    return folder / f"{run_id}.jsonl"


class Row(NamedTuple):
    """A line of the stage's table: one section (or card), whether it was made just now, and what is worth seeing.

    `made` is None in stages that are not counted (see `progress.COUNTED`).
    """

    section: str
    title: str
    made: bool | None
    facts: dict[str, Fact]


class StageResult(NamedTuple, Generic[Result]):
    """A finished stage: its manifest, the manifest's digest, a row per section, and figures of the whole.

    `joined`: whether the film was joined in this run; None for every other stage.
    """

    manifest: Result
    digest: str
    rows: tuple[Row, ...]
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
