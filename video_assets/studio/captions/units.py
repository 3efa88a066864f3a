"""A section prepared for the caption search: units of text with their widths, frames and border costs.

A unit is a token, a word of a token in a script without spaces, or a part of a token that is too wide for one line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from video_assets.studio.core.graphemes import clusters
from video_assets.studio.core.unspaced_words import breakable_parts
from video_assets.studio.lesson.script import Token
from video_assets.studio.speech.provider import SpeechTimes
from video_assets.studio.timeline import (
    MIN_CAPTION_MS,
    ClipPlan,
    ceil_div,
    ends_sentence,
    frames_of,
    token_spans,
)

from .measure import LINE_UNITS, Measure, is_wide, measure_of, text_width
from .phrases import NO_LINE_END, NO_LINE_START, CaptionPiece, break_costs, break_words_of

MAX_MS = 7000
MIN_MS = MIN_CAPTION_MS
GAP_FRAMES = 2
_CHAIN_MS = 500
"""A caption stays until the next one if the gap between them would be shorter than this: no flicker."""

_COMFORT_MS = 1500

_BREAK_AFTER = frozenset("/._-?&=,;:|\\+\u0f0b")


class CaptionUnit(NamedTuple):
    """A piece of text that stays together, with its place in the section and its frames."""

    piece: CaptionPiece
    width: int
    token: int
    start: Fraction
    """In seconds from the start of the clip."""
    end: Fraction


class Bounds(NamedTuple):
    """Durations in frames."""

    least: int
    comfortable: int
    most: int
    chain: int


class CaptionText(NamedTuple):
    """A section prepared for the search. `widths[i]` is the width of the units before unit i with their spaces."""

    units: tuple[CaptionUnit, ...]
    borders: tuple[int, ...]
    widths: tuple[int, ...]
    starts: tuple[int, ...]
    """Start frame of a caption that begins with unit i. The last entry stands for the end of the clip."""
    ends: tuple[int, ...]
    """First frame after the words of unit i."""
    silences_ms: tuple[int, ...]
    """Silence before unit i."""
    measure: Measure
    rate: Fraction
    bounds: Bounds


def nearest_frame(seconds: Fraction, rate: Fraction) -> int:
    """The frame border nearest to `seconds`; the later one if two are equally near."""
    return int((2 * seconds * rate + 1) // 2)


def most_frames(rate: Fraction) -> int:
    """The maximum length of a caption in frames."""
    return int(MAX_MS * rate // 1000)


def prepare_text(
    tokens: Sequence[Token], times: SpeechTimes, plan: ClipPlan, rate: Fraction, language: str
) -> CaptionText:
    """The section in units. Raises SpeechInvalid when the speech has no word times."""
    measure = measure_of((token.shown for token in tokens), language)
    lead = plan.lead_frames / rate
    found = tuple(_units_of(tokens, times, lead, measure))
    widths = [0]
    for unit in found:
        widths.append(widths[-1] + unit.width + (measure.narrow if unit.piece.space_before else 0))
    return CaptionText(
        units=found,
        borders=break_costs([unit.piece for unit in found], break_words_of(language)),
        widths=tuple(widths),
        starts=(*(nearest_frame(unit.start, rate) for unit in found), plan.frames + GAP_FRAMES),
        ends=tuple(ceil_div(unit.end * rate, 1) for unit in found),
        silences_ms=(0, *(int(1000 * (after.start - before.end)) for before, after in pairwise(found))),
        measure=measure,
        rate=rate,
        bounds=Bounds(
            frames_of(MIN_MS, rate), frames_of(_COMFORT_MS, rate), most_frames(rate), frames_of(_CHAIN_MS, rate)
        ),
    )


def _units_of(tokens: Sequence[Token], times: SpeechTimes, lead: Fraction, measure: Measure) -> Iterator[CaptionUnit]:
    for index, (token, (start, end)) in enumerate(zip(tokens, token_spans(tokens, times), strict=True)):
        parts = tuple(_parts(_one_line(token.shown), measure))
        closing = ends_sentence(tokens, index)
        done = 0
        for number, part in enumerate(parts):
            # A part of a token has no times. It gets a share of the time of the token, by length.
            begin, done = done, done + len(part.text)
            share = Fraction(end - start, times.rate_hz * max(1, sum(len(each.text) for each in parts)))
            origin = lead + Fraction(start, times.rate_hz)
            piece = CaptionPiece(
                part.text, token.space_before and number == 0, closing and number == len(parts) - 1, part.begins_word
            )
            width = text_width(part.text, measure)
            yield CaptionUnit(piece, width, index, origin + begin * share, origin + done * share)


def _one_line(shown: str) -> str:
    return "".join(" " if character in "\n\r\t\v\f\x85\u2028\u2029" else character for character in shown).strip()


class _TokenPart(NamedTuple):
    text: str
    begins_word: bool
    """Whether a new word begins here, although no space is before it."""


def _parts(shown: str, measure: Measure) -> Iterator[_TokenPart]:
    """The parts of a token between which a break is allowed."""
    for number, word in enumerate(breakable_parts(shown)):
        for at, text in enumerate(_fitting(word, measure)):
            yield _TokenPart(text, begins_word=number > 0 and at == 0)


def _fitting(shown: str, measure: Measure) -> tuple[str, ...]:
    """`shown` as a whole if it fits a line, else in small parts."""
    if text_width(shown, measure) <= LINE_UNITS:
        return (shown,)
    parts: list[str] = []
    for cluster in clusters(shown):
        if parts and _stays(parts[-1], cluster, measure):
            parts[-1] += cluster
        else:
            parts.append(cluster)
    return tuple(parts)


def _stays(part: str, cluster: str, measure: Measure) -> bool:
    if text_width(part + cluster, measure) > LINE_UNITS:
        return False
    if cluster[0] in NO_LINE_START or part[-1] in NO_LINE_END:
        return True
    if is_wide(cluster) or is_wide(clusters(part)[-1]):
        return False
    return part[-1] not in _BREAK_AFTER and text_width(part, measure) < LINE_UNITS // 2
