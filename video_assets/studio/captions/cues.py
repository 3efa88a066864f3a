"""Captions of a section or film: their words, lines and frames.

The search for the best captions is in `search.py`. This module turns its result into cues and reports the captions
that are too fast to read. Does not belong here: the rules that judge finished captions (`checks.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from video_assets.studio.core.values import FrozenModel
from video_assets.studio.lesson.script import Token
from video_assets.studio.speech.provider import SpeechTimes
from video_assets.studio.timeline import (
    ClipPlan,
    SectionPlan,
    Timeline,
)

from .measure import LINE_UNITS
from .search import best_chain, best_split, frames_to_read, reading_speed_of, span_of, width_of
from .units import GAP_FRAMES, CaptionText, prepare_text

START_TOLERANCE_MS = 80


class Cue(FrozenModel):
    """A caption from `start_frame` to `end_frame` (exclusive), counted from the start of the section or the film."""

    start_frame: int
    end_frame: int
    lines: tuple[str, ...]
    first_token: int
    end_token: int
    """Index of the token after the last, in the section's tokens."""

    @property
    def text(self) -> str:
        """The lines, separated by a line feed."""
        return "\n".join(self.lines)


class FastCue(FrozenModel):
    """A caption that is faster than the reading limit at the current rate of the voice."""

    first_token: int
    text: str
    speech_frames: int
    """Frames that change with the rate of the voice."""
    silent_frames: int
    """Frames that do not change with the rate."""
    needed_frames: int
    characters_per_second: str
    """The reading speed of the caption, with one decimal."""


class CaptionReport(FrozenModel):
    """The captions of one section that are too fast to read; empty if there are none."""

    fast: tuple[FastCue, ...] = ()


def caption_cues(
    tokens: Sequence[Token], times: SpeechTimes, plan: ClipPlan, rate: Fraction, language: str = "en"
) -> tuple[Cue, ...]:
    """The captions of one section, in frames from the start of its clip.

    They contain every token once and in order. Raises SpeechInvalid when the speech has no word times. If the voice is
    too fast for a rule, the captions are the best possible ones, and `caption_report` lists the faults.
    """
    text = prepare_text(tokens, times, plan, rate, language)
    return tuple(_cues(text, best_chain(text))) if text.units else ()


def caption_report(
    tokens: Sequence[Token], times: SpeechTimes, plan: ClipPlan, rate: Fraction, language: str = "en"
) -> CaptionReport:
    """Which captions of a section exceed the reading speed, and by how much."""
    text = prepare_text(tokens, times, plan, rate, language)
    spans = best_chain(text) if text.units else []
    return CaptionReport(fast=tuple(fast for first, end in spans if (fast := _fast_cue(text, first, end))))


def needed_rate_percent(report: CaptionReport) -> int:
    """The speaking rate, in percent of the present one, at which every caption of `report` can be read; at most 100."""
    return min((_rate_for(fast) for fast in report.fast), default=100)


def _rate_for(fast: FastCue) -> int:
    # One frame more than needed, because both ends of the caption are rounded again after the rate has changed.
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


def _cues(text: CaptionText, chain: Sequence[tuple[int, int]]) -> Iterator[Cue]:
    earliest = 0
    for first, end in chain:
        span = span_of(text, first, end)
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


def _lines(text: CaptionText, first: int, end: int) -> tuple[str, ...]:
    if width_of(text, first, end) <= LINE_UNITS:
        return (_line(text, first, end),)
    middle = best_split(text, first, end)[1]
    return _line(text, first, middle), _line(text, middle, end)


def _line(text: CaptionText, first: int, end: int) -> str:
    pieces = [unit.piece for unit in text.units[first:end]]
    return "".join(f" {piece.shown}" if piece.space_before else piece.shown for piece in pieces).strip()


def _fast_cue(text: CaptionText, first: int, end: int) -> FastCue | None:
    span = span_of(text, first, end)
    needed = max(frames_to_read(text, first, end, text.measure.most_speed), text.bounds.least)
    if span.end - span.start >= needed:
        return None
    # Silence between words changes with the rate of the voice. The tail of the clip does not.
    spoken = text.ends[end - 1] if end == len(text.units) else span.limit
    speech = max(1, min(spoken, span.end) - span.start)
    tenths = reading_speed_of(text, first, end, span) // 10
    return FastCue(
        first_token=text.units[first].token,
        text="\n".join(_lines(text, first, end)),
        speech_frames=speech,
        silent_frames=span.end - span.start - speech,
        needed_frames=needed,
        characters_per_second=f"{tenths // 10}.{tenths % 10}",
    )
