"""Captions, chapters and the transcript: what a viewer reads.

Belongs here: choosing what stands in a caption and when (`cues`, with `phrases` and `measure` below it), judging it
(`checks`), writing it to files (`files`), and the lesson as a text (`transcript`). Does not belong here: when words are
spoken (`timeline`), putting a track into the MP4 (`media`), or reading and writing files.
"""

from .checks import CaptionFinding, caption_checks, film_caption_checks, largest_start_offset_ms
from .cues import (
    CaptionReport,
    Cue,
    FastCue,
    caption_cues,
    caption_report,
    film_cues,
    needed_rate_percent,
    section_cues,
)
from .files import TimedText, chapters_vtt, mov_text, to_srt, to_webvtt
from .transcript import Transcript, transcript_html, transcript_of, transcript_text

__all__ = [
    "CaptionFinding",
    "CaptionReport",
    "Cue",
    "FastCue",
    "TimedText",
    "Transcript",
    "caption_checks",
    "caption_cues",
    "caption_report",
    "chapters_vtt",
    "film_caption_checks",
    "film_cues",
    "largest_start_offset_ms",
    "mov_text",
    "needed_rate_percent",
    "section_cues",
    "to_srt",
    "to_webvtt",
    "transcript_html",
    "transcript_of",
    "transcript_text",
]
