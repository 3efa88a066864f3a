"""The stage `script`: spoken text, shown text and a planned slide for each section."""

from __future__ import annotations

from video_assets.studio.lesson import Section
from video_assets.studio.manifests import LessonManifest, ScriptManifest, keep_manifest
from video_assets.studio.outline import end_slide, plan_slide, title_slide
from video_assets.studio.progress import Journal
from video_assets.studio.records import canonical_json, digest_of
from video_assets.studio.script import SectionScript, expected_seconds, write_section
from video_assets.studio.sections import for_each_section
from video_assets.studio.workshop import Row, StageResult, Workshop


def write_script(lesson: LessonManifest, workshop: Workshop) -> StageResult[ScriptManifest]:
    """The script of `lesson`. Pure text work of milliseconds, so nothing of it is kept by recipe. Raises SectionsFailed
    when a section holds something that cannot be said, or asks to show what it does not give.
    """
    manifest = script_of(lesson, workshop.journal)
    return StageResult(
        manifest,
        keep_manifest(workshop.store, manifest),
        tuple(_row(section, lesson) for section in manifest.sections),
        {"words": sum(len(section.tokens) for section in manifest.sections)},
    )


def script_of(lesson: LessonManifest, journal: Journal) -> ScriptManifest:
    """The script; keeps nothing. Raises SectionsFailed."""
    written = for_each_section(
        "script", lesson.lesson.sections, lambda section: (_write(section, lesson), True), journal=journal
    )
    return ScriptManifest(
        lesson=digest_of(canonical_json(lesson)),
        sections=tuple(section for section, _ in written),
        title_card=title_slide(lesson.lesson) if lesson.settings.title_card_ms else None,
        end_card=end_slide(lesson.lesson) if lesson.settings.end_card_ms else None,
    )


def _write(section: Section, lesson: LessonManifest) -> SectionScript:
    words = write_section(section, language=lesson.lesson.language, pronunciations=lesson.pronunciations)
    title, slide = plan_slide(section, language=lesson.lesson.language)
    return SectionScript(
        id=section.id,
        pointer=section.pointer,
        line=section.line,
        title=title,
        tokens=words.tokens,
        speech=words.speech,
        slide=slide,
    )


def _row(section: SectionScript, lesson: LessonManifest) -> Row:
    rate_percent, language = lesson.settings.rate_percent, lesson.lesson.language
    seconds = expected_seconds(section.speech, rate_percent, language=language)
    return Row(
        section.id,
        section.title,
        made=True,
        facts={
            "layout": section.slide.layout,
            "words": len(section.tokens),
            "expected_seconds": round(float(seconds), 1),
        },
    )
