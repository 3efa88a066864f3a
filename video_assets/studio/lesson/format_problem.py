"""A fault in the values of a lesson, and the words for the kinds of JSON values."""

from __future__ import annotations

from typing import Literal, NamedTuple

from .json_source.source import JsonPath


class FormatProblem(NamedTuple):
    """One fault of the value at `path`, of its key (`at_key`), or of one character of its text."""

    code: str
    path: JsonPath
    message: str
    remedy: str
    severity: Literal["error", "warning"] = "error"
    at_key: bool = False
    character: int = 0
    """The index of the character in the text at `path`."""


def json_kind(value: object) -> str:
    """What `value` is in JSON, in words."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
