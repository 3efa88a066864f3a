"""Rules for text that starts with a digit or is measured by one: dates, times, money, units, fractions, years.

Does not belong here: formulas (`maths.py`).
"""

from __future__ import annotations

import re
import unicodedata

from video_assets.studio.spoken.languages.language import Language

from .characters import NUMERALS
from .passage import (
    Entry,
    Passage,
    Rule,
    SpokenPiece,
    SpokenPieces,
    beside_operator,
    compiled,
    fill_template,
)

_SPACE = r"[\s\u00a0\u202f]"
_NEAR = 24
VULGAR = "½¼¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"


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
        (rf"(?:(\d+){_SPACE}?)?([{VULGAR}])", _vulgar),
        (r"(?:(\d+) )?(\d{1,4})[/⁄](\d{1,4})(?![\d/⁄^⁻⁰¹²³⁴-⁹ⁿ]|[.,]\d)", _fraction),
        *_ordinal_rules(language),
        *_year_rules(language),
        (r"\d+(?:\.\d+){2,}(?!\w)", _version),
        (number, _plain),
        (rf"(?<![\w.])[{language.decimal}](\d+)", _bare_fraction),
        (rf"[{NUMERALS}]", _numeral),
    ]
    return compiled(rules)


def digit_rules() -> tuple[Rule, ...]:
    """For a language without tables: digits as written, and the hyphen that joins words."""
    return (
        Rule(r"\d+(?:[.,:]\d+)*", _as_written),
        Rule(r"(?<=\w)-(?=[^\W\d])", lambda _match, _passage: ()),
        Rule(r"(?<=\s)-(?=\s)", lambda match, _passage: (SpokenPiece(",", match.start()),)),
    )


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
    amount = one_before(language, money.feminine) if one else number_words(language, match["amount"])
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
    amount = one_before(language, money.feminine) if whole == "1" else number_words(language, whole)
    said = language.money_order.format(amount, name, language.cardinal(str(int(cents)))).strip()
    return (SpokenPiece(said, match.start()),)


def one_before(language: Language, feminine: bool) -> str:
    """The number 1 before a unit or a currency."""
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
