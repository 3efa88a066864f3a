"""The tools of every stage, put together from the checkout's folders.

Belongs here: configuration. Does not belong here: what the tools do (the studio).
"""

from pathlib import Path

import dagster as dg

from video_assets.studio.calls import CallDesk, SlotBoard
from video_assets.studio.calls.errand import budget_of
from video_assets.studio.calls.money import read_prices
from video_assets.studio.store import Store
from video_assets.studio.workshop import Bench


class BenchResource(dg.ConfigurableResource[Bench]):
    """Store, slots, progress journals, and the journal of paid calls. `workers` bounds the threads of a stage; 0 means
    one a core. `most_cost` is what calls of the budget called `budget` (by default, of this run) may cost together.
    """

    store: dg.ResourceDependency[Store]
    slots: dg.ResourceDependency[SlotBoard]
    journals_folder: str
    fonts_folder: str
    workers: int = 0
    calls_folder: str = ""
    prices_file: str = ""
    most_cost: str = ""
    budget: str = ""
    approvals_folder: str = ""

    def create_resource(self, context: dg.InitResourceContext) -> Bench:
        """The bench of one step."""
        folders = Path(self.journals_folder), Path(self.fonts_folder)
        approvals = Path(self.approvals_folder) if self.approvals_folder else None
        return Bench(self.store, self.slots, *folders, self.workers or None, self._desk(context), approvals)

    def _desk(self, context: dg.InitResourceContext) -> CallDesk | None:
        if not self.calls_folder:
            return None
        run = context.run.run_id if context.run else ""
        budget = budget_of(self.budget or run, self.most_cost)
        return CallDesk(Path(self.calls_folder), read_prices(Path(self.prices_file)), budget)


class FolderResource(dg.ConfigurableResource[Path]):
    """A folder, made when it is missing."""

    folder: str

    def create_resource(self, context: dg.InitResourceContext) -> Path:
        """The folder's path."""
        path = Path(self.folder)
        path.mkdir(parents=True, exist_ok=True)
        return path
