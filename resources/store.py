"""The store of this checkout, and how manifests travel between assets.

Belongs here: where the store is, and Dagster's IO manager over it. Does not belong here: the store itself (the studio).
"""

import json
from pathlib import Path

import dagster as dg

from video_assets.studio.disk import Disk, write_whole
from video_assets.studio.manifests import Manifest, keep_manifest, read_manifest
from video_assets.studio.pointers import manifest_of as manifest_of  # where callers look for it
from video_assets.studio.store import LocalStore, Store

_PARENT_RUN_TAG = "dagster/parent_run_id"
_KEPT_RUNS = 20


class StoreResource(dg.ConfigurableResource[Store]):
    """A store in a folder."""

    folder: str

    def create_resource(self, context: dg.InitResourceContext) -> Store:
        """The store."""
        return LocalStore(Path(self.folder))


class ManifestIOManager(dg.ConfigurableIOManager):
    """Keeps each manifest in the store, and a small pointer to it per lesson, asset and run.

    A step reads the pointer of its own run, else of the run that it retries, else the newest: so two runs of one
    lesson at the same time do not mix.
    """

    store: dg.ResourceDependency[Store]
    folder: str

    def handle_output(self, context: dg.OutputContext, obj: Manifest) -> None:
        """Keep `obj` and point to it."""
        digest = keep_manifest(self.store, obj)
        folder = self._folder(context.partition_key, context.asset_key)
        pointer = json.dumps({"manifest": digest, "run": context.run_id}).encode()
        for name in (context.run_id, "latest"):
            write_whole(folder / f"{name}.json", pointer, disk=Disk())
        _forget_old_runs(folder)

    def load_input(self, context: dg.InputContext) -> Manifest:
        """The manifest of the upstream asset, of the type that the asset's parameter is annotated with."""
        folder = self._folder(context.partition_key, context.asset_key)
        tags = context.step_context.dagster_run.tags
        names = [context.step_context.run_id, tags.get(_PARENT_RUN_TAG, ""), "latest"]
        for path in (folder / f"{name}.json" for name in names if name):
            if path.exists():
                digest = json.loads(path.read_bytes())["manifest"]
                return read_manifest(self.store, context.dagster_type.typing_type, digest)
        upstream = context.asset_key.to_user_string()
        raise dg.Failure(
            f"{upstream} of lesson {context.partition_key!r} has never been made. Materialize {upstream} first, "
            "or the whole lesson.",
            allow_retries=False,
        )

    def _folder(self, lesson: str, asset: dg.AssetKey) -> Path:
        return Path(self.folder) / lesson / asset.to_python_identifier()


def _forget_old_runs(folder: Path) -> None:
    pointers = sorted(folder.glob("[!.]*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in pointers[_KEPT_RUNS + 1 :]:
        path.unlink(missing_ok=True)
