"""Files that are whole or not there, and locks that the kernel frees."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from video_assets.studio.storage.filesystem import FileSystem, atomic_write, swap_symlink
from video_assets.studio.storage.locks import file_lock, is_locked

REPOSITORY = Path(__file__).parents[2]


class _Failing(FileSystem):
    def __init__(self, where: str) -> None:
        self._where = where

    def write(self, file: BinaryIO, data: bytes) -> None:
        if self._where == "write":
            file.write(data[:2])
            raise OSError(28, "No space left on device")
        super().write(file, data)

    def rename(self, source: Path, target: Path) -> None:
        if self._where == "rename":
            raise OSError(5, "Input/output error")
        super().rename(source, target)


@pytest.mark.parametrize("where", ["write", "rename"])
def test_a_failed_write_leaves_the_old_file(tmp_path: Path, where: str):
    """A reader would meet half a manifest, or none."""
    path = tmp_path / "a.json"
    atomic_write(path, b"before", filesystem=FileSystem())
    with pytest.raises(OSError, match=r"No space|Input"):
        atomic_write(path, b"after", filesystem=_Failing(where))
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_gets_its_folder_and_its_mode(tmp_path: Path):
    """An object of the store could be overwritten by a slip."""
    path = tmp_path / "deep" / "down" / "object"
    atomic_write(path, b"x", filesystem=FileSystem(), mode=0o444)
    assert path.stat().st_mode & 0o777 == 0o444
    atomic_write(path, b"y", filesystem=FileSystem(), mode=0o444)
    assert path.read_bytes() == b"y"


def test_readers_never_see_a_part(tmp_path: Path):
    """A step would read a pointer while it is written, and stop with a traceback."""
    path = tmp_path / "pointer"
    whole = [b"a" * 50_000, b"b" * 50_000]
    atomic_write(path, whole[0], filesystem=FileSystem())
    stop = threading.Event()

    def rewrite() -> None:
        for number in range(10_000):
            if stop.is_set():
                return
            atomic_write(path, whole[number % 2], filesystem=FileSystem())

    writer = threading.Thread(target=rewrite)
    writer.start()
    seen = {path.read_bytes() for _ in range(300)}
    stop.set()
    writer.join()
    assert seen <= set(whole)


def test_a_link_is_swapped_in_one_step(tmp_path: Path):
    """A player would find no film while a new one is published."""
    link = tmp_path / "film"
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_text(name)
        swap_symlink(link, tmp_path / name, filesystem=FileSystem())
        assert (link / "x").read_text() == name
    with pytest.raises(OSError, match="Input"):
        swap_symlink(link, tmp_path / "one", filesystem=_Failing("rename"))
    assert (link / "x").read_text() == "two"
    assert not list(tmp_path.glob(".*"))


def test_only_one_is_inside(tmp_path: Path):
    """Two processes would make, and pay for, the same sound."""
    path, inside, most = tmp_path / "locks" / "a", [0], [0]

    def work() -> None:
        for _ in range(20):
            with file_lock(path):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.0005)
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
    assert list(path.parent.iterdir()) == [], "locks do not pile up"


HOLDER = """
import sys, time
from pathlib import Path
from typing import BinaryIO
from video_assets.studio.storage.locks import file_lock
with file_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_killed_holder_frees_its_lock(tmp_path: Path):
    """After kill -9 a lesson would wait for a process that is gone, for ever."""
    path = tmp_path / "lock"
    assert not is_locked(path)
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    assert is_locked(path)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not is_locked(path)
    with file_lock(path):
        assert is_locked(path)
    assert not is_locked(path)
