"""The lock that allows one `make dev` per project. Two Dagster daemons must not share one database.

`python -m jobs.dev.lock` exits with status 1 while `make dev` runs in this project, so that `make clean-…` can refuse.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from video_assets.project_paths import locate_project
from video_assets.studio.core.errors import StudioError

_NAME = "dev.lock"
_PREFIX = "lessonreel-"


@contextmanager
def single_instance(state: Path, url: str) -> Iterator[Path]:
    """Hold the lock of the project whose state folder is `state`. The kernel releases it if the process dies.

    Yields a new folder for sockets. Its path is short, because the path of a socket has at most 107 bytes. The folder
    is removed at the end, as is one that a killed holder left. Raises StudioError, with the other instance's address,
    when the lock is held.
    """
    path = state / _NAME
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StudioError(f"{path} cannot be written: {error.strerror}.", remedy="Make its folder writable.") from error
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _already_running(_parse_holder(file.read())) from None
        _remove_sockets(_parse_holder(file.read()).get("sockets", ""))
        sockets = Path(tempfile.mkdtemp(prefix=_PREFIX))
        _overwrite(file.fileno(), {"url": url, "pid": os.getpid(), "sockets": str(sockets)})
        try:
            yield sockets
        finally:
            shutil.rmtree(sockets, ignore_errors=True)
            _overwrite(file.fileno(), {})


def url_of_running(state: Path) -> str | None:
    """The address of the `make dev` that uses this state folder; None when none runs."""
    try:
        with (state / _NAME).open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _parse_holder(file.read()).get("url", "its address is not known yet")
    except FileNotFoundError:
        pass
    return None


def _already_running(holder: dict[str, str]) -> StudioError:
    url = holder.get("url", "it has just been started")
    return StudioError(
        f"`make dev` already runs in this checkout ({url}).",
        remedy="Use that one, or press Ctrl-C in its terminal.",
    )


def _parse_holder(text: str) -> dict[str, str]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _overwrite(descriptor: int, content: dict[str, str | int]) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(content).encode(), 0)


def _remove_sockets(folder: str) -> None:
    path = Path(folder)
    if path.name.startswith(_PREFIX) and path.is_dir() and not path.is_symlink() and path.stat().st_uid == os.getuid():
        shutil.rmtree(path, ignore_errors=True)


def main() -> int:
    """1, with a message, while `make dev` runs in this checkout; else 0."""
    url = url_of_running(locate_project().state)
    if url is not None:
        sys.stderr.write(f"lessonreel: `make dev` runs in this checkout ({url}). Press Ctrl-C in its terminal first.\n")
    return 0 if url is None else 1


if __name__ == "__main__":
    sys.exit(main())
