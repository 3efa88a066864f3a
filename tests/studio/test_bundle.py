"""A bundle is there whole or not at all, whoever stops what, and whatever lay there before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import BinaryIO

import pytest

from video_assets.studio.core.errors import StoreError
from video_assets.studio.film import bundle
from video_assets.studio.storage.filesystem import FileSystem


def _fill(text: str):
    def fill(folder: Path) -> None:
        film = folder / "x.mp4"
        film.write_text(text)
        files = {"x.mp4": bundle.reference(film).model_dump()}
        bundle.write_files(folder, {bundle.MANIFEST: json.dumps({"files": files}).encode()})

    return fill


def _read(videos: Path) -> str:
    return (videos / "tides" / "x.mp4").read_text()


def test_a_finished_version_is_shown_through_one_link(tmp_path: Path):
    """A player that has the old film open would lose it in the middle of a lesson."""
    first = bundle.publish(tmp_path, "tides", "v1", _fill("one"))
    with (first / "x.mp4").open() as reading:
        bundle.publish(tmp_path, "tides", "v2", _fill("two"))
        assert _read(tmp_path) == "two"
        assert reading.read() == "one"
    assert (tmp_path / "tides").is_symlink()
    assert not (tmp_path / "tides").readlink().is_absolute(), "the folder can be moved, or mounted elsewhere"


def test_only_the_version_before_is_kept(tmp_path: Path):
    """Every nightly render would add a film, until the disk is full."""
    for number in range(5):
        bundle.publish(tmp_path, "tides", f"v{number}", _fill(str(number)))
    kept = {path.name for path in (tmp_path / ".versions" / "tides").iterdir()}
    assert "v4" in kept
    assert len(kept) == 2


def test_a_failed_version_leaves_nothing_and_the_old_one_stays(tmp_path: Path):
    """A viewer would find half a film, or none where yesterday's was."""
    bundle.publish(tmp_path, "tides", "v1", _fill("one"))

    def fails(folder: Path) -> None:
        (folder / "x.mp4").write_text("half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bundle.publish(tmp_path, "tides", "v2", fails)
    assert _read(tmp_path) == "one"
    assert [path.name for path in (tmp_path / ".versions" / "tides").iterdir()] == ["v1"]


def test_what_another_published_meanwhile_is_not_filled_again(tmp_path: Path):
    """A film would be away for a moment, under whoever watches it, when two processes finish it at the same time."""
    first = bundle.publish(tmp_path, "tides", "v1", _fill("one"))
    inode = (first / "x.mp4").stat().st_ino
    bundle.publish(tmp_path, "tides", "v1", _fill("never"))
    assert _read(tmp_path) == "one"
    assert (first / "x.mp4").stat().st_ino == inode


def test_a_link_that_a_killed_publisher_left_is_removed(tmp_path: Path):
    """Beside the films there would be more and more hidden names that nobody dares to delete."""
    bundle.publish(tmp_path, "tides", "v1", _fill("one"))
    (tmp_path / ".tides.0a1b2c.part").symlink_to("nowhere")
    (tmp_path / ".tides-b.0a1b2c.part").symlink_to("nowhere")
    bundle.activate(tmp_path, "tides", "v1")
    assert not (tmp_path / ".tides.0a1b2c.part").is_symlink()
    assert (tmp_path / ".tides-b.0a1b2c.part").is_symlink(), "another lesson's, perhaps just being published"


def test_what_a_killed_publisher_left_is_removed(tmp_path: Path):
    """Every power cut would leave another half film on the disk, where nobody looks for it."""
    left = tmp_path / ".versions" / "tides" / ".v1.0a1b2c.part"
    left.mkdir(parents=True)
    (left / "x.mp4").write_text("half")
    bundle.publish(tmp_path, "tides", "v1", _fill("one"))
    assert [path.name for path in left.parent.iterdir()] == ["v1"]


class _FailingDisk(FileSystem):
    """Fails at its n-th operation."""

    def __init__(self, number: int) -> None:
        self.left = number

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise OSError(28, "No space left on device")

    def write(self, file: BinaryIO, data: bytes) -> None:
        self._count()
        super().write(file, data)

    def rename(self, source: Path, target: Path) -> None:
        self._count()
        super().rename(source, target)

    def flush_folder(self, folder: Path) -> None:
        self._count()
        super().flush_folder(folder)


def test_a_full_disk_at_any_operation_shows_the_old_or_the_new(tmp_path: Path):
    """A full disk would leave a lesson without any film."""
    number = 0
    while True:
        number += 1
        videos = tmp_path / str(number)
        bundle.publish(videos, "tides", "v1", _fill("one"))
        filesystem = _FailingDisk(number)
        try:
            bundle.publish(videos, "tides", "v2", _fill("two"), filesystem=filesystem)
        except StoreError as error:
            assert "No space left" in str(error)
            assert _read(videos) in {"one", "two"}
            assert not list(videos.rglob("*.part"))
            bundle.publish(videos, "tides", "v2", _fill("two"))
        assert _read(videos) == "two"
        if filesystem.left > 0:
            break
    assert number > 4, "there are that many operations to fail"


def test_a_version_is_whole_only_with_every_byte(tmp_path: Path):
    """A film with a bad block would be taken for finished for ever."""
    assert bundle.find_version(tmp_path, "tides", "v1") is None
    folder = bundle.publish(tmp_path, "tides", "v1", _fill("one"))
    files = bundle.find_version(tmp_path, "tides", "v1")
    assert files is not None
    assert set(files) == {"x.mp4", bundle.MANIFEST}
    (folder / "x.mp4").write_text("onE")
    assert bundle.find_version(tmp_path, "tides", "v1") is None
    (folder / "x.mp4").unlink()
    assert bundle.find_version(tmp_path, "tides", "v1") is None
    bundle.publish(tmp_path, "tides", "v1", _fill("one"))
    assert bundle.find_version(tmp_path, "tides", "v1") == files


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"files": 3}', b'{"files": {"x.mp4": {}}}', b"\xff"])
def test_a_damaged_manifest_is_as_good_as_none(tmp_path: Path, damage: bytes):
    """One broken file would stop a lesson with a traceback until somebody deletes it by hand."""
    folder = bundle.publish(tmp_path, "tides", "v1", _fill("one"))
    (folder / bundle.MANIFEST).write_bytes(damage)
    assert bundle.find_version(tmp_path, "tides", "v1") is None


def test_somebody_s_folder_is_never_replaced(tmp_path: Path):
    """A teacher would lose what lay in a folder with the lesson's name."""
    (tmp_path / "tides").mkdir()
    (tmp_path / "tides" / "notes.txt").write_text("mine")
    with pytest.raises(StoreError, match="Move it away"):
        bundle.publish(tmp_path, "tides", "v1", _fill("one"))
    assert (tmp_path / "tides" / "notes.txt").read_text() == "mine"


def test_a_copy_replaces_only_a_copy(tmp_path: Path):
    """A teacher who copies to a stick twice would be refused, or lose other files there."""
    link = bundle.publish(tmp_path / "videos", "tides", "v1", _fill("one"))
    target = tmp_path / "stick" / "tides"
    assert bundle.copy_bundle(link, target) == target
    bundle.publish(tmp_path / "videos", "tides", "v2", _fill("two"))
    bundle.copy_bundle(link, target)
    assert (target / "x.mp4").read_text() == "two"
    (target / bundle.MANIFEST).unlink()
    with pytest.raises(StoreError, match="not a bundle"):
        bundle.copy_bundle(link, target)
    assert [path.name for path in target.parent.iterdir()] == ["tides"]


def test_a_copy_onto_a_file_is_refused(tmp_path: Path):
    """A teacher would see a traceback when a file has the lesson's name."""
    link = bundle.publish(tmp_path / "videos", "tides", "v1", _fill("one"))
    target = tmp_path / "tides"
    target.write_text("mine")
    with pytest.raises(StoreError, match="not a bundle"):
        bundle.copy_bundle(link, target)
    assert target.read_text() == "mine"
