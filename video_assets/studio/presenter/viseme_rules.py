"""Mouth shapes: which shapes a phoneme allows, and which of them it gets between its neighbours.

The shapes are the nine of Rhubarb Lip Sync: X at rest, A closed (p b m), B slightly open with teeth, C open, D wide,
E rounded, F puckered, G teeth on the lip (f v), H tongue up (l).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, NamedTuple, cast

from video_assets.studio.speech.provider import PhoneTime, SpeechTimes

Viseme = Literal["X", "A", "B", "C", "D", "E", "F", "G", "H"]

OPENINGS: dict[Viseme, float] = {
    "X": 0.0, "A": 0.0, "G": 0.1, "F": 0.2, "B": 0.25, "C": 0.6, "H": 0.6, "E": 0.65, "D": 1.0,
}  # fmt: skip
"""How far each shape is open, 0 to 1."""

CLOSED_BELOW = 0.05
"""Below this opening the lips count as closed."""

RESTING_BELOW = 0.12
"""Below this opening a mouth counts as at rest: in silence it may open as far as a breath needs."""

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


class VisemeTarget(NamedTuple):
    """A stretch of sound and the shapes that it allows. The preferred shape is the first."""

    allowed: str
    start: int
    end: int
    kind: Literal["silence", "labial", "labiodental", "vowel", "consonant"]


def _letters(phone: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", phone) if unicodedata.category(letter)[0] == "L")


def starts_with(phone: PhoneTime, first_letters: frozenset[str]) -> bool:
    """Whether the first letter of the phoneme, without diacritics, is one of `first_letters`. Silence has none."""
    return _letters(phone.phone)[:1] in first_letters and phone.phone != ""


def viseme_targets(phone: PhoneTime, rate_hz: int) -> list[VisemeTarget]:
    """The shapes that a phoneme allows: one target, or two for a diphthong."""
    letters = [letter for letter in _letters(phone.phone) if letter in _VOWELS]
    milliseconds = (phone.end - phone.start) * 1000 // rate_hz
    if not phone.phone:
        return [VisemeTarget("X", phone.start, phone.end, "silence")]
    if not letters or _letters(phone.phone)[0] not in _VOWELS:
        return [_consonant(phone, milliseconds)]
    if len(letters) == 1 or _VOWELS[letters[0]] == _VOWELS[letters[-1]]:
        return [VisemeTarget(_vowel(letters[0], milliseconds), phone.start, phone.end, "vowel")]
    middle = phone.start + int((phone.end - phone.start) * _DIPHTHONG_FIRST)
    return [
        VisemeTarget(_glide(letters[0], milliseconds), phone.start, middle, "vowel"),
        VisemeTarget(_VOWELS[letters[-1]], middle, phone.end, "vowel"),
    ]


def _consonant(phone: PhoneTime, milliseconds: int) -> VisemeTarget:
    first = _letters(phone.phone)[:1]
    allowed = _CONSONANTS.get(first, _ANY)
    if first == "l" and milliseconds >= _LONG_LATERAL_MS:
        allowed = "H"
    kind = "labial" if first in LABIALS else "labiodental" if first in LABIODENTALS else "consonant"
    return VisemeTarget(allowed, phone.start, phone.end, kind)


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
    """The shape of the first part of a diphthong. A short "eye" opens less wide than a long one."""
    return "C" if _VOWELS[letter] == "D" and milliseconds < _LONG_OPEN_MS else _VOWELS[letter]


# --- one shape each ----------------------------------------------------------------------------------------------

RELAXED_SHAPES: dict[str, Viseme] = {"D": "C", "H": "C", "C": "B", "E": "C", "F": "B", "G": "B"}

_ANTICIPATION_MS = 200


def shape_cues(targets: Sequence[VisemeTarget], rate_hz: int) -> list[VisemeCue]:
    """One shape for each target: that of a vowel that follows soon, else the allowed shape nearest to the last one."""
    cues: list[VisemeCue] = []
    for index, target in enumerate(targets):
        shape = _anticipated(targets, index, rate_hz) or _nearest(target.allowed, cues[-1].shape if cues else "X")
        cues.append(VisemeCue(shape, target.start, target.end))
    return cues


def _anticipated(targets: Sequence[VisemeTarget], index: int, rate_hz: int) -> Viseme | None:
    target = targets[index]
    if len(target.allowed) == 1:
        return None
    for later in targets[index + 1 :]:
        if (later.start - target.start) * 1000 > _ANTICIPATION_MS * rate_hz or later.kind in ("silence", "labial"):
            return None
        if len(later.allowed) == 1:
            return as_viseme(later.allowed) if later.kind == "vowel" and later.allowed in target.allowed else None
    return None


def _nearest(allowed: str, previous: Viseme) -> Viseme:
    relaxed = RELAXED_SHAPES.get(previous, previous)

    def distance(shape: str) -> float:
        opened = OPENINGS[as_viseme(shape)] - OPENINGS[relaxed]
        rounded = _ROUNDING.get(as_viseme(shape), 0.0) - _ROUNDING.get(relaxed, 0.0)
        return opened**2 + rounded**2 / 4

    return as_viseme(min(allowed, key=distance))


def as_viseme(letter: str) -> Viseme:
    """The letter as a Viseme, for the type checker."""
    assert letter in OPENINGS
    return cast("Viseme", letter)


CLOSURE_MS = 40
"""The lips of a stop are closed at least this long before its burst, where its time starts."""


def with_silences(times: SpeechTimes) -> list[PhoneTime]:
    """The phonemes of `times`, with silence in every gap between and around them."""
    covered: list[PhoneTime] = []
    done = 0
    for phone in (*times.phones, PhoneTime(phone="", start=times.samples, end=times.samples)):
        if phone.start > done:
            covered.append(PhoneTime(phone="", start=done, end=phone.start))
        if phone.end > phone.start:
            covered.append(phone)
        done = phone.end
    return covered


class VisibleSpan(NamedTuple):
    """Where a shape must be visible, in exact frames from the start of the clip."""

    start: Fraction
    end: Fraction

    def frames(self, count: int) -> range:
        """The frames that overlap the span."""
        return range(max(0, int(self.start)), min(count, -int(-self.end // 1)))

    def seen_in(self, frame: int) -> Fraction:
        """How much of the span the frame shows, in frames."""
        return min(self.end, Fraction(frame + 1)) - max(self.start, Fraction(frame))


def visible_spans(times: SpeechTimes, letters: frozenset[str], rate: Fraction, lead_frames: int) -> list[VisibleSpan]:
    """Where the shape of each phoneme that starts with one of `letters` must be visible.

    For LABIALS a span begins CLOSURE_MS before the burst.
    """
    early = CLOSURE_MS * times.rate_hz // 1000 if letters is LABIALS else 0
    scale = rate / times.rate_hz
    return [
        VisibleSpan(lead_frames + (phone.start - early) * scale, lead_frames + phone.end * scale)
        for phone in times.phones
        if starts_with(phone, letters)
    ]
