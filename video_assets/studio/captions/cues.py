"""Captions of one section: which words stand together, on which lines, from which frame to which.

Belongs here: the search for the best captions and the report of those that are too fast to read. Does not belong
here: the cost of a border (`phrases.py`), file formats (`files.py`), or judging captions (`checks.py`).

The search is a dynamic programme over the borders between words. A caption's text is its words; its start is the
frame nearest to its first word; its end follows from the words and the next caption's start: so the cost of a
caption depends on its first and last word alone, and the cheapest chain of captions is found exactly. The cost of a
caption is the sum of

- 50 for being one, so that there are not too many;
- the border it ends at and, where it needs two lines, six tenths of the border between them (`phrases.py`);
- up to 60 for uneven lines, half as much again where the upper is the longer; 50 for a line of one word;
- 3 for each percent by which it must be read faster than the target, and from the limit on 2,000 and 20 for each;
- 4,000 and more for lasting under the least or over the most time, up to 60 for less than 1.5 s;
- 100 to 600 for a silence of 0.6 s or more between its words: what follows a pause must not be read before it;
- 80 for a caption of one word (10 where that is a sentence);
- where a sentence ends inside it: 90 if the one that follows is left unfinished, 90 if this one began before it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from video_assets.studio.core.values import FrozenModel
from video_assets.studio.lesson.script import Token
from video_assets.studio.speech.provider import SpeechTimes
from video_assets.studio.timeline import (
    MIN_CAPTION_MS,
    ClipPlan,
    SectionPlan,
    Timeline,
    ceil_div,
    ends_sentence,
    frames_of,
    token_spans,
)

from .measure import LINE_UNITS, Measure, clusters, is_wide, measure_of, text_width
from .phrases import CaptionPiece, break_costs, break_words_of

MAX_MS = 7000
MIN_MS = MIN_CAPTION_MS
GAP_FRAMES = 2
MAX_LINES = 2
START_TOLERANCE_MS = 80
_CHAIN_MS = 500
"""A caption that would vanish for less than this before the next appears stays until then: no flicker."""
_COMFORT_MS = 1500
_PAUSE_MS = 600
_IMPOSSIBLE = 10**9
_NO_LINE_END = frozenset("([{“‘«「『（【《〈［")
_NO_LINE_START = frozenset("。，、！？：；…」』）】》〉］”’)]},.!?:;%ー々")
_BREAK_AFTER = frozenset("/._-?&=,;:|\\+")


class Cue(FrozenModel):
    """A caption: from `start_frame` up to `end_frame`, exclusive, counted from the section's or the film's start."""

    start_frame: int
    end_frame: int
    lines: tuple[str, ...]
    first_token: int
    end_token: int
    """Index of the token after the last, in the section's tokens."""

    @property
    def text(self) -> str:
        """The lines, parted by a line feed."""
        return "\n".join(self.lines)


class FastCue(FrozenModel):
    """A caption that cannot be read at the limit while the voice speaks."""

    first_token: int
    text: str
    speech_frames: int
    """Frames that shrink or grow with the voice's rate."""
    silent_frames: int
    """Frames that stay as they are, whatever the rate."""
    needed_frames: int
    characters_per_second: str
    """What a reader would have to read, with one decimal."""


class CaptionReport(FrozenModel):
    """The captions of one section that are too fast; empty when all can be read."""

    fast: tuple[FastCue, ...] = ()


class _Unit(NamedTuple):
    """A piece of text that stays together, with its place in the section and its frames."""

    piece: CaptionPiece
    width: int
    token: int
    start: Fraction
    """In seconds from the start of the clip."""
    end: Fraction


class _Bounds(NamedTuple):
    """Durations in frames."""

    least: int
    comfortable: int
    most: int
    chain: int


class _Text(NamedTuple):
    """A section made ready for the search. `widths[i]` is the width of the units before unit i with their spaces."""

    units: tuple[_Unit, ...]
    borders: tuple[int, ...]
    widths: tuple[int, ...]
    starts: tuple[int, ...]
    """Frame at which a caption that begins with unit i starts; the last entry stands for the end of the clip."""
    ends: tuple[int, ...]
    """First frame after the words of unit i."""
    silences_ms: tuple[int, ...]
    """Silence before unit i."""
    measure: Measure
    rate: Fraction
    bounds: _Bounds


class _Span(NamedTuple):
    """The frames of a caption."""

    start: int
    end: int
    limit: int


def caption_cues(
    tokens: Sequence[Token], times: SpeechTimes, plan: ClipPlan, rate: Fraction, language: str = "en"
) -> tuple[Cue, ...]:
    """The captions of one section, in frames from the start of its clip.

    Every token stands in them once and in order. Raises SpeechInvalid when the speech has no word times. Where the
    voice is too fast for a rule, the captions are the least bad ones: ask `caption_report`.
    """
    text = _prepare(tokens, times, plan, rate, language)
    return tuple(_cues(text, _best_chain(text))) if text.units else ()


def caption_report(
    tokens: Sequence[Token], times: SpeechTimes, plan: ClipPlan, rate: Fraction, language: str = "en"
) -> CaptionReport:
    """Which captions of a section exceed the reading speed, and by how much."""
    text = _prepare(tokens, times, plan, rate, language)
    spans = _best_chain(text) if text.units else []
    return CaptionReport(fast=tuple(fast for first, end in spans if (fast := _fast_cue(text, first, end))))


def needed_rate_percent(report: CaptionReport) -> int:
    """The speaking rate, in percent of the present one, at which every caption of `report` can be read; at most 100."""
    return min((_rate_for(fast) for fast in report.fast), default=100)


def _rate_for(fast: FastCue) -> int:
    # One frame more than needed: both ends of the caption are rounded to frames again after the voice has changed.
    return max(1, 100 * fast.speech_frames // max(1, fast.needed_frames + 1 - fast.silent_frames))


def film_cues(timeline: Timeline, language: str = "en") -> tuple[Cue, ...]:
    """The captions of the whole film, in frames from its start."""
    return tuple(
        shifted(cue, placed.start_frame)
        for placed, section in timeline.sections()
        for cue in section_cues(section, timeline.frame_rate, language)
    )


def section_cues(section: SectionPlan, rate: Fraction, language: str = "en") -> tuple[Cue, ...]:
    """The captions of a planned section, in frames from the start of its clip."""
    return caption_cues(section.tokens, section.times, section.plan, rate, language)


def shifted(cue: Cue, frames: int) -> Cue:
    """`cue`, `frames` later."""
    moved = {"start_frame": cue.start_frame + frames, "end_frame": cue.end_frame + frames}
    return cue.model_copy(update=moved)


def nearest_frame(seconds: Fraction, rate: Fraction) -> int:
    """The frame border nearest to `seconds`, the later one when both are as near."""
    return int((2 * seconds * rate + 1) // 2)


def most_frames(rate: Fraction) -> int:
    """The longest a caption may last."""
    return int(MAX_MS * rate // 1000)


def _prepare(tokens: Sequence[Token], times: SpeechTimes, plan: ClipPlan, rate: Fraction, language: str) -> _Text:
    measure = measure_of((token.shown for token in tokens), language)
    lead = plan.lead_frames / rate
    found = tuple(_units_of(tokens, times, lead, measure))
    widths = [0]
    for unit in found:
        widths.append(widths[-1] + unit.width + (measure.narrow if unit.piece.space_before else 0))
    return _Text(
        units=found,
        borders=break_costs([unit.piece for unit in found], break_words_of(language)),
        widths=tuple(widths),
        starts=(*(nearest_frame(unit.start, rate) for unit in found), plan.frames + GAP_FRAMES),
        ends=tuple(ceil_div(unit.end * rate, 1) for unit in found),
        silences_ms=(0, *(int(1000 * (after.start - before.end)) for before, after in pairwise(found))),
        measure=measure,
        rate=rate,
        bounds=_Bounds(
            frames_of(MIN_MS, rate), frames_of(_COMFORT_MS, rate), most_frames(rate), frames_of(_CHAIN_MS, rate)
        ),
    )


def _units_of(tokens: Sequence[Token], times: SpeechTimes, lead: Fraction, measure: Measure) -> Iterator[_Unit]:
    for index, (token, (start, end)) in enumerate(zip(tokens, token_spans(tokens, times), strict=True)):
        parts = _parts(_one_line(token.shown), measure)
        closing = ends_sentence(tokens, index)
        done = 0
        for number, part in enumerate(parts):
            # A part of a token has no time of its own: it takes its share of the token's, by length.
            begin, done = done, done + len(part)
            share = Fraction(end - start, times.rate_hz * max(1, sum(map(len, parts))))
            origin = lead + Fraction(start, times.rate_hz)
            piece = CaptionPiece(part, token.space_before and number == 0, closing and number == len(parts) - 1)
            yield _Unit(piece, text_width(part, measure), index, origin + begin * share, origin + done * share)


def _one_line(shown: str) -> str:
    return "".join(" " if character in "\n\r\t\v\f\x85\u2028\u2029" else character for character in shown).strip()


def _parts(shown: str, measure: Measure) -> tuple[str, ...]:
    """`shown` whole if it fits a line, else in small parts between which it may be broken."""
    if text_width(shown, measure) <= LINE_UNITS:
        return (shown,) if shown else ()
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
    if cluster[0] in _NO_LINE_START or part[-1] in _NO_LINE_END:
        return True
    if is_wide(cluster) or is_wide(clusters(part)[-1]):
        return False
    return part[-1] not in _BREAK_AFTER and text_width(part, measure) < LINE_UNITS // 2


def _best_chain(text: _Text) -> list[tuple[int, int]]:
    """The cheapest captions, each as (first unit, unit after the last)."""
    count = len(text.units)
    best: list[tuple[int, int]] = [(0, count)] * (count + 1)
    for first in reversed(range(count)):
        best[first] = min((_cost(text, first, end) + best[end][0], end) for end in _ends(text, first))
    chain, first = [], 0
    while first < count:
        end = best[first][1]
        chain.append((first, end))
        first = end
    return chain


def _ends(text: _Text, first: int) -> Iterator[int]:
    for end in range(first + 1, len(text.units) + 1):
        if end > first + 1 and _width(text, first, end) > MAX_LINES * LINE_UNITS + text.measure.wide:
            return
        yield end


def _width(text: _Text, first: int, end: int) -> int:
    leading = text.measure.narrow if text.units[first].piece.space_before else 0
    return text.widths[end] - text.widths[first] - leading


def _cost(text: _Text, first: int, end: int) -> int:
    lines = _line_cost(text, first, end)
    if lines >= _IMPOSSIBLE:
        return _IMPOSSIBLE
    border = text.borders[end] if end < len(text.units) else 0
    span = _span(text, first, end)
    return (
        50
        + lines
        + border
        + _reading_cost(text, first, end, span)
        + _length_cost(text, span)
        + _shape_cost(text, first, end)
    )


def _line_cost(text: _Text, first: int, end: int) -> int:
    if _width(text, first, end) <= LINE_UNITS:
        return 0
    return _best_split(text, first, end)[0]


def _best_split(text: _Text, first: int, end: int) -> tuple[int, int]:
    """(cost, unit that starts the second line) of the best two lines."""
    # The first place from which the rest fits a line; a space that the line then drops may allow one place earlier.
    earliest = bisect_left(text.widths, text.widths[end] - LINE_UNITS - text.measure.narrow, first + 1, end)
    best = (_IMPOSSIBLE, end)
    for middle in range(earliest, end):
        if _width(text, first, middle) > LINE_UNITS:
            break
        best = min(best, (_split_cost(text, first, middle, end), middle))
    return best


def _split_cost(text: _Text, first: int, middle: int, end: int) -> int:
    upper, lower = _width(text, first, middle), _width(text, middle, end)
    if max(upper, lower) > LINE_UNITS:
        return _IMPOSSIBLE
    uneven = abs(upper - lower) * 60 // LINE_UNITS
    single = 50 * ((middle == first + 1) + (middle == end - 1))
    return text.borders[middle] * 6 // 10 + (uneven * 3 // 2 if upper > lower else uneven) + single


def _span(text: _Text, first: int, end: int) -> _Span:
    """When the caption of units `first` to `end` stands.

    It lasts as long as its words, or as a reader needs, into the silence after them, and where the next caption is
    near, until two frames before it.
    """
    start, limit = text.starts[first], text.starts[end] - GAP_FRAMES
    needed = max(_frames_to_read(text, first, end, text.measure.target_speed), text.bounds.least)
    wanted = max(text.ends[end - 1], start + needed)
    if limit - wanted < text.bounds.chain:
        wanted = limit
    return _Span(start, max(start + 1, min(wanted, limit, start + text.bounds.most)), limit)


def _frames_to_read(text: _Text, first: int, end: int, speed: int) -> int:
    per_second = speed * text.measure.character
    return ceil_div(_width(text, first, end) * text.rate.numerator, per_second * text.rate.denominator)


def _reading_cost(text: _Text, first: int, end: int, span: _Span) -> int:
    speed = _speed(text, first, end, span)
    over_target = max(0, speed // text.measure.target_speed - 100)
    over_limit = ceil_div(speed, text.measure.most_speed) - 100
    return 3 * over_target + (2000 + 20 * over_limit if over_limit > 0 else 0)


def _speed(text: _Text, first: int, end: int, span: _Span) -> int:
    """Hundredths of a character a second, rounded up."""
    width, per_frame = _width(text, first, end), (span.end - span.start) * text.measure.character
    return ceil_div(100 * width * text.rate.numerator, per_frame * text.rate.denominator)


def _length_cost(text: _Text, span: _Span) -> int:
    frames, (least, comfortable, most, _) = span.end - span.start, text.bounds
    if frames < least:
        return 4000 + 50 * (least - frames)
    if frames < most:
        return max(0, 60 * (comfortable - frames) // (comfortable - least))
    return min(4000, 50 * max(0, span.limit - GAP_FRAMES - span.end))


def _shape_cost(text: _Text, first: int, end: int) -> int:
    if end == first + 1:
        return 10 if text.units[first].piece.ends_sentence else 80
    silence_ms = max(text.silences_ms[first + 1 : end])
    pause = 0 if silence_ms < _PAUSE_MS else min(600, 100 + (silence_ms - _PAUSE_MS) // 2)
    return pause + _mixture_cost(text, first, [unit.piece.ends_sentence for unit in text.units[first:end]])


def _mixture_cost(text: _Text, first: int, ends: Sequence[bool]) -> int:
    if not any(ends[:-1]):
        return 0
    begins = first == 0 or text.units[first - 1].piece.ends_sentence
    return (0 if ends[-1] else 90) + (0 if begins else 90)


def _cues(text: _Text, chain: Sequence[tuple[int, int]]) -> Iterator[Cue]:
    earliest = 0
    for first, end in chain:
        span = _span(text, first, end)
        start = max(span.start, earliest)
        stop = max(span.end, start + 1)
        earliest = stop + GAP_FRAMES
        yield Cue(
            start_frame=start,
            end_frame=stop,
            lines=_lines(text, first, end),
            first_token=text.units[first].token,
            end_token=text.units[end - 1].token + 1,
        )


def _lines(text: _Text, first: int, end: int) -> tuple[str, ...]:
    if _width(text, first, end) <= LINE_UNITS:
        return (_line(text, first, end),)
    middle = _best_split(text, first, end)[1]
    return _line(text, first, middle), _line(text, middle, end)


def _line(text: _Text, first: int, end: int) -> str:
    pieces = [unit.piece for unit in text.units[first:end]]
    return "".join(f" {piece.shown}" if piece.space_before else piece.shown for piece in pieces).strip()


def _fast_cue(text: _Text, first: int, end: int) -> FastCue | None:
    span = _span(text, first, end)
    needed = max(_frames_to_read(text, first, end, text.measure.most_speed), text.bounds.least)
    if span.end - span.start >= needed:
        return None
    # Silence between words shrinks and grows with the voice; the clip's tail does not.
    spoken = text.ends[end - 1] if end == len(text.units) else span.limit
    speech = max(1, min(spoken, span.end) - span.start)
    tenths = _speed(text, first, end, span) // 10
    return FastCue(
        first_token=text.units[first].token,
        text="\n".join(_lines(text, first, end)),
        speech_frames=speech,
        silent_frames=span.end - span.start - speech,
        needed_frames=needed,
        characters_per_second=f"{tenths // 10}.{tenths % 10}",
    )
