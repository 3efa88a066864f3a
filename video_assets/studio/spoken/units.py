"""Rules for units after a number: products, quotients, powers (`5 km²`, `9.8 m s⁻²`), and their singular and plural.

Does not belong here: the number itself (`numbers.py`), or money.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from video_assets.studio.spoken.languages.language import Language

from .characters import NUMERALS, SUPERSCRIPT_CLASS
from .numbers import VULGAR, one_before
from .passage import Entry, Passage, Rule, SpokenPiece, SpokenPieces, beside_operator, by_first_character, compiled

_SPACE = r"[\s\u00a0\u202f]"
_NEAR = 24
_POWER_SIGNS = {
    "²": "2",
    "³": "3",
    "^2": "2",
    "^3": "3",
    **{f"⁻{sign}": f"-{power}" for power, sign in enumerate("¹²³⁴", start=1)},
    **{f"^{minus}{power}": f"-{power}" for minus in "-−" for power in range(1, 5)},
    **{f"^{{{minus}{power}}}": f"-{power}" for minus in "-−" for power in range(1, 5)},
}


def unit_rules(language: Language) -> tuple[Rule, ...]:
    """A unit counts as one only after a number. The number `1` before it may have its own form."""
    if not language.units:
        return ()
    names = by_first_character(sorted(language.units, key=len, reverse=True))
    power = "|".join(re.escape(sign) for sign in sorted(_POWER_SIGNS, key=len, reverse=True))
    unit = rf"(?:{names})(?:{power})?"
    expression = rf"{unit}(?:[/·⋅∙]{unit})*(?![\w{NUMERALS}'’])"
    # The table of names in this expression too would double the time that its compilation takes.
    factor, joint = rf"{_SIGN}(?:{power})?", r"[·⋅∙ \u00a0\u202f]"
    spaced = rf"{factor}(?:{joint}{factor})*{joint}{_SIGN}(?:{power})(?![\w{NUMERALS}'’])"
    rules: list[Entry] = [
        (rf"1(?={_SPACE}?({expression}))", _one_unit),
        (spaced, _product),
        (expression, _unit),
    ]
    return compiled(rules)


_SIGN = "[A-Za-zµμΩ\u2126°]{1,4}"
_SELDOM_ATTACHED = "KCTGSHFBt"
"""Units that are rarely written without a space: `4K` is no temperature, `5G` no mass."""
_MEASURED = re.compile(rf"(?:\d|[{VULGAR}]|10[⁻⁰¹²³⁴-⁹]+){_SPACE}?$")
_HYPHENED = re.compile(r"(?:^|[^\^_\d])\d+-$")
_JUST_ONE = re.compile(rf"(?<![\d.,/:–-])1{_SPACE}?$")


def is_measured(text: str, at: int) -> bool:
    """Whether a number ends right before `at`, so that a unit may begin there."""
    return bool(_MEASURED.search(text[max(0, at - 8) : at]))


def _product(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`9.8 m s⁻²`: a product of units with spaces or dots between them, of which the last has a power."""
    units = passage.language.units
    names = (_split_power(passage.language, factor.unit)[0] for factor in _factors(passage.language, match[0]))
    return _unit(match, passage) if all(name in units for name in names) else None


def _unit(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    before = passage.text[max(0, match.start() - 8) : match.start()]
    hyphened = bool(_HYPHENED.search(before))
    if hyphened and len(match[0]) == 1 and passage.in_formula(match.start()):
        return None
    if not (hyphened or _MEASURED.search(before) or _is_quotient(match, passage)) or _is_variable(
        match, passage, before
    ):
        return None
    if _is_word(passage, match[0], match.end()):
        return None
    singular = hyphened or bool(_JUST_ONE.search(before))
    first, *rest = _factors(passage.language, match[0])
    pieces = [SpokenPiece(_one_of(passage.language, first.unit, singular=singular), match.start())]
    for factor in rest:
        said = _one_of(passage.language, factor.unit, singular=True, below=factor.below)
        said = f"{passage.language.per} {said}" if factor.below else said
        pieces.append(SpokenPiece(said, match.start() + factor.at))
    return tuple(pieces)


class _Factor(NamedTuple):
    """One unit of a product or quotient of units, and its place in it."""

    unit: str
    below: bool
    at: int


def _factors(language: Language, sign: str) -> tuple[_Factor, ...]:
    """`kg·m/s²` -> kg, m and, below the bar, s². A sign that is listed as a whole (`L/100 km`) is one unit."""
    if sign in language.units:
        return (_Factor(sign, below=False, at=0),)
    parts = re.finditer(r"([/·⋅∙ \u00a0\u202f])?([^/·⋅∙ \u00a0\u202f]+)", sign)
    return tuple(_Factor(part[2], below=part[1] == "/", at=part.start()) for part in parts)


def _is_word(passage: Passage, sign: str, end: int) -> bool:
    """Whether a sign that is also a common word is the word: Spanish `ha` before a participle."""
    followed_by = passage.language.unit_words.get(sign)
    return bool(followed_by) and bool(re.match(followed_by, passage.text[end : end + _NEAR]))


_QUOTIENTS = frozenset(
    ("m/s", "km/h", "km/s", "m/s²", "kg/m³", "g/cm³", "g/mol", "mol/L", "kJ/mol", "W/m²", "N/m²", "kg·m/s²")
)
"""Those that are units even in a formula without a number: `v in km/h = 36`."""


def _is_quotient(match: re.Match[str], passage: Passage) -> bool:
    """`km/h` is a unit even without a number; `A/B` is not, nor `kt/α` in a formula."""
    sign = match[0]
    formula = passage.formulas.around(match.start())
    if formula is not None and formula != match.span():
        return sign in _QUOTIENTS
    return "/" in sign and (sign == "m/s" or len(sign) > 3)


def _is_variable(match: re.Match[str], passage: Passage, before: str) -> bool:
    """`2h + 1`: a letter directly after a digit, beside an operator, is a variable and not an hour."""
    name, power = _split_power(passage.language, match[0])
    if not before[-1:].isdigit() or len(name) != 1 or not name.isalpha():
        return False
    if beside_operator(passage.text, match.start(), match.end()) or (power == 1 and name in _SELDOM_ATTACHED):
        return True
    return _is_used_as_variable(passage, name, power, match)


def _is_used_as_variable(passage: Passage, name: str, power: int, match: re.Match[str]) -> bool:
    """`(2s)² = 4s²`: in a formula with a bracket or a power after the letter, or with the letter a second time."""
    formula = passage.formulas.around(match.start())
    if formula is None:
        return False
    others = re.findall(rf"(?<![^\W\d_]){name}(?![^\W\d_/])", passage.text[formula[0] : formula[1]])
    bracketed = re.match(rf"\)\s?[{SUPERSCRIPT_CLASS}^+*/×·(−-]", passage.text[match.end() : match.end() + 3])
    return len(others) > 1 or bool(bracketed) or (power > 1 and name in "sh")


def _one_of(language: Language, sign: str, *, singular: bool, below: bool = False) -> str:
    """A unit with its power: `m²` -> `square metres`, `s⁻¹` -> `per second`."""
    name, power = _split_power(language, sign)
    unit = language.units[name]
    word = unit.one if singular or power < 0 else unit.many
    template = _powered(language, name, abs(power), singular=singular or power < 0, below=below or power < 0)
    if re.search(r"[A-Za-z]\{\}", template):  # one word: Quadratmeter
        word = word[0].lower() + word[1:]
    shaped = template.format(word)
    return f"{language.per} {shaped}" if power < 0 else shaped


def _powered(language: Language, name: str, power: int, *, singular: bool, below: bool) -> str:
    if power == 2:
        if below and name in ("s", "min", "h"):
            return language.time_squared
        return language.square_one if singular else language.square
    if power == 3:
        return language.cubic_one if singular else language.cubic
    return "{}" if power == 1 else "{} " + language.maths.power.format(language.cardinal(str(power)))


def _split_power(language: Language, sign: str) -> tuple[str, int]:
    for power in sorted(_POWER_SIGNS, key=len, reverse=True):
        if sign.endswith(power) and sign not in language.units:
            return sign[: -len(power)], int(_POWER_SIGNS[power])
    return sign, 1


def _one_unit(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    before = passage.text[max(0, match.start() - 1) : match.start()]
    if before and (before.isdigit() or before in ".,/:–-"):
        return None
    if _is_word(passage, match[1], match.end(1)):
        return None
    name, _ = _split_power(passage.language, _factors(passage.language, match[1])[0].unit)
    return (SpokenPiece(one_before(passage.language, passage.language.units[name].feminine), match.start()),)
