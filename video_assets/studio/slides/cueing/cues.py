"""The states of a slide and the words at which they begin, made of appearances and marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from video_assets.studio.core.settings import Reveal
from video_assets.studio.lesson.diagrams import DiagramPart
from video_assets.studio.lesson.script import SectionWords, Slide, SlideCue, SlideLook
from video_assets.studio.slides.parts import parts_of

from .appearance import tokens_of_appearance
from .marks import AUTHORS, MarkChange, mark_changes
from .mentions import mentions_of
from .narration import Narration, narration_of
from .signals import PartSignal, refuse_problems, resolve_signals

MOST_LOOKS = 24
_TOGETHER_SECONDS = 0.3
"""Parts that would appear closer together than this appear at once."""
_STEADY_SECONDS = 0.8
"""A mark stays at least this long. Parts spoken of meanwhile are marked beside it."""


def cues_of(
    slide: Slide,
    words: SectionWords,
    sentences: Sequence[tuple[int, int]],
    *,
    language: str,
    reveal: Reveal = "words",
    place: str = "",
) -> tuple[SlideCue, ...]:
    """The states of `slide` while `words` are spoken, in order; the first one begins with the first frame (-1).

    Each part appears once, at the word that first speaks of it, and never after the sentence that does. Marked is what
    is spoken about, and only what is shown. `sentences` are the tokens of each sentence (`timeline.sentence_ranges`).
    Empty if the slide is whole from the first frame and nothing on it is ever marked. Raises ContentError,
    with `place`, for a signal that names no part.
    """
    parts = parts_of(slide)
    signals = resolve_signals(parts, words.signals, language)
    refuse_problems(signals, place)
    points = [signal for signal in signals.sound if signal.verb == "point"]
    if not parts or not sentences or (reveal == "all" and not points):
        return ()
    narration = narration_of(words, sentences, language)
    if reveal == "all":
        changes = [MarkChange(signal.token, signal.part, AUTHORS) for signal in points]
        appearances = (-1,) * len(parts)
    else:
        mentions = mentions_of(parts, narration, language)
        fixed = _fixed(parts, signals.sound)
        appearances = tokens_of_appearance(parts, mentions, narration, fixed)
        appearances = _without_gaps(parts, appearances, fixed)
        appearances = _with_base(parts, appearances, narration, fixed)
        appearances = _at_once(appearances, narration, fixed)
        changes = mark_changes(mentions, appearances, narration, signals.sound, _lines_of_code(parts))
    return _assembled(parts, appearances, changes, narration)


def _fixed(parts: Sequence[DiagramPart], signals: Sequence[PartSignal]) -> dict[int, int]:
    """The tokens at which parts appear by the author's signals, or from the start (-1).

    From the start there are lines of code, which are read as a whole, and a part without others: the slide would be
    empty until then.
    """
    fixed: dict[int, int] = {}
    for signal in signals:
        if signal.verb == "show" and signal.part is not None:
            fixed.setdefault(signal.part, signal.token)
    for signal in signals:
        if signal.verb == "point" and signal.part is not None:
            fixed[signal.part] = min(fixed.get(signal.part, signal.token), signal.token)
    whole = range(1) if len(parts) == 1 else _lines_of_code(parts)
    return {**dict.fromkeys(whole, -1), **fixed}


def _lines_of_code(parts: Sequence[DiagramPart]) -> frozenset[int]:
    return frozenset(number for number, part in enumerate(parts) if part.id.startswith("code/"))


_GAPLESS = ("rows/", "equation/")
"""Parts whose place shows while they are hidden, or which mean nothing without the one before."""


def _without_gaps(
    parts: Sequence[DiagramPart], appearances: Sequence[int], fixed: Mapping[int, int]
) -> tuple[int, ...]:
    """The tokens, where a row of a table or a line of an equation appears no later than the one after it."""
    tokens = list(appearances)
    following = None
    for number in reversed(range(len(parts))):
        if not parts[number].id.startswith(_GAPLESS) or number in fixed:
            continue
        tokens[number] = tokens[number] if following is None else min(tokens[number], following)
        following = tokens[number]
    return tuple(tokens)


_EMPTY_SECONDS = 1.5
"""A slide shows nothing but its title for at most this long, if it has a base to show."""


def _with_base(
    parts: Sequence[DiagramPart], appearances: Sequence[int], narration: Narration, fixed: Mapping[int, int]
) -> tuple[int, ...]:
    """The tokens, where the base of a diagram is there from the start if nothing else appears soon."""
    first = min(appearances)
    if first < 0 or narration.seconds[first] <= _EMPTY_SECONDS:
        return tuple(appearances)
    return tuple(
        -1 if part.is_base and number not in fixed else token
        for number, (part, token) in enumerate(zip(parts, appearances, strict=True))
    )


def _at_once(appearances: Sequence[int], narration: Narration, fixed: Mapping[int, int]) -> tuple[int, ...]:
    """The tokens, where parts that would appear almost together appear with the first of them."""
    moved: dict[int, int] = {}
    for token in sorted(set(appearances)):
        first = moved[max(moved)] if moved else token
        near = token >= 0 and first >= 0 and narration.seconds[token] - narration.seconds[first] < _TOGETHER_SECONDS
        moved[token] = first if near else token
    return tuple(token if number in fixed else moved[token] for number, token in enumerate(appearances))


_APPEARS = 9.0


class _TimedLook(NamedTuple):
    token: int
    shown: frozenset[int]
    marked: frozenset[int]
    score: float
    """How sure the mark is; _APPEARS where a part appears."""


def _assembled(
    parts: Sequence[DiagramPart], appearances: Sequence[int], changes: Sequence[MarkChange], narration: Narration
) -> tuple[SlideCue, ...]:
    looks = _within_limit(_looks(appearances, changes, narration))
    cues: list[SlideCue] = []
    for look in looks:
        shown = tuple(part.id for number, part in enumerate(parts) if number in look.shown)
        marked = tuple(part.id for number, part in enumerate(parts) if number in look.marked)
        cue = SlideCue(look=SlideLook(shown=shown, marked=marked), token=look.token)
        if not cues or cues[-1].look != cue.look:
            cues.append(cue)
    # The whole slide from the first frame needs no states.
    whole = SlideLook(shown=tuple(part.id for part in parts))
    return () if [cue.look for cue in cues] == [whole] else tuple(cues)


def _looks(appearances: Sequence[int], changes: Sequence[MarkChange], narration: Narration) -> list[_TimedLook]:
    """The state at each token at which anything changes, the first frame's included."""
    marked, since = frozenset[int](), -_STEADY_SECONDS
    looks = [_TimedLook(-1, _shown(appearances, -1), marked, _APPEARS)]
    for token in sorted({*appearances, *(change.token for change in changes)} - {-1}):
        now, shown = narration.seconds[token], _shown(appearances, token)
        score = _APPEARS if token in appearances else 0.0
        for change in changes:
            if change.token != token or (change.part is not None and change.part not in shown):
                continue
            score = max(score, change.score)
            steady = now - since < _STEADY_SECONDS
            following = frozenset[int]() if change.part is None else frozenset([change.part])
            if following == marked:
                continue
            marked = marked | following if steady and change.part is not None else following
            since = now
        look = _TimedLook(token, shown, marked, score)
        if _joins(look, looks[-1], narration):
            looks[-1] = looks[-1]._replace(marked=marked, score=max(score, looks[-1].score))
        else:
            looks.append(look)
    return looks


def _joins(look: _TimedLook, before: _TimedLook, narration: Narration) -> bool:
    """Whether `look` only moves a mark, so soon that it would flicker; then the look before it has the mark at once."""
    if before.token < 0 or look.shown != before.shown or look.score >= AUTHORS:
        return False
    return narration.seconds[look.token] - narration.seconds[before.token] < _STEADY_SECONDS


def _shown(appearances: Sequence[int], token: int) -> frozenset[int]:
    return frozenset(number for number, appears in enumerate(appearances) if appears <= token)


def _within_limit(looks: list[_TimedLook]) -> list[_TimedLook]:
    """The looks without the least sure marks, so that at most MOST_LOOKS differ."""
    while len({(look.shown, look.marked) for look in looks}) > MOST_LOOKS:
        weakest = min(range(1, len(looks)), key=lambda number: (looks[number].score, -number))
        if looks[weakest].score >= _APPEARS:
            # What it shows appears with the look before it, because nothing may appear late.
            looks[weakest - 1] = looks[weakest - 1]._replace(shown=looks[weakest].shown)
        looks = looks[:weakest] + looks[weakest + 1 :]
    return looks
