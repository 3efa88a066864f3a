"""Checks finished captions against the words that they show and the times at which these are spoken.

Each broken rule gives one finding. The checks do not depend on how the captions were made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from video_assets.studio.core.values import FrozenModel
from video_assets.studio.timeline import SectionPlan, Timeline, frames_of, token_spans

from .cues import START_TOLERANCE_MS, Cue, shifted
from .measure import CJK, LINE_UNITS, Measure, measure_of, text_width
from .search import MAX_LINES
from .units import GAP_FRAMES, MIN_MS, most_frames

_PACE_CODES = frozenset({"reading-speed", "too-short"})
"""The findings that follow from a quick speaker."""


class CaptionFinding(FrozenModel):
    """A rule that a caption breaks."""

    code: str
    """coverage, lines, line-length, reading-speed, too-short, too-long, gap, start-offset or outside-section."""
    section: str
    """Id of the section; empty for the film."""
    cue: int
    """Index of the caption among those checked; -1 if the finding is about all of them."""
    message: str
    """The finding and the limit."""


def film_caption_checks(
    timeline: Timeline, cues: Sequence[Cue], language: str = "en", *, recorded: Collection[str] = ()
) -> tuple[CaptionFinding, ...]:
    """All broken rules in the captions of a film. Frames count from its start.

    `recorded` are the sections that their author speaks. A recording is not slowed down, so a quick one breaks no rule.
    """
    findings: list[CaptionFinding] = []
    claimed = 0
    for placed, section in timeline.sections():
        own = [cue for cue in cues if placed.start_frame <= cue.start_frame < placed.end_frame]
        local = [shifted(cue, -placed.start_frame) for cue in own]
        claimed += len(own)
        broken = caption_checks(local, section, timeline.frame_rate, language)
        findings += (each for each in broken if section.id not in recorded or each.code not in _PACE_CODES)
    if claimed != len(cues):
        findings.append(_finding("outside-section", "", -1, f"{len(cues) - claimed} captions start in no section"))
    return (*findings, *_gaps(cues, ""))


def caption_checks(
    cues: Sequence[Cue], section: SectionPlan, rate: Fraction, language: str = "en"
) -> tuple[CaptionFinding, ...]:
    """All broken rules in the captions of `section`. Frames count from the start of its clip."""
    measure = measure_of((token.shown for token in section.tokens), language)
    findings = [*_coverage(cues, section), *_gaps(cues, section.id), *_offsets(cues, section, rate)]
    for index, cue in enumerate(cues):
        findings += (_finding(code, section.id, index, text) for code, text in _of_cue(cue, section, measure, rate))
    return tuple(findings)


def _finding(code: str, section: str, cue: int, message: str) -> CaptionFinding:
    return CaptionFinding(code=code, section=section, cue=cue, message=message)


def _coverage(cues: Sequence[Cue], section: SectionPlan) -> Iterator[CaptionFinding]:
    shown = "".join("".join("".join(cue.lines).split()) for cue in cues)
    meant = "".join("".join(token.shown.split()) for token in section.tokens)
    if shown == meant:
        return
    at = next(
        (i for i, (one, two) in enumerate(zip(shown, meant, strict=False)) if one != two), min(len(shown), len(meant))
    )
    message = f"captions show {shown[at : at + 20]!r} where the narration has {meant[at : at + 20]!r}"
    yield _finding("coverage", section.id, -1, message)


def _gaps(cues: Sequence[Cue], section: str) -> Iterator[CaptionFinding]:
    for index, (one, two) in enumerate(pairwise(cues)):
        gap = two.start_frame - one.end_frame
        if gap < GAP_FRAMES:
            yield _finding("gap", section, index, f"{gap} frames before the next caption, at least {GAP_FRAMES}")


def largest_start_offset_ms(timeline: Timeline, cues: Sequence[Cue]) -> int:
    """The largest offset of a caption's start from the start of its first word; negative if the caption is early."""
    offsets = [
        offset
        for placed, section in timeline.sections()
        for _, offset in _start_offsets_ms(
            [
                shifted(cue, -placed.start_frame)
                for cue in cues
                if placed.start_frame <= cue.start_frame < placed.end_frame
            ],
            section,
            timeline.frame_rate,
        )
    ]
    return round(max(offsets, key=abs, default=Fraction(0)))


def _start_offsets_ms(cues: Sequence[Cue], section: SectionPlan, rate: Fraction) -> Iterator[tuple[int, Fraction]]:
    """For each caption that begins with a word (and not within one), its index and its offset."""
    spans = token_spans(section.tokens, section.times)
    shown_before = 0
    for index, cue in enumerate(cues):
        if cue.first_token >= shown_before and cue.first_token < len(spans):
            word = section.plan.lead_frames / rate + Fraction(spans[cue.first_token][0], section.times.rate_hz)
            yield index, 1000 * (cue.start_frame / rate - word)
        shown_before = cue.end_token


def _offsets(cues: Sequence[Cue], section: SectionPlan, rate: Fraction) -> Iterator[CaptionFinding]:
    for index, offset in _start_offsets_ms(cues, section, rate):
        if abs(offset) > START_TOLERANCE_MS:
            message = f"starts {round(offset)} ms from its first word, at most {START_TOLERANCE_MS}"
            yield _finding("start-offset", section.id, index, message)


def _of_cue(cue: Cue, section: SectionPlan, measure: Measure, rate: Fraction) -> Iterator[tuple[str, str]]:
    frames = cue.end_frame - cue.start_frame
    if cue.start_frame < 0 or cue.end_frame > section.plan.frames:
        yield "outside-section", f"runs to frame {cue.end_frame} of a clip of {section.plan.frames}"
    if not 1 <= len(cue.lines) <= MAX_LINES:
        yield "lines", f"{len(cue.lines)} lines, at most {MAX_LINES}"
    widest = max((text_width(line, measure) for line in cue.lines), default=0)
    if widest > LINE_UNITS:
        limit = LINE_UNITS // measure.character
        yield "line-length", f"a line of {widest / measure.character:g} characters, at most {limit}"
    if frames < frames_of(MIN_MS, rate):
        yield "too-short", f"stands {frames} frames, at least {frames_of(MIN_MS, rate)}"
    if frames > most_frames(rate):
        yield "too-long", f"stands {frames} frames, at most {most_frames(rate)}"
    shown = ("" if measure == CJK else " ").join(cue.lines)
    speed = text_width(shown, measure) * rate / (max(1, frames) * measure.character)
    if speed > measure.most_speed:
        yield "reading-speed", f"{float(speed):.1f} characters a second, at most {measure.most_speed}"
