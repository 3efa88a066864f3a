"""Reads and writes the project's file `.env`: three variables for Dagster, and those that users add, such as keys.

The format is that of python-dotenv, which Dagster uses. `make` runs this module first, because the project may have
been moved. Does not belong here: the meaning of the variables.
"""

from __future__ import annotations

import io
import os
import re
import stat
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from video_assets.studio.core.errors import SettingInvalid, StudioError

NAME = ".env"
OURS = ("DAGSTER_HOME", "LESSONREEL_ROOT", "LESSONREEL_STATE")
"""The project's location. `make` writes these variables. The command ignores them, as it knows its own location."""
_OURS_ONLY = re.compile(rf"(?:(?:{'|'.join(OURS)})='[^'\n]*'|#[^\n]*|\s*)(?:\n|$)")
_BYTE_ORDER_MARK = "\ufeff"
"""Windows editors write one. python-dotenv would treat it as a part of the first name."""
_NEW_FILE_MODE = 0o600


def variables_of(root: Path) -> dict[str, str]:
    """The values of OURS for the project in `root`."""
    return dict(zip(OURS, (str(root), str(root), str(root / "data" / "state")), strict=True))


def write_environment_file(root: Path) -> None:
    """Write OURS into the `.env` of `root`, atomically.

    Every other line and the file's mode stay as they are. A new file is readable by its owner only. Raises
    SettingInvalid when it cannot be read, StudioError when it cannot be written.
    """
    path = root / NAME
    text = _read(path) or ""
    written = with_variables(text.removeprefix(_BYTE_ORDER_MARK), variables_of(root))
    if written == text:
        return
    # A symbolic link is followed: users keep such files elsewhere, also on another disk.
    target = path.resolve()
    temporary = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else _NEW_FILE_MODE
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            os.fchmod(descriptor, mode)
            file.write(written)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(target)
    except OSError as error:
        remedy = f"Make {target.parent} a folder that you may write to."
        raise StudioError(f"{path} cannot be written: {error.strerror}.", remedy=remedy) from error
    finally:
        temporary.unlink(missing_ok=True)


def with_variables(text: str, values: Mapping[str, str]) -> str:
    """The `.env` file `text` with `values`, one line each, in place of the first line that set any of them.

    If a line before that place cannot be parsed, they are placed first. After an unclosed quotation mark they would
    become part of another value.
    """
    from dotenv.parser import parse_stream

    lines = "".join(f"{name}={quote(value)}\n" for name, value in values.items())
    kept: list[str] = []
    place = None
    unreadable = False
    for binding in parse_stream(io.StringIO(text, newline="")):
        if binding.key is not None and binding.key in values and not binding.error:
            place = len(kept) if place is None else place
            # The parser includes the blank lines and comments above a line.
            kept.append(binding.original.string[: _start_of(binding.original.string, binding.key)])
        else:
            unreadable = unreadable or (binding.error and place is None)
            kept.append(binding.original.string)
    if unreadable:
        return f"{lines}{''.join(kept)}"
    if place is None:
        before = "".join(kept)
        return f"{before}{'' if not before or before.endswith(chr(10)) else chr(10)}{lines}"
    before = "".join(kept[: place + 1])
    return f"{before}{lines}{''.join(kept[place + 1 :])}"


def _start_of(original: str, key: str) -> int:
    found = re.search(
        rf"^[^\S\r\n]*(?:export\s+)?['\"]?{re.escape(key)}['\"]?[^\S\r\n]*(?:=|$)", original, re.MULTILINE
    )
    return found.start() if found else 0


def quote(value: str) -> str:
    """`value`, quoted so that python-dotenv reads it back unchanged."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    # `${…}` is expanded within quotes as well. The expression `${:-$}` gives a dollar sign.
    return f"'{escaped.replace('${', '${:-$}{')}'"


def load_environment_file(root: Path, environ: MutableMapping[str, str]) -> None:
    """Add the variables of `.env` in `root` to `environ`, except OURS and those that are already set.

    Raises SettingInvalid when the file cannot be read.
    """
    text = _read(root / NAME)
    text = text.removeprefix(_BYTE_ORDER_MARK) if text else ""
    if _holds_ours_only(text):
        return
    from dotenv import dotenv_values  # this import takes half the time of checking a lesson

    for name, value in dotenv_values(stream=io.StringIO(text)).items():
        if value is not None and name not in OURS:
            environ.setdefault(name, value)


def _holds_ours_only(text: str) -> bool:
    at = 0
    while at < len(text):
        found = _OURS_ONLY.match(text, at)
        if found is None or found.end() == at:
            return False
        at = found.end()
    return True


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingInvalid(
            f"{path} cannot be read: {error.strerror}.", remedy="Make it a file that you may read, or remove it."
        ) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingInvalid(f"{path}:{line}: this is not UTF-8.", remedy="Save the file as UTF-8.") from error


def main() -> int:
    """Write the file for the project that contains this code. Called by `make`."""
    root = Path(__file__).resolve().parent.parent
    try:
        write_environment_file(root)
    except StudioError as error:
        sys.stderr.write(f"lessonreel: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
