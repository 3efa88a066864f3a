"""Lips: from the times of phonemes to the shape of the mouth in every frame, and how well a mouth follows its sound.

Belongs here: which shape a phoneme has, the rules of timing that make a drawn mouth look right (after Rhubarb Lip Sync
and measurements), and the metrics, which take the openings of any mouth. Does not belong here: drawing (`presenter`).

Shapes are Rhubarb's nine: X at rest, A closed (p b m), B slightly open with teeth, C open, D wide, E rounded, F
puckered, G teeth on the lip (f v), H tongue up (l).
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from video_assets.studio.core.lazy_import import lazy_import
from video_assets.studio.speech.provider import PhoneTime, SpeechTimes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = lazy_import("numpy")

Viseme = Literal["X", "A", "B", "C", "D", "E", "F", "G", "H"]

OPENINGS: dict[Viseme, float] = {
    "X": 0.0, "A": 0.0, "G": 0.1, "F": 0.2, "B": 0.25, "C": 0.6, "H": 0.6, "E": 0.65, "D": 1.0,
}  # fmt: skip
"""How far each shape is open, 0 to 1."""
CLOSED_BELOW = 0.05
"""Openings under this are closed lips; what is at rest in silence may open as far as a breath, RESTING_BELOW."""
RESTING_BELOW = 0.12

_ROUNDING: dict[Viseme, float] = {"E": 0.6, "F": 1.0, "X": 0.3}


class VisemeCue(NamedTuple):
    """A shape from sample `start` to sample `end`, exclusive."""

    shape: Viseme
    start: int
    end: int


# --- which shape a phoneme has -----------------------------------------------------------------------------------

LABIALS = frozenset("pbmɓʙ")
"""First letters of the phonemes whose lips close."""
LABIODENTALS = frozenset("fvʋɱⱱ")
_NASAL_LABIALS = frozenset("m")

_CONSONANTS: dict[str, str] = {
    # First letter of the phoneme -> the shapes that it allows.
    **dict.fromkeys("pbmɓʙ", "A"),
    **dict.fromkeys("fvʋɱⱱ", "G"),
    **dict.fromkeys("wʍɥ", "F"),
    **dict.fromkeys("βɸ", "BF"),  # lips come near and do not meet
    **dict.fromkeys("tdszʃʒɕʑʂʐʈɖcɟçʝɗʄ", "BF"),
    **dict.fromkeys("θð", "BC"),
    **dict.fromkeys("nɳɲɴ", "BCFH"),
    **dict.fromkeys("lɭʎɬɮɫʟ", "HBEF"),
    **dict.fromkeys("rɹɾɻɽʀɺ", "BEF"),
    **dict.fromkeys("jʲ", "BCF"),
    **dict.fromkeys("kgɡqɢŋxɣχʁɰɠʛ", "BCEFH"),
    **dict.fromkeys("hɦħʕʔʡʢ", "BCDEFH"),
}
_VOWELS: dict[str, str] = {
    **dict.fromkeys("aɑɶ", "D"),
    **dict.fromkeys("eɛæʌɐɘɤɞ", "C"),
    **dict.fromkeys("iɪɨɯᵻ", "B"),
    **dict.fromkeys("oɔɒøœɵɜɝɚ", "E"),
    **dict.fromkeys("uʊyʏʉ", "F"),
    "ə": "BC",
}
_BRIEF_OPEN_MS, _LONG_OPEN_MS, _BRIEF_RHOTIC_MS, _LONG_LATERAL_MS, _BRIEF_SCHWA_MS = 80, 200, 70, 200, 60
_DIPHTHONG_FIRST = Fraction(3, 5)
_ANY = "BCEFH"


class _Target(NamedTuple):
    """A stretch of sound and the shapes that it allows, the preferred first."""

    allowed: str
    start: int
    end: int
    kind: Literal["silence", "labial", "labiodental", "vowel", "consonant"]


def _letters(phone: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", phone) if unicodedata.category(letter)[0] == "L")


def _is(phone: PhoneTime, first_letters: frozenset[str]) -> bool:
    return _letters(phone.phone)[:1] in first_letters and phone.phone != ""


def _targets(phone: PhoneTime, rate_hz: int) -> list[_Target]:
    letters = [letter for letter in _letters(phone.phone) if letter in _VOWELS]
    milliseconds = (phone.end - phone.start) * 1000 // rate_hz
    if not phone.phone:
        return [_Target("X", phone.start, phone.end, "silence")]
    if not letters or _letters(phone.phone)[0] not in _VOWELS:
        return [_consonant(phone, milliseconds)]
    if len(letters) == 1 or _VOWELS[letters[0]] == _VOWELS[letters[-1]]:
        return [_Target(_vowel(letters[0], milliseconds), phone.start, phone.end, "vowel")]
    middle = phone.start + int((phone.end - phone.start) * _DIPHTHONG_FIRST)
    return [
        _Target(_glide(letters[0], milliseconds), phone.start, middle, "vowel"),
        _Target(_VOWELS[letters[-1]], middle, phone.end, "vowel"),
    ]


def _consonant(phone: PhoneTime, milliseconds: int) -> _Target:
    first = _letters(phone.phone)[:1]
    allowed = _CONSONANTS.get(first, _ANY)
    if first == "l" and milliseconds >= _LONG_LATERAL_MS:
        allowed = "H"
    kind = "labial" if first in LABIALS else "labiodental" if first in LABIODENTALS else "consonant"
    return _Target(allowed, phone.start, phone.end, kind)


def _vowel(letter: str, milliseconds: int) -> str:
    if letter == "ʌ" and milliseconds >= _LONG_OPEN_MS:
        return "D"
    if letter in "ɜɝɚ" and milliseconds < _BRIEF_RHOTIC_MS:
        return "BC"
    if letter == "ə" and milliseconds >= _BRIEF_SCHWA_MS:
        return "C"
    if _VOWELS[letter] == "D" and milliseconds < _BRIEF_OPEN_MS:
        return "C"
    return _VOWELS[letter]


def _glide(letter: str, milliseconds: int) -> str:
    """The first part of a diphthong: a short "eye" opens less wide than a long one."""
    return "C" if _VOWELS[letter] == "D" and milliseconds < _LONG_OPEN_MS else _VOWELS[letter]


# --- one shape each ----------------------------------------------------------------------------------------------

_RELAXED: dict[str, Viseme] = {"D": "C", "H": "C", "C": "B", "E": "C", "F": "B", "G": "B"}
_ANTICIPATION_MS = 200


def _shapes(targets: Sequence[_Target], rate_hz: int) -> list[VisemeCue]:
    """The targets with their sets narrowed to one shape: a coming vowel's, else the nearest to the last."""
    cues: list[VisemeCue] = []
    for index, target in enumerate(targets):
        shape = _anticipated(targets, index, rate_hz) or _nearest(target.allowed, cues[-1].shape if cues else "X")
        cues.append(VisemeCue(shape, target.start, target.end))
    return cues


def _anticipated(targets: Sequence[_Target], index: int, rate_hz: int) -> Viseme | None:
    target = targets[index]
    if len(target.allowed) == 1:
        return None
    for later in targets[index + 1 :]:
        if (later.start - target.start) * 1000 > _ANTICIPATION_MS * rate_hz or later.kind in ("silence", "labial"):
            return None
        if len(later.allowed) == 1:
            return _viseme(later.allowed) if later.kind == "vowel" and later.allowed in target.allowed else None
    return None


def _nearest(allowed: str, previous: Viseme) -> Viseme:
    relaxed = _RELAXED.get(previous, previous)

    def distance(shape: str) -> float:
        opened = OPENINGS[_viseme(shape)] - OPENINGS[relaxed]
        rounded = _ROUNDING.get(_viseme(shape), 0.0) - _ROUNDING.get(relaxed, 0.0)
        return opened**2 + rounded**2 / 4

    return _viseme(min(allowed, key=distance))


def _viseme(letter: str) -> Viseme:
    assert letter in OPENINGS
    return cast("Viseme", letter)


# --- timing ------------------------------------------------------------------------------------------------------

CLOSURE_MS = 40
"""How long before the burst, which is where a stop's time starts, its lips are closed at least."""
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
    """The mouth's shapes over the whole sound: contiguous, ordered, from sample 0 to `times.samples`.

    Lips close before the burst of p, b and m; consonants that leave the lips free take the shape of what is
    around them; a coming vowel is prepared by up to 200 ms; no shape but A and G is too short for the eye; the mouth
    rests in pauses.
    """
    rate_hz = times.rate_hz
    targets = [target for phone in _covered(times) for target in _targets(phone, rate_hz)]
    cues = _shapes(targets, rate_hz)
    cues = _enlivened(cues, targets, rate_hz)
    cues = _paused(cues, rate_hz)
    cues = _lengthened(_merged(cues), rate_hz)
    cues = _tweened(cues, rate_hz)
    return tuple(_merged(_closed(cues, times)))


def _covered(times: SpeechTimes) -> list[PhoneTime]:
    """The phonemes with silence in all the gaps around and between them."""
    covered: list[PhoneTime] = []
    done = 0
    for phone in (*times.phones, PhoneTime(phone="", start=times.samples, end=times.samples)):
        if phone.start > done:
            covered.append(PhoneTime(phone="", start=done, end=phone.start))
        if phone.end > phone.start:
            covered.append(phone)
        done = phone.end
    return covered


def _enlivened(cues: Sequence[VisemeCue], targets: Sequence[_Target], rate_hz: int) -> list[VisemeCue]:
    """A shape held over three syllables and 750 ms is relaxed in every second of them: nobody's mouth stands still."""
    livened = list(cues)
    start = 0
    while start < len(cues):
        end = next((index for index in range(start, len(cues)) if cues[index].shape != cues[start].shape), len(cues))
        vowels = [index for index in range(start, end) if targets[index].kind == "vowel"]
        held = (cues[end - 1].end - cues[start].start) * 1000 >= _LONGEST_HELD_MS * rate_hz
        if held and len(vowels) >= _HELD_SYLLABLES and cues[start].shape not in ("X", *_FIXED):
            for index in vowels[1::2]:
                relaxed = _RELAXED.get(cues[index].shape, "C")
                livened[index] = cues[index]._replace(shape=relaxed)
        start = end
    return livened


def _paused(cues: Sequence[VisemeCue], rate_hz: int) -> list[VisemeCue]:
    """Brief silence holds the shape before it, longer silence relaxes it, a pause lets it come to rest."""
    paused: list[VisemeCue] = []
    for cue in _merged(cues):
        milliseconds = (cue.end - cue.start) * 1000 / rate_hz
        before = paused[-1].shape if paused else "X"
        if cue.shape != "X" or before == "X":
            paused.append(cue)
        elif milliseconds < _HOLD_PAUSE_MS:
            paused.append(cue._replace(shape=before))
        elif milliseconds < _REST_PAUSE_MS:
            paused.append(cue._replace(shape=_RELAXED.get(before, before)))
        else:
            rest = cue.start + _RELAX_MS * rate_hz // 1000
            relaxed = _RELAXED.get(before, before)
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
    """Shapes too brief to see begin earlier, at the cost of a longer one before; what stays too brief is left out."""
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
    """The cues with every closure of p, b and m drawn over them, from before the burst on."""
    closures = [
        _closure(times.phones, index, times.rate_hz) for index, phone in enumerate(times.phones) if _is(phone, LABIALS)
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
    """A labial's own cue beyond its closure shows what comes after it: the lips part with the burst."""
    for cue in cues[index:]:
        if cue.shape != "A":
            return cue.shape
    return "X"


def _closure(phones: Sequence[PhoneTime], index: int, rate_hz: int) -> VisemeCue:
    phone = phones[index]
    before = phones[index - 1] if index else None
    half = (before.end - before.start) * 1000 // (2 * rate_hz) if before else 0
    lead_ms = _NASAL_CLOSURE_MS if _is(phone, _NASAL_LABIALS) else max(CLOSURE_MS, min(half, _LONGEST_CLOSURE_MS))
    start = max(0, phone.start - lead_ms * rate_hz // 1000)
    end = phone.end if _is(phone, _NASAL_LABIALS) else phone.start + (phone.end - phone.start) // 2
    return VisemeCue("A", start, max(end, start + 1))


# --- frames ------------------------------------------------------------------------------------------------------


def mouth_frames(times: SpeechTimes, rate: Fraction, frames: int, lead_frames: int) -> tuple[Viseme, ...]:
    """The shape in each of `frames` frames at `rate` frames per second, speech starting with frame `lead_frames`.

    A frame shows the shape at its middle, without flicker. Every p, b and m has a frame of A, and every f and v one of
    G where it has a frame of its own, at any rate; before and after the speech the mouth rests.
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
        _ensure(shapes, _viseme(shape), _windows(times, letters, rate, lead_frames), taken)
    return tuple(shapes)


def _calm(shapes: list[Viseme]) -> None:
    """A shape that goes beyond both its neighbours for a single frame gets a second one, or gives way to the nearer."""
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


class _SpokenSpan(NamedTuple):
    """Where a shape must be seen, in frames from the clip's start, exact."""

    start: Fraction
    end: Fraction

    def frames(self, count: int) -> range:
        """The frames that show some of it."""
        return range(max(0, int(self.start)), min(count, -int(-self.end // 1)))

    def seen_in(self, frame: int) -> Fraction:
        """How much of the window the frame shows, in frames."""
        return min(self.end, Fraction(frame + 1)) - max(self.start, Fraction(frame))


def _windows(times: SpeechTimes, letters: frozenset[str], rate: Fraction, lead_frames: int) -> list[_SpokenSpan]:
    early = CLOSURE_MS * times.rate_hz // 1000 if letters is LABIALS else 0
    scale = rate / times.rate_hz
    return [
        _SpokenSpan(lead_frames + (phone.start - early) * scale, lead_frames + phone.end * scale)
        for phone in times.phones
        if _is(phone, letters)
    ]


def _ensure(shapes: list[Viseme], shape: Viseme, windows: Sequence[_SpokenSpan], taken: set[int]) -> None:
    """Give every window that lacks it a frame of `shape`: the one that shows most of it and is not needed already."""
    for window in windows:
        inside = window.frames(len(shapes))
        held = [frame for frame in inside if shapes[frame] == shape]
        free = [frame for frame in inside if frame not in taken]
        if not held and free:
            held = [max(free, key=window.seen_in)]
            shapes[held[0]] = shape
        if held:
            taken.add(max(held, key=window.seen_in))


def rhubarb_json(cues: Sequence[VisemeCue], rate_hz: int) -> dict[str, Any]:
    """The cues as Rhubarb Lip Sync's JSON, which animation tools read: seconds with milliseconds."""
    seconds = [(cue.shape, round(cue.start / rate_hz, 3), round(cue.end / rate_hz, 3)) for cue in cues]
    return {
        "metadata": {"duration": seconds[-1][2] if seconds else 0.0},
        "mouthCues": [{"start": start, "end": end, "value": shape} for shape, start, end in seconds],
    }


# --- how well a mouth follows its sound --------------------------------------------------------------------------

_SILENT_AFTER_MS = 200
_LAG_STEP_MS, _LONGEST_LAG_MS = 5, 400


def closed_lips_recall(openings: Sequence[float], times: SpeechTimes, rate: Fraction, lead_frames: int) -> float:
    """The share of p, b and m with a closed frame from 40 ms before the burst to the phoneme's end; 1 without any."""
    windows = _windows(times, LABIALS, rate, lead_frames)
    closed = [any(openings[frame] < CLOSED_BELOW for frame in window.frames(len(openings))) for window in windows]
    return sum(closed) / len(closed) if closed else 1.0


def movement_in_silence(openings: Sequence[float], times: SpeechTimes, rate: Fraction, lead_frames: int) -> int:
    """Frames whose mouth is open although it has been silent for 200 ms and stays so until the frame ends."""
    rest = _SILENT_AFTER_MS * times.rate_hz // 1000
    quiet = [(phone.start + rest, phone.end) for phone in _covered(times) if not phone.phone]
    # The breaths before and after the speech continue its own silence.
    quiet = [(start - rest if start == rest else start, end) for start, end in quiet]
    moved = 0
    for frame, opening in enumerate(openings):
        start = (frame - lead_frames) * times.rate_hz / rate
        end = (frame + 1 - lead_frames) * times.rate_hz / rate
        silent = end <= 0 or start >= times.samples + rest or any(low <= start and end <= high for low, high in quiet)
        moved += silent and opening > RESTING_BELOW
    return moved


class LipTiming(NamedTuple):
    """How a mouth lies on its sound."""

    offset_ms: float
    """Milliseconds by which the lips are late; negative: early."""
    correlation: float
    """Of opening and sound at that offset, from -1 to 1; a mouth that never moves has 0."""


MISMATCHED_BELOW = 0.25
"""Correlation under which an offset means nothing. Own sound 0.27 to 0.65, another's 0.01 to 0.28, as measured on drawn
mouths and on mouths estimated from pictures."""


def lip_timing(
    openings: Sequence[float], rate: Fraction, sound: NDArray[np.float32], rate_hz: int, lead_frames: int
) -> LipTiming:
    """Where the mouth's opening fits the sound best, and how well, from the sound alone.

    The lag, within 400 ms, at which the opening correlates best with the energy in 300 to 3000 Hz less that in 4000 to
    8000 Hz, both in decibels on a grid of 5 ms; refined by a parabola. Good to 10 ms for 5 s of speech.
    """
    energy = _opening_heard(sound, rate_hz)
    lead_ms = float(lead_frames * 1000 / rate)
    longest = _LONGEST_LAG_MS // _LAG_STEP_MS
    steps = np.arange(-longest, len(energy) + longest)
    frame = np.floor((steps * _LAG_STEP_MS + _LAG_STEP_MS / 2 + lead_ms) * float(rate) / 1000).astype(int)
    track = np.asarray(openings, float)
    seen = np.where((frame >= 0) & (frame < len(track)), track[np.clip(frame, 0, len(track) - 1)], 0.0)
    if np.ptp(seen) == 0 or np.ptp(energy) == 0:
        return LipTiming(0.0, 0.0)
    scores = np.array([_correlation(energy, seen[lag : lag + len(energy)]) for lag in range(2 * longest + 1)])
    return LipTiming((_peak(scores) - longest) * _LAG_STEP_MS, float(scores.max()))


def lip_offset_ms(
    openings: Sequence[float], rate: Fraction, sound: NDArray[np.float32], rate_hz: int, lead_frames: int
) -> float:
    """See LipTiming."""
    return lip_timing(openings, rate, sound, rate_hz, lead_frames).offset_ms


def _opening_heard(sound: NDArray[np.float32], rate_hz: int) -> NDArray[np.float64]:
    """How open a mouth sounds, every 5 ms: the voice's band in decibels less the hiss's."""
    hop, window = rate_hz * _LAG_STEP_MS // 1000, rate_hz * 20 // 1000
    padded = np.pad(sound.astype(np.float64), (window // 2, window))
    count = len(sound) // hop
    blocks = np.lib.stride_tricks.sliding_window_view(padded, window)[hop // 2 :: hop][:count]
    power = np.abs(np.fft.rfft(blocks * np.hanning(window), axis=1)) ** 2
    frequencies = np.fft.rfftfreq(window, 1 / rate_hz)
    voice = power[:, (frequencies >= 300) & (frequencies <= 3000)].sum(axis=1)
    hiss = power[:, (frequencies >= 4000) & (frequencies <= 8000)].sum(axis=1)
    floor = max(float(voice.max()) * 1e-5, 1e-12)
    level = 10 * np.log10(voice + floor) - 10 * np.log10(floor)
    return level - np.maximum(0, 10 * np.log10(hiss + floor) - 10 * np.log10(floor))


def _correlation(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    spread = left.std() * right.std()
    return float(((left - left.mean()) * (right - right.mean())).mean() / spread) if spread > 0 else 0.0


def _peak(scores: NDArray[np.float64]) -> float:
    best = int(scores.argmax())
    if not 0 < best < len(scores) - 1:
        return float(best)
    low, high, right = scores[best - 1], scores[best], scores[best + 1]
    return best + float((low - right) / (2 * (low - 2 * high + right)))
