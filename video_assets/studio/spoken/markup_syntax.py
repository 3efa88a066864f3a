"""Finds all faults in the markup of a narration at once, with their positions, before anything is spoken.

`spoken/markup.py` parses the same grammar (docs/lesson-format.md) and stops at the first error. A test compares the
two.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal, NamedTuple

from video_assets.studio.core.messages import nearest, quoted
from video_assets.studio.core.settings import MAX_RATE_PERCENT, MIN_RATE_PERCENT

from .latex.latex_spans import latex_at

LONGEST_PAUSE_MS = 30_000


class MarkupProblem(NamedTuple):
    """A fault in a narration at the character `offset`."""

    code: str
    offset: int
    message: str
    remedy: str
    severity: Literal["error", "warning"] = "error"


ESCAPE = r"(?:(?:\\\\)*+\\[*\[\]|`_\#~<&$]|(?:\\\\)++(?=[*\[\]|`]))"
"""Backslashes that take its meaning from the mark after them. Any other backslash is text: `C:\\Users`, `\\d+`."""

NO_SAYING = r"(?!(?:(?<=\b[EPH])|(?<=\bVar)|(?<=\bCov))\[[A-Z]\w{0,2}\|[A-Z]\w{0,2}(?:\s?=\s?\w{1,4})?\])"
"""`E[X|Y]` is a conditional expectation, not `[shown|said]`."""
SIGNAL = r"(?P<signal>\[(?P<verb>show|point)(?:\s+(?P<part>[^\[\]|\\\n]{1,80}))?\s*\])"
"""`[show]`, `[show 2]`, `[point]`, `[point gate]`: what happens on the slide at this word."""
_NO_SAYING = re.compile(NO_SAYING)
_PIECE = re.compile(
    rf"""(?P<latex>\$|\\[(\[]) | {ESCAPE} | \\++ | (?P<tick>`)
      | \[pause(?:\s+(?P<length>\d+(?:\.\d+)?)\s*(?P<unit>ms|s))?\s*\]
      | {SIGNAL}
      | \[(?:(?P<named>slow|fast)|rate\s+(?P<percent>\d+)\s*%)\s*\]
      | \[/(?P<closes>slow|fast|rate)\]
      | (?P<saying>{NO_SAYING}\[(?:\\.|[^\[\]|\\])+\|(?:\\.|[^\[\]|\\])*\])
      | \[(?P<other>[^\[\]]{{0,80}})\]""",
    re.VERBOSE | re.DOTALL,
)
_NAMES = ("pause", "rate", "slow", "fast", "show", "point")
_FORMS = (
    "Markup is [pause], [pause 800ms], [slow]...[/slow], [fast]...[/fast], [rate 80%]...[/rate], [show], [show 2], "
    "[point gate], [point] and [shown|said]."
)


class CodeSpan(NamedTuple):
    """The position of `code` without its backticks, and the start of the text after them."""

    start: int
    stop: int
    end: int


class CodeSpans:
    """The positions of `code` in a narration. Code ends at the next run of as many backticks as at its start.

    The runs are listed first, because an expression with a back reference would take quadratic time on hostile text.
    """

    def __init__(self, narration: str) -> None:
        runs = [run.span() for run in re.finditer("`+", narration)]
        self._starts = [start for start, _ in runs]
        self._ends = [end for _, end in runs]
        self._of_length: dict[int, list[int]] = {}
        for start, end in runs:
            self._of_length.setdefault(end - start, []).append(start)

    def at(self, tick: int) -> CodeSpan | None:
        """The code that begins with the backtick at `tick`; None if no run of the same length closes it.

        The rest of an unclosed run may still open code with fewer backticks, so try the next backtick too.
        """
        opened = self._ends[bisect_right(self._starts, tick) - 1]
        length = opened - tick
        closers = self._of_length.get(length, [])
        later = bisect_right(closers, opened)
        return CodeSpan(opened, closers[later], closers[later] + length) if later < len(closers) else None


_CODE = "\ue000"
"""Stands for a character inside `code`, where nothing is a mark."""
TABLE_RULE = re.compile(r"(?m:^)[ ]{0,3}\|?(?=[^\n]*\|)[ ]?:?-{2,}:?[ ]?(?:\|[ ]?:?-{2,}:?[ ]?){0,40}\|?[ \t]*(?m:$)")
"""The second line of a Markdown table: `|---|---|`."""


def without_code(narration: str) -> str:
    """`narration` with other characters in place of those of `code` and LaTeX."""
    spans, parts, at = CodeSpans(narration), [], 0
    for found in re.finditer(r"`|\$|\\[(\[]", narration):
        start = found.start()
        if start < at:
            continue
        span = spans.at(start) if found[0] == "`" else latex_at(narration, start)
        end = span.end if span else found.end()
        hidden = _CODE * (end - start) if span or found[0] == "`" else found[0]
        parts += [narration[at:start], hidden]
        at = end
    return "".join((*parts, narration[at:]))


def markup_problems(narration: str) -> tuple[MarkupProblem, ...]:
    """All faults in the markup of `narration`, in the order of the text.

    Errors cannot be spoken as written. Warnings are brackets that look like markup but will be read aloud as text.
    Asterisks without a partner and other brackets are plain text and no fault.
    """
    faults: list[MarkupProblem] = []
    rates: list[tuple[str, int]] = []
    for match in _pieces(narration):
        faults += _piece_faults(match)
        faults += _rate_faults(match, rates)
    faults += (_never_closed(name, offset) for name, offset in rates)
    faults += _tables(narration)
    return tuple(sorted(faults, key=lambda fault: fault.offset))


def _pieces(narration: str) -> Iterator[re.Match[str]]:
    """The matches of `_PIECE` outside `code` and LaTeX."""
    spans = CodeSpans(narration)
    at = 0
    while match := _PIECE.search(narration, at):
        at = match.end()
        if match["tick"] is not None:
            span = spans.at(match.start())
            at = span.end if span else match.end()
        elif match["latex"] is not None and (formula := latex_at(narration, match.start())):
            at = formula.end
        elif match["latex"] != "$":
            yield match


TABLE_MESSAGE = "A Markdown table cannot be spoken"
TABLE_REMEDY = 'Show it with the key "table" of the section, and say in sentences what it means.'


def table_rules(narration: str) -> list[int]:
    """The positions of the lines that make Markdown tables of the lines before and after them."""
    if "|" not in narration:
        return []
    return [match.start() for match in TABLE_RULE.finditer(without_code(narration))]


def _tables(narration: str) -> Iterator[MarkupProblem]:
    for at in table_rules(narration):
        yield MarkupProblem("markdown-table", at, TABLE_MESSAGE, TABLE_REMEDY)


def _piece_faults(match: re.Match[str]) -> Iterator[MarkupProblem]:
    if match["length"] and not 1 <= _milliseconds(match) <= LONGEST_PAUSE_MS:
        message = f"{quoted(match[0])} cannot be kept"
        yield MarkupProblem("pause-length", match.start(), message, "A pause lasts from 1 ms to 30 s.")
    conditional = _NO_SAYING.match(match.string, match.start()) is None
    if match["other"] is not None and not conditional and _looks_like_markup(match["other"]):
        message = f"{quoted(match[0])} is not markup and will be read out as text"
        yield MarkupProblem("unknown-markup", match.start(), message, f"{_FORMS} Write \\[ for a bracket.", "warning")


def _milliseconds(match: re.Match[str]) -> int:
    return round(float(match["length"][:12]) * (1000 if match["unit"] == "s" else 1))


def _looks_like_markup(inside: str) -> bool:
    first = inside.strip().lstrip("/").split(maxsplit=1)[:1]
    word = first[0].casefold() if first else ""
    alone = inside.strip().lstrip("/").casefold() == word
    return word in _NAMES or "|" in inside or (alone and len(word) > 3 and nearest(word, _NAMES, 0.75) != "")


def _rate_faults(match: re.Match[str], rates: list[tuple[str, int]]) -> Iterator[MarkupProblem]:
    """Faults of rates. `rates` holds the names and offsets of the open ones and is updated."""
    if match["named"] or match["percent"]:
        rates.append((match["named"] or "rate", match.start()))
    if match["percent"] and not MIN_RATE_PERCENT <= int(match["percent"][:9]) <= MAX_RATE_PERCENT:
        remedy = f"A rate lies between {MIN_RATE_PERCENT}% and {MAX_RATE_PERCENT}%."
        yield MarkupProblem("rate-out-of-range", match.start(), f"{quoted(match[0])} cannot be spoken", remedy)
    if match["closes"] is not None:
        yield from _close(match, rates)


def _close(match: re.Match[str], rates: list[tuple[str, int]]) -> Iterator[MarkupProblem]:
    if match["closes"] not in {name for name, _ in rates}:
        remedy = "Remove it, or open the rate before it."
        yield MarkupProblem("unopened-markup", match.start(), f"{match[0]} closes nothing", remedy)
        return
    while rates[-1][0] != match["closes"]:
        yield _never_closed(*rates.pop())
    rates.pop()


def _never_closed(name: str, offset: int) -> MarkupProblem:
    remedy = f"Write [/{name}] where the usual rate returns."
    return MarkupProblem("unclosed-markup", offset, f"[{name}] is never closed", remedy)


def says_something(narration: str) -> bool:
    """Whether anything is spoken (a letter, a digit or a symbol) without the markup."""
    at = 0
    for match in _pieces(narration):
        if _has_words(narration[at : match.start()]) or _has_words(_said(match)):
            return True
        at = match.end()
    return _has_words(narration[at:])


def _has_words(text: str) -> bool:
    return any(char.isalnum() or unicodedata.category(char) in {"Sm", "Sc", "So"} for char in text)


def _said(match: re.Match[str]) -> str:
    if match["saying"]:
        return match["saying"].rpartition("|")[2]
    return match[0] if match["other"] or match[0].startswith("\\") else ""
