"""Rules for text that starts with a digit or is measured by one: dates, times, money, units, fractions, years.

Does not belong here: formulas (`maths.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from video_assets.studio.spoken.languages.language import Language

from .characters import NUMERALS
from .passage import (
    Entry,
    NoWordError,
    Passage,
    Rule,
    SpokenPiece,
    SpokenPieces,
    beside_operator,
    by_first_character,
    compiled,
    fill_template,
)

_SPACE = r"[\s\u00a0\u202f]"
_NEAR = 24
_VULGAR = "½¼¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_POWER_SIGNS = {"²": "2", "³": "3", "⁻¹": "-1", "⁻²": "-2", "⁻³": "-3", "^2": "2", "^3": "3", "^-1": "-1", "^-2": "-2"}


def number_rules(language: Language) -> tuple[Rule, ...]:
    """The rules in the order in which they are tried."""
    number = number_pattern(language)
    rules: list[Entry] = [
        (r"(\d{4})-(\d{2})-(\d{2})(?!\d|-\d)", _date),
        (r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?(?![\d:])(?:[ \u00a0]Uhr\b)?", _clock),
        (r"(\d+)\s?:\s?(\d+)(?![\d:])", _ratio),
        (r"(?:\+\d{1,3}(?:[ -]\(?\d{2,4}\)?){2,4}|\(?\d{3}\)?[ -]\d{3}-\d{4}|\d{3}-\d{4})(?![\w-])", _phone),
        *_money_rules(language, number),
        (rf"({number})[eE]([+−-]?\d+)(?!\w)", _scientific),
        (rf"({number}){_SPACE}?%", _percent),
        *_unit_rules(language),
        (rf"(?:(\d+){_SPACE}?)?([{_VULGAR}])", _vulgar),
        (r"(?:(\d+) )?(\d{1,4})[/⁄](\d{1,4})(?![\d/⁄]|[.,]\d)", _fraction),
        *_ordinal_rules(language),
        *_year_rules(language),
        (r"\d+(?:\.\d+){2,}(?!\w)", _version),
        (number, _plain),
        (rf"(?<![\w.])[{language.decimal}](\d+)", _bare_fraction),
        (rf"[{NUMERALS}]", _numeral),
    ]
    return compiled(rules)


def digit_rules(unit_signs: Iterable[str] = ()) -> tuple[Rule, ...]:
    """For a language without tables: digits as written, and the hyphen that joins words.

    A range and a unit need a word of the language, so they raise NoWordError. The voice would say "ten, twenty" for
    `10–20`, and letters for `kg`.
    """
    signs = "|".join(re.escape(sign) for sign in sorted(unit_signs, key=len, reverse=True)) or "(?!)"
    return (
        Rule(rf"(?<=\d){_SPACE}?({signs})(?![^\W\d_])", _no_word),
        Rule(rf"(?<=\d){_SPACE}?([-–—−‒~〜～]){_SPACE}?(?=\d)", _no_word),
        Rule(r"\d+(?:[.,:]\d+)*", _as_written),
        Rule(r"(?<=\w)[-‐‑](?=[^\W\d])|(?<=[^\W\d])[-‐‑](?=\w)", lambda _match, _passage: ()),
        # The ending of an acronym in Finnish and Swedish: `EU:n`.
        Rule(r"(?<=[^\W\d]):(?=[^\W\d])", lambda _match, _passage: ()),
        Rule(r"(?<=\s)-(?=\s)", lambda match, _passage: (SpokenPiece(",", match.start()),)),
    )


def _no_word(match: re.Match[str], _passage: Passage) -> SpokenPieces:
    raise NoWordError(match.span(1))


def _as_written(match: re.Match[str], _passage: Passage) -> SpokenPieces:
    digits = re.sub(r"\d", lambda digit: plain_digits(digit[0]), match[0])
    return (SpokenPiece(digits, match.start()),)


def number_pattern(language: Language) -> str:
    """Digits with this language's grouping and point. Groups must be complete: `1,234` but not `1,23`."""
    whole = rf"(?:\d{{1,3}}(?:[{language.group}]\d{{2,3}})*[{language.group}]\d{{3}}(?!\d)|\d+)"
    return rf"{whole}(?:[{language.decimal}]\d+)?"


def number_words(language: Language, text: str) -> str:
    """`"1,234.5"` -> `"one thousand two hundred thirty-four point five"`, or digits if the voice reads them well."""
    grouped = re.fullmatch(
        rf"(\d{{1,3}}(?:[{language.group}]\d{{2,3}})*[{language.group}]\d{{3}})(?:[{language.decimal}](\d+))?", text
    )
    whole, fraction = grouped.groups() if grouped else re.fullmatch(r"(\d*)(?:\D(\d+))?", text).groups()  # pyright: ignore[reportOptionalMemberAccess]
    whole = plain_digits(re.sub(r"\D", "", whole))
    said = language.cardinal(whole) if whole else ""
    if fraction is None:
        return said
    return f"{said} {language.point} {language.fraction_digits(plain_digits(fraction))}".strip()


def plain_digits(text: str) -> str:
    """Digits of any script as 0 to 9."""
    return "".join(str(unicodedata.digit(character)) for character in text)


def _date(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    year, month, day = (int(part) for part in match.groups())
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return (SpokenPiece(passage.language.date(year, month, day), match.start()),)


def _clock(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    if int(match[1]) > 24:
        return None
    said = passage.language.clock(int(match[1]), int(match[2]))
    seconds = f" {passage.language.cardinal(str(int(match[3])))}" if match[3] else ""
    return (SpokenPiece(said + seconds, match.start()),)


def _ratio(match: re.Match[str], passage: Passage) -> SpokenPieces:
    say = passage.language.cardinal
    return (
        SpokenPiece(say(plain_digits(match[1])), match.start()),
        SpokenPiece(passage.language.to, match.start(2) - 1),
        SpokenPiece(say(plain_digits(match[2])), match.start(2)),
    )


def _phone(match: re.Match[str], passage: Passage) -> SpokenPieces:
    pieces: list[SpokenPiece] = []
    if match[0].startswith("+"):
        pieces.append(SpokenPiece(passage.language.symbols.get("+", ""), match.start()))
    for group in re.finditer(r"\d+", match[0]):
        at = match.start() + group.start()
        pieces += [SpokenPiece(passage.language.digits(plain_digits(group[0])), at), SpokenPiece(",", at)]
    return tuple(pieces[:-1])


def _money_rules(language: Language, number: str) -> list[Entry]:
    signs = "".join(re.escape(sign) for sign in language.money)
    if not signs:
        return []
    magnitude = rf"(?:{_SPACE}?(?P<magnitude>{language.magnitudes or '(?!)'})(?!\w))?"
    sign = f"(?P<sign>[{signs}])"
    amount = rf"(?P<amount>{number})(?!\w)"
    return [
        (rf"{sign}{_SPACE}?{amount}{magnitude}", _money),
        (rf"(?P<amount>{number}){magnitude}{_SPACE}?{sign}(?![\d])", _money),
    ]


def _money(match: re.Match[str], passage: Passage) -> SpokenPieces:
    language, money = passage.language, passage.language.money[match["sign"]]
    whole, cents = _whole_and_cents(language, match["amount"])
    if cents and money.cent and not match["magnitude"]:
        return _with_cents(match, passage, whole, cents)
    one = match["amount"] == "1" and not match["magnitude"]
    amount = _one(language, money.feminine) if one else number_words(language, match["amount"])
    said = [SpokenPiece(amount, match.start())]
    if match["magnitude"]:
        said.append(SpokenPiece(match["magnitude"], match.start("magnitude")))
    at = max(match.start("sign"), said[-1].at)
    return (*said, SpokenPiece(money.one if one else money.many, at))


def _whole_and_cents(language: Language, amount: str) -> tuple[str, str]:
    """`"3.50"` -> `("3", "50")`; no cents unless there are exactly two digits after the point, not both zero."""
    match = re.fullmatch(rf"(.*\d)[{language.decimal}](\d\d)", amount)
    if not match or match[2] == "00":
        return amount, ""
    return match[1], match[2]


def _with_cents(match: re.Match[str], passage: Passage, whole: str, cents: str) -> SpokenPieces:
    language, money = passage.language, passage.language.money[match["sign"]]
    name = money.one if whole == "1" else money.many
    amount = _one(language, money.feminine) if whole == "1" else number_words(language, whole)
    said = language.money_order.format(amount, name, language.cardinal(str(int(cents)))).strip()
    return (SpokenPiece(said, match.start()),)


def _one(language: Language, feminine: bool) -> str:
    return (language.one_feminine if feminine else "") or language.one or language.cardinal("1")


def _scientific(match: re.Match[str], passage: Passage) -> SpokenPieces:
    language = passage.language
    sign = language.maths.negative + " " if match[2][0] in "-−" else ""
    exponent = sign + language.cardinal(plain_digits(match[2].lstrip("+-−")))
    return (
        SpokenPiece(number_words(language, match[1]), match.start()),
        SpokenPiece(language.maths.scientific.format(exponent), match.start(2)),
    )


def _percent(match: re.Match[str], passage: Passage) -> SpokenPieces:
    inner = (SpokenPiece(number_words(passage.language, match[1]), match.start()),)
    return fill_template(passage.language.percent, inner, match.end() - 1)


def _unit_rules(language: Language) -> list[Entry]:
    """A unit counts as one only after a number. The number `1` before it may have its own form."""
    if not language.units:
        return []
    names = by_first_character(sorted(language.units, key=len, reverse=True))
    power = "|".join(re.escape(sign) for sign in sorted(_POWER_SIGNS, key=len, reverse=True))
    unit = rf"(?:{names})(?:{power})?"
    expression = rf"{unit}(?:[/·⋅∙]{unit})*(?![\w{NUMERALS}'’])"
    return [(rf"1(?={_SPACE}?({expression}))", _one_unit), (expression, _unit)]


_SELDOM_ATTACHED = "KCTGSHFBt"
"""Units that are rarely written without a space: `4K` is no temperature, `5G` no mass."""
_MEASURED = re.compile(rf"(?:\d|[{_VULGAR}]|10[⁻⁰¹²³⁴-⁹]+){_SPACE}?$")
_HYPHENED = re.compile(r"\d-$")
_JUST_ONE = re.compile(rf"(?<![\d.,/:–-])1{_SPACE}?$")


def _unit(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    before = passage.text[max(0, match.start() - 8) : match.start()]
    hyphened = bool(_HYPHENED.search(before))
    if not (hyphened or _MEASURED.search(before) or _is_quotient(match[0])) or _is_variable(match, passage, before):
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
    parts = re.finditer(r"([/·⋅∙])?([^/·⋅∙]+)", sign)
    return tuple(_Factor(part[2], below=part[1] == "/", at=part.start()) for part in parts)


def _is_word(passage: Passage, sign: str, end: int) -> bool:
    """Whether a sign that is also a common word is the word: Spanish `ha` before a participle."""
    followed_by = passage.language.unit_words.get(sign)
    return bool(followed_by) and bool(re.match(followed_by, passage.text[end : end + _NEAR]))


def _is_quotient(sign: str) -> bool:
    """`km/h` is a unit even without a number; `A/B` is not."""
    return "/" in sign and (sign == "m/s" or len(sign) > 3)


def _is_variable(match: re.Match[str], passage: Passage, before: str) -> bool:
    """`2h + 1`: a letter directly after a digit, beside an operator, is a variable and not an hour."""
    attached = before[-1:].isdigit() and len(match[0]) == 1 and match[0].isalpha()
    return (attached and match[0] in _SELDOM_ATTACHED) or (
        attached and beside_operator(passage.text, match.start(), match.end())
    )


def _one_of(language: Language, sign: str, *, singular: bool, below: bool = False) -> str:
    """A unit with its power: `m²` -> `square metres`, `s⁻¹` -> `per second`."""
    name, power = _split_power(language, sign)
    unit = language.units[name]
    word = unit.one if singular or power < 0 else unit.many
    shaped = _powered(language, name, abs(power), singular=singular or power < 0, below=below or power < 0).format(word)
    return f"{language.per} {shaped}" if power < 0 else shaped


def _powered(language: Language, name: str, power: int, *, singular: bool, below: bool) -> str:
    if power == 2:
        if below and name in ("s", "min", "h"):
            return language.time_squared
        return language.square_one if singular else language.square
    if power == 3:
        return language.cubic_one if singular else language.cubic
    return "{}"


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
    return (SpokenPiece(_one(passage.language, passage.language.units[name].feminine), match.start()),)


def _vulgar(match: re.Match[str], passage: Passage) -> SpokenPieces:
    numerator, denominator = unicodedata.normalize("NFKC", match[2]).split("⁄")
    return _mixed(match, passage, int(numerator), int(denominator))


def _fraction(match: re.Match[str], passage: Passage) -> SpokenPieces:
    return _mixed(match, passage, int(match[2]), int(match[3]))


def _mixed(match: re.Match[str], passage: Passage, numerator: int, denominator: int) -> SpokenPieces:
    said = passage.language.fraction(numerator, denominator)
    if not match[1]:
        return (SpokenPiece(said, match.start(2)),)
    joint = passage.language.mixed.replace("{}", "", 1)
    return (
        SpokenPiece(passage.language.cardinal(plain_digits(match[1])), match.start()),
        SpokenPiece(joint.format(said).strip(), match.start(2)),
    )


def _ordinal_rules(language: Language) -> list[Entry]:
    return [(rf"(\d+)(?:{language.ordinal_marks})(?!\w)", _ordinal)] if language.ordinal_marks else []


def _ordinal(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    if not passage.language.ordinal or len(match[1]) > 12:
        return None
    return (SpokenPiece(passage.language.ordinal(int(match[1])), match.start()),)


def _year_rules(language: Language) -> list[Entry]:
    refused = f"(?!{language.year_refused})" if language.year_refused else ""
    years: list[Entry] = [(rf"(1[1-9]\d\d|20\d\d)(?![\w%])(?![.,:/]\d){refused}", _year)] if language.year else []
    decades: list[Entry] = [(r"(1\d\d0|20\d0)['’]?s(?!\w)", _decade), (r"(?<=['’‘])(\d0)s(?!\w)", _decade)]
    return (decades if language.decade else []) + years


def _year(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    if not passage.language.year or beside_operator(passage.text, match.start(), match.end()):
        return None
    return (SpokenPiece(passage.language.year(int(match[1])), match.start()),)


def _decade(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    return (SpokenPiece(passage.language.decade(int(match[1])), match.start()),) if passage.language.decade else None


def _version(match: re.Match[str], passage: Passage) -> SpokenPieces:
    parts = [passage.language.cardinal(plain_digits(part)) for part in match[0].split(".")]
    return (SpokenPiece(f" {passage.language.point} ".join(parts), match.start()),)


def _plain(match: re.Match[str], passage: Passage) -> SpokenPieces:
    return (SpokenPiece(number_words(passage.language, match[0]), match.start()),)


def _bare_fraction(match: re.Match[str], passage: Passage) -> SpokenPieces:
    language = passage.language
    return (SpokenPiece(f"{language.point} {language.fraction_digits(plain_digits(match[1]))}", match.start()),)


def _numeral(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`Ⅳ` and `①`: one character that is a whole number."""
    value = unicodedata.numeric(match[0], 0.5)
    if value != int(value) or unicodedata.decomposition(match[0]).startswith(("<super>", "<sub>")):
        return None
    return (SpokenPiece(passage.language.cardinal(str(int(value))), match.start()),)
