"""References to manifests: small files that say which manifest a run made for an asset of a lesson.

    <lesson>/<asset>/<run>.json      of the last runs
    <lesson>/<asset>/latest.json     of the newest run

Does not belong here: which one a step reads (`resources/store.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from video_assets.studio.core.code_digest import code_digest
from video_assets.studio.storage.filesystem import FileSystem, atomic_write
from video_assets.studio.storage.store import Store

if TYPE_CHECKING:
    from .manifests import AnyManifest

LATEST = "latest"
_KEPT_RUNS = 20


class ManifestRef(NamedTuple):
    """The newest manifest of an asset of a lesson; `manifest` is None if the reference is damaged."""

    lesson: str
    asset: str
    manifest: str | None


def set_ref(folder: Path, lesson: str, asset: str, run_id: str, manifest: str, *, filesystem: FileSystem) -> None:
    """Record that this run made this manifest, and that it is the newest. Removes references of old runs."""
    references = folder / lesson / asset
    data = json.dumps({"manifest": manifest, "run": run_id, "program": code_digest()}).encode()
    for name in (run_id, LATEST):
        atomic_write(references / f"{name}.json", data, filesystem=filesystem)
    newest_first = sorted(references.glob("[!.]*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in newest_first[_KEPT_RUNS + 1 :]:
        filesystem.remove(path)


def get_ref(folder: Path, lesson: str, asset: str, run_id: str = LATEST) -> str | None:
    """The digest of the manifest that this run made (by default, the newest one); None if it made none.

    A damaged reference counts as missing: the next run writes it again.
    """
    return _read_field(folder / lesson / asset / f"{run_id}.json", "manifest")


def program_of(folder: Path, lesson: str, asset: str) -> str | None:
    """The digest of the program that made the newest manifest; None if it is not known."""
    return _read_field(folder / lesson / asset / f"{LATEST}.json", "program")


def _read_field(reference: Path, name: str) -> str | None:
    try:
        value = json.loads(reference.read_bytes())[name]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return None
    return value if isinstance(value, str) else None


def manifest_of(
    store: Store, folder: Path, lesson: str, asset: str, kind: type[AnyManifest], run_id: str = LATEST
) -> AnyManifest | None:
    """The manifest that a run made (by default, the newest one) for an asset of a lesson; None if it made none.

    Raises StoreError as `read_manifest` does.
    """
    from .manifests import read_manifest  # takes 17 MB, which a server that only reads references does not need

    digest = get_ref(folder, lesson, asset, run_id)
    return None if digest is None else read_manifest(store, kind, digest)


def latest_refs(folder: Path, asset: str = "[!.]*") -> Iterator[ManifestRef]:
    """The newest reference of every asset of every lesson, damaged ones included; only of `asset`, if it is named."""
    for path in sorted(folder.glob(f"[!.]*/{asset}/{LATEST}.json")):
        lesson, name = path.parent.parent.name, path.parent.name
        yield ManifestRef(lesson, name, get_ref(folder, lesson, name))
