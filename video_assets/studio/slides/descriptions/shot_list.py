"""A description as a shot list: its clauses, each with the role that it has.

A clause tells how the picture is made (a direction), gives a text to be written in it, or tells what it shows. Does not
belong here: names for what is shown (`subjects`), or which words tell how (`direction_words`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from video_assets.studio.slides.phrases.words import CJK

from .direction_words import DirectionSets
from .quotations import quotations

QUOTED = re.compile("\ue010(\\d+)\ue011")
"""A quotation in a masked text: its number."""
_ARROW = re.compile(r"\s*(?:<?[-–—=]+>|[→⟶➔➜➡⇒⟹])\s*")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；।॥])\s*|\n+")
_ABBREVIATED = re.compile(r"(?:\b(?:vs|approx|etc|Dr|St|Mt|ca|No|Fig|bzw|usw)|\b[a-zA-Z]\.[a-zA-Z])\.$")
_BOUNDARY = re.compile(r"(\s*[,،]\s+|\s*[，]\s*|\s+[—–-]{1,2}\s+|—|\s*[()\[\]{}]+\s*|\s*(?:…|\.{3,})\s*|\s+[|•]\s+)")
_NUMBERED = re.compile(
    r"^\s*(?:[-*•]\s+|\[?\(?\d{1,2}:\d\d(?:\s*[-–]\s*\d{1,2}:\d\d)?\)?\]?[:.]?\s+|\d{1,2}[.)]\s+"
    r"|(?:scene|shot|frame|slide|step|visual|image|szene|plan|escena|दृश्य|镜头|场景)\s*#?\d{1,2}\s*[:.)–-]\s*)",
    re.IGNORECASE,
)
_HEAD = re.compile(r"\s*([^:：]{1,48})[:：](?!\d)\s*")
_INNER_HEAD = re.compile(r"([^\W\d_]+)[:：](?=\s)")
_MOST_HEAD_WORDS = 5
_WORD = re.compile(r"→|[^\s→]+")
_EDGE = "\"'“”‘’„«»()[]{}<>*_.,;:!?…，。；：！？।、—–-"
_HAN_SPACE = re.compile(rf"(?<=[{CJK}，。：；\ue011]) +(?=[{CJK}，。：；\ue010])")


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
    """Whether words about picture or camera came before the text and were cut off: `a diagram of`."""
    wide: str = ""
    """The clause without its leading direction, but with the adjectives that may tell how: `simple pendulum`."""
    place: str = ""
    """The place in the frame, as words of the description: `left side`; empty if it does not say."""


class MaskedText(NamedTuple):
    """A text whose quotations are replaced by marks (see `QUOTED`), and the quotations."""

    text: str
    quoted: tuple[str, ...]


def masked(description: str) -> MaskedText:
    """`description` with its quotations masked, and all arrows written as →."""
    pieces: list[str] = []
    quoted: list[str] = []
    at = 0
    for quotation in quotations(description):
        pieces += [description[at : quotation.start], f"\ue010{len(quoted)}\ue011"]
        quoted.append(quotation.text)
        at = quotation.end
    text = "".join([*pieces, description[at:]])
    return MaskedText(_ARROW.sub(" → ", text), tuple(quoted))


def cores_of(text: str) -> list[str]:
    """The words of a masked text, in lower case and without the punctuation around them."""
    return [core for match in _WORD.finditer(text) if (core := core_of(match[0]))]


def core_of(word: str) -> str:
    """A word in lower case without the punctuation around it, and without a possessive s."""
    if QUOTED.fullmatch(word):
        return word
    return word.strip(_EDGE).lower().replace("’", "'").removesuffix("'s")


def clauses_of(text: str, sets: DirectionSets) -> Iterator[ShotClause]:
    """The clauses of a masked text, in order."""
    for sentence in _sentences(text):
        yield from _read(_NUMBERED.sub("", sentence).strip(), sets)


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
        yield ShotClause(ClauseRole.WRITTEN, rest)
    elif sets.aspects.intersection(words) and not sets.forms.intersection(words):
        yield ShotClause(ClauseRole.DIRECTION, sentence)
    else:
        place = _place_in(words, sets)
        yield ShotClause(ClauseRole.DIRECTION, head[1])
        for clause in _read(rest, sets):
            yield clause._replace(led=True, place=clause.place or place)


def _written_list(sentence: str, sets: DirectionSets) -> tuple[str, str]:
    """The sentence before a list such as `labels: water, oxygen`, and the items of the list; "" if there is none."""
    for match in _INNER_HEAD.finditer(sentence):
        if match[1].lower() in sets.texts:
            return sentence[: match.start()], sentence[match.end() :]
    return sentence, ""


def _is_head(words: Sequence[str], sets: DirectionSets) -> bool:
    return all(word in sets.how or word.isdigit() for word in words) and bool(
        (sets.telling | sets.places | sets.texts).intersection(words)
    )


def _gives_text(words: Sequence[str], sets: DirectionSets) -> bool:
    return bool(sets.texts.intersection(words)) and not sets.camera.intersection(words)


class _ShotSegment(NamedTuple):
    """A part of a sentence between commas, dashes or brackets, and the separator before it."""

    separator: str
    text: str


def _segments(sentence: str, sets: DirectionSets) -> Iterator[ShotClause]:
    """The clauses of a sentence: neighbours that tell what is shown are joined, a new place starts a new clause."""
    segments = _split(sentence)
    shown, place = "", ""
    for segment, role in zip(segments, _roles([each.text for each in segments], sets), strict=True):
        placed = _place_of(segment.text, sets)
        if shown and (role is not ClauseRole.SHOWN or placed):
            yield _shown(shown, place, sets)
            shown, place = "", ""
        if role is ClauseRole.SHOWN:
            place = placed or place
            shown = f"{shown}{segment.separator if shown else ''}{segment.text}"
        else:
            place = placed
            yield ShotClause(role, segment.text.strip())
    if shown:
        yield _shown(shown, place, sets)


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
    if any(not _tells_how(word, sets) for word in plain):
        return ClauseRole.SHOWN
    if quoted:
        return ClauseRole.WRITTEN if sets.texts.intersection(plain) else ClauseRole.SHOWN
    if not plain:
        return ClauseRole.DIRECTION if any(word[-1].isalpha() for word in words) else ClauseRole.SHOWN
    return (
        ClauseRole.DIRECTION
        if sets.telling.intersection(plain) or sets.places.intersection(plain)
        else ClauseRole.SHOWN
    )


def _tells_how(word: str, sets: DirectionSets) -> bool:
    if word in sets.how:
        return True
    return "-" in word and all(part in sets.how for part in word.split("-") if part)


def _is_measure(word: str) -> bool:
    return bool(re.fullmatch(r"\d+(?:[.,:x×]\d+)?(?:s|ms|k|p|fps|px|%|sec)?", word))


def _is_strong(words: Sequence[str], sets: DirectionSets) -> bool:
    return bool((sets.forms | sets.camera | sets.manner).intersection(words)) or (
        bool(sets.aspects.intersection(words)) and bool((sets.tints | sets.looks).intersection(words))
    )


def _may_be_shown(words: Sequence[str], sets: DirectionSets) -> bool:
    content = [word for word in words if word in sets.telling]
    return len(content) <= 1 or (bool(sets.coordinating.intersection(words)) and len(content) == 2)


def _place_of(text: str, sets: DirectionSets) -> str:
    """The place with which a segment begins: `left side` of `on the left side, a cell`."""
    found: list[str] = []
    for word in cores_of(text)[:5]:
        if word in sets.places:
            found.append(word)
        elif found or word not in sets.scaffolding:
            break
    return _place_in(found, sets)


def _place_in(words: Sequence[str], sets: DirectionSets) -> str:
    return " ".join(word for word in words if word in sets.places and word not in sets.forms | _SPLIT)


_SPLIT = frozenset({"split", "split-screen", "splits", "divided", "part", "side-by-side"})


def _shown(text: str, place: str, sets: DirectionSets) -> ShotClause:
    """A clause about what is shown, without the directions at both of its ends."""
    tokens = _WORD.findall(text)
    tokens = tokens[: _end(tokens, sets)]
    start, wide, led = _start(tokens, sets)
    kept, wider = _clean(" ".join(tokens[start:])), _clean(" ".join(tokens[wide:]))
    if not kept:
        return ShotClause(ClauseRole.DIRECTION, text.strip())
    return ShotClause(ClauseRole.SHOWN, kept, led, wider, place)


def _start(tokens: Sequence[str], sets: DirectionSets) -> tuple[int, int, bool]:
    """The index at which the clause begins to tell what is shown; the same with adjectives; whether anything led."""
    cores = [core_of(token) for token in tokens]
    led = at = 0
    while at < len(cores) and cores[at] in sets.how and not QUOTED.fullmatch(cores[at]):
        core = cores[at]
        if core in sets.places and not sets.forms.intersection((core,)):
            led = at + 1 if at < _LAST_PLACE else led
        elif core in sets.forms | sets.camera | sets.reveals | sets.continuing:
            if not _leads(cores, at, sets):
                break
            led = at + 1
        elif at and led == at and (core in sets.moves or _describes(cores, at, sets)):
            led = at + 1
        at += 1
    start = led
    while start < len(cores) and _is_between(cores, start, sets):
        start += 1
    wide = start
    while start < len(cores) - 1 and _is_trimming(cores, start, wide, sets):
        start += 1
    return start, wide, bool(led)


_LAST_PLACE = 5


def _describes(cores: Sequence[str], at: int, sets: DirectionSets) -> bool:
    """Whether an adjective of style stands behind its noun, alone or with another: `un diagrama animado y limpio`."""
    adjectives = sets.looks | sets.manner
    after = cores[at + 1] if at + 1 < len(cores) else ""
    return cores[at] in adjectives or (cores[at] in sets.coordinating and after in adjectives)


def _is_between(cores: Sequence[str], at: int, sets: DirectionSets) -> bool:
    """Whether the word only leads on: `to the`, or `right` in `to the right with`, but not in `right ventricle`."""
    small = sets.scaffolding
    return cores[at] in small or (cores[at] in sets.places and at + 1 < len(cores) and cores[at + 1] in small)


def _leads(cores: Sequence[str], at: int, sets: DirectionSets) -> bool:
    """Whether the word at `at` is about the picture: not so in `image processing` and `zoom lens`."""
    core, after = cores[at], cores[at + 1] if at + 1 < len(cores) else ""
    if core in sets.reveals or core in sets.continuing or not after:
        return True
    return after in sets.how or bool(QUOTED.fullmatch(after)) or (core in sets.camera and core.endswith("ing"))


def _is_trimming(cores: Sequence[str], at: int, wide: int, sets: DirectionSets) -> bool:
    """Whether the word at `at` is an adjective of style, and no part of a name."""
    core = cores[at]
    if core in sets.manner:
        return True
    if core not in sets.looks or at + 1 >= len(cores):
        return False
    article = at > 0 and cores[at - 1] in ("a", "an", "the", "")
    return article or at > wide or cores[at + 1] in sets.manner


def _end(tokens: Sequence[str], sets: DirectionSets) -> int:
    """The number of words before the direction at the end: `against a dark background`, `in slow motion`."""
    cores = [core_of(token) for token in tokens]
    end = len(cores)
    first = next((at for at in range(len(cores) - 1, -1, -1) if not _tells_how(cores[at], sets)), -1)
    for at in range(max(first + 1, 1), len(cores)):
        rest = cores[at:]
        if cores[at] in sets.joining and (sets.aspects | sets.manner | sets.camera).intersection(rest):
            end = at
            break
    return end


def without_han_spaces(text: str) -> str:
    """`text` without the spaces between Chinese characters, and between them and their punctuation."""
    return _HAN_SPACE.sub("", text)


def _clean(text: str) -> str:
    """`text` without the punctuation at its ends, and without brackets unless each has its partner."""
    text = text.strip(" ,;:.!?…—–-，。；：！？।|*")
    text = without_han_spaces(text)
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            break
    return text if depth == 0 else text.replace("(", "").replace(")", "").strip()
