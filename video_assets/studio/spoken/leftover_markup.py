"""Warns of Markdown and HTML that were pasted into a narration and lose something there, or are read as text.

Headings, emphasis and links lose nothing and are no warning. Does not belong here: faults of the markup of narrations
(`markup_syntax.py`), among them tables, which are errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .latex.latex_spans import latex_at
from .markup_syntax import without_code
from .pasted_markup import PastedMark, pasted_marks


class LeftoverMark(NamedTuple):
    """Characters `start` to `end` (exclusive) of a narration, what they are, and what to write in their place."""

    start: int
    end: int
    what: str
    remedy: str


_IN_CODE = "Remove it, or write it in `backticks` to show and say it."
_LEFT_OUT = {
    "tag": ("an HTML tag, which is neither shown nor spoken", _IN_CODE),
    "comment": ("an HTML comment, which is neither shown nor spoken", "Remove it."),
    "picture": ("a picture in HTML, which is not shown", 'Name the file in the key "picture" of the section.'),
    "definition": ("the text of a footnote, which is spoken here", "Remove it, or make it a sentence of its own."),
}
_LISTS = """
data list array arr nums numbers values items args argv matrix grid row rows table word string str vector buffer stack
queue results scores names dataset tab lst vec liste daten feld datos lista tableau
"""
"""What programs call a list. Behind these names the number is an index, which is meant to be spoken."""
_NO_LIST = "".join(rf"(?<!\b{name})" for name in _LISTS.split())
_READ_ALOUD = (
    (r"(?m:^)[ ]{0,3}(?:`{3,}|~{3,})[^\n`]{0,40}(?m:$)", "a fence of code, whose code is spoken",
     'Show it with the key "code" of the section, and say in sentences what it does.'),
    (r"(?m:^)[ ]{0,6}[*+-][ ]\[[ xX]\][ ]", "a mark of a list of tasks, which is read as text", "Write a sentence."),
    (r"(?m:^)[ ]{0,6}[*+][ ](?=\S)", "a mark of a list, which is shown as it is",
     'Write sentences, and show the list with the key "bullets" of the section.'),
    (r"(?m:^)[ ]{0,3}\[[^\[\]\n]{1,60}\]:[ ]\S{1,300}", "the address of a link, which is spoken", "Remove it."),
    (r"(?<!\\)!\[[^\[\]\n]{0,400}\]\([^()\s]{1,300}[^()\n]{0,200}\)", "a picture, of which the description is spoken",
     'Name the file in the key "picture" of the section.'),
    (r"(?<!\\)</?[A-Za-z][A-Za-z0-9-]{0,20}(?:\s[^<>\n]{0,300})?/?>", "an HTML tag, whose name is spoken", _IN_CODE),
    (r"(?<!\\)&[A-Za-z][A-Za-z0-9]{1,30};", "an unknown HTML entity, which is read as text", "Write the character."),
    (rf"(?<=[^\W\d_]{{3}}){_NO_LIST}\[\d{{1,3}}\](?![(\[]|\s?[=+*<>]|\.[a-z])",
     "the mark of a note or an index, whose number is spoken",
     "Remove it if it is the mark of a note."),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern), what, remedy) for pattern, what, remedy in _READ_ALOUD)


def leftover_markup(text: str) -> tuple[LeftoverMark, ...]:
    """What in the narration `text` came from Markdown or HTML and does not say or show what it did there, in order."""
    marks = pasted_marks(text)
    kept: list[LeftoverMark] = []
    for mark in sorted((*_left_out(marks), *_read_aloud(text, marks), *_unclosed_latex(text))):
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return tuple(kept)


def _left_out(marks: tuple[PastedMark, ...]) -> Iterator[LeftoverMark]:
    for mark in marks:
        if mark.kind in _LEFT_OUT and not mark.shown:
            yield LeftoverMark(mark.start, mark.end, *_LEFT_OUT[mark.kind])


def _read_aloud(text: str, marks: tuple[PastedMark, ...]) -> Iterator[LeftoverMark]:
    taken = {at for mark in marks for at in range(mark.start, mark.end) if mark.kind != "link"}
    plain = without_code(text)
    for number, (pattern, what, remedy) in enumerate(_PATTERNS):
        # A fence is itself the mark of code.
        for match in pattern.finditer(text if number == 0 else plain):
            if taken.isdisjoint(range(*match.span())):
                yield LeftoverMark(*match.span(), what, remedy)


_LATEX_START = re.compile(r"\$\\[A-Za-z]{2,20}(?=[{\[\s^_])")


def _unclosed_latex(text: str) -> Iterator[LeftoverMark]:
    """`$\\frac{x here`: a formula that no `$` closes."""
    plain, at = without_code(text), 0
    while (at := plain.find("$", at)) >= 0:
        span = latex_at(plain, at)
        opening = _LATEX_START.match(plain, at) if span is None and plain[at - 1 : at] != "\\" else None
        if opening:
            what = "LaTeX that is never closed, whose signs are read one by one"
            yield LeftoverMark(*opening.span(), what, "Close the formula with $.")
        at = span.end if span else at + 1
