"""A description as a shot list: its clauses, each with the role that it has.

A clause tells how the picture is made (a direction), gives a text to be written in it, or tells what it shows. Does not
belong here: names for what is shown (`subjects`), or which words tell how (`direction_words`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from .clause_edges import edges_of, is_place
from .direction_words import DirectionSets, tells_how
from .masked_text import QUOTED, core_of, cores_of, masked_words, tidied

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|(?<=…)\s+(?=[A-ZÀ-Þ])|(?<=[。！？；।॥])\s*|\n+")
_ABBREVIATED = re.compile(r"(?:\b(?:vs|approx|etc|Dr|St|Mt|ca|No|Fig|bzw|usw)|\b[a-zA-Z]\.[a-zA-Z])\.$")
_BOUNDARY = re.compile(r"(\s*[,،]\s+|\s*[，]\s*|\s+[—–-]{1,2}\s+|—|\s*[()\[\]{}]+\s*|\s*(?:…|\.{3,})\s*|\s+[|•]\s+)")
_NUMBERED = re.compile(
    r"^\s*(?:[-*•]\s+|\[?\(?\d{1,2}:\d\d(?:\s*[-–]\s*\d{1,2}:\d\d)?\)?\]?[:.]?\s+|\d{1,2}[.)]\s+"
    r"|(?:scene|shot|frame|slide|step|visual|image|szene|plan|escena|दृश्य|镜头|场景)\s*#?\d{1,2}\s*[:.)–-]\s*)",
    re.IGNORECASE,
)
_HEAD = re.compile(r"\s*([^:：]{1,64})[:：](?!\d)\s*")
_INNER_HEAD = re.compile(r"([^\W\d_]+)[:：](?=\s)")
_PLACE_IN_BRACKETS = re.compile(r"\s*\(([^\W\d_]{1,12})\)")
_MOST_STYLE_WORDS = 5
_MOST_HEAD_WORDS = 8


class ClauseRole(Enum):
    """What a clause of a description is for."""

    DIRECTION = "direction"
    WRITTEN = "written"
    SHOWN = "shown"


class ShotClause(NamedTuple):
    """A clause of a masked description."""

    role: ClauseRole
    text: str
    led: bool = False
    """Whether words about picture or camera came before the text and were cut off: `a diagram of`.

    In a clause of writing: whether the text is for the picture as a whole.
    """
    wide: str = ""
    """The clause without its leading direction, but with the adjectives that may tell how: `simple pendulum`."""
    pictured: bool = False
    """Whether the text names what a picture is of: it stands behind `a diagram of` or before a word for it."""
    compared: bool = False
    """Whether a word such as `comparing` stands right before the text."""
    place: str = ""
    """The place in the frame, as words of the description: `left side`; empty if it does not say."""


def clauses_of(text: str, sets: DirectionSets) -> Iterator[ShotClause]:
    """The clauses of a masked text, in order."""
    first = True
    for sentence in _sentences(text):
        for clause in _read(_NUMBERED.sub("", sentence).strip(), sets):
            if first or clause.role is not ClauseRole.SHOWN or not _ends_in_direction(clause, sets):
                yield clause
            else:
                yield clause._replace(role=ClauseRole.DIRECTION)
            first = first and clause.role is not ClauseRole.SHOWN


def _ends_in_direction(clause: ShotClause, sets: DirectionSets) -> bool:
    """Whether a later clause is a short phrase about style, in words that no list can hold: `painterly style`."""
    cores = cores_of(clause.text)
    if not 0 < len(cores) <= _MOST_STYLE_WORDS or any(QUOTED.search(core) or core == "→" for core in cores):
        return False
    last = cores[-1]
    ends = last in sets.aspects or last in sets.tints or last in sets.observers
    if ends or (len(cores) > 1 and cores[-2] in sets.aspects and cores[-1].endswith("s")):
        return True
    if cores[0] in sets.aspects and sets.adjectives_follow:
        return True
    if clause.led:
        return False
    styled = not sets.modifiers.isdisjoint(cores[:-1]) or not sets.camera.isdisjoint(cores[:-1])
    return styled and last in sets.framing


def _sentences(text: str) -> Iterator[str]:
    kept = ""
    for piece in _SENTENCE.split(text):
        kept = f"{kept} {piece}" if kept else piece
        if not _ABBREVIATED.search(kept[-8:]):
            if kept.strip():
                yield kept
            kept = ""
    if kept.strip():
        yield kept


def _read(sentence: str, sets: DirectionSets) -> Iterator[ShotClause]:
    head = _HEAD.match(sentence)
    words = cores_of(head[1]) if head else []
    if head is None or not words or len(words) > _MOST_HEAD_WORDS or not _is_head(words, sets):
        before, written = _written_list(sentence, sets)
        yield from _segments(before, sets)
        if written:
            yield ShotClause(ClauseRole.WRITTEN, written)
        return
    rest = sentence[head.end() :]
    if _gives_text(words, sets):
        yield ShotClause(ClauseRole.WRITTEN, rest, led=not sets.headings.isdisjoint(words))
    elif _names_style(words, sets):
        yield ShotClause(ClauseRole.DIRECTION, sentence)
    else:
        place = _place_in(words, sets)
        yield ShotClause(ClauseRole.DIRECTION, head[1])
        for clause in _read(rest, sets):
            led = clause.led or clause.role is ClauseRole.SHOWN
            yield clause._replace(led=led, place=clause.place or place)


def _names_style(words: Sequence[str], sets: DirectionSets) -> bool:
    """Whether what follows the head is a direction: `Style: …`, `Camera: static`."""
    if sets.forms.intersection(words):
        return False
    return bool(sets.aspects.intersection(words)) or words[-1] in sets.observers


def _written_list(sentence: str, sets: DirectionSets) -> tuple[str, str]:
    """The sentence before a list such as `labels: water, oxygen`, and the items of the list; "" if there is none."""
    for match in _INNER_HEAD.finditer(sentence):
        if match[1].lower() in sets.texts:
            before = sentence[: match.start()].split()
            while before and core_of(before[-1]) in sets.texts:
                before.pop()
            return " ".join(before), sentence[match.end() :]
    return sentence, ""


def _is_head(words: Sequence[str], sets: DirectionSets) -> bool:
    return all(word in sets.how or word.isdigit() for word in words) and bool(
        any(not each.isdisjoint(words) for each in (sets.telling, sets.places, sets.texts))
    )


def _gives_text(words: Sequence[str], sets: DirectionSets) -> bool:
    return bool(sets.texts.intersection(words)) and not sets.camera.intersection(words)


class _ShotSegment(NamedTuple):
    """A part of a sentence between commas, dashes or brackets, and the separator before it."""

    separator: str
    text: str


def _segments(sentence: str, sets: DirectionSets) -> Iterator[ShotClause]:
    """The clauses of a sentence: neighbours that tell what is shown are joined, a new place starts a new clause."""
    segments = _split(
        _PLACE_IN_BRACKETS.sub(lambda match: "" if match[1].lower() in sets.places else match[0], sentence)
    )
    shown, place, before = "", "", ClauseRole.SHOWN
    for segment, own_role in zip(segments, _roles([each.text for each in segments], sets), strict=True):
        listed = before is ClauseRole.WRITTEN and _only_quotes(segment.text, sets)
        role = ClauseRole.WRITTEN if listed and own_role is ClauseRole.SHOWN else own_role
        placed = _place_of(segment.text, sets)
        if shown and (role is not ClauseRole.SHOWN or placed or _starts_anew(segment.text, sets)):
            yield _shown(shown, place, sets)
            shown, place = "", ""
        if role is ClauseRole.SHOWN:
            place = placed or place
            shown = f"{shown}{segment.separator if shown else ''}{segment.text}"
        else:
            place = placed
            heading = role is ClauseRole.WRITTEN and not sets.headings.isdisjoint(cores_of(segment.text))
            yield ShotClause(role, segment.text.strip(), heading and len(segments) == 1)
        before = role
    if shown:
        yield _shown(shown, place, sets)


def _only_quotes(text: str, sets: DirectionSets) -> bool:
    return all(QUOTED.fullmatch(core) or core in sets.how for core in cores_of(text))


def _starts_anew(text: str, sets: DirectionSets) -> bool:
    """Whether a segment is a sentence of its own about the camera, or a phrase that ends in a word of style."""
    cores = cores_of(text)
    if not sets.observers.isdisjoint(cores[:3]):
        return True
    first = next((core for core in cores if core not in sets.scaffolding and core not in sets.modifiers), "")
    if first in sets.camera and first != cores[0]:
        return True
    return len(cores) <= _MOST_STYLE_WORDS and bool(cores) and cores[-1] in sets.framing


def _split(sentence: str) -> list[_ShotSegment]:
    pieces = ["", *_BOUNDARY.split(sentence)]
    segments: list[_ShotSegment] = []
    separator = ""
    for at in range(0, len(pieces), 2):
        separator += pieces[at]
        text = pieces[at + 1] if at + 1 < len(pieces) else ""
        if core_of(text.strip()):
            segments.append(_ShotSegment(separator, text))
            separator = ""
    if segments and ")" in separator:
        segments[-1] = segments[-1]._replace(text=f"{segments[-1].text})")
    return segments


def _roles(segments: Sequence[str], sets: DirectionSets) -> list[ClauseRole]:
    words = [cores_of(segment) for segment in segments]
    roles = [_role(each, sets) for each in words]
    if ClauseRole.SHOWN not in roles or any(
        role is ClauseRole.DIRECTION and _is_strong(each, sets) for each, role in zip(words, roles, strict=True)
    ):
        return roles
    # In `heat, light and sound`, nothing tells how.
    first = roles.index(ClauseRole.SHOWN)
    return [
        ClauseRole.SHOWN if at > first and role is ClauseRole.DIRECTION and _may_be_shown(words[at], sets) else role
        for at, role in enumerate(roles)
    ]


def _role(words: Sequence[str], sets: DirectionSets) -> ClauseRole:
    quoted = any(QUOTED.fullmatch(word) for word in words)
    plain = [word for word in words if not QUOTED.fullmatch(word) and not _is_measure(word)]
    if any(not tells_how(word, sets) for word in plain):
        return ClauseRole.SHOWN
    if quoted:
        return ClauseRole.WRITTEN if sets.texts.intersection(plain) else ClauseRole.SHOWN
    if not plain:
        return ClauseRole.DIRECTION if any(word[-1].isalpha() for word in words) else ClauseRole.SHOWN
    telling = any(word in sets.telling or word in sets.places or word.endswith(sets.suffixes) for word in plain)
    return ClauseRole.DIRECTION if telling else ClauseRole.SHOWN


def _is_measure(word: str) -> bool:
    return bool(re.fullmatch(r"\d+(?:[.,:x×]\d+)?(?:s|ms|k|p|fps|px|%|sec)?", word))


def _is_strong(words: Sequence[str], sets: DirectionSets) -> bool:
    if any(not each.isdisjoint(words) for each in (sets.forms, sets.camera, sets.manner)):
        return True
    return not sets.aspects.isdisjoint(words) and not sets.modifiers.isdisjoint(words)


def _may_be_shown(words: Sequence[str], sets: DirectionSets) -> bool:
    content = [word for word in words if word in sets.telling]
    return len(content) <= 1 or (bool(sets.coordinating.intersection(words)) and len(content) == 2)


def _place_of(text: str, sets: DirectionSets) -> str:
    """The place with which a segment begins: `left side` of `on the left side, a cell`."""
    found: list[str] = []
    words = cores_of(text)[:6]
    for at, word in enumerate(words[:5]):
        if is_place(words, at, sets):
            found.append(word)
        elif found or word not in sets.scaffolding:
            break
    return _place_in(found, sets)


def _place_in(words: Sequence[str], sets: DirectionSets) -> str:
    return " ".join(word for word in words if word in sets.places and word not in sets.forms and word not in _SPLIT)


_SPLIT = frozenset({"split", "split-screen", "splits", "divided", "part", "side-by-side"})


def _shown(text: str, place: str, sets: DirectionSets) -> ShotClause:
    """A clause about what is shown, without the directions at both of its ends."""
    tokens = masked_words(text)
    edges = edges_of([core_of(token) for token in tokens], sets)
    kept, wider = (tidied(" ".join(tokens[start : edges.end])) for start in (edges.start, edges.named))
    if not kept:
        return ShotClause(ClauseRole.DIRECTION, text.strip())
    return ShotClause(ClauseRole.SHOWN, kept, edges.led, wider, edges.pictured, edges.compared, place)
