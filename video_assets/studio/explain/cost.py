"""What a run would have to buy, before it buys anything.

Belongs here: the wishes that nothing in the store fulfils. Does not belong here: prices (`calls/money.py`), or what was
spent (`calls/ledger.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from video_assets.studio.answers import Wish
from video_assets.studio.authoring import request_for, wants_writing, writers_of
from video_assets.studio.manifests import LessonManifest, ScriptManifest
from video_assets.studio.progress import Silence
from video_assets.studio.script import SpokenWord
from video_assets.studio.speech import SpeechRequest
from video_assets.studio.stages import section_audio, section_image
from video_assets.studio.stages.script import script_of, written_before

from .means import Means

_WRITTEN_WORDS = ("sentence",) * 80
"""A section that is still to be written will say about so much."""


class Purchases(NamedTuple):
    """What is to be bought for a lesson."""

    lesson: str
    wishes: tuple[Wish, ...]
    guessed: int
    """How many sections are still to be written, so that their speech is a guess, and their pictures are not in it."""


def purchases_of(lesson: LessonManifest, means: Means) -> Purchases:
    """What the first choices would be asked for `lesson`. Raises SettingInvalid, SectionsFailed."""
    completed = written_before(lesson, means.writers, means.store)
    if completed is not None:
        script = script_of(lesson, Silence(), completed)
        wishes = [*_speech(script, lesson, means), *_pictures(script, lesson, means)]
        return Purchases(lesson.key, tuple(_missing(wishes, means)), 0)
    lacking = wants_writing(lesson.lesson, lesson.settings)
    writer = writers_of(lesson.settings.writing, means.writers)[0]
    texts = [writer.wish(request_for(each, lesson.lesson, lesson.settings, {})) for each in lacking]
    unknown = [each for each in lacking if "narration" in each.fields]
    spoken = [wish for _ in unknown for wish in _guessed(lesson, means)]
    return Purchases(lesson.key, (*_missing(texts, means), *spoken), len(unknown))


def _speech(script: ScriptManifest, lesson: LessonManifest, means: Means) -> Iterator[Wish]:
    voice = section_audio.voices_of(lesson, means.voices)[0]
    for section in script.sections:
        if not means.store.look(section_audio.recipe(section, voice)).whole:
            yield from voice.provider.wishes(section_audio.request_of(section, voice, voice.rate_percent))


def _pictures(script: ScriptManifest, lesson: LessonManifest, means: Means) -> Iterator[Wish]:
    plan = section_image.plan_pictures(script, lesson, means.painters, means.illustrators)
    for job in plan.jobs:
        painting = plan.illustration(job)
        if painting is not None and job.illustration is not None and not means.store.look(painting).whole:
            yield from plan.painters[0].wishes(job.illustration)


def _guessed(lesson: LessonManifest, means: Means) -> tuple[Wish, ...]:
    voice = section_audio.voices_of(lesson, means.voices)[0]
    words = tuple(SpokenWord(text=word, token=number) for number, word in enumerate(_WRITTEN_WORDS))
    return voice.provider.wishes(SpeechRequest(pieces=words, language=voice.language, voice=voice.voice))


def _missing(wishes: list[Wish], means: Means) -> Iterator[Wish]:
    return (wish for wish in wishes if not means.store.look(wish.recipe).whole)
