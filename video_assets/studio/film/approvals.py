"""Approvals: with the setting `review`, a lesson stops after its script and pictures until a reviewer approves them.

Script and pictures are cheap to review. Speech and clips follow from them. An approval is valid for exactly one script,
so an edit needs a new approval. Does not belong here: the commands that approve (`jobs/approve.py`, `cli/approve.py`).
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from video_assets.studio.core.errors import SettingInvalid, StoreError
from video_assets.studio.pipeline.manifests import LessonManifest, PictureManifest, ScriptManifest, read_manifest
from video_assets.studio.pipeline.refs import get_ref, latest_refs, manifest_of
from video_assets.studio.storage.filesystem import FileSystem, atomic_write
from video_assets.studio.storage.store import Store, as_store_error


def record_approval(approvals: Path, pointers: Path, store: Store, key: str) -> str:
    """Approve the newest script and pictures of the lesson `key`; returns the script's digest.

    Raises SettingInvalid when there is no script, or the pictures are not made from it. Raises StoreError.
    """
    script = get_ref(pointers, key, "script")
    if script is None:
        raise SettingInvalid(
            f"There is no script of {key} to approve.", remedy="Make the lesson first, and look at it."
        )
    if not _has_pictures(pointers, store, key, script):
        raise SettingInvalid(
            f"The pictures of {key} are not those of its newest script.",
            remedy="Make the lesson again, look at both, then approve.",
        )
    with as_store_error(f"keep the approval of {key}"):
        data = json.dumps({"script": script, "unix_seconds": round(time.time())}).encode()
        atomic_write(_file(approvals, key), data, filesystem=FileSystem())
    return script


def is_approved(approvals: Path, key: str, script: str) -> bool:
    """Whether exactly this script of the lesson is approved."""
    try:
        return json.loads(_file(approvals, key).read_bytes()).get("script") == script
    except (FileNotFoundError, ValueError, AttributeError):
        return False


def waiting(approvals: Path, pointers: Path, store: Store) -> dict[str, str]:
    """The lessons that wait for an approval: lesson key -> digest of the script that waits, in the order of the keys.

    A lesson waits when its newest script has the setting `review`, is not approved, and has its pictures. `approve` can
    approve exactly these. A lesson with unreadable manifests is left out; its next run makes them again.
    """
    found: dict[str, str] = {}
    for pointer in latest_refs(pointers, "script"):
        script = pointer.manifest
        if script is None or is_approved(approvals, pointer.lesson, script):
            continue
        if _needs_review(store, script) and _has_pictures(pointers, store, pointer.lesson, script):
            found[pointer.lesson] = script
    return found


def _needs_review(store: Store, script: str) -> bool:
    try:
        lesson = read_manifest(store, ScriptManifest, script).lesson
        return read_manifest(store, LessonManifest, lesson).settings.review
    except StoreError:
        return False


def _has_pictures(pointers: Path, store: Store, key: str, script: str) -> bool:
    """Whether the newest pictures of the lesson are those of this script."""
    try:
        pictures = manifest_of(store, pointers, key, "section_image", PictureManifest)
    except StoreError:
        return False
    return pictures is not None and pictures.script == script


def _file(approvals: Path, key: str) -> Path:
    return approvals / f"{key}.json"
