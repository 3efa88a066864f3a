"""The text files of a bundle: captions, chapters and transcripts.

Does not belong here: their contents (`captions`).
"""

from __future__ import annotations

from collections.abc import Sequence

from video_assets.studio.captions.cues import Cue
from video_assets.studio.captions.files import chapters_vtt, to_srt, to_webvtt
from video_assets.studio.captions.spoken_transcript import spoken_transcript
from video_assets.studio.captions.transcript import transcript_html, transcript_of, transcript_text
from video_assets.studio.pipeline.manifests import LessonManifest, ScriptManifest
from video_assets.studio.timeline import Timeline


def bundle_texts(
    timeline: Timeline, cues: Sequence[Cue], manifest: LessonManifest, script: ScriptManifest
) -> dict[str, bytes]:
    """The text files of the bundle in UTF-8, by the endings of their names."""
    rate, lesson = timeline.frame_rate, manifest.lesson
    alts = {section.id: section.slide.alt for section in script.sections}
    transcript = transcript_of(timeline, lesson.title, lesson.language, lesson.author, lesson.licence, alts)
    texts = {
        "vtt": to_webvtt(cues, rate, lesson.language),
        "srt": to_srt(cues, rate, lesson.language),
        "chapters.vtt": chapters_vtt(timeline.chapters, rate, lesson.language),
        "transcript.txt": transcript_text(transcript),
        "transcript.html": transcript_html(transcript),
    }
    if manifest.settings.spoken_transcript:
        speech = {section.id: section.speech for section in script.sections}
        texts["spoken.txt"] = spoken_transcript(timeline, lesson.title, speech)
    return {ending: text.encode("utf-8") for ending, text in texts.items()}
