"""Reads a key from an environment variable or from a file of its own.

A key that no HTTP header can contain is refused here, because here its place is known. An HTTP client would raise an
error that names neither the place nor the remedy. No message contains the key.

Does not belong here: which variable or file it is (`provider_file.py`, `presenters/http_engine.py`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from video_assets.studio.core.errors import SettingInvalid

_MOST_FILE_BYTES = 64_000
_BYTE_ORDER_MARK = "\ufeff"


def key_from_variable(owner: str, variable: str, environ: Mapping[str, str] | None = None) -> str:
    """The key of `owner` from an environment variable, stripped of white space.

    Raises SettingInvalid if the variable is not set, or its value cannot be a key.
    """
    key = _stripped((os.environ if environ is None else environ).get(variable, ""))
    if not key:
        raise SettingInvalid(
            f"{owner} wants a key, and {variable} is not set.", remedy=f"Set {variable}, or choose another provider."
        )
    return _checked(owner, key, f"The environment variable {variable}", f"Set {variable} to the key and nothing else.")


def key_from_file(owner: str, file: str) -> str:
    """The key of `owner` from a file (`~` is the home folder), stripped of white space.

    Raises SettingInvalid if the file cannot be read, is empty, or its content cannot be a key.
    """
    remedy = f"Write the key, and nothing else, into {file}."
    try:
        with Path(file).expanduser().open("rb") as opened:
            data = opened.read(_MOST_FILE_BYTES)
    except FileNotFoundError:
        data = b""
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingInvalid(f"{owner} wants a key, and {file} cannot be read: {reason}.", remedy=remedy) from error
    # Bytes that are not UTF-8 become a character that is not ASCII, which is refused below.
    key = _stripped(data.decode("utf-8", "replace"))
    if not key:
        raise SettingInvalid(f"{owner} wants a key, and {file} holds none.", remedy=remedy)
    return _checked(owner, key, f"The file {file}", remedy)


def _stripped(text: str) -> str:
    return text.strip().removeprefix(_BYTE_ORDER_MARK).strip()


def _checked(owner: str, key: str, place: str, remedy: str) -> str:
    place_in_key = next((number for number, each in enumerate(key) if not "!" <= each <= "~"), None)
    if place_in_key is None:
        return key
    number = f"character {place_in_key + 1} of {len(key)}"
    raise SettingInvalid(
        f"{place} cannot hold the key of {owner}: {number} is {_kind(key[place_in_key])}.", remedy=remedy
    )


def _kind(character: str) -> str:
    if character in "\r\n":
        return "a line break"
    if character.isspace():
        return "a space"
    return "a control character" if character.isascii() else "not an ASCII character"
