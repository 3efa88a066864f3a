"""The lock by which one checkout has one `make dev`: two daemons on one database would get in each other's way.

`python -m jobs.dev_lock` ends with status 1 while `make dev` runs here; `make clean-…` asks that before it removes
anything.
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

from video_assets.checkout import this_checkout
from video_assets.studio.errors import StudioError

_NAME = "dev.lock"
_PREFIX = "lessonreel-"


@contextmanager
def only_one(state: Path, url: str) -> Iterator[Path]:
    """Hold the lock of the checkout whose state is in `state`; the kernel frees it at death.

    Gives a new folder for sockets, with a short path, as the path of a socket may have 107 bytes. It is removed in the
    end, and so is the one of a holder that was killed. Raises StudioError, which names the address of the other one,
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
            raise _refusal(_content(file.read())) from None
        _remove_sockets(_content(file.read()).get("sockets", ""))
        sockets = Path(tempfile.mkdtemp(prefix=_PREFIX))
        _replace(file.fileno(), {"url": url, "pid": os.getpid(), "sockets": str(sockets)})
        try:
            yield sockets
        finally:
            shutil.rmtree(sockets, ignore_errors=True)
            _replace(file.fileno(), {})


def url_of_running(state: Path) -> str | None:
    """The address of the `make dev` that runs on this state; None when none does."""
    try:
        with (state / _NAME).open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _content(file.read()).get("url", "its address is not known yet")
    except FileNotFoundError:
        pass
    return None


def _refusal(holder: dict[str, str]) -> StudioError:
    url = holder.get("url", "it has just been started")
    return StudioError(
        f"`make dev` already runs in this checkout ({url}).",
        remedy="Use that one, or end it with Ctrl-C in its terminal.",
    )


def _content(text: str) -> dict[str, str]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _replace(descriptor: int, content: dict[str, str | int]) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(content).encode(), 0)


def _remove_sockets(folder: str) -> None:
    path = Path(folder)
    if path.name.startswith(_PREFIX) and path.is_dir() and not path.is_symlink() and path.stat().st_uid == os.getuid():
        shutil.rmtree(path, ignore_errors=True)


def main() -> int:
    """1, and a line, while `make dev` runs in this checkout."""
    url = url_of_running(this_checkout().state)
    if url is not None:
        sys.stderr.write(f"lessonreel: `make dev` runs here ({url}): end it with Ctrl-C in its terminal first.\n")
    return 0 if url is None else 1


if __name__ == "__main__":
    sys.exit(main())
