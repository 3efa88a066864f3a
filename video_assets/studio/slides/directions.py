"""Directions in right-to-left slides: formulas, quantities and code stay in the order in which they are read.

The Unicode Bidirectional Algorithm (UAX 9) alone puts "5 kg" and "−3.5 V" in the wrong order in a right-to-left
paragraph. Here such a stretch becomes a left-to-right isolate. Does not belong here: which languages are written from
right to left (`typesetting`), or the places of texts (the template).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_ISOLATE, _POP = "\u2066", "\u2069"
_RIGHT = frozenset(("R", "AL", "AN"))
_LEFT = frozenset(("L", "EN"))
_PLAIN = frozenset(("L", "WS", "NSM"))
_SIGNS = frozenset("+-−±∓~≈<>≤≥=√∛∂∇∑∫∏#&@$€£¥₪₹")
"""Signs that belong to the letter or number behind them."""
_TAILS = frozenset("+⁺⁻%‰°′″'’²³*")
"""Signs that belong to the letter or number before them."""
_BRACKETS = {"(": ")", "[": "]", "{": "}", "|": "|", "⟨": "⟩", "‖": "‖"}
_CLOSERS = frozenset(_BRACKETS.values())
_SPLIT = re.compile(
    r"(?:(?<=[,;:.!?،…])\s+|\s+[–—]\s+)(?=[\d+\-−±~≈<>≤≥$€£¥₪])"  # between the numbers of a list
    r"|(?<=\d)(?<!(?<!\d)\d)(?<!(?<!\d)\d\d)(?<!(?<!\d)\d\d\d) (?=\d)|(?<=\d) (?=\d)(?!\d{3}(?!\d))"
)
"""Between numbers that follow each other as the words of a sentence do; not inside `10 000`."""


class _IsolatedSpan(NamedTuple):
    start: int
    end: int


def with_isolates(texts: Sequence[str], code: Sequence[bool]) -> tuple[str, ...]:
    """The runs `texts` of a right-to-left paragraph, with marks of isolation around what is read from left to right.

    `code` says which of them are code, which is never reordered inside. A paragraph without a right-to-left letter or
    Arabic digit is one isolate. Without the marks U+2066 and U+2069, the texts are those given.
    """
    # Code counts as digits, so that it is isolated even if it is all letters and spaces.
    shadow = "".join("1" * len(text) if is_code else text for text, is_code in zip(texts, code, strict=True))
    starts, ends = _edges(shadow)
    marked, at = [], 0
    for text in texts:
        pieces = []
        for character in text:
            pieces.append(_ISOLATE * (at in starts) + character)
            at += 1
            pieces.append(_POP * (at in ends))
        marked.append("".join(pieces))
    return tuple(marked)


def _edges(text: str) -> tuple[set[int], set[int]]:
    kinds = [unicodedata.bidirectional(character) for character in text]
    if not _RIGHT.intersection(kinds):
        spans = [_IsolatedSpan(0, len(text))] if _LEFT.intersection(kinds) else []
    else:
        spans = [span for stretch in _stretches(kinds) for span in _spans_of(text, kinds, stretch)]
    needed = [span for span in spans if not set(kinds[span.start : span.end]) <= _PLAIN and span.end - span.start > 1]
    return {span.start for span in needed}, {span.end for span in needed}


def _stretches(kinds: Sequence[str]) -> Iterator[_IsolatedSpan]:
    """The parts without right-to-left characters."""
    start = 0
    for at, kind in enumerate([*kinds, "R"]):
        if kind in _RIGHT:
            if at > start:
                yield _IsolatedSpan(start, at)
            start = at + 1


def _spans_of(text: str, kinds: Sequence[str], stretch: _IsolatedSpan) -> Iterator[_IsolatedSpan]:
    start = stretch.start
    for match in _SPLIT.finditer(text, stretch.start, stretch.end):
        before = text[start : match.start()]
        if any(before.count(opening) > before.count(closing) for opening, closing in _BRACKETS.items()):
            continue  # a point or a set
        yield from _trimmed(text, kinds, _IsolatedSpan(start, match.start()))
        start = match.end()
    yield from _trimmed(text, kinds, _IsolatedSpan(start, stretch.end))


def _trimmed(text: str, kinds: Sequence[str], span: _IsolatedSpan) -> Iterator[_IsolatedSpan]:
    """`span` without spaces, and without the punctuation of the sentence around it; nothing if no letter is left."""
    inside = [at for at in range(*span) if kinds[at] in _LEFT]
    if not inside:
        return
    start = _reach(text, inside[0], span.start, step=-1)
    end = _reach(text, inside[-1], span.end - 1, step=1) + 1
    yield _without_outer_brackets(text, _IsolatedSpan(start, end))


def _reach(text: str, at: int, limit: int, *, step: int) -> int:
    """The last position from `at` towards `limit` whose character belongs to the letter or number at `at`."""
    wanted = _SIGNS | _BRACKETS.keys() if step < 0 else _TAILS | _CLOSERS
    reached = at
    while reached != limit and text[reached + step] in wanted:
        reached += step
    # A hyphen or sign between a right-to-left letter and a number joins them: the Hebrew "in-5".
    while reached != at and _touches_right(text, reached + step) and text[reached] in _SIGNS | _TAILS:
        reached -= step
    return reached


def _touches_right(text: str, at: int) -> bool:
    return 0 <= at < len(text) and unicodedata.bidirectional(text[at]) in _RIGHT


def _without_outer_brackets(text: str, span: _IsolatedSpan) -> _IsolatedSpan:
    """`span` without brackets at its ends that have no partner in it or enclose all of it."""
    start, end = span
    while start < end and text[start] in _BRACKETS and _partner(text, start, end) in (-1, end - 1):
        end -= _partner(text, start, end) == end - 1
        start += 1
    while (
        end > start and text[end - 1] in _CLOSERS and text.count(text[end - 1], start, end) > _opened(text, start, end)
    ):
        end -= 1
    return _IsolatedSpan(start, end)


def _opened(text: str, start: int, end: int) -> int:
    closer = text[end - 1]
    opener = next(opening for opening, closing in _BRACKETS.items() if closing == closer)
    return text.count(opener, start, end)


def _partner(text: str, start: int, end: int) -> int:
    """The position of the bracket that closes the one at `start`; -1 if there is none before `end`."""
    opening, closing, depth = text[start], _BRACKETS[text[start]], 0
    for at in range(start + 1, end):
        if text[at] == closing:
            if depth == 0:
                return at
            depth -= 1
        elif text[at] == opening:
            depth += 1
    return -1
