"""The stage `script`: the spoken text, the shown text and the planned slide of each section."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from video_assets.studio.core.errors import SectionsFailed
from video_assets.studio.core.values import canonical_json, digest_of
from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.script import (
    SectionScript,
    SectionWords,
    Slide,
    SlideCue,
    expected_seconds,
    shown_text,
    write_section,
)
from video_assets.studio.pictures.illustration import illustrated, is_painted
from video_assets.studio.pipeline.fan_out import map_sections
from video_assets.studio.pipeline.manifests import LessonManifest, ScriptManifest, keep_manifest
from video_assets.studio.pipeline.stage_context import SectionRow, StageContext, StageResult
from video_assets.studio.preflight.text_check import CheckedText, TextProblem, text_problems
from video_assets.studio.slides.cueing import cues_of
from video_assets.studio.slides.slide_plan import derivation_of, end_slide, plan_slide, title_slide
from video_assets.studio.slides.titles import plan_titles
from video_assets.studio.storage.store import Store
from video_assets.studio.telemetry.events import EventLog
from video_assets.studio.timeline import sentence_ranges
from video_assets.studio.writing.authoring import (
    Authored,
    CompletedLesson,
    Writers,
    complete,
    request_for,
    wants_writing,
    writers_of,
)
from video_assets.studio.writing.provider import SectionText, WritingProvider, merge_text, read_text

NO_WRITERS: Mapping[str, WritingProvider] = MappingProxyType({})


def write_script(
    lesson: LessonManifest, context: StageContext, writers: Mapping[str, WritingProvider] = NO_WRITERS
) -> StageResult[ScriptManifest]:
    """The script of `lesson`. A writing provider completes missing text. The text is checked before further paid calls.

    Completed text is stored and reused. The rest takes milliseconds and has no recipe. Raises SectionsFailed when a
    section holds text that cannot be spoken, wants to show content that it does not have, could not be completed, or
    has a fault that the text check forbids. Raises SettingInvalid.
    """
    providers = _writers(lesson, context, writers)
    completed = complete(lesson.lesson, lesson.settings, providers, lesson.pronunciations)
    manifest = script_of(lesson, context.event_log, completed)
    faults = check_text(manifest, lesson)
    for fault in faults:
        context.note("script", str(fault))
    forbidden = {fault.section: fault.as_error() for fault in faults if fault.severity == "error"}
    if forbidden:
        raise SectionsFailed("script", forbidden, len(manifest.sections))
    return StageResult(
        manifest,
        keep_manifest(context.store, manifest),
        tuple(_row(section, lesson, faults) for section in manifest.sections),
        {
            "words": sum(len(section.tokens) for section in manifest.sections),
            **({"sections_written": len(completed.written)} if completed.written else {}),
        },
    )


def script_of(lesson: LessonManifest, event_log: EventLog, completed: CompletedLesson | None = None) -> ScriptManifest:
    """The script of the completed sections (by default those of the lesson). Stores nothing. Raises SectionsFailed."""
    known = completed or CompletedLesson(lesson.lesson.sections)
    titles = plan_titles(known.sections, language=lesson.lesson.language)
    titled = {section.id: title for section, title in zip(known.sections, titles, strict=True)}
    written = map_sections(
        "script",
        known.sections,
        lambda section: (_write(section, titled[section.id], lesson, known.written.get(section.id)), True),
        event_log=event_log,
    )
    return ScriptManifest(
        lesson=digest_of(canonical_json(lesson)),
        sections=tuple(section for section, _ in written),
        title_card=title_slide(lesson.lesson) if lesson.settings.title_card_ms else None,
        end_card=end_slide(lesson.lesson) if lesson.settings.end_card_ms else None,
    )


def written_before(
    lesson: LessonManifest, writers: Mapping[str, WritingProvider], store: Store
) -> CompletedLesson | None:
    """The sections, completed with stored text; None if some text is not in the store yet. Makes no call.

    Raises SettingInvalid, and SectionsFailed if text is missing and no writing provider is set.
    """
    if not wants_writing(lesson.lesson, lesson.settings):
        return CompletedLesson(lesson.lesson.sections)
    providers = writers_of(lesson.settings.writing, writers)
    if not providers:
        return complete(lesson.lesson, lesson.settings, None)
    found: dict[str, Section] = {}
    written: dict[str, Authored[SectionText]] = {}
    for missing in wants_writing(lesson.lesson, lesson.settings):
        paid_request = providers[0].paid_request(request_for(missing, lesson.lesson, lesson.settings, {}))
        record = store.find(paid_request.recipe)
        if record is None or "answer" not in record.objects:
            return None
        object_id = record.objects["answer"].id
        text = read_text(store.read(object_id), SectionText, providers[0].name)
        found[missing.section.id] = merge_text(missing, text)
        written[missing.section.id] = Authored(text, providers[0].name, object_id)
    sections = tuple(found.get(section.id, section) for section in lesson.lesson.sections)
    return CompletedLesson(sections, written)


def _writers(lesson: LessonManifest, context: StageContext, writers: Mapping[str, WritingProvider]) -> Writers | None:
    providers = writers_of(lesson.settings.writing, writers)
    call_context = context.call_context("script", lesson.key, "")
    return Writers(providers, call_context) if providers and call_context else None


def check_text(script: ScriptManifest, lesson: LessonManifest) -> tuple[TextProblem, ...]:
    """The faults of the script's text, at the strictness that the lesson sets."""
    language, rate_percent = lesson.lesson.language, lesson.settings.rate_percent
    texts = [
        CheckedText(
            section.id,
            section.title,
            shown_text(section.tokens),
            float(expected_seconds(section.speech, rate_percent, language=language)),
            section.pointer,
        )
        for section in script.sections
    ]
    return text_problems(texts, lesson.settings.text_check, language=language)


def _write(
    section: Section, planned_title: str, lesson: LessonManifest, authored: Authored[SectionText] | None
) -> SectionScript:
    words = write_section(section, language=lesson.lesson.language, pronunciations=lesson.pronunciations)
    title, slide = plan_slide(section, language=lesson.lesson.language, title=planned_title)
    scene = _scene(section, slide, lesson)
    return SectionScript(
        id=section.id,
        pointer=section.pointer,
        line=section.line,
        title=title,
        tokens=words.tokens,
        speech=words.speech,
        slide=slide,
        derived=derivation_of(section, slide),
        scene=scene,
        cues=_cues(section, slide, scene, words, lesson),
        picture_motion=section.picture_motion,
        written_by=authored.by if authored else "",
        written=authored.object_id if authored else "",
        recording=section.recording,
    )


def _scene(section: Section, slide: Slide, lesson: LessonManifest) -> str:
    """The description of the illustration; empty if nothing is painted, so that the script does not depend on it."""
    return section.image_description if is_painted(slide, section.image_description, lesson.settings) else ""


def _cues(
    section: Section, slide: Slide, scene: str, words: SectionWords, lesson: LessonManifest
) -> tuple[SlideCue, ...]:
    """The states of the slide. A slide that will be painted has only the parts that stand beside the picture."""
    return cues_of(
        illustrated(slide, "painted later") if scene else slide,
        words,
        sentence_ranges(words.tokens),
        language=lesson.lesson.language,
        reveal=section.reveal or lesson.settings.reveal,
        place=section.pointer,
    )


def _row(section: SectionScript, lesson: LessonManifest, faults: Iterable[TextProblem]) -> SectionRow:
    rate_percent, language = lesson.settings.rate_percent, lesson.lesson.language
    seconds = expected_seconds(section.speech, rate_percent, language=language)
    return SectionRow(
        section.id,
        section.title,
        made=None,
        facts={
            "layout": section.slide.layout,
            "derived": section.derived,
            "words": len(section.tokens),
            "states": max(len(section.cues), 1),
            "expected_seconds": round(float(seconds), 1),
            "written_by": section.written_by or "the author",
            "remarks": "; ".join(fault.message for fault in faults if fault.section == section.id),
        },
    )
