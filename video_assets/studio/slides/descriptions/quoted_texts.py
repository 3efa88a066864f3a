"""The quotations in a description, in marks of any kind.

Apostrophes are no marks, quotations may be nested, and a mark without its partner is text. The work grows linearly with
the length of the text. Does not belong here: which quotations are labels (`labels`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_QUOTED = re.compile(
    r"\"(?P<b>[^\"\n]+)\"|“(?P<c>[^”\n]+)”|(?<!\w)‘(?P<d>[^’\n]+(?:’\w[^’\n]*)*)’"
    r"|„(?P<e>[^“”\ue000\n]+)[“”\ue000]|«(?P<f>[^»\n]+)»|「(?P<g>[^」\n]+)」|『(?P<h>[^』\n]+)』"
    r"|‚(?P<i>[^‘\ue001\n]+)[‘\ue001]|‹(?P<j>[^›\n]+)›"
)
_MARKS = (
    ("“", re.compile("”"), "\ue000"),
    ("‘", re.compile("’"), "\ue001"),
    ("„", re.compile("[“”]"), " "),
    ("«", re.compile("»"), " "),
    ("「", re.compile("」"), " "),
    ("『", re.compile("』"), " "),
    ("‚", re.compile("‘"), " "),
    ("‹", re.compile("›"), " "),
)
"""For each opening mark: the mark, what closes it, and the replacement for an opening mark that is never closed.

The replacements of “ and ‘ still close a German quotation. Straight double marks need no entry: each is closed by the
next one. Straight single marks are paired by `_single_quoted`.
"""
_EDGE = " ,.;\u00a0\u202f\t"
"""French quotations have a no-break space inside the guillemets."""
_STRAIGHT = "'"
_BEFORE_OPENING = "([{<-–—/:>=→“\"'"
_NEVER_FIRST = ".,;:!?)]}%"
_DECADE = re.compile(r"'\d0s")
_STRAY_MARKS = re.compile(r"(?<!\w)['\"]|(?!(?<=s)' \w)['\"](?!\w)|[“”„«»「」『』‹›]")


class QuotedText(NamedTuple):
    """A quotation at the characters [start, end) of a text, marks included."""

    start: int
    end: int
    text: str
    """What stands between the marks, without punctuation at its ends, and without marks inside."""


def quotations(text: str) -> tuple[QuotedText, ...]:
    """The quotations in `text`, in order, without overlaps: of nested ones the outer, each within one line."""
    found: list[QuotedText] = []
    at = 0
    for line in text.splitlines(keepends=True):
        found += _in_line(line, at)
        at += len(line)
    return tuple(found)


def _in_line(line: str, offset: int) -> Iterator[QuotedText]:
    spans = [match.span() for match in _QUOTED.finditer(_without_unclosed(line))]
    reached = 0
    for start, end in sorted((*spans, *_single_quoted(line)), key=lambda span: (span[0], -span[1])):
        if start < reached:
            continue
        reached = end
        text = without_stray_marks(line[start + 1 : end - 1]).strip(_EDGE)
        if text:
            yield QuotedText(offset + start, offset + end, text)


def without_stray_marks(text: str) -> str:
    """`text` without quotation marks; apostrophes inside words stay."""
    return _STRAY_MARKS.sub("", text)


def _without_unclosed(line: str) -> str:
    """`line` with each opening mark that is never closed replaced by a character of the same length.

    Otherwise the expression would search from each of them to the end, which takes quadratic time in a text full of
    such marks.
    """
    replaced = line
    for opening, closing, instead in _MARKS:
        if opening in line:
            last = max((match.start() for match in closing.finditer(line)), default=-1)
            replaced = replaced[: last + 1] + replaced[last + 1 :].replace(opening, instead)
    return replaced


def _single_quoted(line: str) -> list[tuple[int, int]]:
    """Start and end of what stands between straight single marks. Each closing mark closes the last open one."""
    marks = [match.start() for match in re.finditer(_STRAIGHT, line) if not _is_apostrophe(line, match.start())]
    opened: list[int] = []
    spans: list[tuple[int, int]] = []
    for number, at in enumerate(marks):
        if _opens(line, at):
            opened.append(at)
        elif opened and not _ends_possessive(line, marks, number):
            spans.append((opened.pop(), at + 1))
    return spans


def _is_apostrophe(line: str, at: int) -> bool:
    between = at > 0 and line[at - 1].isalnum() and line[at + 1 : at + 2].isalnum()
    return between or bool(_DECADE.match(line, at))


def _opens(line: str, at: int) -> bool:
    before, after = line[at - 1 : at] if at else "", line[at + 1 : at + 2]
    if not after or after.isspace() or (after in _NEVER_FIRST and not line[at + 2 : at + 3].isalnum()):
        return False
    return not before or before.isspace() or before in _BEFORE_OPENING


def _ends_possessive(line: str, marks: list[int], number: int) -> bool:
    """Whether the mark only ends a word such as `students'` inside a quotation: the next mark closes one too."""
    at = marks[number]
    if line[at - 1 : at] != "s" or not re.match(r" [a-z]", line[at + 1 : at + 3]):
        return False
    return number + 1 < len(marks) and not _opens(line, marks[number + 1])
