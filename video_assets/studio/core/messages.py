"""Text functions for messages: printable quotations of what an author wrote, lists, and the nearest known name.

Does not belong here: the messages. They are written where the fault is found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches

_NAME_LENGTH = 64
"""Only this many characters of a name are compared, because the comparison is quadratic and any author may send it."""


def printable(text: str) -> str:
    """`text` with a `\\u` escape for each character that a terminal, a log or UTF-8 cannot represent."""
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"


def quoted(value: object, length: int = 40) -> str:
    """`value` for a message: on one line, printable, at most `length` characters; text is in quotation marks."""
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
    """The known name that is most similar to `name`, without regard to case; "" if none reaches `likeness` (0 to 1).

    Of names that differ only in case, the first one.
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
    """A remedy for an unknown name: the nearest known name, or else all known names."""
    listed = list(known)
    if not listed:
        return "There are none here."
    close = nearest(name, listed)
    return f"Did you mean {quoted(close)}?" if close else f"Known are {one_of(listed)}."
