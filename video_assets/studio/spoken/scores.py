"""Rules for scores (`3-1`, `3:1`) and for numbers in the plural (`5s and 10s`).

Does not belong here: ratios and ranges (`ranges.py`), or decades (`dates.py`).
"""

from __future__ import annotations

import re

from video_assets.studio.spoken.languages.language import Language

from .numbers import number_words
from .passage import Entry, Passage, SpokenPiece, SpokenPieces

_NEAR = 40
_CLAUSE_END = re.compile(r"[.!?;。！？；।]")


def score_rules(language: Language) -> list[Entry]:
    """The rules in the order in which they are tried; they go before those for ranges and seconds."""
    rules: list[Entry] = []
    if language.amounts.score:
        rules.append((r"(?<![\w.,:/–-])(\d{1,3})[:–-](\d{1,3})(?![\w:/–%-])(?![.,]\d)", _score))
    if language.amounts.plural_before:
        rules.append((r"(?<![\w.,])(\d{1,3})s(?!\w)", _plural))
    return rules


def _score(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`they won 3-1`. A dash before a larger number and its noun is a range: "they won 3-4 medals"."""
    language, text = passage.language, passage.text
    before = _CLAUSE_END.split(text[max(0, match.start() - _NEAR) : match.start()])[-1]
    behind = text[match.end() : match.end() + _NEAR]
    edge = "" if language.unspaced else r"(?<![^\W\d_])"
    near = rf"{edge}(?:{language.amounts.score_near})"
    if passage.in_formula(match.start()) and "=" in before + behind:
        return None
    if not re.search(near, f"{before}  {_CLAUSE_END.split(behind)[0]}"):
        return None
    is_time = match[0][len(match[1])] == ":" and len(match[2]) == 2 and int(match[2]) < 60
    ascends = int(match[1]) < int(match[2])
    if is_time or (ascends and not re.match(rf"\s?(?:[^\w\s]|$|{language.amounts.score_near})", behind)):
        return None
    first, second = number_words(language, match[1]), number_words(language, match[2])
    _, between, _ = language.amounts.score.split("{}")
    said = (SpokenPiece(between, match.end(1)),) if between.strip() else ()
    return (SpokenPiece(first, match.start()), *said, SpokenPiece(second, match.start(2)))


_CHAIN = r"(?:,?\s(?:and|or)\s|,\s)\d{1,3}s"


def _plural(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`5s, 10s and 20s coins`, `1s and 0s`, `count in 2s`: numbers of a kind, and no seconds."""
    language, text = passage.language, passage.text
    before, behind = text[max(0, match.start() - _NEAR) : match.start()], text[match.end() : match.end() + _NEAR]
    counted = re.match(rf"(?:{_CHAIN}){{0,5}}\s(?:{language.amounts.plural_before})(?!\w)", behind)
    listed = re.search(
        rf"(?<!\w)(?i:{language.amounts.plural_after})\s(?:\d{{1,3}}s(?:,?\s(?:and|or)\s|,\s)){{0,5}}$", before
    )
    if not (counted or listed or _is_binary(match[1], before, behind)):
        return None
    said = language.cardinal(match[1])
    if said.endswith("y"):
        return (SpokenPiece(f"{said[:-1]}ies", match.start()),)
    return (SpokenPiece(said + ("es" if said.endswith("x") else "s"), match.start()),)


def _is_binary(number: str, before: str, behind: str) -> bool:
    """Whether the place is part of `1s and 0s`."""
    other = {"0": "1", "1": "0"}.get(number)
    if other is None:
        return False
    return bool(
        re.match(rf"\s(?:and|or)\s{other}s(?!\w)", behind) or re.search(rf"(?<!\w){other}s\s(?:and|or)\s$", before)
    )
