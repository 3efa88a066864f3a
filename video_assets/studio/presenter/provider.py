"""The presenter: who can present, what a performance is, and what a drawn face does in each frame.

Belongs here: the contract of every presenter provider and of whoever moves a photographed face's lips, and the pure
plan of a drawn face's poses (mouth, eyelids, head, breath) from the speech's times and a seed. Does not belong here:
how a pose looks (`resources/presenters`), which shape a phoneme has (`lips`), or where the face stands in the frame
(`stage`).

A clip begins and ends in the same pose (eyes open and on the viewer, head upright, breath out), so that a cut between
two sections does not jump. Nothing here depends on the section's place in the film.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from fractions import Fraction
from itertools import groupby, pairwise
from types import MappingProxyType
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from video_assets.studio.calls.context import CallContext
from video_assets.studio.calls.paid_responses import PaidRequest
from video_assets.studio.calls.slots import Slots
from video_assets.studio.core.frame_layout import Box
from video_assets.studio.core.lookup import lookup
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.media.sound import Sound
from video_assets.studio.speech.provider import SpeechTimes
from video_assets.studio.storage.store import Scalar

from .visemes import OPENINGS as SHAPE_OPENINGS
from .visemes import mouth_frames


class PresenterInfo(FrozenModel):
    """What a person choosing a presenter is told."""

    id: str
    name: str
    description: str
    provider: str
    realistic: bool = False
    """True when viewers could take it for a real person; the film then says that it is synthetic."""
    licence: str = ""
    consent: str = ""
    """Who agreed that this face speaks, where it is a real person's."""


class LipOptions(FrozenModel):
    """What a lesson's settings say of photographed faces. Drawn faces have no use for it."""

    resize_factor: int = 1
    """The face is worked on in a picture reduced by this much."""
    smooth_face: bool = True
    """Whether the face's place in a loop is averaged over some pictures."""
    lead: int = 1
    """How many frames before its picture the network begins to hear: 0, 1 or 2."""
    parallel: bool = True
    """Whether chunks of a section are worked on side by side. Shapes no byte, nor does what follows."""
    chunk_seconds: int = 0
    """Length of a chunk; 0 follows from the section and the devices."""
    batch: int = 0
    """Frames computed at a time; 0 takes what suits the device."""


DEFAULT_LIP_OPTIONS = LipOptions()


class PerformanceRequest(FrozenModel):
    """A section to be performed. Frame i shows the time i / rate seconds; speech starts with frame `lead_frames`."""

    presenter: str
    box: Box
    rate: str
    """Frames per second, an exact fraction."""
    frames: int
    lead_frames: int
    times: SpeechTimes
    seed: str
    """Digest of the speech: blinks and breaths follow from it, never from the section's place in the film."""
    options: LipOptions = DEFAULT_LIP_OPTIONS


Patch = NDArray[np.uint8]
"""A picture with transparency, height x width x 4."""


class Performance(NamedTuple):
    """`keys[i]` names the picture of frame i; equal keys, equal pictures.

    `patch(key)` is a read-only uint8 array, area height x area width x 4: red, green, blue, and alpha that is
    *straight* (colours are not multiplied by it; where alpha is 0 they are 0). It lies on the slide at the area's
    place.
    """

    keys: tuple[str, ...]
    patch: Callable[[str], Patch]
    opening: Callable[[str], float] | None = None
    """How far the mouth is open in a picture, 0 to 1, where the provider knows it; lips are then checked by it."""
    opening_estimated: bool = False
    """Whether `opening` was read off the pictures rather than known: then it says when, and less well how far."""
    still: Patch | None = None
    """What never changes, of the size of the request's box: laid on the slide once, below every patch."""
    area: Box | None = None
    """The part of the frame that patches cover, inside the request's box; None: all of that box."""
    facts: Mapping[str, Scalar] = MappingProxyType({})
    """What the clip's record should know."""


class LipTrack(NamedTuple):
    """What was made of a section's sound before it is placed in a frame; kept in the store, as it costs most."""

    data: bytes
    facts: Mapping[str, Scalar]
    """How it was made (device, precision, seconds...), for the record; none of it may shape the result."""


SoundSource = Callable[[], tuple[Sound, int]]
"""Decodes a section's sound: samples (mono, -1 to 1) and their rate in Hz."""


class LipSync(Protocol):
    """Makes the lips of one section, for whom the errand says: who has to be paid makes none without it.

    Called by several threads at once: who can, fills batches across sections.
    """

    def __call__(
        self, request: PerformanceRequest, source: SoundSource, call_context: CallContext | None = None
    ) -> LipTrack:
        """The lips. Raises StudioError."""
        ...


Tell = Callable[[str], None]
"""Takes a word for whoever watches: one sentence."""


class LipSyncer(ABC):
    """Who makes a photographed presenter's lips: a network, a program, a service. Independent of box and slide."""

    @abstractmethod
    def identity(self) -> dict[str, str]:
        """What the recipe of lips must name: engine, its version and model, digest of the face. Raises StudioError."""

    def expects(self, milliseconds: int) -> PaidRequest | None:
        """What would be bought, at most, for a sound of that length; None where nothing is."""
        return None

    @abstractmethod
    def session(self, slots: Slots, tell: Tell) -> AbstractContextManager[LipSync]:
        """Make lips inside the block. Whatever is dear (a model, a device) is taken when the first section asks, and
        given back at the end; calls of a bounded pool hold a slot of `slots`. `tell` is told what a person should
        know: that it will take long, say.
        """


class PresenterProvider(ABC):
    """A source of faces. The same request gives the same keys and the same bytes."""

    name: str

    @abstractmethod
    def identity(self, presenter: str, options: LipOptions = DEFAULT_LIP_OPTIONS) -> dict[str, str]:
        """What a recipe must name: provider, version, digest of the presenter's files, and the options that shape
        its pictures. Raises SettingInvalid.
        """

    @abstractmethod
    def presenters(self) -> tuple[PresenterInfo, ...]:
        """Every presenter, the default first."""

    @abstractmethod
    def animate(self, request: PerformanceRequest, lips: bytes | None = None) -> Performance:
        """Perform one section. `lips` is what the presenter's `lip_syncer` made of it, where it has one.

        Raises SettingInvalid for a presenter that does not exist.
        """

    def lip_syncer(self, presenter: str, options: LipOptions = DEFAULT_LIP_OPTIONS) -> LipSyncer | None:
        """Who makes this presenter's lips beforehand; None where performing is all there is to do."""
        return None


OPENINGS: dict[str, float] = {**SHAPE_OPENINGS, "b": 0.15, "f": 0.25, "e": 0.4, "c": 0.45, "d": 0.8}
"""How far each drawing of the mouth is open, 0 to 1: the shapes of speech and, in small letters, the drawings between
them: b parted lips, c half open, d nearly wide, e and f half rounded."""

_CLOSING = {
    "BX": "b", "BA": "b", "CX": "c", "CA": "c", "CG": "c", "CB": "c", "DX": "c", "DA": "c", "DG": "c", "DB": "C",
    "DC": "d", "DE": "d", "DH": "d", "DF": "E", "EX": "e", "EA": "e", "EG": "e", "EF": "e", "EB": "f", "CF": "e",
    "HX": "c", "HA": "c", "HG": "c", "HB": "c", "HF": "e", "FX": "b", "BF": "f",
}  # fmt: skip
"""The drawing between a shape and a less open one."""
_POPPING = {"XD": "c", "AD": "c", "BD": "C", "FD": "E", "GD": "c"}
"""The drawing between a closed shape and a wide one: any smaller step opens at once, as mouths do."""
_KEPT = frozenset("XAG")
"""Shapes whose every frame is shown: closed lips and teeth on the lip are what a lip reader looks for."""

STILL_FRAMES = 8
"""Frames at both ends of a clip in which nothing but the mouth moves."""

TURN_STEPS, NOD_STEPS = 6, 4


def provider_of(presenter: str, providers: Mapping[str, PresenterProvider]) -> PresenterProvider:
    """The provider that has the presenter. Raises SettingInvalid where none has."""
    by_presenter = {info.id: provider for provider in providers.values() for info in provider.presenters()}
    return lookup(by_presenter, presenter, "presenter")


def presenter_names(providers: Mapping[str, PresenterProvider]) -> tuple[str, ...]:
    """The ids of all presenters. Raises SettingInvalid where a drawn one's file is damaged."""
    return tuple(info.id for provider in providers.values() for info in provider.presenters())


class Pose(NamedTuple):
    """Everything that distinguishes one picture of a drawn face from another."""

    mouth: str
    """A key of OPENINGS."""
    eyes: str
    """o open, h half closed, c closed, l and r open with the gaze a little to a side."""
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
    """How far the mouth is open in the picture `key`, from 0 (closed) to 1 (as wide as it goes)."""
    return OPENINGS[pose_of(key).mouth]


def plan_poses(request: PerformanceRequest) -> tuple[Pose, ...]:
    """The pose of each of the request's frames. A function of the request's times, rate, length and seed alone."""
    rate = Fraction(request.rate)
    shapes = mouth_frames(request.times, rate, request.frames, request.lead_frames)
    mouths = add_inbetweens(shapes)
    eyes = _eyes(request.seed, request.frames, rate)
    heads = _heads(request.seed, request.frames, rate, _word_frames(request, rate))
    breaths = _breaths(request.seed, request.frames, rate)
    return tuple(map(Pose, mouths, eyes, heads, breaths))


def add_inbetweens(shapes: tuple[str, ...]) -> tuple[str, ...]:
    """`shapes` with drawings between two shapes where the mouth closes, or opens very wide.

    A closing mouth takes a frame from the beginning of the less open shape, or from the end of the more open one where
    the other may not be touched; an opening mouth is at once where it goes, but for the widest step. Frames of X, A
    and G stay as they are, and each run keeps at least one frame of its own shape.
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


def _throw(seed: str, purpose: str, count: int, low: int, high: int) -> int:
    """An integer from low to high, both included, that follows from the seed, the purpose and a counter."""
    digest = hashlib.sha256(f"{seed}/{purpose}/{count}".encode()).digest()
    return low + int.from_bytes(digest[:8], "big") % (high - low + 1)


def _frames_in(milliseconds: int, rate: Fraction) -> int:
    return int(milliseconds * rate / 1000)


def _paced(steps: tuple[str, ...], rate: Fraction) -> tuple[str, ...]:
    """Steps drawn for 25 frames per second, repeated or thinned out for much faster or slower films."""
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
    at, count = _frames_in(_throw(seed, "first blink", 0, 1000, 3500), rate), 0
    while at < frames:
        yield at
        count += 1
        at += _frames_in(_throw(seed, "blink", count, *_BLINK_GAP_MS), rate)


def _eyes(seed: str, frames: int, rate: Fraction) -> list[str]:
    """Blinks every three to five seconds; after some of them the eyes glance aside for a moment."""
    track = ["o"] * frames
    for count, at in enumerate(_blink_starts(seed, frames, rate)):
        blink = _paced(_BLINKS[_throw(seed, "lids", count, 0, 2)], rate)
        glance_at = at + _frames_in(_throw(seed, "glance at", count, 900, 1500), rate)
        glance = ("lr"[_throw(seed, "glance", count, 0, 1)],) * _frames_in(280, rate)
        glances = _throw(seed, "glances", count, 0, 2) == 0 and glance_at + len(glance) <= frames - STILL_FRAMES
        if STILL_FRAMES <= at <= frames - STILL_FRAMES - len(blink):
            _write(track, at, blink)
        if glances and glance_at >= STILL_FRAMES:
            _write(track, glance_at, glance)
    return track


# Head ----------------------------------------------------------------------------------------------------------------

_GESTURE_GAP_MS = (3000, 5400)


def _steps(way: str, count: int) -> tuple[str, ...]:
    return tuple(f"{way}{step}" for step in range(1, count + 1))


def _gesture(way: str, rate: Fraction) -> tuple[str, ...]:
    """A nod, or brows that rise and rest for half a second."""
    there = _paced(_steps(way, NOD_STEPS), rate)
    held = (f"{way}{NOD_STEPS}",) * _frames_in(80 if way == "n" else 480, rate)
    return there + held + there[::-1]


def _heads(seed: str, frames: int, rate: Fraction, words: list[int]) -> list[str]:
    """The head moves now and then, with the beginning of a word: a tilt that is held, a nod, raised brows.

    One section tilts to one side only: a second side would add a third of the pictures.
    """
    track, at, count = ["0"] * frames, STILL_FRAMES, 0
    ways = "lr"[_throw(seed, "side", 0, 0, 1)] + "nu"
    while (at := _next_word(words, at + _frames_in(_throw(seed, "gesture", count, *_GESTURE_GAP_MS), rate))) >= 0:
        way = ways[_throw(seed, "way", count, 0, 2)]
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
    """To a side, held for a few seconds until a word begins, and back."""
    there = _paced(_steps(way, TURN_STEPS), rate)
    shortest = _frames_in(_throw(seed, "hold", count, 2000, 3600), rate)
    back_at = _next_word(words, at + len(there) + shortest)
    held = shortest if back_at < 0 else back_at - at - len(there)
    return there + (f"{way}{TURN_STEPS}",) * held + there[::-1]


# Breath --------------------------------------------------------------------------------------------------------------

_BREATH_SECONDS = 4
# In is quicker than out. Hundredths of a breath at which each height begins.
_BREATH = ((0, 0), (16, 1), (23, 2), (52, 1), (62, 0))


def _breaths(seed: str, frames: int, rate: Fraction) -> list[int]:
    """Whole breaths of about four seconds, not all alike, between the still frames."""
    moving = frames - 2 * STILL_FRAMES
    track = [0] * frames
    if moving < _BREATH_SECONDS / 2 * rate:
        return track
    breaths = max(1, round(moving / (_BREATH_SECONDS * rate)))
    weights = [_throw(seed, "breath", count, 88, 112) for count in range(breaths)]
    done, total = 0, sum(weights)
    for weight in weights:
        begin, end = STILL_FRAMES + moving * done // total, STILL_FRAMES + moving * (done + weight) // total
        track[begin:end] = [_breath_height(frame - begin, end - begin) for frame in range(begin, end)]
        done += weight
    return track


def _breath_height(frame: int, length: int) -> int:
    return [height for begins, height in _BREATH if frame * 100 >= begins * length][-1]
