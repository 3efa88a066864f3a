"""The store of this project as a Dagster resource, and the IO manager that passes manifests between assets."""

from pathlib import Path

import dagster as dg

from video_assets.failures import as_dagster_failure
from video_assets.studio.pipeline.manifests import Manifest, keep_manifest, read_manifest
from video_assets.studio.pipeline.refs import LATEST, get_ref, set_ref
from video_assets.studio.storage.filesystem import FileSystem
from video_assets.studio.storage.store import LocalStore, Store, as_store_error

_PARENT_RUN_TAG = "dagster/parent_run_id"


def store_resource(folder: Path) -> dg.ResourceDefinition:
    """The store in a folder."""
    return dg.ResourceDefinition(lambda _: LocalStore(folder), description="What was made, by its recipe.")


def manifests_resource(folder: Path) -> dg.IOManagerDefinition:
    """The IO manager for manifests, with their references in `folder`. Needs the resource `store`."""

    @dg.io_manager(required_resource_keys={"store"}, description="Manifests and pointers to them.")
    def manifests(context: dg.InitResourceContext) -> ManifestIOManager:
        return ManifestIOManager(context.resources.store, folder)

    return manifests


class ManifestIOManager(dg.IOManager):
    """Keeps each manifest in the store, and a small reference to it per lesson, asset and run.

    A step reads the reference of its own run, else of the run that it retries, else the newest. So two runs of one
    lesson at the same time do not mix.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder

    def handle_output(self, context: dg.OutputContext, obj: Manifest) -> None:
        """Keep `obj` and set the reference to it."""
        with as_dagster_failure():
            self._keep(context, obj)

    def _keep(self, context: dg.OutputContext, obj: Manifest) -> None:
        digest = keep_manifest(self._store, obj)
        lesson, asset = context.partition_key, context.asset_key.to_python_identifier()
        with as_store_error(f"point to the newest {asset} of {lesson}"):
            set_ref(self._folder, lesson, asset, context.run_id, digest, filesystem=FileSystem())

    def load_input(self, context: dg.InputContext) -> Manifest:
        """The manifest of the upstream asset, of the type that the asset's parameter is annotated with."""
        lesson, asset = context.partition_key, context.asset_key.to_python_identifier()
        tags = context.step_context.dagster_run.tags
        for run in (context.step_context.run_id, tags.get(_PARENT_RUN_TAG, ""), LATEST):
            digest = get_ref(self._folder, lesson, asset, run) if run else None
            if digest is not None:
                with as_dagster_failure():
                    return read_manifest(self._store, context.dagster_type.typing_type, digest)
        upstream = context.asset_key.to_user_string()
        raise dg.Failure(
            f"{upstream} of lesson {lesson!r} has never been made. Materialize {upstream} first, or the whole lesson.",
            allow_retries=False,
        )
