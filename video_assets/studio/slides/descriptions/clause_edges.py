"""Where a clause of a description begins and ends to tell what is shown: the directions at its edges are left off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .direction_words import DirectionSets, tells_how
from .masked_text import QUOTED

_LAST_PLACE = 5
_LAST_FORM = 6


class ClauseEdges(NamedTuple):
    """The words of a clause that tell what is shown: those at [start, end)."""

    start: int
    end: int
    named: int
    """The same as `start` with the adjectives, or with the picture's name, that may be a part of a name."""
    led: bool
    """Whether words about picture or camera stand before."""
    pictured: bool
    """Whether the words say what a picture is of."""
    compared: bool
    """Whether the last word before is one such as `comparing`."""


def edges_of(cores: Sequence[str], sets: DirectionSets) -> ClauseEdges:
    """Where the clause with these words begins and ends to tell what is shown."""
    end = _end(cores, sets)
    return _start(cores[:end], sets)


def _start(cores: Sequence[str], sets: DirectionSets) -> ClauseEdges:
    front = _form_in_front(cores, sets)
    led, placed = _lead(cores, front, sets)
    start = max(led, placed)
    while start < len(cores) and _is_between(cores, start, sets):
        start += 1
    name = next((at for at in range(front) if not tells_how(cores[at], sets)), front)
    named = name if name < front and start == front + 1 else start
    while start < len(cores) - 1 and _is_trimming(cores, start, led, sets):
        start += 1
    compared = led > 0 and cores[led - 1] in sets.comparing
    return ClauseEdges(start, len(cores), named, bool(led), front > 0, compared)


def _lead(cores: Sequence[str], front: int, sets: DirectionSets) -> tuple[int, int]:
    """The number of words up to the last one about picture or camera at the start, and up to the last place there."""
    at = led = front
    placed = 0
    while at < len(cores) and _may_lead(cores, at, sets):
        core = cores[at]
        if core in sets.places and core not in sets.forms:
            if not is_place(cores, at, sets):
                break
            placed = at + 1 if at < _LAST_PLACE else placed
        elif core in sets.leading:
            if not _leads(cores, at, sets):
                break
            led = at + 1
        elif at and led == at and (core in sets.moves or core not in sets.how or _describes(cores, at, sets)):
            led = at + 1
        at += 1
    return led, placed


def _form_in_front(cores: Sequence[str], sets: DirectionSets) -> int:
    """The number of words up to the picture in `microscopy footage of a cell`, whatever stands before `footage of`."""
    for at in range(min(_LAST_FORM, len(cores) - 1)):
        if QUOTED.search(cores[at]):
            return 0
        if cores[at] in sets.forms and (cores[at + 1] in sets.reveals or cores[at + 1] in sets.genitives):
            return at + 1
    return 0


def _may_lead(cores: Sequence[str], at: int, sets: DirectionSets) -> bool:
    if QUOTED.search(cores[at]):
        return False
    if tells_how(cores[at], sets):
        return True
    after = cores[at + 1] if at + 1 < len(cores) else ""
    if cores[at] in sets.compounds and (after in sets.forms or after in sets.compounds):
        return True
    return not sets.observers.isdisjoint(cores[max(0, at - 2) : at])


def is_place(cores: Sequence[str], at: int, sets: DirectionSets) -> bool:
    """Whether the word at `at` is a place in the frame: not so in `right triangle` and `first law`."""
    after = cores[at + 1] if at + 1 < len(cores) else ""
    return cores[at] in sets.places and (not after or after in sets.how or bool(QUOTED.search(after)))


def _describes(cores: Sequence[str], at: int, sets: DirectionSets) -> bool:
    """Whether an adjective of style stands behind its noun, alone or with another: `un diagrama animado y limpio`."""
    after = cores[at + 1] if at + 1 < len(cores) else ""
    return cores[at] in sets.adjectives or (cores[at] in sets.coordinating and after in sets.adjectives)


def _is_between(cores: Sequence[str], at: int, sets: DirectionSets) -> bool:
    """Whether the word only leads on: `to the`, or `right` in `to the right with`, but not in `right ventricle`."""
    small = sets.scaffolding
    return cores[at] in small or (cores[at] in sets.places and at + 1 < len(cores) and cores[at + 1] in small)


def _leads(cores: Sequence[str], at: int, sets: DirectionSets) -> bool:
    """Whether the word at `at` is about the picture: not so in `image processing` and `zoom lens`."""
    core, after = cores[at], cores[at + 1] if at + 1 < len(cores) else ""
    if not after or core in sets.reveals or core in sets.continuing or core in sets.observers:
        return True
    return after in sets.how or bool(QUOTED.fullmatch(after)) or (core in sets.camera and core.endswith("ing"))


def _is_trimming(cores: Sequence[str], at: int, wide: int, sets: DirectionSets) -> bool:
    """Whether the word at `at` is an adjective of style, and no part of a name."""
    core = cores[at]
    if core in sets.manner:
        return True
    if core not in sets.looks or at + 1 >= len(cores):
        return False
    article = at > 0 and cores[at - 1] in sets.indefinite
    return article or at > wide or cores[at + 1] in sets.manner


def _styles(cores: Sequence[str], sets: DirectionSets) -> bool:
    return any(not each.isdisjoint(cores) for each in (sets.aspects, sets.manner, sets.camera, sets.observers))


def _end(cores: Sequence[str], sets: DirectionSets) -> int:
    """The number of words before the direction at the end: `against a dark background`, `in slow motion`."""
    end = len(cores)
    first = next((at for at in range(len(cores) - 1, -1, -1) if not tells_how(cores[at], sets)), -1)
    for at in range(max(first + 1, 1), len(cores)):
        rest = cores[at:]
        if cores[at] in sets.joining and _styles(rest, sets):
            end = at
            break
    while end > 0 and cores[end - 1] in sets.joining | sets.genitives:
        end -= 1
    return end
