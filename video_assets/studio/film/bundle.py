"""The bundle: the files of a finished lesson, published completely or not at all.

    data/videos/<lesson> -> .versions/<lesson>/<version>/     a link, swapped when a version is complete
        <lesson>.<language>.mp4  .vtt  .srt  .chapters.vtt  .transcript.txt  .transcript.html  (.spoken.txt)
        poster.jpg  manifest.json  qc.json  report.json  watch.html
    data/videos/.retired/<lesson>                             the archived link of a lesson whose file was deleted

Does not belong here: the contents of the files.
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
from video_assets.studio.storage.store import ObjectRef, Recipe, as_store_error

MANIFEST = "manifest.json"
QC = "qc.json"
REPORT = "report.json"
POSTER = "poster.jpg"
WATCH = "watch.html"
"""The page that plays the film. It is derived from the other files, and no digest includes it."""
_VERSIONS = ".versions"
_RETIRED = ".retired"
_KEPT_VERSIONS = 2
"""The current version, and the previous one for readers that still have it open."""


def find_version(videos: Path, lesson: str, version: str, *, thorough: bool = True) -> dict[str, ObjectRef] | None:
    """The files of `version` if it is complete (every byte is checked against its manifest), else None.

    Without `thorough` only the sizes of the files are checked. That is for plans, never for publishing.
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
    """The version that the link of the lesson points to; empty when there is no bundle."""
    link = videos / lesson
    return link.readlink().name if link.is_symlink() else ""


def publish(
    videos: Path, lesson: str, version: str, fill: Callable[[Path], None], *, filesystem: FileSystem | None = None
) -> Path:
    """Let `fill` write all files into a new folder, then make it the lesson's bundle in one step. Returns the link.

    If `fill` raises, its files are removed and the old bundle stays. The next call removes the remains of a killed one.
    A lock lets one process publish a lesson at a time. If another process has published the version in the meantime,
    `fill` is not called. Raises StoreError.
    """
    filesystem = filesystem or FileSystem()
    folder = version_folder(videos, lesson, version)
    staging = temp_path_beside(folder)
    with as_store_error(f"publish the film of {lesson} in {videos}"), _publishing(folder.parent, filesystem):
        if find_version(videos, lesson, version) is None:
            _remove_unfinished(folder.parent, filesystem)
            try:
                filesystem.make_folder(staging)
                fill(staging)
                for path in sorted(staging.iterdir()):
                    fsync_file(path, filesystem=filesystem)  # FFmpeg writes the film and does not flush it
                filesystem.flush_folder(staging)
                filesystem.remove_tree(folder)  # an incomplete folder of this version
                filesystem.rename(staging, folder)
                filesystem.flush_folder(folder.parent)
            finally:
                filesystem.remove_tree(staging)
        return _point_link_to(videos, lesson, folder, filesystem)


def activate(videos: Path, lesson: str, version: str, *, filesystem: FileSystem | None = None) -> Path:
    """Make a complete version the lesson's bundle. Returns the link. Older versions are removed."""
    filesystem = filesystem or FileSystem()
    folder = version_folder(videos, lesson, version)
    with as_store_error(f"show the film of {lesson} in {videos}"), _publishing(folder.parent, filesystem):
        return _point_link_to(videos, lesson, folder, filesystem)


def _point_link_to(videos: Path, lesson: str, folder: Path, filesystem: FileSystem) -> Path:
    link = videos / lesson
    if link.exists() and not link.is_symlink():
        raise StoreError(
            f"{link.name} in {videos.name}/ is a folder that lessonreel did not make, not a bundle.",
            remedy="Move it away: bundles are links to finished versions.",
        )
    for path in videos.glob(f".{lesson}.*{UNFINISHED}"):
        filesystem.remove(path)  # remains of a process that was killed here
    swap_symlink(link, folder, filesystem=filesystem)
    _remove_older(folder, filesystem)
    return link


def archive(videos: Path, lesson: str, *, filesystem: FileSystem | None = None) -> None:
    """Move the link of the bundle to `.retired/`. The film stays in its place. Without a bundle nothing happens."""
    _move_link(videos / lesson, videos / _RETIRED / lesson, filesystem or FileSystem())


def restore(videos: Path, lesson: str, *, filesystem: FileSystem | None = None) -> None:
    """Undo `archive`, unless there is a newer film."""
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
    """The lessons whose published bundle is incomplete or damaged. Every byte is checked."""
    for link in sorted(videos.iterdir()) if videos.is_dir() else ():
        if link.is_symlink() and find_version(videos, link.name, link.readlink().name) is None:
            yield link.name


def copy_bundle(bundle: Path, target: Path) -> Path:
    """Copy a bundle to `target`, replacing an earlier copy. Raises StoreError if `target` is anything else."""
    if target.exists() and not _may_be_replaced(target):
        raise StoreError(
            f"{target} contains files that are not a bundle.", remedy="Choose another --output, or empty it first."
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
    """Write `files` (name to bytes) into `folder` and flush each to disk."""
    for name, data in files.items():
        atomic_write(folder / name, data, filesystem=filesystem or FileSystem())


def reference(path: Path) -> ObjectRef:
    """Digest and size of a file."""
    with path.open("rb") as file:
        return ObjectRef(id=hashlib.file_digest(file, "sha256").hexdigest(), size_bytes=path.stat().st_size)


def _is_whole(path: Path, expected: ObjectRef, thorough: bool) -> bool:
    try:
        return path.stat().st_size == expected.size_bytes and (not thorough or reference(path) == expected)
    except FileNotFoundError:
        return False


def version_of(recipe: Recipe) -> str:
    """The folder name of the bundle with this recipe."""
    return recipe.id[:16]


def version_folder(videos: Path, lesson: str, version: str) -> Path:
    """The folder of a version. It exists if the version was published and not removed since."""
    return videos / _VERSIONS / lesson / version


def _remove_unfinished(versions: Path, filesystem: FileSystem) -> None:
    for path in versions.glob(f".*{UNFINISHED}"):
        filesystem.remove_tree(path)


def _remove_older(current: Path, filesystem: FileSystem) -> None:
    others = [path for path in current.parent.iterdir() if path != current and not path.name.startswith(".")]
    others.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in others[_KEPT_VERSIONS - 1 :]:
        filesystem.remove_tree(path)
