"""Rules for Roman numbers: kings, centuries, chapters, wars and years.

Capitals that are no Roman number are left to the rules of words.
"""

from __future__ import annotations

import re

from video_assets.studio.spoken.languages.language import Language

from .passage import Entry, Passage, SpokenPiece, SpokenPieces

_ROMAN = re.compile(r"(?=[MDCLXVI])M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_RAISED_MARKS = "ᵉʳ|ʳᵉ|ᵉᵐᵉ|ᵉ"
_GENITIVE = r"(?:['’](?P<genitive>s)(?!\w))?(?![\w'’])"
_NEAR = 24
_PRONOUN = re.compile(
    r"['’]|\s+(?:am|was\s+(?:not|a\s)|have|think|thought|believe|know|knew|will|would|can|could|may|might|should|shall|must|"
    r"do|did|want|like|love|mean|see|saw|say|said|hope|guess|hear|heard|feel|need|remember|met|visited|wrote|read)\b"
)
"""What follows the pronoun I, where a king's number is not meant: `With George I think of tea`."""
_FIRST_YEAR, _LAST_YEAR = 1100, 2099


def roman_rules(language: Language) -> list[Entry]:
    """The rules in the order in which they are tried."""
    rules: list[Entry] = []
    if language.roman_ordinals:
        marks = f"{_RAISED_MARKS}|{language.ordinal_marks}"
        rules.append((rf"(?<!\w)[IVX]+(?=(?:{marks})(?!\w))({marks})", _ordinal))
    if language.roman_after:
        joint = r"(?:\s?[-–]\s?|,\s|\s(?:and|to|or|bis|und|oder|et|ou|y|o|a|से|और)\s|[和到至])"
        after = rf"(?=(?:{joint}[IVX]+(?:\.|th)?)?[\s\u00a0]?(?:{language.roman_after})(?![a-zà-ÿ]))"
        rules.append((rf"(?<![\w])([IVX]+)(?:\.|th)?{after}", _counted))
    if language.reigning:
        rules.append((rf"(?<=[A-Za-zÀ-ÿ] )([IVX]+){_GENITIVE}(?:\.(?=\s+[a-zà-ÿ]))?", _reigning))
    if language.roman_before:
        rules.append((rf"(?<=[A-Za-zÀ-ÿ. ] )[IVXLC]+{_GENITIVE}", _named))
    rules.append((rf"(?<![\w-])(?:M[MCDLXVI]{{3,}}|[IVX]{{3,}}|II){_GENITIVE}(?!-)", _alone))
    return rules


def roman_value(text: str) -> int:
    """`XIV` -> 14; 0 if the text is not a Roman number."""
    if not _ROMAN.fullmatch(text):
        return 0
    values = [_ROMAN_VALUES[letter] for letter in text]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))


def _word_before(passage: Passage, at: int) -> str:
    found = re.search(r"([^\W\d_]+\.?)\s$", passage.text[max(0, at - _NEAR) : at])
    return found[1] if found else ""


def _is_one_of(patterns: str, word: str) -> bool:
    """Whether `word` matches, with a genitive's ending (`Ludwigs XIV.`), or all in capitals."""
    return bool(re.fullmatch(f"(?:{patterns})s?", word)) or (
        len(word) > 1 and word.isupper() and bool(re.fullmatch(patterns, word, re.IGNORECASE))
    )


def _with_genitive(said: str, match: re.Match[str]) -> SpokenPieces:
    ending = "'s" if match["genitive"] else ""
    return (SpokenPiece(said + ending, match.start()),)


def _ordinal(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    value = roman_value(match[0][: match.start(1) - match.start()])
    said = passage.language.ordinal
    return (SpokenPiece(said(value), match.start()),) if value and said else None


def _counted(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`the XIX century`: an ordinal number where the language has one."""
    value = roman_value(match[1])
    if not value or (len(match[1]) == 1 and match[1] == "I"):
        return None
    said = passage.language.ordinal
    return (SpokenPiece(said(value) if said else passage.language.cardinal(str(value)), match.start()),)


def _reigning(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    language = passage.language
    name = _word_before(passage, match.start())
    if not language.regnal_ordinal or not _is_one_of(language.reigning, name):
        return None
    if match[1] == "I" and _PRONOUN.match(passage.text, match.end(1)) and not match["genitive"]:
        return None
    value = roman_value(match[1])
    return _with_genitive(_regnal(language, name, value), match) if value else None


def _regnal(language: Language, name: str, value: int) -> str:
    """The number of the king or queen `name`."""
    in_genitive = name.endswith("s") and not re.fullmatch(language.reigning, name)
    if language.regnal_genitive and in_genitive:
        return language.regnal_genitive(value)
    if language.queen_ordinal and re.fullmatch(language.queens, name):
        return language.queen_ordinal(value)
    return language.regnal_ordinal(value) if language.regnal_ordinal else language.cardinal(str(value))


def _named(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    before = _word_before(passage, match.start())
    number = match[0].partition("'")[0].partition("’")[0]
    value = 0 if match.start() in passage.formulas.factors else roman_value(number)
    listed = _is_one_of(passage.language.roman_before, before) and number not in ("L", "C")
    is_name = before[:1].isupper() and before.lower() not in passage.language.common_capitals
    several = len(number) > 1 and not re.search("[LC]", number) and is_name
    if not value or not (listed or several):
        return None
    return _with_genitive(passage.language.cardinal(str(value)), match)


def _alone(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """A number that looks like nothing else: `MCMXCIV`, `VIII`, `II`. `XXX` is no number in a text."""
    number = match[0].partition("'")[0].partition("’")[0]
    value = roman_value(number)
    if not value or number == "XXX":
        return None
    year = passage.language.year
    if number[0] == "M":
        known = _FIRST_YEAR <= value <= _LAST_YEAR
        return _with_genitive(year(value) if year and known else passage.language.cardinal(str(value)), match)
    return _with_genitive(passage.language.cardinal(str(value)), match)
