r"""Finds the LaTeX in a narration: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`.

Money, variables of a shell, and the escaped bracket `\[` of a narration are no LaTeX. Does not belong here: what the
LaTeX means (`linear_text.py`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST_LATEX = 600


class LatexSpan(NamedTuple):
    """The position of a formula without its delimiters, and the start of the text after them."""

    start: int
    stop: int
    end: int


_DELIMITERS = (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"))
_SIGNS = re.compile(r"\\[A-Za-z]|[\^_={}<>+≤≥]|\\[,;{|]")
_WORDS = re.compile(r"(?:^|[\s,.;:])[^\W\d_]{2,}(?:[\s,.;:]|$)")


def latex_at(narration: str, at: int) -> LatexSpan | None:
    """The formula whose opening delimiter is at `at`; None if there is none, or if the text between is no LaTeX."""
    for opening, closing in _DELIMITERS:
        if not narration.startswith(opening, at):
            continue
        start = at + len(opening)
        stop = _closing(narration, closing, start)
        if stop is not None and _is_latex(narration, opening, start, stop):
            return LatexSpan(start, stop, stop + len(closing))
        if opening == "$$":
            return None
    return None


def _closing(narration: str, closing: str, start: int) -> int | None:
    """The position of `closing`: the first that is not escaped, in the same paragraph."""
    at = start
    while at < min(len(narration), start + LONGEST_LATEX):
        if narration.startswith(closing, at):
            return at
        if narration.startswith("\n\n", at):
            return None
        at += 2 if narration[at] == "\\" else 1
    return None


def _is_latex(narration: str, opening: str, start: int, stop: int) -> bool:
    inside = narration[start:stop]
    if not inside.strip():
        return False
    if opening == "\\[":
        return bool(_SIGNS.search(inside))
    if opening != "$":
        return True
    after = narration[stop + 1 : stop + 2]
    if inside[0].isspace() or inside[-1].isspace() or (after.isascii() and after.isalnum()):
        return False
    before = narration[max(0, start - 2) : start - 1]
    if before.isascii() and before.isalnum():  # US$5
        return False
    return bool(_SIGNS.search(inside)) or not _WORDS.search(inside)
