"""The bundle: what a viewer gets of a lesson, published whole or not at all.

    data/videos/<lesson> -> .versions/<lesson>/<version>/     a link, swapped when a version is complete
        <lesson>.<language>.mp4  .vtt  .srt  .chapters.vtt  .transcript.txt  .transcript.html
        poster.jpg  manifest.json  qc.json  report.json  watch.html
    data/videos/.retired/<lesson>                             the link of a lesson whose file was deleted, put away

Belongs here: names, writing, verifying, publishing, copying. Does not belong here: what stands in the files.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from video_assets.studio.core.errors import StoreError
from video_assets.studio.core.values import digest_of
from video_assets.studio.storage.filesystem import (
    UNFINISHED,
    FileSystem,
    atomic_write,
    fsync_file,
    make_folders,
    swap_symlink,
    temp_path_beside,
)
from video_assets.studio.storage.locks import file_lock
from video_assets.studio.storage.store import ObjectRef, as_store_error

MANIFEST = "manifest.json"
QC = "qc.json"
REPORT = "report.json"
POSTER = "poster.jpg"
WATCH = "watch.html"
"""The page to watch the film with. It follows from the other files, and is named by no digest."""
_VERSIONS = ".versions"
_RETIRED = ".retired"
_KEPT_VERSIONS = 2
"""The present version, and the one before for whoever is still reading it."""


def find_version(videos: Path, lesson: str, version: str, *, thorough: bool = True) -> dict[str, ObjectRef] | None:
    """The files of `version` if it lies there whole (every byte checked against its manifest), else None.

    Unless `thorough`, the sizes of the files must do: for those who plan, never for those who publish.
    """
    folder = version_folder(videos, lesson, version)
    try:
        manifest = (folder / MANIFEST).read_bytes()
        listed = {name: ObjectRef(**entry) for name, entry in json.loads(manifest)["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if not all(_is_whole(folder / name, reference, thorough) for name, reference in listed.items()):
        return None
    return {**listed, MANIFEST: ObjectRef(id=digest_of(manifest), size_bytes=len(manifest))}


def active_version(videos: Path, lesson: str) -> str:
    """The version that the lesson's link shows; empty when there is no bundle."""
    link = videos / lesson
    return link.readlink().name if link.is_symlink() else ""


def publish(
    videos: Path, lesson: str, version: str, fill: Callable[[Path], None], *, filesystem: FileSystem | None = None
) -> Path:
    """Let `fill` write all files into a fresh folder, then make it the lesson's bundle in one step; returns the link.

    If `fill` raises, nothing of it remains and the old bundle stays; what a killed publisher left is removed by the
    next. One publishes a lesson at a time; what another published meanwhile is not filled again. Raises StoreError.
    """
    filesystem = filesystem or FileSystem()
    folder = version_folder(videos, lesson, version)
    staging = temp_path_beside(folder)
    with as_store_error(f"publish the film of {lesson} in {videos}"), _publishing(folder.parent, filesystem):
        if find_version(videos, lesson, version) is None:
            _forget_unfinished(folder.parent, filesystem)
            try:
                filesystem.make_folder(staging)
                fill(staging)
                for path in sorted(staging.iterdir()):
                    fsync_file(path, filesystem=filesystem)  # the film itself is written by FFmpeg, which does not
                filesystem.flush_folder(staging)
                filesystem.remove_tree(folder)  # a version that is there but not whole
                filesystem.rename(staging, folder)
                filesystem.flush_folder(folder.parent)
            finally:
                filesystem.remove_tree(staging)
        return _show(videos, lesson, folder, filesystem)


def activate(videos: Path, lesson: str, version: str, *, filesystem: FileSystem | None = None) -> Path:
    """Make a version that lies there whole the lesson's bundle; returns the link. Older versions are forgotten."""
    filesystem = filesystem or FileSystem()
    folder = version_folder(videos, lesson, version)
    with as_store_error(f"show the film of {lesson} in {videos}"), _publishing(folder.parent, filesystem):
        return _show(videos, lesson, folder, filesystem)


def _show(videos: Path, lesson: str, folder: Path, filesystem: FileSystem) -> Path:
    link = videos / lesson
    if link.exists() and not link.is_symlink():
        raise StoreError(
            f"{link.name} in {videos.name}/ is a folder of somebody's, not a bundle.",
            remedy="Move it away: bundles are links to finished versions.",
        )
    for path in videos.glob(f".{lesson}.*{UNFINISHED}"):
        filesystem.remove(path)  # what one left that was killed here
    swap_symlink(link, folder, filesystem=filesystem)
    _forget_older(folder, filesystem)
    return link


def archive(videos: Path, lesson: str, *, filesystem: FileSystem | None = None) -> None:
    """Put the bundle's link away, into `.retired/`; the film itself stays where it is. No bundle: nothing happens."""
    _move_link(videos / lesson, videos / _RETIRED / lesson, filesystem or FileSystem())


def restore(videos: Path, lesson: str, *, filesystem: FileSystem | None = None) -> None:
    """Undo `retire`, unless there is a newer film by now."""
    retired = videos / _RETIRED / lesson
    if os.path.lexists(videos / lesson):
        with as_store_error(f"remove the retired bundle {lesson}"):
            retired.unlink(missing_ok=True)
    else:
        _move_link(retired, videos / lesson, filesystem or FileSystem())


def _move_link(source: Path, target: Path, filesystem: FileSystem) -> None:
    if not source.is_symlink():
        return
    version = source.parent / source.readlink()
    with as_store_error(f"move the bundle {source.name}"):
        make_folders(target.parent, filesystem=filesystem)
        swap_symlink(target, Path(os.path.normpath(version)), filesystem=filesystem)
        filesystem.remove(source)


@contextmanager
def _publishing(versions: Path, filesystem: FileSystem) -> Iterator[None]:
    with file_lock(versions / ".publishing", filesystem=filesystem):
        yield


def corrupt_files(videos: Path) -> Iterator[str]:
    """The lessons whose bundle is shown and is not there whole; every byte is looked at."""
    for link in sorted(videos.iterdir()) if videos.is_dir() else ():
        if link.is_symlink() and find_version(videos, link.name, link.readlink().name) is None:
            yield link.name


def copy_bundle(bundle: Path, target: Path) -> Path:
    """Copy a bundle to `target` as a whole, replacing an earlier copy. Raises StoreError for anything else there."""
    if target.exists() and not _may_be_replaced(target):
        raise StoreError(
            f"{target} holds something that is not a bundle.", remedy="Choose another --output, or empty it first."
        )
    staging, filesystem = temp_path_beside(target), FileSystem()
    with as_store_error(f"copy the bundle to {target}"):
        make_folders(target.parent, filesystem=filesystem)
        try:
            shutil.copytree(bundle, staging)
            filesystem.remove_tree(target)
            filesystem.rename(staging, target)
        finally:
            filesystem.remove_tree(staging)
    return target


def _may_be_replaced(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MANIFEST).exists() or not any(folder.iterdir()))


def write_files(folder: Path, files: Mapping[str, bytes], *, filesystem: FileSystem | None = None) -> None:
    """Write `files` by name, each flushed to the disk."""
    for name, data in files.items():
        atomic_write(folder / name, data, filesystem=filesystem or FileSystem())


def reference(path: Path) -> ObjectRef:
    """Digest and size of a file."""
    with path.open("rb") as file:
        return ObjectRef(id=hashlib.file_digest(file, "sha256").hexdigest(), size_bytes=path.stat().st_size)


def _is_whole(path: Path, wanted: ObjectRef, thorough: bool) -> bool:
    try:
        return path.stat().st_size == wanted.size_bytes and (not thorough or reference(path) == wanted)
    except FileNotFoundError:
        return False


def version_folder(videos: Path, lesson: str, version: str) -> Path:
    """Where the files of a version lie, if it was published and not yet forgotten."""
    return videos / _VERSIONS / lesson / version


def _forget_unfinished(versions: Path, filesystem: FileSystem) -> None:
    for path in versions.glob(f".*{UNFINISHED}"):
        filesystem.remove_tree(path)


def _forget_older(current: Path, filesystem: FileSystem) -> None:
    others = [path for path in current.parent.iterdir() if path != current and not path.name.startswith(".")]
    others.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in others[_KEPT_VERSIONS - 1 :]:
        filesystem.remove_tree(path)
