"""Visemes: from the times of phonemes to the shape of the mouth in every frame.

The timing rules make a drawn mouth look right. They follow Rhubarb Lip Sync and measurements. Does not belong here:
drawing (`resources/presenters`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from video_assets.studio.speech.provider import PhoneTime, SpeechTimes

from .viseme_rules import (
    CLOSURE_MS,
    LABIALS,
    LABIODENTALS,
    OPENINGS,
    RELAXED_SHAPES,
    Viseme,
    VisemeCue,
    VisemeTarget,
    VisibleSpan,
    as_viseme,
    shape_cues,
    starts_with,
    viseme_targets,
    visible_spans,
    with_silences,
)

_NASAL_LABIALS = frozenset("m")


# --- timing ------------------------------------------------------------------------------------------------------

_LONGEST_CLOSURE_MS = 120
_NASAL_CLOSURE_MS = 25
_SHORTEST_MS, _STRETCH_MS, _SHORTEST_CLOSED_MS = 70, 60, 40
_HOLD_PAUSE_MS, _REST_PAUSE_MS, _RELAX_MS = 120, 200, 80
_TWEEN_MS = 60
_LONGEST_HELD_MS, _HELD_SYLLABLES = 750, 3
_FIXED = ("A", "G")
_CALM = 0.1
"""A step of this much in opening is too small to flicker."""

_TWEENS: dict[str, tuple[Viseme, Literal["early", "centred", "late"]]] = {
    # Closing takes a step between, opening pops; a change of rounding passes through the middle.
    "DA": ("C", "early"), "DG": ("C", "early"), "DB": ("C", "centred"), "BD": ("C", "centred"),
    "CF": ("E", "centred"), "FC": ("E", "centred"), "DF": ("E", "centred"), "FD": ("E", "centred"),
    "HF": ("E", "late"), "FH": ("E", "early"),
}  # fmt: skip


def viseme_cues(times: SpeechTimes) -> tuple[VisemeCue, ...]:
    """The shapes of the mouth over the whole sound: contiguous, ordered, from sample 0 to `times.samples`.

    Lips close before the burst of p, b and m. Consonants that do not use the lips take a shape from their neighbours.
    The mouth prepares for a vowel up to 200 ms ahead. Only A and G may be shorter than the eye can see. The mouth
    rests in pauses.
    """
    rate_hz = times.rate_hz
    targets = [target for phone in with_silences(times) for target in viseme_targets(phone, rate_hz)]
    cues = shape_cues(targets, rate_hz)
    cues = _enlivened(cues, targets, rate_hz)
    cues = _paused(cues, rate_hz)
    cues = _lengthened(_merged(cues), rate_hz)
    cues = _tweened(cues, rate_hz)
    return tuple(_merged(_closed(cues, times)))


def _enlivened(cues: Sequence[VisemeCue], targets: Sequence[VisemeTarget], rate_hz: int) -> list[VisemeCue]:
    """Relax every second syllable of a shape held over three syllables and 750 ms: real mouths do not stand still."""
    livened = list(cues)
    start = 0
    while start < len(cues):
        end = next((index for index in range(start, len(cues)) if cues[index].shape != cues[start].shape), len(cues))
        vowels = [index for index in range(start, end) if targets[index].kind == "vowel"]
        held = (cues[end - 1].end - cues[start].start) * 1000 >= _LONGEST_HELD_MS * rate_hz
        if held and len(vowels) >= _HELD_SYLLABLES and cues[start].shape not in ("X", *_FIXED):
            for index in vowels[1::2]:
                relaxed = RELAXED_SHAPES.get(cues[index].shape, "C")
                livened[index] = cues[index]._replace(shape=relaxed)
        start = end
    return livened


def _paused(cues: Sequence[VisemeCue], rate_hz: int) -> list[VisemeCue]:
    """Brief silence holds the shape before it, longer silence relaxes it, and a pause brings the mouth to rest."""
    paused: list[VisemeCue] = []
    for cue in _merged(cues):
        milliseconds = (cue.end - cue.start) * 1000 / rate_hz
        before = paused[-1].shape if paused else "X"
        if cue.shape != "X" or before == "X":
            paused.append(cue)
        elif milliseconds < _HOLD_PAUSE_MS:
            paused.append(cue._replace(shape=before))
        elif milliseconds < _REST_PAUSE_MS:
            paused.append(cue._replace(shape=RELAXED_SHAPES.get(before, before)))
        else:
            rest = cue.start + _RELAX_MS * rate_hz // 1000
            relaxed = RELAXED_SHAPES.get(before, before)
            paused += [VisemeCue(relaxed, cue.start, rest), cue._replace(start=rest)]
    return paused


def _merged(cues: Iterable[VisemeCue]) -> list[VisemeCue]:
    merged: list[VisemeCue] = []
    for cue in cues:
        if merged and merged[-1].shape == cue.shape:
            merged[-1] = merged[-1]._replace(end=cue.end)
        elif cue.end > cue.start:
            merged.append(cue)
    return merged


def _lengthened(cues: Sequence[VisemeCue], rate_hz: int) -> list[VisemeCue]:
    """Start shapes that are too brief earlier, at the cost of a longer one before; drop those that stay too brief."""
    shortest, stretch = _SHORTEST_MS * rate_hz // 1000, _STRETCH_MS * rate_hz // 1000
    kept: list[VisemeCue] = []
    for cue in cues:
        lacks = shortest - (cue.end - cue.start)
        if lacks <= 0 or cue.shape in ("X", *_FIXED) or not kept:
            kept.append(cue)
            continue
        before = kept[-1]
        spare = (
            before.end - before.start - (_SHORTEST_CLOSED_MS * rate_hz // 1000 if before.shape in _FIXED else shortest)
        )
        taken = 0 if before.shape == "X" else max(0, min(lacks, stretch, spare))
        if cue.end - cue.start + taken < shortest * 5 // 7 and before.shape not in ("X", *_FIXED):
            kept[-1] = before._replace(end=cue.end)
        else:
            kept[-1] = before._replace(end=before.end - taken)
            kept.append(cue._replace(start=cue.start - taken))
    return _merged(kept)


def _tweened(cues: Sequence[VisemeCue], rate_hz: int) -> list[VisemeCue]:
    tweened = list(cues[:1])
    for cue in cues[1:]:
        before = tweened[-1]
        if before.shape + cue.shape not in _TWEENS:
            tweened.append(cue)
            continue
        shape, place = _TWEENS[before.shape + cue.shape]
        length = min(_TWEEN_MS * rate_hz // 1000, (before.end - before.start) // 2, (cue.end - cue.start) // 2)
        early = {"early": length, "centred": length // 2, "late": 0}[place]
        start = before.end - early
        tweened[-1] = before._replace(end=start)
        tweened += [VisemeCue(shape, start, start + length), cue._replace(start=start + length)]
    return tweened


def _closed(cues: Sequence[VisemeCue], times: SpeechTimes) -> list[VisemeCue]:
    """The cues with every closure of p, b and m laid over them, from before the burst on."""
    closures = [
        _closure(times.phones, index, times.rate_hz)
        for index, phone in enumerate(times.phones)
        if starts_with(phone, LABIALS)
    ]
    bounds = sorted({bound for cue in (*cues, *closures) for bound in (cue.start, cue.end)})
    starts, closed_starts = [cue.start for cue in cues], [cue.start for cue in closures]
    drawn: list[VisemeCue] = []
    for start, end in pairwise(bounds):
        closure = closures[bisect_right(closed_starts, start) - 1] if closures else None
        inside = closure is not None and closure.start <= start < closure.end
        shape: Viseme = "A" if inside else _opened(cues, bisect_right(starts, start) - 1)
        drawn.append(VisemeCue(shape, start, end))
    return drawn


def _opened(cues: Sequence[VisemeCue], index: int) -> Viseme:
    """The next shape that is not A. After its closure a labial shows it: the lips part with the burst."""
    for cue in cues[index:]:
        if cue.shape != "A":
            return cue.shape
    return "X"


def _closure(phones: Sequence[PhoneTime], index: int, rate_hz: int) -> VisemeCue:
    phone = phones[index]
    before = phones[index - 1] if index else None
    half = (before.end - before.start) * 1000 // (2 * rate_hz) if before else 0
    lead_ms = (
        _NASAL_CLOSURE_MS if starts_with(phone, _NASAL_LABIALS) else max(CLOSURE_MS, min(half, _LONGEST_CLOSURE_MS))
    )
    start = max(0, phone.start - lead_ms * rate_hz // 1000)
    end = phone.end if starts_with(phone, _NASAL_LABIALS) else phone.start + (phone.end - phone.start) // 2
    return VisemeCue("A", start, max(end, start + 1))


# --- frames ------------------------------------------------------------------------------------------------------


def mouth_frames(times: SpeechTimes, rate: Fraction, frames: int, lead_frames: int) -> tuple[Viseme, ...]:
    """The shape in each of `frames` frames at `rate` frames per second, speech starting with frame `lead_frames`.

    A frame shows the shape at its middle, without flicker. At any rate, every p, b and m has a frame of A, and every f
    and v a frame of G, if a frame is free for it. Before and after the speech the mouth rests.
    """
    cues = viseme_cues(times)
    starts = [cue.start for cue in cues]
    shapes: list[Viseme] = ["X"] * frames
    for frame in range(frames):
        middle = int((frame - lead_frames + Fraction(1, 2)) * times.rate_hz / rate)
        if frame >= lead_frames and middle < times.samples:
            shapes[frame] = cues[bisect_right(starts, middle) - 1].shape
    if rate * _SHORTEST_MS > 1000:
        _calm(shapes)
    taken: set[int] = set()
    for shape, letters in (("A", LABIALS), ("G", LABIODENTALS)):
        _ensure(shapes, as_viseme(shape), visible_spans(times, letters, rate, lead_frames), taken)
    return tuple(shapes)


def _calm(shapes: list[Viseme]) -> None:
    """Extend a shape that opens or closes more than both neighbours for one frame to two frames, or drop it."""
    for frame in range(2, len(shapes) - 2):
        before, shape, after = shapes[frame - 1 : frame + 2]
        beyond = _beyond(OPENINGS[shape], OPENINGS[before], OPENINGS[after])
        if beyond <= _CALM or {before, shape, after} & {"X", *_FIXED}:
            continue
        if shapes[frame - 2] == before and shapes[max(0, frame - 3)] == before:
            shapes[frame - 1] = shape
        elif shapes[frame + 2] == after:
            shapes[frame + 1] = shape
        else:
            shapes[frame] = min(before, after, key=lambda near: abs(OPENINGS[near] - OPENINGS[shapes[frame]]))


def _beyond(value: float, one: float, other: float) -> float:
    return max(value - max(one, other), min(one, other) - value)


def _ensure(shapes: list[Viseme], shape: Viseme, windows: Sequence[VisibleSpan], taken: set[int]) -> None:
    """Give every window a frame of `shape`: the free frame that overlaps it most."""
    for window in windows:
        inside = window.frames(len(shapes))
        held = [frame for frame in inside if shapes[frame] == shape]
        free = [frame for frame in inside if frame not in taken]
        if not held and free:
            held = [max(free, key=window.seen_in)]
            shapes[held[0]] = shape
        if held:
            taken.add(max(held, key=window.seen_in))
