"""The inside of a JSON string: escapes and characters, what they mean, and what is wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from video_assets.studio.core.messages import quoted

FORBIDDEN = "\x00-\x1f\x7f-\x9f\ufffd-\uffff"
"""Characters that may not appear in a string unescaped, as the inside of a regular expression's character class."""
SPECIAL = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|\r\n|"
    rf"[{FORBIDDEN}]",
    re.DOTALL,
)
"""An escape or a forbidden character. Each match stands for one character of the text."""
_SPECIAL_PARTS = re.compile(rf"(\\[bf][^\W\d_]|{SPECIAL.pattern})", re.DOTALL)
"""The same as one group, to split a text by. For `\\b` and `\\f` it includes a letter that follows: `\\beta` is a LaTeX
command with a missing backslash."""
_BEFORE_LETTERS = frozenset({"\\b", "\\f"})
_PARTS_AT_ONCE = 50_000
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}

_Fault: TypeAlias = tuple[str, str, str]
"""Code, message and remedy."""


class AddFault(Protocol):
    """A function that records a fault."""

    def __call__(self, code: str, offset: int, message: str, remedy: str, *, warning: bool = False) -> None:
        """Record the fault at the character `offset` of the file."""
        ...


@dataclass
class StringDecoder:
    """Decodes one string, and reports each kind of fault in it once.

    Each distinct special sequence is examined once, because a file of 8 MB may contain four million of them.
    """

    add_fault: AddFault
    _reported: set[str] = field(default_factory=set)
    """Codes of faults."""
    _meanings: dict[str, str] = field(default_factory=dict)
    """The characters that each special sequence stands for."""

    def decode(self, written: str, start: int) -> str:
        """The text that `written`, the inside of a string at the offset `start`, stands for.

        U+FFFD replaces each special sequence with a fault.
        """
        decoded: list[str] = []
        rest = written
        while True:
            # `parts` has plain text and special sequences in turn; `rest` is the text that was not split yet.
            *parts, rest = _SPECIAL_PARTS.split(rest, _PARTS_AT_ONCE)
            if not parts:
                return "".join([*decoded, rest])
            specials = parts[1::2]
            if not self._meanings.keys() >= set(specials):
                self._examine(parts, start)
            start += sum(map(len, parts))
            parts[1::2] = map(self._meanings.__getitem__, specials)
            decoded.append("".join(parts))

    def _examine(self, parts: list[str], start: int) -> None:
        """Find the meaning and the faults of each new special sequence among `parts`, which begin at `start`."""
        unknown = set(parts[1::2]) - self._meanings.keys()
        for plain, special in zip(parts[::2], parts[1::2], strict=True):
            start += len(plain)
            if special not in self._meanings:
                written, following = (special[:2], special[2:]) if special[:2] in _BEFORE_LETTERS else (special, "")
                char, fault = _meaning(written, following)
                if fault is not None and fault[0] not in self._reported:
                    self._reported.add(fault[0])
                    self.add_fault(fault[0], start, *fault[1:], warning=fault[0] == "replacement-character")
                self._meanings[special] = (char if fault is None else "\ufffd") + following
                unknown.discard(special)
                if not unknown:
                    return
            start += len(special)


def _meaning(written: str, following: str) -> tuple[str, _Fault | None]:
    """The character that `written` (an escape, or a raw character) stands for, and its fault if it has one."""
    if written[0] != "\\":
        return written[0], _raw_fault(written)
    if written[1] == "u" and len(written) > 2:
        halves = written.encode("ascii").decode("unicode_escape")
        char = halves.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        return char, _escaped_fault(char, written)
    if written[1] not in _ESCAPES:
        message = f"{quoted(written)} is not an escape sequence of JSON"
        return written[1], ("unknown-escape", message, "Write \\\\ for a backslash (LaTeX: \\\\lambda).")
    if written[1] in "bf":
        return _ESCAPES[written[1]], _backslash_fault(written, following)
    return _ESCAPES[written[1]], None


def _backslash_fault(written: str, following: str) -> _Fault:
    if following.isalpha():
        message = f"{quoted(written + following)} is read as a control character, not as a LaTeX command"
        return "single-backslash", message, f"Write two backslashes: \\{written}{following}..."
    return "control-character", f"The control character {written} stands in the text", "Remove it."


def _escaped_fault(char: str, written: str) -> _Fault | None:
    if "\ud800" <= char <= "\udfff":
        message = f"{written} is half of a character (a lone surrogate)"
        return "lone-surrogate", message, "Type the character itself instead, or write both halves."
    if char == "\ufffd":
        return _raw_fault(char)
    if re.match(rf"[{FORBIDDEN}]", char) and char not in "\n\r\t":
        return "control-character", f"The control character {written} stands in the text", "Remove it."
    return None


def _raw_fault(char: str) -> _Fault:
    if char[0] in "\n\r":
        return (
            "line-break-in-text",
            "A text must not run over several lines",
            "Write \\n for a new line, or join the lines.",
        )
    if char == "\ufffd":
        message = "A replacement character (U+FFFD) stands here: a letter was lost when the text was converted"
        return "replacement-character", message, "Type the letter again."
    remedy = "Write \\t, or use spaces." if char == "\t" else "Remove it."
    return "control-character", f"A control character (U+{ord(char):04X}) stands in the text", remedy
