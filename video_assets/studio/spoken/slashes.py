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
    return [
        (r"/", _slash),
        (r"\*\.([A-Za-z]\w{0,4})(?!\w)", _wildcard),
        (r"[ \u00a0]?\*", _star),
        (r"(?<=[A-Z] )\\(?= [A-Z](?!\w))", _set_minus),
        (r"(?<=[\s(&|])!(?=[a-z_(])", _not),
        (r"(?<=[A-Za-z)\]] )%(?= (?:\d|[A-Za-z](?!\w)|\())", _modulo),
    ]


def _slash(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    text, at = passage.text, match.start()
    if per := _between_units(passage, at):
        return (SpokenPiece(per, at),)
    if (
        passage.in_formula(at)
        or divides_quantities(passage, at)
        or (operand_before(text, at) and operand_after(text, at + 1))
    ):
        return (SpokenPiece(passage.language.maths.over, at),)
    spaced = text[at - 1 : at].isspace() and text[at + 1 : at + 2].isspace()
    if spaced and "=" in text[max(0, at - 80) : at + 80]:
        return (SpokenPiece(passage.language.maths.over, at),)
    if re.search(r"[\w]$", text[:at][-1:]) and re.match(r"d[A-Za-zα-ω](?!\w)", text[at + 1 : at + 4]):
        return (SpokenPiece(passage.language.maths.over, at),)
    capitals = re.search(r"[A-Z]$", text[max(0, at - 1) : at]) and re.match(r"[A-Z]", text[at + 1 : at + 2])
    return () if capitals else None


def _words_beside(passage: Passage, at: int) -> tuple[str, str]:
    before = re.search(r"[^\W\d_]+$", passage.text[max(0, at - _NEAR) : at])
    after = re.match(r"[^\W\d_]+", passage.text[at + 1 : at + 1 + _NEAR])
    return (before[0] if before else "", after[0] if after else "")


def divides_quantities(passage: Passage, at: int) -> bool:
    """Whether the slash at `at` stands between two quantities: `mass/volume`."""
    quantities = passage.language.amounts.quantities
    if not quantities:
        return False
    start, end = ("", "") if passage.language.unspaced else (r"(?<![^\W\d_])", r"(?![^\W\d_])")
    before, after = passage.text[max(0, at - _NEAR) : at], passage.text[at + 1 : at + 1 + _NEAR]
    return bool(re.search(rf"{start}(?:{quantities})$", before) and re.match(rf"(?:{quantities}){end}", after))


def _between_units(passage: Passage, at: int) -> str:
    """The word for the slash of `metres/second`; "" if it is another one."""
    language = passage.language
    first, second = _words_beside(passage, at)
    if not first or not re.fullmatch(language.amounts.per_words or "(?!)", second):
        return ""
    return language.per if any(first in (unit.one, unit.many) for unit in language.units.values()) else ""


def _star(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """The star of a name or a pattern (`A* search`, `*.pdf`, `SELECT * FROM`). Between two factors it is a product."""
    text, language = passage.text, passage.language
    star, note = language.symbols.get("★"), language.symbols.get("⁎")
    at = match.end() - 1
    spaced, alone = match[0] != "*", not text[at + 1 : at + 2].strip()
    if not star or (passage.in_formula(at) and (operand_after(text, match.end()) or _has_factor(passage, at + 1))):
        return None
    if spaced and alone and text[match.end() :].strip():
        return (
            None if operand_before(text, match.start()) and operand_after(text, match.end()) else _star_piece(star, at)
        )
    if not spaced and re.search(r"(?<![^\W\d_])[A-Za-z]$|\\\w$|[)\]]$", text[max(0, at - 2) : at]):
        return None if re.match(r"[\w(]", text[at + 1 : at + 2]) else _star_piece(star, at)
    if not spaced and re.search(r"\d$", text[:at][-1:]) and re.match(r" [a-z]{3}", text[at + 1 : at + 5]):
        return _star_piece(star, at)
    if re.match(r"\*[^\W\d_]{2}[^*\n]{0,40}\*", text[at : at + 50]):
        return ()
    if operand_before(text, match.start()) or operand_after(text, match.end()):
        return None
    return None if spaced or not note else _star_piece(note, at)


def _modulo(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`x % 2` of a program; `5 % of` is a percentage."""
    said = passage.language.maths.functions.get("mod")
    return (SpokenPiece(said, match.start()),) if said else None


def _has_factor(passage: Passage, at: int) -> bool:
    """Whether the formula goes on at `at` with a factor."""
    factor = re.match(r"\s*(?=[^\W_]|[(√])", passage.text[at : at + 8])
    return factor is not None and passage.in_formula(at + factor.end())


def _set_minus(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`A \\ B`: a difference of sets."""
    return (SpokenPiece(passage.language.maths.minus, match.start()),)


def _not(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`!done` of a program."""
    said = passage.language.symbols.get("¬")
    return (SpokenPiece(said, match.start()),) if said else None


def _wildcard(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`*.pdf`: all files with this ending."""
    language = passage.language
    star, dot = language.symbols.get("★"), language.web.get(".")
    if not star or not dot:
        return None
    ending = language.endings.get(match[1])
    said = (SpokenPiece(ending, match.start(1)),) if ending else passage.read(match.start(1), match.end())
    return (SpokenPiece(star, match.start()), SpokenPiece(dot, match.start() + 1), *said)


def _star_piece(word: str, at: int) -> SpokenPieces:
    return (SpokenPiece(word, at),)
