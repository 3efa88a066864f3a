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


def angle_rules(language: Language) -> list[Entry]:
    """The rules for marks behind a number: `45°30′15″ N`, `5′ 10″`."""
    if not language.amounts.arc_minute:
        return []
    number = r"\d{1,5}(?:[.,]\d+)?"
    compass = "".join(sorted(language.amounts.compass))
    return [
        (rf"({number}){_MINUTE}{SPACE}?({number}){_SECOND}(?![a-z\d])", _feet_and_inches),
        (rf"({number})(?:(′)|(″))(?![a-z\d(=])", _marked),
        (rf"({number})({_MINUTE})(?=\s?[{compass}](?!\w))", _marked),
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
    arc = arc or not amounts.arc_near or bool(re.search(rf"(?<!\w)(?:{amounts.arc_near})(?!\w)", around))
    words = (
        (amounts.arc_minute if minutes else amounts.arc_second) if arc else (amounts.foot if minutes else amounts.inch)
    )
    singular = not arc and is_adjective(passage, match.start(), match.end())
    return _counted(passage.language, match[1], match.start(), words, singular=singular)


def _compass(match: re.Match[str], passage: Passage) -> SpokenPieces:
    letter = match[1] or match[2]
    return (SpokenPiece(passage.language.amounts.compass[letter], match.end() - 1),)
