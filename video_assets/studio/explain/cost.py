"""The paid requests that a run would send: those without a response in the store.

Does not belong here: prices (`calls/pricing.py`), or what was spent (`calls/ledger/`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from video_assets.studio.calls.paid_responses import PaidRequest
from video_assets.studio.lesson.model import Lesson, Section
from video_assets.studio.lesson.script import expected_seconds
from video_assets.studio.pipeline.manifests import LessonManifest, ScriptManifest, SoundEntry
from video_assets.studio.presenter.provider import LipSyncer
from video_assets.studio.speech.provider import SpeechTimes
from video_assets.studio.stages import lip_synced_clip, section_audio, section_image
from video_assets.studio.stages.lip_synced_clip import ClipSettings
from video_assets.studio.stages.script import script_of, written_before
from video_assets.studio.telemetry.events import NullEventLog
from video_assets.studio.timeline import ceil_div, plan_clip
from video_assets.studio.writing.authoring import CompletedLesson, request_for, wants_writing, writers_of
from video_assets.studio.writing.provider import MissingText

from .dry_run import explain
from .inputs import ExplainInputs

_WRITTEN = f"{'sentence ' * 80}ends."
"""Stands for the narration of a section that is not written yet."""
_WRITTEN_SCENE = 200
"""Characters of a description that is not written yet."""


class ExpectedRequests(NamedTuple):
    """The paid requests for a lesson."""

    lesson: str
    requests: tuple[PaidRequest, ...]
    guessed: int
    """The number of sections with text that is not written yet. The requests for these are guesses."""


def expected_requests(lesson: LessonManifest, means: ExplainInputs) -> ExpectedRequests:
    """The requests to the first provider of each chain. Raises SettingInvalid, SectionsFailed."""
    completed = written_before(lesson, means.writers, means.store)
    if completed is not None:
        return ExpectedRequests(lesson.key, tuple(_requests_of(completed, lesson, means)), 0)
    unwritten = wants_writing(lesson.lesson, lesson.settings)
    writer = writers_of(lesson.settings.writing, means.writers)[0]
    placeholder = _with_placeholders(lesson.lesson, unwritten)
    number_of = {each.id: number for number, each in enumerate(lesson.lesson.sections)}
    texts = []
    for each in unwritten:
        before = {place: placeholder.sections[place].narration for place in range(number_of[each.section.id])}
        texts.append(writer.paid_request(request_for(each, lesson.lesson, lesson.settings, before)))
    others = _requests_of(placeholder, lesson, means)
    return ExpectedRequests(lesson.key, (*_missing(texts, means), *others), len(unwritten))


def _requests_of(completed: CompletedLesson, lesson: LessonManifest, means: ExplainInputs) -> Iterator[PaidRequest]:
    script = script_of(lesson, NullEventLog(), completed)
    yield from _missing([*_speech(script, lesson, means), *_pictures(script, lesson, means)], means)
    yield from _lips(script, lesson, means)


def _with_placeholders(lesson: Lesson, unwritten: Sequence[MissingText]) -> CompletedLesson:
    """The sections, with placeholders of a usual length for text that is not written yet."""
    wanted = {each.section.id: each.fields for each in unwritten}
    usual = {"narration": _WRITTEN, "title": "A title", "image_description": f"{_WRITTEN[:_WRITTEN_SCENE]}."}

    def filled(section: Section) -> Section:
        return section.model_copy(update={name: usual[name] for name in wanted.get(section.id, ()) if name in usual})

    return CompletedLesson(tuple(map(filled, lesson.sections)))


def _speech(script: ScriptManifest, lesson: LessonManifest, means: ExplainInputs) -> Iterator[PaidRequest]:
    voice = section_audio.voices_of(lesson, means.voices)[0]
    for section in script.sections:
        if not means.store.peek(section_audio.recipe(section, voice)).whole:
            yield from voice.provider.paid_requests(section_audio.request_of(section, voice, voice.rate_percent))


def _pictures(script: ScriptManifest, lesson: LessonManifest, means: ExplainInputs) -> Iterator[PaidRequest]:
    plan = section_image.plan_pictures(script, lesson, means.picture_providers, means.illustrators)
    for job in plan.tasks:
        painting = plan.illustration(job)
        if painting is not None and job.illustration is not None and not means.store.peek(painting).whole:
            yield from plan.picture_providers[0].paid_requests(job.illustration)


def _lips(script: ScriptManifest, lesson: LessonManifest, means: ExplainInputs) -> Iterator[PaidRequest]:
    """The requests of sections whose clips would be made, by their sound's length, or twice its expected length."""
    direction = lip_synced_clip.clip_settings_of(lesson.settings, means.presenters)
    maker = direction.lip_maker
    if maker is None or maker.expects(0) is None:
        return
    voice = section_audio.voices_of(lesson, means.voices)[0]
    items = explain(lesson, means).items
    making = {item.section for item in items if item.stage == lip_synced_clip.STAGE and item.action != "reuse"}
    for section in script.sections:
        if section.id not in making:
            continue
        record = means.store.find(section_audio.recipe(section, voice))
        if record is None:
            expected = expected_seconds(section.speech, voice.rate_percent, language=voice.language)
            paid_request = maker.expects(int(expected * 2000) + direction.breath_ms)
        else:
            sound = section_audio.sound_of(section, record, voice.identity)
            paid_request = _lips_of(sound, direction, maker, means)
        if paid_request is not None:
            yield paid_request


def _lips_of(sound: SoundEntry, direction: ClipSettings, maker: LipSyncer, means: ExplainInputs) -> PaidRequest | None:
    """The request for the lips of a section; None if the store has them."""
    times = SpeechTimes.model_validate_json(means.store.read(sound.times.id))
    plan = plan_clip(times, direction.rate, direction.breath_ms)
    if means.store.peek(lip_synced_clip.lips_recipe(sound, plan, direction, maker)).whole:
        return None
    return maker.expects(ceil_div(plan.frames * 1000, direction.rate))


def _missing(requests: list[PaidRequest], means: ExplainInputs) -> Iterator[PaidRequest]:
    return (paid_request for paid_request in requests if not means.store.peek(paid_request.recipe).whole)
