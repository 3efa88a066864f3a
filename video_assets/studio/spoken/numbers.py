"""Numbers in digits as words, and the rules for plain numbers: fractions, percentages, ordinals, powers of ten.

Does not belong here: amounts with a unit (`units.py`) or a currency (`money.py`), dates, or formulas (`maths.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from video_assets.studio.spoken.languages.language import Language

from .characters import NUMERALS
from .passage import Entry, NoWordError, Passage, Rule, SpokenPiece, SpokenPieces, fill_template

_SPACE = r"[\s\u00a0\u202f]"
_VULGAR = "½¼¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_NEAR = 30


def plain_number_rules(language: Language) -> list[Entry]:
    """The rules for numbers that are no more than numbers, in the order in which they are tried."""
    number = number_pattern(language)
    return [
        (rf"({number})[eE]([+−-]?\d+)(?!\w)", _scientific),
        (rf"({number}){_SPACE}?%(?!ig)", _percent),
        (rf"({number}){_SPACE}?‰", _per_mille),
        (rf"(?:(\d+){_SPACE}?)?([{_VULGAR}])", _vulgar),
        (rf"1/({number})(?![\d/⁄^⁻⁰¹²³⁴-⁹ⁿ]|[.,]\d)", _scale_of_map),
        (r"(?:(\d+) )?(\d{1,4})[/⁄](\d{1,4})(?![\d/⁄^⁻⁰¹²³⁴-⁹ⁿ]|[.,]\d)", _fraction),
        *_ordinal_rules(language),
    ]


def last_number_rules(language: Language) -> list[Entry]:
    """The rules for any other digits."""
    return [
        (number_pattern(language), _plain),
        (rf"(?<![\w.])[{language.decimal}](\d+)", _bare_fraction),
        (rf"[{NUMERALS}]", _numeral),
    ]


def digit_rules(unit_signs: Iterable[str] = ()) -> tuple[Rule, ...]:
    """For a language without tables: digits as written, and the hyphen that joins words.

    A range and a unit need a word of the language, so they raise NoWordError. The voice would say "ten, twenty" for
    `10–20`, and letters for `kg`.
    """
    signs = "|".join(re.escape(sign) for sign in sorted(unit_signs, key=len, reverse=True)) or "(?!)"
    return (
        Rule(rf"(?<=\d){_SPACE}?({signs})(?![^\W\d_])", _no_word),
        Rule(rf"(?<=\d){_SPACE}?([-–—−‒~〜～]){_SPACE}?(?=\d)", _no_word),
        Rule(rf"(?<=\d){_SPACE}({_CYRILLIC_UNITS})(?![^\W\d_])", _no_word),
        Rule(r"(?<![\d.,:])\d{1,2}(\.)\d{1,2}\.\d{4}(?!\d|\.\d)", _no_word),
        Rule(r"(?<![\d:.,])\d+(:)(?:\d(?!\d)|[6-9]\d(?!\d)|\d{3,}|\d{1,2}:\d(?!\d))", _no_word),
        Rule(r"(?<![\w'’-])(?=[IVX]{2})(?:X{0,3}(?:IX|IV|V?I{0,3}))(?![\w'’])", _roman_as_written),
        Rule(r"\d+(?:[.,:]\d+)*", _as_written),
        Rule(r"(?<=\w)[-‐‑](?=[^\W\d])|(?<=[^\W\d])[-‐‑](?=\w)", lambda _match, _passage: ()),
        # The ending of an acronym in Finnish and Swedish: `EU:n`.
        Rule(r"(?<=[^\W\d]):(?=[^\W\d])", lambda _match, _passage: ()),
        Rule(r"(?<=\s)-(?=\s)", lambda match, _passage: (SpokenPiece(",", match.start()),)),
    )


_CYRILLIC_UNITS = "[мгтлчр]"
"""Metre, gram, tonne, litre, hour, and Ukrainian year and rouble. Other single letters are words, too: `с`, `в`."""


def _roman_as_written(match: re.Match[str], _passage: Passage) -> SpokenPieces | None:
    """`XX secolo`: the voice knows what the language does with a Roman number; spelled it would be two letters."""
    return (SpokenPiece(match[0], match.start()),) if match[0] else None


def _no_word(match: re.Match[str], _passage: Passage) -> SpokenPieces:
    raise NoWordError(match.span(1))


def _as_written(match: re.Match[str], _passage: Passage) -> SpokenPieces:
    digits = re.sub(r"\d", lambda digit: plain_digits(digit[0]), match[0])
    return (SpokenPiece(digits, match.start()),)


def number_pattern(language: Language) -> str:
    """Digits with this language's grouping and point. Groups must be complete: `1,234` but not `1,23`."""
    own = rf"[1-9]\d{{0,2}}(?:[{language.group}]\d{{2,3}})*[{language.group}]\d{{3}}(?!\d)"
    whole = rf"(?:{_EVERYWHERE}|{own}|{_SPACED}|\d+)"
    return rf"(?:{_OF_ANOTHER_LANGUAGE}|{whole}(?:[{language.decimal}]\d+)?)"


_EVERYWHERE = r"[1-9]\d{0,2}(?:(?:\.\d{3}){2,}|(?:,\d{3}){2,}|(?:['’]\d{3})+|(?:_\d{3})+(?!_))(?!\d)"
"""Two or more groups of three digits with the same sign between them are a number in every language."""
_OF_ANOTHER_LANGUAGE = r"[1-9]\d{0,2}(?:(?:,\d{3})+\.|(?:\.\d{3})+,)\d{1,2}(?!\d)"
"""Both signs tell which is the decimal one: `1,500.00` and `1.500,00`."""
_SPACED = (
    r"(?:[1-9]\d?(?: \d{3}){2,}(?!\d)|[1-9]\d{0,2} 000(?!\d|[,.]\d)"
    r"|[1-9]\d{0,2} \d{3}(?= ?(?:km|m|kg|W|kW|V|J|N|Pa|Hz|€|%|\$)(?!\w))"
    r"|[1-9]\d{0,2} \d{3}(?= (?:people|[a-z]{3,}s)(?!\w)))"
)
"""Grouped with spaces as the sciences do in every language: zeros or a unit tell that the groups belong together."""


def number_words(language: Language, text: str) -> str:
    """`"1,234.5"` -> `"one thousand two hundred thirty-four point five"`, or digits if the voice reads them well."""
    whole, fraction = _whole_and_fraction(language, text)
    said = language.cardinal(whole) if whole else ""
    if fraction is None:
        return said
    return f"{said} {language.point} {language.fraction_digits(plain_digits(fraction))}".strip()


def in_own_signs(language: Language, text: str) -> str:
    """`1,500.00` in Spanish -> `1500,00`: a number in the signs of another language, in those of this one."""
    if not re.fullmatch(_OF_ANOTHER_LANGUAGE, text):
        return text
    whole, fraction = re.split(r"[.,](?=\d+$)", text)
    return re.sub(r"\D", "", whole) + language.decimal[0] + fraction


def _whole_and_fraction(language: Language, text: str) -> tuple[str, str | None]:
    """Plain digits before the point, and those behind it."""
    own = rf"[1-9]\d{{0,2}}(?:[{language.group}]\d{{2,3}})*[{language.group}]\d{{3}}"
    spaced = r"[1-9]\d{0,2}(?: \d{3})+"
    grouped = re.fullmatch(rf"({_EVERYWHERE}|{own}|{spaced})(?:[{language.decimal}](\d+))?", text)
    if grouped is None and re.fullmatch(_OF_ANOTHER_LANGUAGE, text):
        whole, fraction = re.split(r"[.,](?=\d+$)", text)
        return re.sub(r"\D", "", whole), fraction
    plain = grouped or re.fullmatch(r"(\d*)(?:\D(\d+))?", text)
    if plain is None:
        return plain_digits(re.sub(r"\D", "", text)), None
    return plain_digits(re.sub(r"\D", "", plain[1])), plain[2]


def plain_digits(text: str) -> str:
    """Digits of any script as 0 to 9."""
    return "".join(str(unicodedata.digit(character)) for character in text)


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


def _per_mille(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`3‰`: on the side of the number on which the language has "percent"."""
    number = SpokenPiece(number_words(passage.language, match[1]), match.start())
    sign = SpokenPiece(passage.language.symbols["‰"], match.end() - 1)
    return (number, sign) if passage.language.percent.startswith("{}") else (sign._replace(at=match.start()), number)


def _vulgar(match: re.Match[str], passage: Passage) -> SpokenPieces:
    numerator, denominator = unicodedata.normalize("NFKC", match[2]).split("⁄")
    return _mixed(match, passage, int(numerator), int(denominator))


def _fraction(match: re.Match[str], passage: Passage) -> SpokenPieces:
    return _mark(match, passage) or _mixed(match, passage, int(match[2]), int(match[3]))


def _mark(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """French `la note 15/20`: a mark is told with its highest value, and is no fraction."""
    language, before = passage.language, passage.text[max(0, match.start() - _NEAR) : match.start()]
    words = language.amounts.mark_after
    if not words or match[1] or not re.search(rf"(?<!\w)(?:{words})\s(?:[^\W\d_]{{1,4}}\s){{0,2}}$", before):
        return None
    said = f"{language.cardinal(match[2])} {language.maths.over} {language.cardinal(match[3])}"
    return (SpokenPiece(said, match.start(2)),)


def _mixed(match: re.Match[str], passage: Passage, numerator: int, denominator: int) -> SpokenPieces:
    said = passage.language.fraction(numerator, denominator)
    if not match[1]:
        return (SpokenPiece(said, match.start(2)),)
    joint = passage.language.mixed.replace("{}", "", 1)
    return (
        SpokenPiece(passage.language.cardinal(plain_digits(match[1])), match.start()),
        SpokenPiece(joint.format(said).strip(), match.start(2)),
    )


def _scale_of_map(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`1/50 000`: the scale of a map."""
    if len(match[1]) < 5:
        return None
    language = passage.language
    said = (language.cardinal("1"), number_words(language, match[1]))
    return (SpokenPiece(language.maths.over.join((f"{said[0]} ", f" {said[1]}")), match.start()),)


def _ordinal_rules(language: Language) -> list[Entry]:
    rules: list[Entry] = []
    if language.ordinal_marks:
        rules.append((rf"(\d+)({language.ordinal_marks})(?!\w)", _ordinal))
    if language.amounts.ordinal_after:
        rules.append((r"(\d{1,2})\.(?=\s[^\W\d_]{2})", _ordinal_behind_article))
    if language.decade_ending:
        rules.append((rf"(\d{{1,2}}(?=\d0))?(\d{{1,2}})({language.decade_ending})(?![^\W\d_])", _decade_with_ending))
    return rules


def _ordinal(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    language = passage.language
    if not language.ordinal or len(match[1]) > 12:
        return None
    article = _article_before(match, passage)
    gendered = language.ordinal_with(int(match[1]), article or match[2]) if language.ordinal_with else None
    return (SpokenPiece(gendered or language.ordinal(int(match[1])), match.start()),)


def _article_before(match: re.Match[str], passage: Passage) -> str:
    words = passage.language.amounts.ordinal_after
    before = passage.text[max(0, match.start() - _NEAR) : match.start()]
    found = re.search(rf"(?<!\w)({words})\s(?:\d{{1,2}}\.\s?(?:\w{{3,4}}|[–-])\s?)?$", before) if words else None
    return found[1].lower() if found else ""


def _ordinal_behind_article(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """German `das 2. Gesetz`: an article before the number and a noun behind it make the full stop an ordinal."""
    language = passage.language
    article = _article_before(match, passage)
    if not article or not language.ordinal_with or not language.ordinal:
        return None
    if re.match(rf"\s(?:{language.amounts.ordinal_after})(?!\w)", passage.text[match.end() : match.end() + _NEAR]):
        return None
    value = int(match[1])
    said = language.ordinal_with(value, article) or language.ordinal(value)
    return (SpokenPiece(said, match.start()),)


def _decade_with_ending(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """German `1990er` and `90er`."""
    language = passage.language
    if not language.ordinal_with or match[0].startswith("00"):
        return None
    if match[2] == "00" and match[1].endswith("0"):
        return (SpokenPiece(f"{int(match[1]) // 10} tausend{match[3]}", match.start()),)
    if match[2] == "00":
        return (SpokenPiece(f"{match[1]} {language.ordinal_with(100, match[3])}", match.start()),)
    tens = language.ordinal_with(int(match[2]), match[3])
    head = "" if not match[1] else (language.year or str)(int(match[1]) * 100) + " "
    return (SpokenPiece(f"{head}{tens}", match.start()),) if tens else None


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
