"""Rules for matter: ions with a charge, states of aggregation, single orbitals, the ends of a strand of DNA.

They come before the rules of names, numbers and words, which would read `Cl-`, `(aq)`, `2p⁶` and `5'` otherwise. Does
not belong here: molecules without a sign (`names.py`), or configurations of several orbitals (`codes.py`).
"""

from __future__ import annotations

import re

from video_assets.studio.spoken.languages.language import Language

from .characters import SUBSCRIPT_CLASS, SUPERSCRIPTS
from .numbers import number_words
from .passage import Entry, Passage, Rule, SpokenPiece, SpokenPieces, by_first_character, compiled

_ELEMENT_SYMBOLS = """
H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr
Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir
Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl
Mc Lv Ts Og
"""
_ELEMENT = f"(?:{by_first_character(sorted(_ELEMENT_SYMBOLS.split(), key=len, reverse=True))})"
_COUNT = rf"(?:\d{{1,2}}|[{SUBSCRIPT_CLASS}]+)?"
_GROUP = rf"(?:{_ELEMENT}{_COUNT}|\((?:{_ELEMENT}{_COUNT}){{1,4}}\){_COUNT})"
_MOLECULE = rf"{_GROUP}{{1,8}}"
_STATE = r"\s?\((?:aq|s|l|g)\)"
_ENDS = r"(?=[\s.,;:!?)\]}\u0900-\u097f\u3000-\u9fff，。；：（]|$|(?<=[+⁺⁻])-)"
_SUSPENDED = re.compile(r"-,?\s(?:und|oder|and|or|to|y|o|et|ou|bis|sowie|और|या)\s\S*-|-(?:,\s\S+)+-")
"""`Na- und K-Ionen`: a hyphen that stands for the rest of a word."""


def matter_rules(language: Language) -> tuple[Rule, ...]:
    """The rules in the order in which they are tried."""
    if not language.maths.states:
        return ()
    charge = r"(?:\^\{?(\d?[+−-])\}?|([⁰¹²³⁴-⁹]*[⁺⁻])|([+−-]))"
    rules: list[Entry] = [
        (r"(?<![\w°])([1-7])([spdf])([⁰¹²³⁴-⁹]{1,2})(?![\w'’])", _single_orbital),
        (rf"(?<![A-Za-z_=])({_MOLECULE}){charge}(?={_STATE})", _ion),
        (rf"(?<![A-Za-z_])({_MOLECULE})(?={_STATE})", _in_a_state),
        (r"(\s?)\((aq|s|l|g)\)", _state),
        (rf"(?<![\w=])({_MOLECULE}|[A-Z]{{1,2}}|e){charge}{_ENDS}", _ion),
        (r"(?<![\w.,°'’′])[1-5]['’′](?!\w)", _carbon),
    ]
    return compiled(rules)


def _single_orbital(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`the 2p⁶ shell`: "two p six". In an equation it is a power; several orbitals are read by `codes.py`."""
    if passage.in_formula(match.start()):
        return None
    language, at = passage.language, match.start()
    count = "".join(SUPERSCRIPTS[character] for character in match[3])
    return (
        SpokenPiece(number_words(language, match[1]), at),
        SpokenPiece(language.letter(match[2]), at + 1),
        SpokenPiece(number_words(language, count), at + 2),
    )


def _ion(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`Cl-`, `Ca2+`, `SO4^2-`, and the mark `B-`. Other hyphens stand for the rest of a word, or are a pause."""
    name, language = match[1], passage.language
    sign = next(group for group in (match[2], match[3], match[4]) if group is not None)
    written = "".join(SUPERSCRIPTS.get(character, character) for character in sign)
    if written == "-" and _SUSPENDED.match(passage.text, match.end() - 1):
        return None
    if not _is_ion(match, passage, written):
        return None
    charged = re.search(r"O(\d)(\d)$", name) if written in ("+", "-", "−") else None
    pieces = _spelled(language, name[:-1] if charged else name, match.start())
    at = match.end() - len(sign)
    digits = charged[2] if charged else written[:-1]
    charge = f"{number_words(language, digits)} " if digits else ""
    word = language.symbols["+"] if written[-1] == "+" else language.maths.negative
    return (*pieces, SpokenPiece(charge + word, at))


def _is_ion(match: re.Match[str], passage: Passage, sign: str) -> bool:
    """Whether a sign is a charge or part of a mark, and not the operator of a sum."""
    text, name = passage.text, match[1]
    if re.match(r"\s[\d(A-Za-z\u0370-\u03ff]", text[match.end() : match.end() + 2]) and len(name) == 1:
        followed_by_operand = re.match(r"\s(?:\d|[A-Za-z](?!\w)|[(\u0370-\u03ff])", text[match.end() : match.end() + 3])
        if followed_by_operand and sign in "+-−":
            return False
    if sign in "+-−" and passage.in_formula(match.start()) and name == "e":
        return bool(re.match(r"\s[+→]|$", text[match.end() : match.end() + 2]))
    if sign == "+":
        return (re.fullmatch(_MOLECULE, name) is not None and (len(name) > 1 or not name.isalpha())) or name in "HDK"
    return name != "I" or passage.in_formula(match.start()) or text[match.end() :].lstrip()[:2] not in ("I ", "I'")


def _spelled(language: Language, molecule: str, at: int) -> SpokenPieces:
    """The letters and numbers of a molecule."""
    pieces: list[SpokenPiece] = []
    for part in re.finditer(rf"\d+|[{SUBSCRIPT_CLASS}]+|[A-Za-z]", molecule):
        if part[0].isalpha() and part[0].isascii():
            pieces.append(SpokenPiece(language.letter(part[0].upper()), at + part.start()))
        else:
            digits = part[0] if part[0].isascii() else "".join(str(ord(digit) - 0x2080) for digit in part[0])
            pieces.append(SpokenPiece(number_words(language, digits), at + part.start()))
    return tuple(pieces)


def _in_a_state(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`Zn(s)` is a metal, `In(s)` at the start of a sentence would be a word."""
    name = match[1]
    plural = passage.text[match.end() : match.end() + 3] == "(s)" and name.isalpha()
    if plural and name.lower() in passage.language.common_capitals:
        return None
    if _is_function(name, passage, match.start()):
        return None
    if len(name) == 1 and name in "FGHPVW" and not passage.text[match.end() :].lstrip().startswith(("(aq)", "(s)")):
        return None
    return _spelled(passage.language, name, match.start())


def _is_function(name: str, passage: Passage, at: int) -> bool:
    """Whether one letter before `(s)` is a function: `F(s) = 1/s`. A reaction has an arrow."""
    formula = passage.formulas.around(at)
    if len(name) != 1 or formula is None:
        return False
    text = passage.text[formula[0] : formula[1]]
    return "=" in text and not re.search("[→⇌⇄⟶]|[-=]>", text)


_AFTER_MOLECULE = re.compile(rf"(?<![A-Za-z_])(?:{_MOLECULE})(?:\^?\{{?\d?[+−-]\}}?|[⁰¹²³⁴-⁹]*[⁺⁻])?$")


def _state(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    before = passage.text[max(0, match.start() - 30) : match.start()]
    molecule = _AFTER_MOLECULE.search(before)
    if not molecule:
        return None
    if _is_function(molecule[0], passage, match.start() - 1):
        return None
    if len(molecule[0]) == 1 and molecule[0] in "FGHPVW" and match[2] in "lg":
        return None
    if match[1] and molecule[0].isalpha() and len(molecule[0]) < 2:
        return None
    at = match.start() + len(match[1])
    return (SpokenPiece(",", at), SpokenPiece(f"{passage.language.maths.states[match[2]]}", at), SpokenPiece(",", at))


_NUCLEIC = re.compile(r"['’′]\s?(?:-|–|→|to\b|bis\b|à\b|a\b|[A-Za-z\u0900-\u097f\u4e00-\u9fff]{2,}|[,;:)]|\.?$)")
_FEET = re.compile(r"['’′]\s?(?:\d|tall\b|high\b|long\b|wide\b|deep\b|x\b|×)")


def _carbon(match: re.Match[str], passage: Passage) -> SpokenPieces | None:
    """`5′ end`: the carbon atoms at the ends of a strand of DNA. `5' 11''` and `5' tall` are feet."""
    behind = passage.text[match.end() - 1 : match.end() + 12]
    if _FEET.match(behind) or not _NUCLEIC.match(behind) or passage.in_formula(match.start()):
        return None
    return (
        SpokenPiece(number_words(passage.language, match[0][0]), match.start()),
        SpokenPiece(passage.language.maths.prime, match.end() - 1),
    )
