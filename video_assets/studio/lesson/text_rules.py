"""The rules of single texts in a lesson file: one line, not empty, limited in length.

`format` and `diagrams` declare their keys with them.
"""

from __future__ import annotations

import re
from typing import Annotated, LiteralString

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

MAX_LINE = 400

LINE_BREAK = re.compile(r"[\n\r\t\v\f\x1c-\x1e\x85\u2028\u2029]")
"""Line breaks of all kinds, including the invisible separators in text that was pasted from a word processor."""


def rule_error(code: LiteralString, message: str, remedy: str, character: int = 0) -> PydanticCustomError:
    """The error of a rule. `validation` makes a problem with a place of it. `character` is the index of the fault."""
    return PydanticCustomError(code, "{message}", {"message": message, "remedy": remedy, "character": character})


def no_line_break(text: str) -> str:
    """`text`. Raises PydanticCustomError if it has more than one line."""
    found = LINE_BREAK.search(text)
    if found:
        char = found[0]
        named = "" if char in "\n\r\t" else f", but has an invisible line break (U+{ord(char):04X})"
        remedy = "Write it without \\n and \\t." if not named else "Remove it, or replace it by a space."
        raise rule_error("line-break", f"This text must be a single line{named}", remedy, found.start())
    return text


def something(text: str) -> str:
    """`text`. Raises PydanticCustomError if it is empty."""
    if not text.strip():
        raise rule_error("empty-text", "This text is empty", "Write something, or leave the key out.")
    return text


Line = Annotated[str, Field(max_length=MAX_LINE), AfterValidator(no_line_break)]
Name = Annotated[Line, AfterValidator(something)]
