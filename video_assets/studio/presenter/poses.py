"""The poses of a drawn face: mouth, eyelids, head and breath in each frame.

A pose follows from the times of the speech and a seed. A clip begins and ends in the same pose (eyes open and on the
viewer, head upright, breath out), so that a cut between two sections does not jump. Nothing here depends on the place
of the section in the film. Does not belong here: how a pose looks (`resources/presenters`).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby, pairwise
from typing import NamedTuple

from .provider import PerformanceRequest
from .viseme_rules import OPENINGS as SHAPE_OPENINGS
from .visemes import mouth_frames

OPENINGS: dict[str, float] = {**SHAPE_OPENINGS, "b": 0.15, "f": 0.25, "e": 0.4, "c": 0.45, "d": 0.8}
"""How far each drawing of the mouth is open, 0 to 1. Capital letters are the shapes of speech. Small letters are the
drawings between them: b parted lips, c half open, d nearly wide, e and f half rounded."""

_CLOSING = {
    "BX": "b", "BA": "b", "CX": "c", "CA": "c", "CG": "c", "CB": "c", "DX": "c", "DA": "c", "DG": "c", "DB": "C",
    "DC": "d", "DE": "d", "DH": "d", "DF": "E", "EX": "e", "EA": "e", "EG": "e", "EF": "e", "EB": "f", "CF": "e",
    "HX": "c", "HA": "c", "HG": "c", "HB": "c", "HF": "e", "FX": "b", "BF": "f",
}  # fmt: skip
"""The drawing between a shape and a less open one."""

_POPPING = {"XD": "c", "AD": "c", "BD": "C", "FD": "E", "GD": "c"}
"""The drawing between a closed shape and a wide one. Smaller steps open at once, as mouths do."""

_KEPT = frozenset("XAG")
"""Shapes that lose no frame to a drawing between: lip readers look for closed lips and for teeth on the lip."""

STILL_FRAMES = 8
"""Frames at each end of a clip in which only the mouth moves."""

TURN_STEPS, NOD_STEPS = 6, 4


class Pose(NamedTuple):
    """All values that distinguish one picture of a drawn face from another."""

    mouth: str
    """A key of OPENINGS."""
    eyes: str
    """o open, h half closed, c closed, l and r open with the gaze a little to a side, s with the gaze on the slide."""
    head: str
    """0 upright; l1..l6 and r1..r6 on the way to a tilt left or right; n1..n4 to a nod; u1..u4 to raised brows."""
    breath: int
    """0 out, 1 half, 2 in."""

    @property
    def key(self) -> str:
        """The pose as text, e.g. `D-o-l2-1`."""
        return f"{self.mouth}-{self.eyes}-{self.head}-{self.breath}"


def pose_of(key: str) -> Pose:
    """The pose that `key` names."""
    mouth, eyes, head, breath = key.split("-")
    return Pose(mouth, eyes, head, int(breath))


def mouth_opening(key: str) -> float:
    """How far the mouth is open in the picture `key`, from 0 (closed) to 1 (widest)."""
    return OPENINGS[pose_of(key).mouth]


def plan_poses(request: PerformanceRequest) -> tuple[Pose, ...]:
    """The pose of each frame. It depends only on the times, rate, length, seed and news of the request."""
    rate = Fraction(request.rate)
    glances = plan_glances(request)
    shapes = mouth_frames(request.times, rate, request.frames, request.lead_frames)
    mouths = add_inbetweens(shapes)
    eyes = _with_glances(_eyes(request.seed, request.frames, rate), glances)
    heads = _heads(request.seed, request.frames, rate, _word_frames(request, rate), leftwards=bool(glances))
    _turn_with(heads, glances, rate)
    breaths = _breaths(request.seed, request.frames, rate)
    return tuple(map(Pose, mouths, eyes, heads, breaths))


def add_inbetweens(shapes: tuple[str, ...]) -> tuple[str, ...]:
    """`shapes` with drawings in between where the mouth closes or opens very wide.

    A closing mouth takes a frame from the start of the less open shape, or, if that one must keep its frames, from the
    end of the more open one. An opening mouth changes at once, except for the widest step. Frames of X, A and G do not
    change, and each run keeps at least one frame of its own shape.
    """
    softened = list(shapes)
    runs, start = [], 0
    for shape, group in groupby(shapes):
        length = len(list(group))
        runs.append(_Run(shape, start, start + length))
        start += length
    for before, after in pairwise(runs):
        _soften_change(softened, before, after)
    return tuple(softened)


class _Run(NamedTuple):
    shape: str
    start: int
    end: int


def _soften_change(softened: list[str], before: _Run, after: _Run) -> None:
    change, lasts = before.shape + after.shape, after.end - after.start
    if change in _POPPING and lasts >= 3:
        softened[after.start] = _POPPING[change]
    elif change in _CLOSING and after.shape not in _KEPT and lasts >= 2:
        softened[after.start] = _CLOSING[change]
    elif change in _CLOSING and before.end - before.start >= 2 and softened[before.end - 2] == before.shape:
        softened[before.end - 1] = _CLOSING[change]


def _seeded_int(seed: str, purpose: str, count: int, low: int, high: int) -> int:
    """A pseudorandom integer from low to high, both included, from the seed, the purpose and a counter."""
    digest = hashlib.sha256(f"{seed}/{purpose}/{count}".encode()).digest()
    return low + int.from_bytes(digest[:8], "big") % (high - low + 1)


def _frames_in(milliseconds: int, rate: Fraction) -> int:
    return int(milliseconds * rate / 1000)


def _paced(steps: tuple[str, ...], rate: Fraction) -> tuple[str, ...]:
    """Steps drawn for 25 frames per second, repeated or thinned out for much higher or lower frame rates."""
    if rate < 16:
        return steps[1::2]
    return tuple(step for step in steps for _ in range(max(1, round(rate / 25))))


def _word_frames(request: PerformanceRequest, rate: Fraction) -> list[int]:
    starts = (request.lead_frames + int(word.start * rate / request.times.rate_hz) for word in request.times.words)
    return sorted(starts)


def _write(track: list[str], at: int, steps: tuple[str, ...]) -> None:
    track[at : at + len(steps)] = steps


# Eyelids -------------------------------------------------------------------------------------------------------------

_BLINKS = (("h", "c", "h"), ("h", "c", "c", "h"), ("h", "c", "c", "h", "h"))

_BLINK_GAP_MS = (3000, 5000)


def _blink_starts(seed: str, frames: int, rate: Fraction) -> Iterator[int]:
    at, count = _frames_in(_seeded_int(seed, "first blink", 0, 1000, 3500), rate), 0
    while at < frames:
        yield at
        count += 1
        at += _frames_in(_seeded_int(seed, "blink", count, *_BLINK_GAP_MS), rate)


def _eyes(seed: str, frames: int, rate: Fraction) -> list[str]:
    """Blinks every three to five seconds. After some of them the eyes glance aside briefly."""
    track = ["o"] * frames
    for count, at in enumerate(_blink_starts(seed, frames, rate)):
        blink = _paced(_BLINKS[_seeded_int(seed, "lids", count, 0, 2)], rate)
        glance_at = at + _frames_in(_seeded_int(seed, "glance at", count, 900, 1500), rate)
        glance = ("lr"[_seeded_int(seed, "glance", count, 0, 1)],) * _frames_in(280, rate)
        glances = _seeded_int(seed, "glances", count, 0, 2) == 0 and glance_at + len(glance) <= frames - STILL_FRAMES
        if STILL_FRAMES <= at <= frames - STILL_FRAMES - len(blink):
            _write(track, at, blink)
        if glances and glance_at >= STILL_FRAMES:
            _write(track, glance_at, glance)
    return track


# Glances at the slide ------------------------------------------------------------------------------------------------

_GLANCE_MS = (900, 1300)
_GLANCES_APART_MS = 6000
"""A face that looks aside at every new part would not look at the viewer any more."""


class Glance(NamedTuple):
    """Frames in which the eyes are on the slide: from `start` to before `end`."""

    start: int
    end: int


def plan_glances(request: PerformanceRequest) -> tuple[Glance, ...]:
    """The glances at news on the slide: each begins with its frame, and they are a few seconds apart."""
    rate, found = Fraction(request.rate), list[Glance]()
    for count, frame in enumerate(sorted(request.news)):
        end = frame + _frames_in(_seeded_int(request.seed, "look at", count, *_GLANCE_MS), rate)
        waits = found and frame < found[-1].end + _frames_in(_GLANCES_APART_MS, rate)
        if not waits and frame >= STILL_FRAMES and end <= request.frames - STILL_FRAMES:
            found.append(Glance(frame, end))
    return tuple(found)


def _with_glances(eyes: list[str], glances: tuple[Glance, ...]) -> list[str]:
    """`eyes` on the slide during the glances. A blink goes on, and the eyes look nowhere else meanwhile."""
    for glance in glances:
        span = slice(glance.start, glance.end)
        eyes[span] = ["s" if state in "olr" else state for state in eyes[span]]
    return eyes


def _turn_with(heads: list[str], glances: tuple[Glance, ...], rate: Fraction) -> None:
    """Turn the head a little to the slide during the glances in which it does nothing else."""
    there = _paced(_steps("l", TURN_STEPS), rate)
    for glance in glances:
        length = glance.end - glance.start
        if length > 2 * len(there) and set(heads[glance.start : glance.end]) == {"0"}:
            held = (f"l{TURN_STEPS}",) * (length - 2 * len(there))
            _write(heads, glance.start, there + held + there[::-1])


# Head ----------------------------------------------------------------------------------------------------------------

_GESTURE_GAP_MS = (3000, 5400)


def _steps(way: str, count: int) -> tuple[str, ...]:
    return tuple(f"{way}{step}" for step in range(1, count + 1))


def _gesture(way: str, rate: Fraction) -> tuple[str, ...]:
    """A nod, or brows that rise and stay for half a second."""
    there = _paced(_steps(way, NOD_STEPS), rate)
    held = (f"{way}{NOD_STEPS}",) * _frames_in(80 if way == "n" else 480, rate)
    return there + held + there[::-1]


def _heads(seed: str, frames: int, rate: Fraction, words: list[int], *, leftwards: bool) -> list[str]:
    """Head gestures that begin with a word: a tilt that is held, a nod, or raised brows.

    A section tilts to one side only, because a second side would add a third of the pictures: `leftwards`, if the face
    glances at a slide there.
    """
    track, at, count = ["0"] * frames, STILL_FRAMES, 0
    ways = ("l" if leftwards else "lr"[_seeded_int(seed, "side", 0, 0, 1)]) + "nu"
    while (at := _next_word(words, at + _frames_in(_seeded_int(seed, "gesture", count, *_GESTURE_GAP_MS), rate))) >= 0:
        way = ways[_seeded_int(seed, "way", count, 0, 2)]
        steps = _gesture(way, rate) if way in "nu" else _tilt(seed, count, way, rate, words, at)
        if at + len(steps) > frames - STILL_FRAMES:
            break
        _write(track, at, steps)
        at, count = at + len(steps), count + 1
    return track


def _next_word(words: list[int], frame: int) -> int:
    """The first frame at or after `frame` in which a word begins; -1 when there is none."""
    index = bisect_left(words, frame)
    return words[index] if index < len(words) else -1


def _tilt(seed: str, count: int, way: str, rate: Fraction, words: list[int], at: int) -> tuple[str, ...]:
    """A tilt to a side, held for a few seconds until a word begins, and back."""
    there = _paced(_steps(way, TURN_STEPS), rate)
    shortest = _frames_in(_seeded_int(seed, "hold", count, 2000, 3600), rate)
    back_at = _next_word(words, at + len(there) + shortest)
    held = shortest if back_at < 0 else back_at - at - len(there)
    return there + (f"{way}{TURN_STEPS}",) * held + there[::-1]


# Breath --------------------------------------------------------------------------------------------------------------

_BREATH_SECONDS = 4


# Breathing in is faster than breathing out. Hundredths of a breath at which each height begins.
_BREATH = ((0, 0), (16, 1), (23, 2), (52, 1), (62, 0))


def _breaths(seed: str, frames: int, rate: Fraction) -> list[int]:
    """Whole breaths of about four seconds, of varied length, between the still frames."""
    moving = frames - 2 * STILL_FRAMES
    track = [0] * frames
    if moving < _BREATH_SECONDS / 2 * rate:
        return track
    breaths = max(1, round(moving / (_BREATH_SECONDS * rate)))
    weights = [_seeded_int(seed, "breath", count, 88, 112) for count in range(breaths)]
    done, total = 0, sum(weights)
    for weight in weights:
        begin, end = STILL_FRAMES + moving * done // total, STILL_FRAMES + moving * (done + weight) // total
        track[begin:end] = [_breath_height(frame - begin, end - begin) for frame in range(begin, end)]
        done += weight
    return track


def _breath_height(frame: int, length: int) -> int:
    return [height for begins, height in _BREATH if frame * 100 >= begins * length][-1]
