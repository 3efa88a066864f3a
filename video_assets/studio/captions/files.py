"""The syntax of captions and chapters: WebVTT, SubRip, and the cues of the MP4's text track.

Files are UTF-8 without a byte order mark, with LF. Every time is a whole frame divided by the rate, rounded once to
milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction

from video_assets.studio.core.values import FrozenModel
from video_assets.studio.timeline import Chapter, milliseconds_of

from .cues import Cue
from .measure import with_direction

_VTT_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\u200f": "&rlm;", "\u200e": "&lrm;", "\0": "\ufffd"}
)
_WORD_JOINER = "\u2060"
_SRT_SYNTAX = re.compile(r"(?<=<)(?=[A-Za-z/])|(?<=\{)(?=[\\A-Za-z])|(?<=--)(?=>)")


class TimedText(FrozenModel):
    """A cue of the MP4's text track."""

    start_ms: int
    end_ms: int
    text: str


def timestamp(milliseconds: int, decimal_mark: str = ".") -> str:
    """`hh:mm:ss.mmm`; hours take as many digits as they need."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}{decimal_mark}{rest:03}"


def to_webvtt(cues: Sequence[Cue], rate: Fraction, language: str = "en") -> str:
    """`cues` as a WebVTT file (W3C Candidate Recommendation of 2019, section 4)."""
    return _vtt((_times(cue.start_frame, cue.end_frame, rate), _directed_text(cue, language)) for cue in cues)


def chapters_vtt(chapters: Sequence[Chapter], rate: Fraction, language: str = "en") -> str:
    """`chapters` as a WebVTT file of kind chapters: one line of text each."""
    return _vtt(
        (
            _times(chapter.start_frame, chapter.end_frame, rate),
            with_direction(" ".join(chapter.title.split()), language),
        )
        for chapter in chapters
    )


def _vtt(cues: Iterable[tuple[tuple[int, int], str]]) -> str:
    blocks = [
        f"{number}\n{timestamp(start)} --> {timestamp(end)}\n{text.translate(_VTT_ESCAPES)}\n"
        for number, ((start, end), text) in enumerate(cues, 1)
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def to_srt(cues: Sequence[Cue], rate: Fraction, language: str = "en") -> str:
    """`cues` as a SubRip file.

    SubRip has no escapes. In text that looks like a tag (`<b`), a style (`{\\an8`) or an arrow (`-->`), an invisible
    word joiner separates the first two characters.
    """
    blocks = []
    for number, cue in enumerate(cues, 1):
        start, end = _times(cue.start_frame, cue.end_frame, rate)
        text = _SRT_SYNTAX.sub(_WORD_JOINER, _directed_text(cue, language))
        blocks.append(f"{number}\n{timestamp(start, ',')} --> {timestamp(end, ',')}\n{text}\n")
    return "\n".join(blocks)


def mov_text(cues: Sequence[Cue], rate: Fraction, language: str = "en") -> tuple[TimedText, ...]:
    """`cues` for the MP4's text track: plain text, nothing escaped."""
    timed = ((_times(cue.start_frame, cue.end_frame, rate), _directed_text(cue, language)) for cue in cues)
    return tuple(TimedText(start_ms=start, end_ms=end, text=text) for (start, end), text in timed)


def _directed_text(cue: Cue, language: str) -> str:
    return "\n".join(with_direction(line, language) for line in cue.lines)


def _times(start_frame: int, end_frame: int, rate: Fraction) -> tuple[int, int]:
    return milliseconds_of(start_frame / rate), milliseconds_of(end_frame / rate)
