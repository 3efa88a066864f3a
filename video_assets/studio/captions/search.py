"""The search for the best captions of a section.

It is a dynamic programme over the borders between words. The text of a caption is its words. It starts at the frame
nearest to its first word, and its end follows from its words and the start of the next caption. The cost of a caption
therefore depends on its first and last word alone, and the search finds the cheapest chain exactly. The cost of a
caption is the sum of

- 50 for each caption, so that there are not too many;
- the cost of the border at its end and, if it needs two lines, six tenths of the border between them (`phrases.py`);
- up to 60 for uneven lines, half as much again if the upper line is longer; 50 for a line of one word;
- 3 for each percent by which the reading speed exceeds the target; above the limit, 2,000 and 20 for each percent;
- 4,000 and more if it lasts less than the minimum or more than the maximum, up to 60 if it lasts less than 1.5 s;
- 100 to 600 for a silence of 0.6 s or more between its words: a reader must not see what follows a pause too early;
- 80 for a caption of one word (10 if the word is a sentence);
- if a sentence ends inside it: 90 if the next sentence is cut off, 90 if this sentence began in an earlier caption.

Units and frames are prepared in `units.py`. All functions take unit indices: `first`, and `end` after the last.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from video_assets.studio.timeline import (
    ceil_div,
)

from .measure import LINE_UNITS
from .units import GAP_FRAMES, CaptionText

MAX_LINES = 2
_PAUSE_MS = 600
_IMPOSSIBLE = 10**9


class FrameSpan(NamedTuple):
    """The frames of a caption, and the latest possible end (`limit`)."""

    start: int
    end: int
    limit: int


def best_chain(text: CaptionText) -> list[tuple[int, int]]:
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


def _ends(text: CaptionText, first: int) -> Iterator[int]:
    for end in range(first + 1, len(text.units) + 1):
        if end > first + 1 and width_of(text, first, end) > MAX_LINES * LINE_UNITS + text.measure.wide:
            return
        yield end


def width_of(text: CaptionText, first: int, end: int) -> int:
    """The width of these units on one line, without the space before the first."""
    leading = text.measure.narrow if text.units[first].piece.space_before else 0
    return text.widths[end] - text.widths[first] - leading


def _cost(text: CaptionText, first: int, end: int) -> int:
    lines = _line_cost(text, first, end)
    if lines >= _IMPOSSIBLE:
        return _IMPOSSIBLE
    border = text.borders[end] if end < len(text.units) else 0
    span = span_of(text, first, end)
    return (
        50
        + lines
        + border
        + _reading_cost(text, first, end, span)
        + _length_cost(text, span)
        + _shape_cost(text, first, end)
    )


def _line_cost(text: CaptionText, first: int, end: int) -> int:
    if width_of(text, first, end) <= LINE_UNITS:
        return 0
    return best_split(text, first, end)[0]


def best_split(text: CaptionText, first: int, end: int) -> tuple[int, int]:
    """(cost, unit that starts the second line) of the best two lines."""
    # The first unit from which the rest fits a line. The line drops its leading space, so one unit earlier may fit.
    earliest = bisect_left(text.widths, text.widths[end] - LINE_UNITS - text.measure.narrow, first + 1, end)
    best = (_IMPOSSIBLE, end)
    for middle in range(earliest, end):
        if width_of(text, first, middle) > LINE_UNITS:
            break
        best = min(best, (_split_cost(text, first, middle, end), middle))
    return best


def _split_cost(text: CaptionText, first: int, middle: int, end: int) -> int:
    upper, lower = width_of(text, first, middle), width_of(text, middle, end)
    if max(upper, lower) > LINE_UNITS:
        return _IMPOSSIBLE
    uneven = abs(upper - lower) * 60 // LINE_UNITS
    single = 50 * ((middle == first + 1) + (middle == end - 1))
    return text.borders[middle] * 6 // 10 + (uneven * 3 // 2 if upper > lower else uneven) + single


def span_of(text: CaptionText, first: int, end: int) -> FrameSpan:
    """The frames in which the caption of units `first` to `end` is shown.

    It lasts as long as its words, or as a reader needs. If the next caption is near, it lasts until GAP_FRAMES before
    that one.
    """
    start, limit = text.starts[first], text.starts[end] - GAP_FRAMES
    needed = max(frames_to_read(text, first, end, text.measure.target_speed), text.bounds.least)
    wanted = max(text.ends[end - 1], start + needed)
    if limit - wanted < text.bounds.chain:
        wanted = limit
    return FrameSpan(start, max(start + 1, min(wanted, limit, start + text.bounds.most)), limit)


def frames_to_read(text: CaptionText, first: int, end: int, speed: int) -> int:
    """Frames that a reader needs for these units at `speed` characters per second, rounded up."""
    per_second = speed * text.measure.character
    return ceil_div(width_of(text, first, end) * text.rate.numerator, per_second * text.rate.denominator)


def _reading_cost(text: CaptionText, first: int, end: int, span: FrameSpan) -> int:
    speed = reading_speed_of(text, first, end, span)
    over_target = max(0, speed // text.measure.target_speed - 100)
    over_limit = ceil_div(speed, text.measure.most_speed) - 100
    return 3 * over_target + (2000 + 20 * over_limit if over_limit > 0 else 0)


def reading_speed_of(text: CaptionText, first: int, end: int, span: FrameSpan) -> int:
    """The reading speed in hundredths of a character per second, rounded up."""
    width, per_frame = width_of(text, first, end), (span.end - span.start) * text.measure.character
    return ceil_div(100 * width * text.rate.numerator, per_frame * text.rate.denominator)


def _length_cost(text: CaptionText, span: FrameSpan) -> int:
    frames, (least, comfortable, most, _) = span.end - span.start, text.bounds
    if frames < least:
        return 4000 + 50 * (least - frames)
    if frames < most:
        return max(0, 60 * (comfortable - frames) // (comfortable - least))
    return min(4000, 50 * max(0, span.limit - GAP_FRAMES - span.end))


def _shape_cost(text: CaptionText, first: int, end: int) -> int:
    if end == first + 1:
        return 10 if text.units[first].piece.ends_sentence else 80
    silence_ms = max(text.silences_ms[first + 1 : end])
    pause = 0 if silence_ms < _PAUSE_MS else min(600, 100 + (silence_ms - _PAUSE_MS) // 2)
    return pause + _mixture_cost(text, first, [unit.piece.ends_sentence for unit in text.units[first:end]])


def _mixture_cost(text: CaptionText, first: int, ends: Sequence[bool]) -> int:
    if not any(ends[:-1]):
        return 0
    begins = first == 0 or text.units[first - 1].piece.ends_sentence
    return (0 if ends[-1] else 90) + (0 if begins else 90)
