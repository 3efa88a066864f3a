"""The parts of a formula in one line of text: how they join, and where brackets and spaces are needed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from .latex_tables import RELATIONS

VULGAR_FRACTIONS = {unicodedata.normalize("NFKC", sign).replace("⁄", "/"): sign for sign in "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒"}
_OPERATORS = frozenset("+−±∓×÷⋅∙∪∩∧∨⊗⊕∘·")
_BIG = frozenset("∑∏∫∬∭∮∐⋃⋂")


@dataclass(frozen=True)
class LinePart:
    """A piece of the line: characters with their offsets, and how it joins its neighbours."""

    text: str
    offsets: tuple[int, ...]
    kind: str = "operand"
    """operand, number, variable, accented, word, function, scripted, fraction, operator, relation, sign, big, open,
    close, bar, comma, aside, script, mark, space or thin."""
    inner: tuple[LinePart, ...] = field(default=())


def leaf_parts(parts: Sequence[LinePart]) -> list[LinePart]:
    """The parts that hold no others, in order."""
    return [leaf for part in parts for leaf in (leaf_parts(part.inner) if part.inner else [part])]


def line_part(text: str, at: int, kind: str = "operand") -> LinePart:
    """`text` that one command or character of the LaTeX stands for."""
    return LinePart(text, (at,) * len(text), kind)


def group_parts(parts: Sequence[LinePart], kind: str = "operand") -> LinePart:
    """Several parts as one."""
    if len(parts) == 1 and kind == "operand":
        return parts[0]
    flat = tuple(parts)
    text = "".join(part.text for part in flat)
    return LinePart(text, tuple(at for part in flat for at in part.offsets), kind, flat)


def kind_of(character: str) -> str:
    """The kind of a single character; see `LinePart.kind`."""
    if character in _BIG:
        return "big"
    if character in RELATIONS or character in "∣↦":
        return "relation"
    if character in _OPERATORS:
        return "operator"
    if character in ",;:":
        return "comma"
    if character in "|‖":
        return "bar"
    if character in "([{⟨⌊⌈":
        return "open"
    if character in ")]}⟩⌋⌉":
        return "close"
    return "variable" if character.isascii() and character.isalpha() else "operand"


def inner_parts(part: LinePart) -> tuple[LinePart, ...]:
    """The parts of a group; of any other part, itself."""
    return part.inner or (part,)


def has_sign(part: LinePart) -> bool:
    """Whether an operator stands in `part` outside brackets."""
    depth = 0
    for leaf in leaf_parts([part]):
        depth += (leaf.text in ("(", "[", "{")) - (leaf.text in (")", "]", "}"))
        if depth == 0 and leaf.kind in ("operator", "relation", "sign"):
            return True
    return False


_APPLIED = re.compile(r"[^\W\d_]′*\([^()]*\)")
_DIFFERENTIAL = re.compile(r"(?:[d∂][A-Za-z\u0370-\u03ff][²³ⁿ]?)+")


def in_brackets(part: LinePart) -> tuple[LinePart, ...]:
    """`part` in brackets, if it is more than one symbol."""
    applied = bool(_APPLIED.fullmatch(part.text))
    atomic = not part.inner or part.kind == "scripted" or applied or bool(_DIFFERENTIAL.fullmatch(part.text))
    if (atomic and not has_sign(part)) or (part.inner and _is_bracketed(part)):
        return (part,)
    if not part.offsets:
        return (part,)
    return (line_part("(", part.offsets[0], "open"), part, line_part(")", part.offsets[-1], "close"))


def _is_bracketed(part: LinePart) -> bool:
    """Whether one pair of brackets holds the whole part."""
    depth = 0
    for index, character in enumerate(part.text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0:
            return index == len(part.text) - 1 and index > 0
    return False


_OPERANDS = frozenset(("operand", "number", "variable", "accented", "scripted", "fraction", "word", "big", "function"))


def space_parts(parts: list[LinePart]) -> list[LinePart]:
    """The parts with spaces as in print, and a dot between a fraction and its factor."""
    line: list[LinePart] = []
    thin = False
    for part in parts:
        if part.kind == "thin":
            thin = True
            continue
        at = part.offsets[0] if part.offsets else 0
        before = next((each for each in reversed(line) if each.kind != "space"), None)
        joint = _joint(before, part) or (" " if thin and before and "word" in (before.kind, part.kind) else "")
        line += (line_part(joint, at, "space" if joint == " " else "operator"),) if joint else ()
        line.append(part)
        thin = False
        if part.kind == "relation" or (part.kind == "operator" and _is_binary(before)):
            line.append(line_part(" ", at, "space"))
    while line and line[-1].kind == "space":
        line.pop()
    return [
        part for at, part in enumerate(line) if not (part.kind == "space" and at and line[at - 1].text.endswith(" "))
    ]


def _is_binary(before: LinePart | None) -> bool:
    return before is not None and before.kind not in ("operator", "relation", "open", "comma", "sign")


def _joint(before: LinePart | None, part: LinePart) -> str:
    """What goes between two parts: a space, a dot, or nothing."""
    if before is None:
        return ""
    if part.kind == "relation" or (part.kind == "operator" and _is_binary(before)):
        return " "
    if before.kind == "comma":
        return " "
    if before.kind == "fraction" and part.kind in _OPERANDS:
        return " " if before.text.startswith(("d/", "∂/", "d²/", "∂²/")) or part.text[:1] == " " else "·"
    if part.kind == "fraction" and before.kind in _OPERANDS - {"big", "function", "word"}:
        return "·"
    if before.kind == "number" and part.kind == "number":
        return "" if part.text in VULGAR_FRACTIONS.values() else " "
    if before.kind in ("open", "bar") or part.kind in ("close", "bar", "mark") or not part.text:
        return ""
    if "big" in (before.kind, part.kind) or part.kind in ("function", "aside"):
        return " "
    if before.kind == "function":
        return "" if part.kind == "open" else " "
    indexed = before.kind == "scripted" and re.search(r"_\w+$", before.text) and part.text[:1].isalnum()
    return " " if indexed else ""
