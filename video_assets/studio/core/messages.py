"""How messages name what an author wrote: quoted so that it can always be printed, and the nearest name there is.

Belongs here: pure functions over text that any message may need. Does not belong here: the messages themselves, which
are written where the fault is found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches

_NAME_LENGTH = 64
"""Longer names are compared by their beginning: the comparison is quadratic and names come from anybody."""


def printable(text: str) -> str:
    """`text` with every character that a terminal, a log or UTF-8 cannot take replaced by its `\\u` escape."""
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"


def quoted(value: object, length: int = 40) -> str:
    """`value` as a message shows it: on one line, printable, shortened to `length` characters, text in quotes."""
    if isinstance(value, str):
        return f'"{_shortened(printable(value[: length + 1]), length)}"'
    return _shortened(printable(_plain(value)[: length + 1]), length)


def _plain(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and value.bit_length() > 1000:
        return "a huge number"  # str() refuses numbers of more than 4,300 digits
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, Collection) else str(value)


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def nearest(name: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """The known name that `name` most resembles, letter case aside; empty when none is as like (0 to 1). Of names that
    differ in letter case alone, the first.
    """
    by_fold: dict[str, str] = {}
    for each in known:
        by_fold.setdefault(each.casefold(), each)
    found = get_close_matches(name[:_NAME_LENGTH].casefold(), list(by_fold), n=1, cutoff=likeness)
    return by_fold[found[0]] if found else ""


def one_of(names: Iterable[str]) -> str:
    """`a, b or c`, in the order given."""
    listed = list(names)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"


def suggestion(name: str, known: Iterable[str]) -> str:
    """A remedy for a name nobody knows: the nearest one if there is one, else all of them."""
    listed = list(known)
    if not listed:
        return "There are none here."
    close = nearest(name, listed)
    return f"Did you mean {quoted(close)}?" if close else f"Known are {one_of(listed)}."
