"""Rules for a sign behind a number or a bracket that no other rule may take: `(n+1)th`, `2री`, `§ 5 S. 1`, `ΔG°`.

Does not belong here: ordinal numbers in digits (`numbers.py`).
"""

from __future__ import annotations

import re

from video_assets.studio.spoken.languages.language import Language

from .passage import Entry, Passage, Rule, SpokenPiece, SpokenPieces, compiled

_INNER = r"\(([\w+−–\s·-]{0,16}?)(\d{1,3}|[a-z])\)"
_ENDINGS = {
    "en": r"[-‐]?(?:st|nd|rd|th|ˢᵗ|ⁿᵈ|ʳᵈ|ᵗʰ)",
    "de": r"[-‐]?(?:s?te)([nrsm]?)",
    "fr": r"(?:[-‐]?(?:ième|ème|eme|ᵉ)|[-‐]?e(?=\s[a-zà-ÿ]{3}))",
}
"""By language: what makes an expression in brackets an ordinal."""
_HINDI = r"(?<![\d.,])(?:([1१])(?:ल([ाीे]))|([23२३])र([ाीे])|([4४])थ([ाीे])|([6६])ठ([ाीे]))(?![\u0900-\u0963])"
_HINDI_STEMS = {1: "पहल", 2: "दूसर", 3: "तीसर", 4: "चौथ", 6: "छठ"}
_NEAR = 24


def ordinal_rules(language: Language) -> tuple[Rule, ...]:
    """The rules of the language, which go before all others."""
    rules: list[Entry] = []
    if language.symbols.get("⦵"):
        rules.append(
            (r"(?:(?<=[ΔΔ∆][A-Z])|(?<=\b[EGHSK]))\^?[°º⊖⦵](['’′]?)(?![CFK\d]|\s?[NSEW](?!\w))", _standard_state)
        )
    if language.tag in _ENDINGS:
        rules.append((rf"{_INNER}{_ENDINGS[language.tag]}(?!\w)", _ordinal_expression))
    if language.tag == "zh":
        rules.append((r"(?<=第)[(（]([\w+−–\s·-]{1,20})[)）]", _without_brackets))
    if language.tag == "hi":
        rules.append((_HINDI, _hindi_ordinal))
    if language.tag == "de":
        rules.append((r"(?<=[\d\w] )S\.(?=\s?\d)", _sentence_of_law))
    return compiled(rules)


def _standard_state(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`ΔG°`, `E°`, and `ΔG°'` of biochemistry: the value in the standard state, and no angle."""
    said = SpokenPiece(passage.language.symbols["⦵"], match.start())
    return (said, SpokenPiece(passage.language.maths.prime, match.start(1))) if match[1] else (said,)


def _ordinal_expression(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`the (n+1)th term` -> "the n plus first term"; `the (2n)th` -> "the two enth"."""
    language, last = passage.language, match[2]
    if not match[1].strip() or re.search(r"\w$", passage.text[: match.start()][-1:]):
        return None
    if language.tag == "fr" and match[0].endswith(")e") and last in "abcxyz":
        return None  # a product with Euler's number: (a+b)e
    head = passage.read(match.start(1), match.end(1)) if match[1].strip() else ()
    if last.isdigit():
        if not language.ordinal or not re.search(r"[+−–-]\s*$", match[1]):
            return None
        said = _spoken_ordinal(language, int(last), match)
    elif language.tag == "de":
        return (
            *head,
            SpokenPiece(language.letter(last), match.start(2)),
            SpokenPiece(f"te{match[3]}", match.end() - 1),
        )
    else:
        said = ("en" if last == "n" and language.tag == "en" else language.letter(last)) + {"en": "th", "fr": "ième"}[
            language.tag
        ]
    return (*head, SpokenPiece(said, match.start(2)))


def _spoken_ordinal(language: Language, value: int, match: re.Match[str]) -> str:
    if language.tag == "fr" and value == 1:
        return "unième"
    said = (language.ordinal or str)(value)
    return said.removesuffix("n") + match[3] if language.tag == "de" else said


def _without_brackets(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`第(n+1)项`: the bracket only shows where the number ends."""
    return passage.read(match.start(1), match.end(1))


def _hindi_ordinal(match: re.Match[str], _passage: Passage) -> SpokenPieces:
    """`2री` -> "दूसरी": the first ordinals are words of their own."""
    number, ending = (group for group in match.groups() if group)
    return (SpokenPiece(_HINDI_STEMS[int(number)] + ending, match.start()),)


def _sentence_of_law(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`§ 5 S. 1`, `Abs. 2 S. 3`: a sentence of a paragraph and no page."""
    before = passage.text[max(0, match.start() - _NEAR) : match.start()]
    if not re.search(r"(?:§§?|Art\.|Artikel|Abs\.|Absatz|Paragraf)\s?\d{1,4}[a-z]?\s$", before):
        return None
    return (SpokenPiece("Satz", match.start()),)
