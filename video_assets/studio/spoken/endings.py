"""Rules for endings behind a sign: German `1990er` and `Schüler*innen`, French `étudiant·e·s`, Spanish `amig@s`."""

from __future__ import annotations

import re

from video_assets.studio.spoken.languages.language import Language

from .characters import LATIN
from .passage import Entry, Passage, Rule, SpokenPiece, SpokenPieces, compiled
from .slashes import divides_quantities

_GERMAN_ENDINGS = "innen|in|r|n|e|m|s|er|en|em|es|frau|frauen"


def ending_rules(language: Language) -> tuple[Rule, ...]:
    """The rules for the language, in the order in which they are tried."""
    own = {"de": _german(language), "fr": _FRENCH, "es": _SPANISH}.get(language.tag, [])
    entries = own if language.tag == "en" else [*own, *_either_rules(language)]
    return compiled(entries)


def _german(language: Language) -> list[Entry]:
    def decade(match: re.Match[str], _passage: Passage) -> SpokenPieces | None:
        if not language.decade:
            return None
        said = language.decade(int(match[1]))
        return (SpokenPiece(said + (match[2] or ""), match.start()),)

    return [
        (r"(?<!\w)(1[1-9]\d0|20\d0|[1-9]0)(?:er)(n|in|innen|s)?(?!\w)", decade),
        (
            rf"(?<!\w)([{LATIN}]{{2,}})(?:[*:_·]|/-?|\(-?)({_GERMAN_ENDINGS})\)?((?:[*:_][a-z]{{1,2}})?)(?!\w)",
            _gendered,
        ),
        (rf"(?<!\w)([A-ZÄÖÜ][{LATIN}]*[a-zäöüß])(In(?:nen)?)(?!\w)", _inner_capital),
        (rf"(?<![\w.])([A-ZÄÖÜ][{LATIN}]*[a-zäöüß]-?[sS])tr\.", _street),
    ]


_NO_GENDER = re.compile(r"(?:und|oder|an|ab|bis|pro|für|mit|von|zu|in|um|aus)$", re.IGNORECASE)
_SIGN_WITH_OTHER_MEANINGS = re.compile(r"[/(]")


def _gendered(match: re.Match[str], _passage: Passage) -> SpokenPieces | None:
    """`Schüler:innen` is said "Schülerinnen". A slash or bracket counts only before `in` and `innen`."""
    sign = match[0][len(match[1])]
    if _NO_GENDER.match(match[1]) or (_SIGN_WITH_OTHER_MEANINGS.match(sign) and match[2] not in ("in", "innen")):
        return None
    if match[1][0].islower() and match[2] in ("in", "innen"):
        return None
    if sign == "(" and not match[0].endswith(")"):
        return None
    stem = match[1][:-1] if match[2] in ("in", "innen") and match[1][-1] == "e" else match[1]
    return (SpokenPiece(stem + match[2] + re.sub(r"\W|_", "", match[3]), match.start()),)


def _street(match: re.Match[str], passage: Passage) -> SpokenPieces:
    """`Hauptstr. 12` and `Berliner-Str.`; at the end of a sentence the full stop ends it too."""
    street = SpokenPiece(match[1] + "traße", match.start())
    ends = re.match(r"\s*$|\s+[A-ZÄÖÜ]", passage.text[match.end() :][:4])
    return (street, SpokenPiece(".", match.end() - 1)) if ends else (street,)


def _inner_capital(match: re.Match[str], _passage: Passage) -> SpokenPieces:
    return (SpokenPiece(match[1] + match[2].lower(), match.start()),)


def _french(match: re.Match[str], _passage: Passage) -> SpokenPieces:
    """`auteur·rice·s` is said "autrices"."""
    stem, ending, plural = match[1], match[2], match[3] or ""
    replaced = {"rice": "eur", "trice": "teur", "euse": "eur", "ère": "er"}.get(ending, "")
    return (SpokenPiece(stem.removesuffix(replaced) + ending + plural, match.start()),)


def _spanish(match: re.Match[str], _passage: Passage) -> SpokenPieces:
    return (SpokenPiece(f"{match[1]}o{match[2]}", match.start()),)


def _spanish_pair(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`alumnos/as` is said "alumnos o alumnas", `profesor(a)` "profesor o profesora"."""
    if passage.in_formula(match.start()):
        return None
    word, ending = match[1], match[2] or match[3]
    plural = r"(?:o|e)s$" if ending == "as" else r"[oe]$"
    return (SpokenPiece(f"{word} o {re.sub(plural, '', word)}{ending}", match.start()),)


def _either_rules(language: Language) -> list[Entry]:
    """`他/她`, `वह/वे`, `Vater/Mutter`: a slash between words is "or"; beside a unit it is "per"."""
    letter = {"hi": r"\u0900-\u0963", "zh": r"\u4e00-\u9fff"}.get(language.tag, LATIN)
    names = {word for unit in language.units.values() for word in (unit.one, unit.many)} | {"元", "次"}
    listed = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    measure = re.compile(rf"(?:{listed}|{language.amounts.per_words})(?![{letter}])")
    measured = re.compile(rf"(?:{listed})$")

    def slash(match: re.Match[str], passage: Passage) -> SpokenPiece | None:
        at = match.end() - 1
        if passage.in_formula(at) or divides_quantities(passage, at):
            return None
        per = measured.search(passage.text[max(0, at - 12) : at]) or measure.match(passage.text, match.end())
        return SpokenPiece(language.per if per else language.symbols["∨"], at)

    def between(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
        said = slash(match, passage)
        return (said,) if said else None

    def behind_word(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
        said = slash(match, passage)
        return (*passage.read(match.start(), match.end() - 1), said) if said else None

    if letter != LATIN:
        return [(rf"(?<=[{letter}])/(?=[{letter}])", between)]
    word = rf"[{LATIN}]?[a-zà-ÿ]{{2,}}"
    return [(rf"(?<![\w./:@-]){word}/(?={word}(?![\w/@]|\.\w))", behind_word)]


_FRENCH: list[Entry] = [
    (rf"(?<!\w)([{LATIN}]{{2,}})[·•⋅](e|ne|le|te|se|ère|rice|trice|euse)(?:[·•⋅]?(s))?(?!\w)", _french),
    (rf"(?<!\w)([{LATIN}]{{2,}})\((e|ne|le|te|se)\)(s?)(?!\w)", _french),
]
_SPANISH: list[Entry] = [
    (rf"(?<![\w.])([{LATIN}]{{2,}})@(s?)(?!\w)(?!\.\w)", _spanish),
    (rf"(?<![\w.])([{LATIN}]{{3,}})(?:/(as?)|\((as?)\))(?![\w/])", _spanish_pair),
]
