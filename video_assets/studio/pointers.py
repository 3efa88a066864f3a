"""Which manifest is meant: small files that name, for a lesson and an asset, what a run made and what is the newest.

Belongs here: reading them, for whoever does not run inside Dagster. Does not belong here: writing them, or which one a
step reads (`resources/store.py`).
"""

from __future__ import annotations

import json
from pathlib import Path

from .manifests import AnyManifest, read_manifest
from .store import Store


def manifest_of(
    store: Store, folder: Path, lesson: str, asset: str, kind: type[AnyManifest], run_id: str = "latest"
) -> AnyManifest | None:
    """What a run (by default the newest that did) made of an asset of a lesson, or None if it made none."""
    pointer = folder / lesson / asset / f"{run_id}.json"
    if not pointer.exists():
        return None
    return read_manifest(store, kind, json.loads(pointer.read_bytes())["manifest"])
