"""A JSON text that was read: its values, their places in the file, and its faults."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from .escapes import SPECIAL
from .lines import Lines, Place

JsonPath: TypeAlias = tuple[str | int, ...]
"""The keys and indices from the root to a value."""


class SyntaxProblem(NamedTuple):
    """One fault of the text, at the character `offset`, in the value at `path`."""

    code: str
    offset: int
    path: JsonPath
    message: str
    remedy: str
    severity: Literal["error", "warning"] = "error"


class Value(NamedTuple):
    """A value and its place: the characters [start, end) of the text."""

    start: int
    end: int
    data: bool | int | float | str | list[Value] | dict[str, Member] | None


class Member(NamedTuple):
    """A value of an object, and the offset of its key."""

    key_start: int
    value: Value


@dataclass(frozen=True)
class JsonSource:
    """A JSON text, its root value (None if the text could not be read to its end) and its faults."""

    text: str
    root: Value | None
    faults: tuple[SyntaxProblem, ...]

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.text)

    def place(self, offset: int) -> Place:
        """The line and column of the character at `offset`."""
        return self._lines.place(offset)

    def find(self, path: JsonPath) -> tuple[JsonPath, Value]:
        """The value at `path` with its path, or else the innermost value on the way there that exists."""
        assert self.root is not None, "only a text that was read has values"
        value = self.root
        for depth, step in enumerate(path):
            inner = _inner(value, step)
            if inner is None:
                return path[:depth], value
            value = inner
        return path, value

    def key_offset(self, path: JsonPath) -> int:
        """The offset of the key of the value at `path`; in a list, the offset of the value."""
        holder = self.find(path[:-1])[1].data
        if isinstance(holder, dict) and path[-1] in holder:
            return holder[str(path[-1])].key_start
        return self.find(path)[1].start

    def text_offset(self, value: Value, index: int) -> int:
        """The offset in the file of the character that became character `index` of the text `value`."""
        at, read = value.start + 1, 0
        for match in SPECIAL.finditer(self.text, at, value.end - 1):
            plain = match.start() - at
            if read + plain >= index:
                break
            at, read = match.end(), read + plain + 1
        return min(at + index - read, value.end - 1)


def _inner(value: Value, step: str | int) -> Value | None:
    if isinstance(value.data, dict) and step in value.data:
        return value.data[str(step)].value
    if isinstance(value.data, list) and isinstance(step, int) and step < len(value.data):
        return value.data[step]
    return None


def pointer(path: JsonPath) -> str:
    """`path` as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
