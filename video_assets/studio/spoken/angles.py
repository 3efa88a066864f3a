"""Rules for minutes and seconds of arc, the points of the compass, and feet and inches.

Does not belong here: the primes of names (`maths.py`).
"""

from __future__ import annotations

import re

from video_assets.studio.spoken.languages.language import Language

from .numbers import number_words
from .passage import Entry, Passage, SpokenPiece, SpokenPieces
from .units import SPACE, is_adjective, noun, one

_MINUTE = "[′'’]"
_SECOND = "(?:[″\"”]|′′|'')"
_NEAR = 30
_STRAND = re.compile(
    r"(?<!\w)(?:ends?|strands?|cap|carbon|UTR|[dcm]?[DR]NA|direction|primers?)(?!\w)|['’] to (?:the )?\d['’]"
)
"""Beside them `5'` is a place on a strand of DNA and no length."""


def angle_rules(language: Language) -> list[Entry]:
    """The rules for marks behind a number: `45°30′15″ N`, `5′ 10″`."""
    if not language.amounts.arc_minute:
        return []
    number = r"\d{1,5}(?:[.,]\d+)?"
    compass = "".join(sorted(language.amounts.compass))
    return [
        (r"(\d{1,3}(?:[.,]\d+)?)\"(?=\s[^\W\d_])", _inches_in_quotes),
        (rf"({number}){_MINUTE}{SPACE}?({number}){_SECOND}(?![a-z\d])", _feet_and_inches),
        (rf"({number})(?:(′)|(″))(?![a-z\d(=])", _marked),
        (rf"({number})({_MINUTE})(?=\s?[{compass}](?!\w))", _marked),
        (rf"({number})['’](?=\s[^\W\d_])", _feet),
        (r"(?<![\d/])(\d{1,2} )?(\d{1,2})/(2|4|8|16|32|64)(?:[″”]|\"(?=[\s.,;:)]|$))", _fraction_of_an_inch),
        (rf"(?<=[°′″'\"”])\s?([{compass}])(?![\w'’])|(?<=[°′″]\u00a0)([{compass}])(?![\w'’])", _compass),
    ]


def _feet_and_inches(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    before = passage.text[max(0, match.start() - 2) : match.start()]
    amounts = passage.language.amounts
    angle = bool(re.search(r"°\s?$", before))
    if not angle and match[0].count("'") + match[0].count("’") and not re.search(r"\d$", match[1]):
        return None
    first, second = (amounts.arc_minute, amounts.arc_second) if angle else (amounts.foot, amounts.inch)
    singular = not angle and is_adjective(passage, match.start(), match.end())
    return (
        *_counted(passage.language, match[1], match.start(1), first, singular=singular),
        *_counted(passage.language, match[2], match.start(2), second, singular=singular),
    )


def _feet(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`6' tall`, `a 6' board`: feet, if no quotation ends there."""
    amounts, text = passage.language.amounts, passage.text
    quoted = re.search(r"(?:^|[\s(\"])['‘][^'’\n]*$", text[max(0, match.start() - 60) : match.start()])
    following = re.match(r"\s([^\W\d_]+)", text[match.end() : match.end() + _NEAR])
    strand = re.search(_STRAND, text[match.start() - min(match.start(), _NEAR) : match.end() + _NEAR])
    if quoted or strand or not following or not amounts.not_adjective_before:
        return None
    singular = is_adjective(passage, match.start(), match.end())
    if not singular and not re.fullmatch(amounts.not_adjective_before, following[1]):
        return None
    return _counted(passage.language, match[1], match.start(), amounts.foot, singular=singular)


def _fraction_of_an_inch(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`a 3/8" bolt`: a fraction and a mark of inches that closes no quotation."""
    if match[0][-1] == '"' and len(re.findall(r'(?<!\d)"', passage.text[: match.start()])) % 2:
        return None
    read = passage.read(match.start(), match.end() - 1)
    below_one = match[1] is None
    inch = noun(passage.language.amounts.inch, one=below_one or is_adjective(passage, match.start(), match.end()))
    return (*read, SpokenPiece(inch, match.end() - 1))


def _inches_in_quotes(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`a 12" ruler`: a quote that has no partner."""
    if passage.text.count('"') % 2 == 0:
        return None
    singular = is_adjective(passage, match.start(), match.end())
    return _counted(passage.language, match[1], match.start(), passage.language.amounts.inch, singular=singular)


def _counted(language: Language, number: str, at: int, words: str | tuple[str, ...], *, singular: bool) -> SpokenPieces:
    feminine = isinstance(words, tuple) and words[-1] == "f"
    said = one(language, feminine) if number == "1" else number_words(language, number)
    return (
        SpokenPiece(said, at),
        SpokenPiece(noun(words, one=singular or number == "1"), at + len(number)),
    )


def _marked(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`30′` behind degrees or near an angle is minutes of arc; elsewhere `6′` is feet and `12″` inches."""
    amounts, text = passage.language.amounts, passage.text
    before = text[max(0, match.start() - _NEAR) : match.start()]
    minutes = match[0][-1] != "″"
    arc = "°" in before or bool(
        re.match(rf"\s?[{''.join(amounts.compass)}](?!\w)", text[match.end() : match.end() + 3])
    )
    around = before + " " + text[match.end() : match.end() + _NEAR]
    if minutes and re.fullmatch("[1-5]", match[1]) and re.search(_STRAND, around) and passage.language.maths.prime:
        return (
            SpokenPiece(number_words(passage.language, match[1]), match.start()),
            SpokenPiece(passage.language.maths.prime, match.end() - 1),
        )
    arc = arc or not amounts.arc_near or bool(re.search(rf"(?<!\w)(?:{amounts.arc_near})(?!\w)", around))
    words = (
        (amounts.arc_minute if minutes else amounts.arc_second) if arc else (amounts.foot if minutes else amounts.inch)
    )
    singular = not arc and is_adjective(passage, match.start(), match.end())
    return _counted(passage.language, match[1], match.start(), words, singular=singular)


def _compass(match: re.Match[str], passage: Passage) -> SpokenPieces:
    letter = match[1] or match[2]
    return (SpokenPiece(passage.language.amounts.compass[letter], match.end() - 1),)
