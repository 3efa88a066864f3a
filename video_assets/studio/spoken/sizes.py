"""Rules for sizes (`3 × 4 matrix`, `10 x 20 cm`) and items (`Exercise 3(b)`).

Each of them looks like a formula. Does not belong here: units (`units.py`).
"""

from __future__ import annotations

import re

from video_assets.studio.spoken.languages.language import Language

from .characters import HAN_AND_KANA
from .numbers import number_pattern, number_words
from .passage import Entry, Passage, Rule, SpokenPiece, SpokenPieces, compiled

_NEAR = 40


def size_rules(language: Language) -> tuple[Rule, ...]:
    """The rules in the order in which they are tried."""
    number = number_pattern(language)
    side = rf"(?:{number}|(?<![^\W\d_])[a-z](?![^\W\d_]))"
    letter = r"\((?:[a-z]|[ivx]{1,4})\)"
    after_word = rf"(?:(?<=[^\W\d_] )|(?<=[A-Za-z]\. )|(?<=[{HAN_AND_KANA}][ {HAN_AND_KANA}]))"
    rules: list[Entry] = [
        (rf"(?<=\d)(\s?)x(\s?)(?={number})", _letter_x),
        (rf"(?<=[\da-z])(\s?)×(\s?)(?={side})", _sign),
        (
            rf"{after_word}(\d+(?:\.\d+)?)(?:\(\d{{1,2}}\))?{letter}(?:{letter})?(?:[-–]{letter})?(?![\w(]|\s?[=+×·/^−]\s?\w)",
            _item,
        ),
    ]
    if language.decade:
        rules.append(
            (r"(?<![\w.,])([1-9]\d[1-9]\d)(?=\s?[×x]\s?\d{3,4}(?!\d))|(?<=\d[×x])([1-9]\d[1-9]\d)(?!\d)", _pixels)
        )
        rules.append((r"(?<= [×x] )([1-9]\d[1-9]\d)(?!\d)", _pixels))
    return compiled(rules)


def _letter_x(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """The letter x between two numbers is a sign: "by" in a size, else "times"."""
    if bool(match[1]) != bool(match[2]):
        return None
    if not match[1] and passage.text[match.start() - 1 : match.end() + 1].startswith("0x"):
        return None
    maths = passage.language.maths
    said = maths.times if _is_calculated(passage, match) or (match[1] and not _is_size(match, passage)) else maths.by
    return (SpokenPiece(said, match.start() + len(match[1])),)


def _sign(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    if _is_calculated(passage, match) or not _is_size(match, passage):
        return None
    return (SpokenPiece(passage.language.maths.by, match.start() + len(match[1])),)


def _is_calculated(passage: Passage, match: re.Match[str]) -> bool:
    """Whether the product belongs to an equation or a sum, or is a number in scientific notation."""
    formula = passage.formulas.around(match.start()) or (match.start() - 12, match.end() + 12)
    text = passage.text[max(0, formula[0]) : formula[1]]
    rest = passage.text[match.end() : match.end() + 8]
    return bool(re.search(r"[=<>≤≥≈≠+−^/√]|\s-\s", text)) or bool(re.match(r"10(?:[⁻⁰¹²³⁴-⁹]|\^)", rest))


def _is_size(match: re.Match[str], passage: Passage) -> bool:
    """Whether a size is written: a noun of a rectangle is near, a length ends it, or both sides are pixels."""
    text, language = passage.text, passage.language
    before, after = text[max(0, match.start() - _NEAR) : match.start()], text[match.end() : match.end() + _NEAR]
    sides = r"[\w.,]+(?:\s?[×x]\s?[\w.,]+)*"
    if language.sizes and re.match(rf"{sides}\s?[- ]?(?:\w+\s)?(?:{language.sizes})", after, re.IGNORECASE):
        return True
    if language.sizes and re.search(
        rf"(?:{language.sizes})\w*(?:\s\w{{1,3}})?\s(?:{sides}\s?[×x]\s?)?\w+\s?$", before, re.IGNORECASE
    ):
        return True
    if re.match(rf"{sides}\s?(?:{'|'.join(_LENGTHS)})(?![\w²³])", after):
        return True
    return bool(re.search(r"\d{3}$", before) and re.match(r"\d{3}", after))


_LENGTHS = ("nm", "µm", "mm", "cm", "dm", "km", "m", "ft", "px")


def _pixels(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`1920×1080` is "nineteen twenty by ten eighty"."""
    formula = passage.formulas.around(match.start()) or match.span()
    if re.search(r"[=<>≤≥≈≠+−^/√]|\s-\s", passage.text[formula[0] : formula[1]]):
        return None
    say = passage.language.cardinal
    return (SpokenPiece(f"{say(match[0][:2])} {say(match[0][2:])}", match.start()),)


def _item(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`Exercise 3(b)`: the item b, not a product."""
    language = passage.language
    if passage.in_formula(match.start()):
        return None
    pieces = [SpokenPiece(number_words(language, match[1]), match.start())]
    for part in re.finditer(r"\((\w+)\)", match[0]):
        at = match.start() + part.start(1)
        if part.start() and match[0][part.start() - 1] in "-–":
            pieces.append(SpokenPiece(language.to, at - 1))
        name = language.cardinal(str(len(part[1]))) if set(part[1]) == {"i"} and len(part[1]) > 1 else ""
        name = language.cardinal(part[1]) if part[1].isdigit() else name
        pieces.append(SpokenPiece(name or " ".join(language.letter(letter) for letter in part[1]), at))
    return tuple(pieces)
