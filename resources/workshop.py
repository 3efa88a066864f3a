"""The tools of every stage, put together from the checkout's folders.

Belongs here: configuration. Does not belong here: what the tools do (the studio).
"""

from pathlib import Path

import dagster as dg

from video_assets.studio.calls import SlotBoard
from video_assets.studio.store import Store
from video_assets.studio.workshop import Bench


class BenchResource(dg.ConfigurableResource[Bench]):
    """Store, slots and progress journals. `workers` bounds the threads of a stage; 0 means one a core."""

    store: dg.ResourceDependency[Store]
    slots: dg.ResourceDependency[SlotBoard]
    journals_folder: str
    fonts_folder: str
    workers: int = 0

    def create_resource(self, context: dg.InitResourceContext) -> Bench:
        """The bench of one step."""
        return Bench(self.store, self.slots, Path(self.journals_folder), Path(self.fonts_folder), self.workers or None)


class FolderResource(dg.ConfigurableResource[Path]):
    """A folder, made when it is missing."""

    folder: str

    def create_resource(self, context: dg.InitResourceContext) -> Path:
        """The folder's path."""
        path = Path(self.folder)
        path.mkdir(parents=True, exist_ok=True)
        return path
