"""Splits a text into the tokens of formulas: numbers, letters, signs, brackets and the rest.

Does not belong here: which tokens make a formula (`formulas.py`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .characters import HAN_AND_KANA, SUBSCRIPT_CLASS, SUPERSCRIPT_CLASS

ACCENTS = "\u0300-\u030c\u0331\u0332\u20d0-\u20dc\u20e1\u20ee\u20ef"
"""Combining marks over the letters of formulas."""
_SIGNS = "=<>≤≥⩽⩾≠≈≡≅≃∼≔±∓×÷⋅∙*√∛∜∑∏∫∬∮∂∇∈∉⊂⊆⊃⊇∪∩∝→⟶←↔⇌⇄⇒⇔⟹⟺↦≪≫+∘⊗⊕∧∨∀∃⊥∥∠^−"
_TOKEN = re.compile(
    rf"""(?P<number>\d+(?:[.,]\d+)*)
      | (?P<letters>(?:[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff][{ACCENTS}]*)+)
      | (?P<symbol>[\u0370-\u03ffħℏℓ∞∅ℝℕℤℚℂ½⅓⅔¼¾][{ACCENTS}]*)
      | (?P<script>[{SUPERSCRIPT_CLASS}]+|[{SUBSCRIPT_CLASS}]+|_(?:\{{[^{{}}\n]{{0,60}}\}}|\([^()\n]{{0,60}}\)|\w+))
      | (?P<sign>[{re.escape(_SIGNS)}])
      | (?P<soft>[-–/·'’′″‴!|‖∣⌊⌋⌈⌉⟨⟩%°])
      | (?P<opening>[(\[{{])
      | (?P<closing>[)\]}}])
      | (?P<comma>,)
      | (?P<space>[ \u00a0\u202f\u2009]+)
      | (?P<script_word>[{HAN_AND_KANA}]+|[\u0900-\u0963\u0970-\u097f]+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


class FormulaToken(NamedTuple):
    """A token of a text, with its role in a formula."""

    kind: str
    text: str
    start: int
    end: int


def tokens_of(text: str, start: int, end: int) -> list[FormulaToken]:
    """All tokens of `text[start:end]`, without gaps."""
    return [_token(match) for match in _TOKEN.finditer(text, start, end)]


def _token(match: re.Match[str]) -> FormulaToken:
    return FormulaToken(str(match.lastgroup), match[0], match.start(), match.end())
