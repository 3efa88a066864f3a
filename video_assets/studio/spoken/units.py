"""Rules for units after a number: their products, quotients and powers, and their singular and plural.

Does not belong here: money (`money.py`), or the words of any unit.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from video_assets.studio.spoken.languages.language import Language, Unit

from .characters import NUMERALS, SUPERSCRIPT_CLASS
from .passage import Entry, Passage, SpokenPiece, SpokenPieces, beside_operator, by_first_character

SPACE = r"[\s\u00a0\u202f]"
VULGAR = "½¼¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_NEAR = 40
_RAISED = str.maketrans("⁻−¹²³⁴⁵⁶", "--123456", "^{}")
_POWER = r"⁻?[¹²³⁴⁵⁶]|\^\{?[-−]?[1-6]\}?"
_NEGATIVE = r"⁻[¹²³⁴⁵⁶]|\^\{?[-−][1-6]\}?|[-−][1-4](?!\d|[.,]\d)"
_FACTOR = rf"[^\W\d_²³¹⁴⁵⁶]{{1,4}}(?:{_POWER}|[23](?!\d|[.,]\d))?"
"""What looks like a unit. A product is one only if all its factors are units of the language."""
_BELOW = rf"(?:[ \u00a0\u202f·⋅∙]{_FACTOR})*[ \u00a0\u202f·⋅∙]°?[^\W\d_²³¹⁴⁵⁶]{{1,4}}(?:{_NEGATIVE})"
_BRACKET = rf"/\({_FACTOR}(?:[ ·⋅∙*]{_FACTOR})*\)"
_LENGTHS = ("m", "dm", "cm", "mm", "µm", "μm", "nm", "km", "ft", "yd", "mi")
_SPACED_PRODUCTS = "N m|kN m|mN m|kg m|A h|mA h|W h|kW h|W s|V s|A s|A m|J s|Pa s|V A|C m|Ω m|Ω cm"


def unit_rules(language: Language) -> list[Entry]:
    """A unit counts as one only after a number. The number `1` before it may have its own form."""
    if not language.units:
        return []
    names = by_first_character(sorted(language.units, key=len, reverse=True))
    lengths = "|".join(length for length in _LENGTHS if length in language.units)
    unit = rf"(?:(?:{lengths})[23](?!\d|[.,]\d)|(?:{names})(?:{_POWER})?)"
    ends = rf"(?![\w{NUMERALS}'’])"
    word = "".join(sorted(language.single_letter_words))
    words: list[Entry] = (
        [
            (rf"(?<=[¹²³⁴-⁹⁺⁻+] )[{word}](?= [^\s=<>+−×·/*)^-])(?! \w [+−=])", _word_behind_power),
            (rf"(?<=[A-Za-z\d]- )[{word}](?= [A-Z])", _word_behind_power),
        ]
        if word
        else []
    )
    return [
        (rf"1(?={SPACE}?((?:{names})(?:{_POWER})?)(?![\w'’]))", _one_unit),
        (
            rf"(?:(?:{_SPACED_PRODUCTS})(?!{SPACE}?[⁻^])(?:/{_FACTOR})?|{_FACTOR}(?:{_BELOW}|{_BRACKET}|[/·⋅∙]{_FACTOR})+){ends}",
            _product,
        ),
        (unit + ends, _unit),
        *words,
    ]


_UNPOWERED = re.compile(rf"(?:{_NEGATIVE}|{_POWER}|[23])$")
_SELDOM_ATTACHED = "KCTGSHFBt"
"""Units that are rarely written without a space: `4K` is no temperature, `5G` no mass."""
_MEASURED = re.compile(rf"(?:\d|[{VULGAR}]|10[⁻⁰¹²³⁴-⁹]+){SPACE}?$")
_HYPHENED = re.compile(r"(?:^|[^\^_\d])\d+[-‐‑]$")
_JUST_ONE = re.compile(rf"(?<![\d.,/:–-])1{SPACE}?$")
_PART_OF_ONE = re.compile(rf"(?:^|[^\d.,/ ]\s?|[^\d ] )1/\d{{1,2}}{SPACE}?$")
_TIMES = ("s", "min", "h", "ms", "d")


def is_measured(text: str, at: int) -> bool:
    """Whether a number ends right before `at`, so that a unit may begin there."""
    return bool(_MEASURED.search(text[max(0, at - 8) : at]))


def _product(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`kg·m/s²`, `m s⁻²`, `J/(kg·K)`: the whole, if every factor is a unit."""
    known = all(unit_of(passage.language, factor.unit) for factor in _factors(passage.language, match[0]))
    return _unit(match, passage) if known else None


def _unit(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    before = passage.text[max(0, match.start() - 8) : match.start()]
    hyphened = bool(_HYPHENED.search(before))
    if before[-1:].isdigit() and _is_in_reaction(passage, match.start()):
        return None
    if hyphened and len(match[0]) == 1 and passage.in_formula(match.start()):
        return None
    if not (hyphened or _MEASURED.search(before) or _stands_alone(match, passage)):
        return None
    if passage.in_formula(match.start()) and re.search(r"[A-Za-z_]\d\s?$", before) and "⁻" not in match[0]:
        return None
    if _is_variable(match, passage, before) or _is_word(passage, match[0], match.start(), match.end()):
        return None
    singular = hyphened or before.endswith(f"{passage.language.per} ") or bool(_JUST_ONE.search(before))
    singular = (
        singular
        or bool(_PART_OF_ONE.search(before))
        or is_adjective(passage, match.start(), match.end())
        or _is_named(passage, match.start())
    )
    factors = _factors(passage.language, match[0])
    counted = _counted_factor(passage.language, factors)
    pieces: list[SpokenPiece] = []
    for index, factor in enumerate(factors):
        one_of_it = singular or index != counted
        said = _factor_words(passage, match, factor, singular=one_of_it)
        pieces.append(SpokenPiece(said, match.start() + factor.at))
    return tuple(pieces)


def _is_in_reaction(passage: Passage, at: int) -> bool:
    """`2Mg + O₂ → 2MgO`: the letters behind a number are a substance."""
    formula = passage.formulas.around(at)
    return formula is not None and bool(re.search("[→⇌⇄⟶]|->", passage.text[formula[0] : formula[1]]))


class _Factor(NamedTuple):
    """One unit of a product or quotient of units, and its place in it."""

    unit: str
    below: bool
    at: int


def _counted_factor(language: Language, factors: tuple[_Factor, ...]) -> int:
    """The factor that has the plural: the first one, or the last one above the bar ("five newton metres")."""
    above = [at for at, factor in enumerate(factors) if not factor.below and not _says_per(language, factor)]
    return above[-1] if language.amounts.last_factor_plural and above else 0


def _factor_words(passage: Passage, match: re.Match[str], factor: _Factor, *, singular: bool) -> str:
    language = passage.language
    if factor.unit == "m" and "min" in language.units and _is_between_hours_and_seconds(passage, match):
        return unit_words(language, "min", singular=singular)
    if factor.unit == "kt" and factor.at == 0:
        return _knots_or_tonnes(passage, match, singular=singular)
    said = unit_words(language, factor.unit, singular=singular, below=factor.below)
    return f"{language.per} {said}" if factor.below and not _says_per(language, factor) else said


def _knots_or_tonnes(passage: Passage, match: re.Match[str], *, singular: bool) -> str:
    """`kt` is a knot near a word for speed."""
    amounts = passage.language.amounts
    if amounts.knot and _is_near(passage, amounts.knot_near, match.start(), match.end()):
        return noun(amounts.knot, one=singular)
    return unit_words(passage.language, "kt", singular=singular)


def _is_between_hours_and_seconds(passage: Passage, match: re.Match[str]) -> bool:
    """`5h 55m 10s`, `2m 30s`: the `m` is minutes."""
    before = passage.text[max(0, match.start() - 12) : match.start()]
    behind = passage.text[match.end() : match.end() + 8]
    if match[0] != "m" or not re.search(r"(?<![\d.,])[0-5]?\d$", before):
        return False
    return bool(re.search(r"\d\s?h\s?\d+$", before) or re.match(r"\s?[0-5]?\d(?:\.\d+)?s(?!\w)", behind))


def noun(words: str | tuple[str, ...], *, one: bool) -> str:
    """The singular or the plural of an entry that has both, or one word for both."""
    if isinstance(words, str):
        return words
    return words[0] if one else words[1]


def _is_near(passage: Passage, words: str, start: int, end: int) -> bool:
    around = passage.text[max(0, start - _NEAR) : start] + " " + passage.text[end : end + _NEAR]
    return bool(words) and bool(re.search(rf"(?<![^\W\d_])(?:{words})(?![^\W\d_])", around))


def _factors(language: Language, sign: str) -> tuple[_Factor, ...]:
    """`kg·m/s²` -> kg, m and, below the bar, s². A sign that is listed as a whole (`L/100 km`) is one unit."""
    if sign in language.units:
        return (_Factor(sign, below=False, at=0),)
    bracket = sign.find("(")
    parts = re.finditer(r"([/·⋅∙\s*(]+)?([^/·⋅∙\s*()]+)", sign)
    return tuple(
        _Factor(part[2], below="/" in (part[1] or "") or 0 <= bracket < part.start(2), at=part.start())
        for part in parts
        if part[2]
    )


def _says_per(language: Language, factor: _Factor) -> bool:
    """Whether the power of a factor already says "per"."""
    return _split_power(language, factor.unit)[1] < 0


def _is_word(passage: Passage, sign: str, start: int, end: int) -> bool:
    """Whether a sign that is also a word or a function is that: Spanish `ha` before a participle, `2 sec x`."""
    behind = passage.text[end : end + _NEAR]
    if sign in passage.language.maths.functions and re.match(
        r"[²³⁻]|\s?\(|\s?[\u0391-\u03c9]|\s[a-z](?!\w)(?!\s[a-z]{2})", behind
    ):
        return sign != "min"
    if sign in _CAPITALS_OF_NAMES and _names_something(passage, start, end):
        return True
    followed_by = passage.language.unit_words.get(sign)
    if not followed_by or not re.match(followed_by, behind):
        return False
    measured, before = passage.language.amounts.measured_after, passage.text[max(0, start - _NEAR) : start]
    return not (measured and re.search(rf"(?:(?<!\w)(?:{measured})\s|\d[.,])\d+\s$", before))


_CAPITALS_OF_NAMES = ("A", "B", "C", "F")


def _names_something(passage: Passage, start: int, end: int) -> bool:
    """Whether a capital is a name and no unit, from the words beside it: `3 A levels`, `Seat 12A`, `5A景区`."""
    amounts, unspaced = passage.language.amounts, passage.language.unspaced
    opens, closes = ("", "") if unspaced else (r"(?<![^\W\d_])", r"(?![^\W\d_])")
    before, behind = passage.text[max(0, start - _NEAR) : start], passage.text[end : end + _NEAR]
    if amounts.lettered and re.match(rf"[\s-]?(?:{amounts.lettered}){closes}", behind):
        return True
    return bool(amounts.numbered) and bool(re.search(rf"{opens}(?i:{amounts.numbered})\s?\d{{1,3}}$", before))


_QUOTIENTS = frozenset(
    ("m/s", "km/h", "km/s", "m/s²", "kg/m³", "g/cm³", "g/mol", "mol/L", "kJ/mol", "W/m²", "N/m²", "kg·m/s²")
)
_UNMISTAKABLE = frozenset(
    ("kHz", "MHz", "GHz", "THz", "kWh", "MWh", "GWh", "mmHg", "kPa", "MPa", "hPa", "kJ", "MJ", "keV", "MeV", "GeV")
) | {"Mbps", "Gbps", "kbps", "kV", "kΩ", "MΩ", "N·m", "kN·m", "kg", "cm", "mm"}
"""Those that are no word and no product, with or without a number."""
"""Those that are units even in a formula without a number: `v in km/h = 36`."""


def _stands_alone(match: re.Match[str], passage: Passage) -> bool:
    """`km/h` and `km²` are units even without a number; `A/B`, `mc²` and `kt/α` in a formula are not."""
    sign = match[0]
    if passage.text[max(0, match.start() - 1) : match.start()].isalnum():
        return False
    before = passage.text[max(0, match.start() - _NEAR) : match.start()]
    if re.fullmatch(rf"[^\W\d_²³¹]+(?:{_NEGATIVE})", sign) and re.search(r"\d\s[^\W\d_]{3,}\s$", before):
        return True
    formula = passage.formulas.around(match.start())
    if formula is not None and formula != match.span():
        return sign in _QUOTIENTS
    if sign in _UNMISTAKABLE:
        return not passage.in_formula(match.start()) or formula == match.span()
    area = re.fullmatch(r"(?:[cmdk]m)[²³]", sign)
    return bool(area) or ("/" in sign and "(" not in sign and (sign == "m/s" or len(sign) > 3))


def _is_variable(match: re.Match[str], passage: Passage, before: str) -> bool:
    """`2h + 1`, `4s²`, `(2s)²`: a letter directly after a digit is a variable and not an hour or a second."""
    base = re.sub(_POWER, "", match[0])
    if not before[-1:].isdigit() or len(base) != 1 or not base.isalpha():
        return False
    if base in _TIMES and base != match[0]:
        return True
    if base != match[0]:
        return base != "m" and beside_operator(passage.text, match.start(), match.end())
    if base in _SELDOM_ATTACHED or beside_operator(passage.text, match.start(), match.end()):
        return True
    return _is_used_as_variable(passage, base, match)


def _is_used_as_variable(passage: Passage, name: str, match: re.Match[str]) -> bool:
    """`(2s)² = 4s`: in a formula with a bracket or a power after the letter, or with the letter a second time."""
    behind = passage.text[match.end() : match.end() + 3]
    if re.match(r"\)[²³⁴-⁹ⁿ^]", behind):
        return True
    formula = passage.formulas.around(match.start())
    if formula is None or not re.search("[=<>≤≥≈≠]", passage.text[formula[0] : formula[1]]):
        return False
    others = re.findall(rf"(?<![^\W\d_]){name}(?![^\W\d_/])", passage.text[formula[0] : formula[1]])
    return len(others) > 1 or bool(re.match(rf"\)\s?[{SUPERSCRIPT_CLASS}^+*/×·(−-]", behind))


def is_adjective(passage: Passage, start: int, end: int) -> bool:
    """Whether the unit or currency between `start` and `end` is an adjective: "a 5 kg mass"."""
    amounts = passage.language.amounts
    if not amounts.adjective_after:
        return False
    before = passage.text[max(0, start - _NEAR) : start]
    amount = (
        rf"[-−]?[$€£¥￥₹]?[\d.,{VULGAR}]*(?:{SPACE}?(?:[–×x/-]|to|by){SPACE}?[$€£]?[\d.,]+)*(?:{SPACE}\w+)?{SPACE}?$"
    )
    following = re.match(r"[\s-]([A-Za-z]+)", passage.text[end : end + _NEAR])
    if not following:
        return False
    if re.search(rf"(?<!\w)(?:{amounts.adjective_after})\s{amount}", before):
        return not re.fullmatch("and|or|of|to|is|are", following[1])
    maybe = re.search(rf"(?<!\w)(?:{amounts.adjective_maybe})\s{amount}", before)
    return bool(maybe) and not re.fullmatch(amounts.not_adjective_before, following[1])


def _is_named(passage: Passage, start: int) -> bool:
    """Whether an article is right before a unit: "the kg is a unit"."""
    amounts = passage.language.amounts
    articles = f"{amounts.adjective_after}|{amounts.adjective_maybe}" if amounts.adjective_after else "(?!)"
    return bool(re.search(rf"(?<!\w)(?:{articles})\s$", passage.text[max(0, start - _NEAR) : start]))


def unit_words(language: Language, sign: str, *, singular: bool, below: bool = False) -> str:
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
    return "{} " + language.maths.power.format(language.cardinal(str(power))) if power > 3 else "{}"


@lru_cache(maxsize=256)
def _split_power(language: Language, sign: str) -> tuple[str, int]:
    if sign in language.units:
        return sign, 1
    name = _UNPOWERED.sub("", sign)
    return name, int(sign[len(name) :].translate(_RAISED))


def _one_unit(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    before = passage.text[max(0, match.start() - 1) : match.start()]
    if before and (before.isdigit() or before in ".,/:–-"):
        return None
    if _is_word(passage, match[1], match.start(), match.end(1)):
        return None
    name, _ = _split_power(passage.language, match[1])
    return (SpokenPiece(one(passage.language, passage.language.units[name].feminine), match.start()),)


def one(language: Language, feminine: bool) -> str:
    """The number 1 before a counted noun."""
    return (language.one_feminine if feminine else "") or language.one or language.cardinal("1")


def unit_of(language: Language, sign: str) -> Unit | None:
    """The unit with this sign, whatever its power."""
    return language.units.get(_UNPOWERED.sub("", sign))


def _word_behind_power(match: re.Match[str], _passage: Passage) -> SpokenPieces:
    """Spanish `3 m² y 5 m`: the power does not make the word `y` a variable."""
    return (SpokenPiece(match[0], match.start()),)
