"""Where the terms of an equation stand in its typeset form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import ascii_lowercase

_SCRIPT = re.compile(r"[_^]\(")
_NAMES = tuple(f"term{letter}" for letter in ascii_lowercase)
"""The names of the functions that the template marks terms with, one for each term."""


def with_marked_terms(source: str, symbols: Sequence[str]) -> tuple[str, list[bool]]:
    """The Typst mathematics `source` with each of `symbols` (also Typst mathematics) inside a call of `terma`, `termb`,
    and so on; and for each symbol whether it was found.

    A symbol is found where it stands as a whole: not inside another symbol, and not in an index or exponent. Longer
    symbols are looked for first, so that V_GS is not taken for V.
    """
    taken: list[tuple[int, int, int]] = []
    scripts = _scripts(source)
    for number in sorted(range(len(symbols)), key=lambda number: -len(symbols[number])):
        for match in re.finditer(rf"(?<![^ (]){re.escape(symbols[number])}(?![^ ,;)^])", source):
            start, end = match.span()
            if any(start < b and a < end for a, b, _ in taken) or any(a <= start < b for a, b in scripts):
                continue
            if _balanced(match.group()):
                taken.append((start, end, number))
    marked = source
    for start, end, number in sorted(taken, reverse=True):
        marked = f"{marked[:start]}{_NAMES[number]}({marked[start:end]}){marked[end:]}"
    found = {number for _, _, number in taken}
    return marked, [number in found for number in range(len(symbols))]


def _scripts(source: str) -> list[tuple[int, int]]:
    """The parts of `source` that are indices or exponents."""
    found = []
    for match in _SCRIPT.finditer(source):
        depth, end = 1, match.end()
        while depth and end < len(source):
            depth += {"(": 1, ")": -1}.get(source[end], 0)
            end += 1
        found.append((match.start(), end))
    return found


def _balanced(text: str) -> bool:
    return bool(text) and text.count("(") == text.count(")")
