"""Rules for the slash and the asterisk, which are signs of formulas, of choices, and of programs.

Does not belong here: numbers with a slash (`numbers.py`), or units (`units.py`).
"""

from __future__ import annotations

import re

from video_assets.studio.spoken.languages.language import Language

from .passage import Entry, Passage, SpokenPiece, SpokenPieces, operand_after, operand_before

_NEAR = 40


def slash_rules(_language: Language) -> list[Entry]:
    """The rules in the order in which they are tried."""
    return [(r"/", _slash), (r"\*", _star)]


def _slash(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    text, at = passage.text, match.start()
    if passage.in_formula(at) or (operand_before(text, at) and operand_after(text, at + 1)):
        return (SpokenPiece(passage.language.maths.over, at),)
    spaced = text[at - 1 : at].isspace() and text[at + 1 : at + 2].isspace()
    if spaced and "=" in text[max(0, at - 80) : at + 80]:
        return (SpokenPiece(passage.language.maths.over, at),)
    if re.search(r"[\w]$", text[:at][-1:]) and re.match(r"d[A-Za-zα-ω](?!\w)", text[at + 1 : at + 4]):
        return (SpokenPiece(passage.language.maths.over, at),)
    capitals = re.search(r"[A-Z]$", text[max(0, at - 1) : at]) and re.match(r"[A-Z]", text[at + 1 : at + 2])
    return () if capitals else None


def _star(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    if operand_before(passage.text, match.start()) or operand_after(passage.text, match.end()):
        return None
    spaced = passage.text[match.start() - 1 : match.start()].isspace() and match.start() > 0
    name = passage.language.symbols.get("⁎")
    return None if spaced or not name else (SpokenPiece(name, match.start()),)
