"""The author's `[show]` and `[point]` in a narration, and the parts of the slide that they name.

Does not belong here: their grammar (`spoken.markup_syntax`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from video_assets.studio.core.errors import ContentError
from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.core.messages import quoted
from video_assets.studio.lesson.diagrams import DiagramPart
from video_assets.studio.lesson.script import SlideSignal

from .mentions import part_words
from .word_forms import likeness, word_forms

_MOST_NAMED = 6


class PartSignal(NamedTuple):
    """A signal and the part (its index) that it names; None where `[point]` ends the mark."""

    verb: str
    part: int | None
    token: int


class SignalProblem(NamedTuple):
    """A signal that names no part. `offset` is its place in the narration."""

    offset: int
    message: str
    remedy: str


class SignalReading(NamedTuple):
    """The signals of a narration, and those that name no part."""

    sound: tuple[PartSignal, ...]
    problems: tuple[SignalProblem, ...]


def counted_parts(parts: Sequence[DiagramPart]) -> tuple[int, ...]:
    """The indices of the parts that an author counts: all but arrows."""
    return tuple(number for number, part in enumerate(parts) if not is_link(part))


def is_link(part: DiagramPart) -> bool:
    """Whether `part` joins two others and appears with the second of them."""
    return part.id.startswith("links/")


def resolve_signals(parts: Sequence[DiagramPart], signals: Sequence[SlideSignal], language: str) -> SignalReading:
    """The part of each signal: by its number, its id or words of its text, or else the next one."""
    counted = counted_parts(parts)
    sound: list[PartSignal] = []
    problems: list[SignalProblem] = []
    following = 0
    for signal in signals:
        if signal.verb == "point" and not signal.part:
            sound.append(PartSignal("point", None, signal.token))
            continue
        part = _named(signal.part, parts, counted, language) if signal.part else _next(counted, following)
        if part is None:
            problems.append(_problem(signal, parts, counted))
            continue
        if signal.verb == "show" and part in counted:
            following = counted.index(part) + 1
        sound.append(PartSignal(signal.verb, part, signal.token))
    return SignalReading(tuple(sound), tuple(problems))


def refuse_problems(signals: SignalReading, place: str) -> None:
    """Raise ContentError, with `place`, for the first signal that names no part."""
    for problem in signals.problems:
        message = f"{problem.message}, character {problem.offset + 1} of the narration."
        raise ContentError(message, remedy=problem.remedy, place=place)


def _next(counted: Sequence[int], following: int) -> int | None:
    return counted[following] if following < len(counted) else None


def _named(name: str, parts: Sequence[DiagramPart], counted: Sequence[int], language: str) -> int | None:
    if name.isdecimal():
        number = int(name[:6])
        return counted[number - 1] if 1 <= number <= len(counted) else None
    for index, part in enumerate(parts):
        if part.id == name:
            return index
    return _by_words(name, parts, language)


def _by_words(name: str, parts: Sequence[DiagramPart], language: str) -> int | None:
    """The part that has all words of `name` in one of its texts, and the fewest others."""
    wanted = [word.form for word in word_forms(name, language)]
    family = primary_subtag(language)
    found = [
        (len(forms), index)
        for index, part in enumerate(parts)
        for text in part_words(part, parts, language)
        for forms in ([word.form for word in text.shown], [word.form for word in text.spoken])
        if wanted and all(any(_same(each, form, family) for form in forms) for each in wanted)
    ]
    return min(found)[1] if found else None


def _same(wanted: str, form: str, family: str) -> bool:
    return wanted.casefold() == form.casefold() or likeness(wanted, form, family) > 0


def _problem(signal: SlideSignal, parts: Sequence[DiagramPart], counted: Sequence[int]) -> SignalProblem:
    written = f"[{signal.verb} {signal.part}]" if signal.part else f"[{signal.verb}]"
    if not counted:
        return SignalProblem(signal.offset, f"{written} is in a section whose slide has no parts", "Remove it.")
    if not signal.part:
        message = f"{written} comes when all {len(counted)} parts of the slide have been shown"
        return SignalProblem(signal.offset, message, "Remove it, or name the part: [show 2].")
    texts = ((parts[index].texts or (parts[index].id,))[0] for index in islice(counted, _MOST_NAMED))
    listed = ", ".join(f"{number} {quoted(text)}" for number, text in enumerate(texts, 1))
    more = ", …" if len(counted) > _MOST_NAMED else ""
    return SignalProblem(
        signal.offset,
        f"{written} names no part of the slide",
        f"Its parts are {listed}{more}. For a bracket write \\[.",
    )
