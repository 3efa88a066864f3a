"""Short formulas with a relation sign in running text, such as `E = mc²` or `I_D = k(V_GS − V_T)²`.

The work grows linearly with the length of the text, whatever it contains.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

MOST_CHARACTERS = 64
"""Of a formula or phrase on a slide."""
TEXTS_KEPT = 16
"""Size of the caches by text. Planning one section reads the words of its narration about ten times."""

_GREEK = "α-ωΑ-Ωϑϕϵ"
_SCRIPTS = "₀-₉⁰¹²³⁴-⁹₊₋⁺⁻ₐ-ₜ"
_NAME = rf"(?:[A-Za-z{_GREEK}]++_\{{?\w++\}}?|[A-Za-z{_GREEK}][{_SCRIPTS}½¼¾]*)"
_FACTOR = rf"[−+\-±√∂∫∑∇Δ]*(?:\d++(?:[.,]\d++)?|[½¼¾⅓⅔]|{_NAME})[{_SCRIPTS}′!]*"
_TERM = re.compile(rf"[(|]*+(?:{_FACTOR}[()|{_SCRIPTS}/·×∙*^]*+)++")
_OPERATOR = re.compile(r"[=≈≠<>≤≥+−–\-·×*/∝→±]|&&")
_RELATION = re.compile(r"[=≈≠<>≤≥∝]")
_MOST_PARTS = 24
"""Parts that are examined on either side of a relation sign. A formula with more is too long to show."""
_SHORT_NAME = re.compile(r"[a-zA-Z]{2,3}")
IDENTIFIER = re.compile(
    rf"(?<![\w{_SCRIPTS}])(?:[A-Za-z{_GREEK}]+_\{{?\w+\}}?|[{_GREEK}]|"
    rf"(?:[A-Z][a-z]?[₀-₉]*)*[A-Z][a-z]?[₀-₉]+(?:[A-Z][a-z]?[₀-₉]*)*)(?![\w{_SCRIPTS}])"
)
"""A symbol in running text: `V_GS`, `λ`, `C₆H₁₂O₆`."""


@lru_cache(maxsize=TEXTS_KEPT)
def formulas(text: str) -> tuple[tuple[int, int], ...]:
    """Start and end of each short formula with a relation sign in `text`, in order, without overlaps."""
    if not _RELATION.search(text):
        return ()
    pieces = [_formula_part(match) for match in re.finditer(r"\S+", text)]
    found: list[tuple[int, int]] = []
    for index, piece in enumerate(pieces):
        if (found and piece.start < found[-1][1]) or not piece.relates:
            continue
        first, last = _formula_run(pieces, index)
        span = _trim(text, pieces[first].start, pieces[last].end)
        if _is_formula(text[slice(*span)]):
            found.append(span)
    return tuple(found)


class _FormulaPart(NamedTuple):
    """A run of characters between spaces, with the tests of its role in a formula (made once, read many times)."""

    start: int
    end: int
    relates: bool
    """The part contains a relation sign."""
    connects: bool
    """The part contains a relation sign, or is an operator when its punctuation is removed."""
    ends: bool
    """A clause ends with the part."""
    operator: bool
    """The part is an operator when its punctuation and brackets are removed."""
    short: bool
    """The part is a name of two or three letters, which may also be a word."""
    term: bool
    """The part is a number, a symbol or a product of them."""


def _formula_part(match: re.Match[str]) -> _FormulaPart:
    text = match[0]
    core = text.strip("(),.;:!?[]|")
    relates = bool(_RELATION.search(text))
    return _FormulaPart(
        match.start(),
        match.end(),
        relates,
        relates or bool(_OPERATOR.fullmatch(text.strip("(),.;:!?"))),
        _ends_clause(text),
        bool(_OPERATOR.fullmatch(core)),
        bool(_SHORT_NAME.fullmatch(core)),
        len(core) > 0 and bool(_TERM.fullmatch(_without_operators(core))),
    )


def _formula_run(pieces: list[_FormulaPart], index: int) -> tuple[int, int]:
    """The first and the last index of the pieces around the relation at `index` that belong to the formula."""
    first = last = index
    while max(0, index - _MOST_PARTS) < first and not pieces[first - 1].ends:
        if not _continues(pieces, first - 1, toward=1):
            break
        first -= 1
    while last + 1 < min(len(pieces), index + _MOST_PARTS) and not pieces[last].ends:
        if not _continues(pieces, last + 1, toward=-1):
            break
        last += 1
    return first, last


def _ends_clause(piece: str) -> bool:
    return (
        piece[-1] in ",;:.!?)—" and not (piece[-1] == ")" and piece.count(")") <= piece.count("(")) and len(piece) > 1
    )


def _continues(pieces: list[_FormulaPart], index: int, *, toward: int) -> bool:
    """Whether the piece at `index` belongs to the same formula as its neighbour at `index + toward` (1 or -1)."""
    piece = pieces[index]
    if piece.operator:
        return True
    beside_operator = pieces[index + toward].connects
    if piece.short:
        return beside_operator and toward == -1
    return (beside_operator or toward == -1) and piece.term


def _without_operators(core: str) -> str:
    return re.sub(r"[=≈≠<>≤≥+−–\-]", "", core) or core


def _is_formula(text: str) -> bool:
    if len(text) > MOST_CHARACTERS:
        return False
    sides = _RELATION.split(text)
    return len(sides) >= 2 and all(re.search(r"\w", side) for side in sides)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without punctuation at both ends. A bracket at an end stays if its partner is inside the span."""
    excess = text.count("(", start, end) - text.count(")", start, end)
    while start < end and (text[start] in " ,;:.!?\"'“”" or (text[start] == "(" and excess > 0)):
        excess -= text[start] == "("
        start += 1
    while end > start and (text[end - 1] in " ,;:.!?\"'“”—" or (text[end - 1] == ")" and excess < 0)):
        excess += text[end - 1] == ")"
        end -= 1
    if text[start:end].startswith("(") and _closing_bracket(text, start, end) == end - 1:
        return start + 1, end - 1
    return start, end


def _closing_bracket(text: str, start: int, end: int) -> int:
    """The index at which the bracket at `start` is closed, or -1."""
    depth = 0
    for position in range(start, end):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position
    return -1
