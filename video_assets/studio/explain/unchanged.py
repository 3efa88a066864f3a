"""A fast path for most lessons of an archive: recognises without a dry run that nothing changed.

It follows from equality alone: the same lesson, by the same program, with the same providers, has the same recipes. In
every other case the caller needs the dry run (`dry_run.py`). A change of the system's own fonts is not noticed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from video_assets.studio.core.code_digest import code_digest
from video_assets.studio.core.errors import StoreError
from video_assets.studio.core.values import canonical_json, digest_of
from video_assets.studio.film.bundle import active_version, find_version
from video_assets.studio.film.pages.watch import is_current
from video_assets.studio.pictures.illustration import IllustrationProvider
from video_assets.studio.pipeline.manifests import (
    END_CARD,
    TITLE_CARD,
    ClipManifest,
    LessonManifest,
    PictureEntry,
    PictureManifest,
    SpeechManifest,
)
from video_assets.studio.pipeline.refs import get_ref, program_of
from video_assets.studio.stages import final_video, lip_synced_clip, section_audio, section_image
from video_assets.studio.storage.store import ObjectRef

from .inputs import ExplainInputs
from .model import AS_IT_WAS, FILM, STAGES, ExplainedItem, Explanation
from .previous_run import PreviousRun

_CHAIN = ("script", "section_audio", "section_image", "lip_synced_clip", "final_video")


def unchanged(lesson: LessonManifest, means: ExplainInputs) -> Explanation | None:
    """The explanation of an unchanged lesson; None if it may have changed.

    Raises SettingInvalid for a voice, a picture provider or a presenter that does not exist.
    """
    last = PreviousRun(lesson.key, means.pointers, means.store)
    if not _by_this_program(lesson.key, means) or last.film is None:
        return None
    clips, speech, pictures = last.clips, last.speech, last.pictures
    if clips is None or speech is None or pictures is None:
        return None
    script = _script(lesson, speech, means)
    same = (
        script is not None
        and _is_one_state(last.film.clips, clips, speech, pictures)
        and _by_these_providers(lesson, means, clips, speech, pictures)
        and last.film.recipe.provider == final_video.recipe_of("", "").provider
        and all(means.store.holds(recipe, objects) for recipe, objects in _kept(clips, speech, pictures))
        and _is_shown(lesson.key, final_video.version_of(last.film.recipe), means)
    )
    return Explanation(lesson.key, tuple(_items(lesson, script)), ()) if same and script else None


def _by_this_program(key: str, means: ExplainInputs) -> bool:
    return all(program_of(means.pointers, key, asset) == code_digest() for asset in _CHAIN)


def _script(lesson: LessonManifest, speech: SpeechManifest, means: ExplainInputs) -> dict[str, Any] | None:
    """The script as plain data, if it belongs to this lesson. Validation of its thousands of words would be slow."""
    if get_ref(means.pointers, lesson.key, "script") != speech.script:
        return None
    try:
        script: dict[str, Any] = json.loads(means.store.read(speech.script))
    except StoreError:
        return None
    return script if script["lesson"] == digest_of(canonical_json(lesson)) else None


def _is_one_state(film: str, clips: ClipManifest, speech: SpeechManifest, pictures: PictureManifest) -> bool:
    return (
        film == digest_of(canonical_json(clips))
        and clips.speech == digest_of(canonical_json(speech))
        and clips.pictures == digest_of(canonical_json(pictures))
    )


def _by_these_providers(
    lesson: LessonManifest, means: ExplainInputs, clips: ClipManifest, speech: SpeechManifest, pictures: PictureManifest
) -> bool:
    picture_providers = section_image.painters_of(lesson, means.picture_providers, means.illustrators)
    # If a fallback was used, a run would call the first provider of the chain again.
    if any(sound.provider for sound in speech.sections) or any(each.instead_of for each in pictures.sections):
        return False
    return (
        all(
            each.painted_by == _painting_as(lesson, each, picture_providers)
            for each in pictures.sections
            if each.painted_by
        )
        and section_audio.voices_of(lesson, means.voices)[0].identity == speech.provider
        and section_image.picture_provider(lesson, means.picture_providers).identity() == pictures.provider
        and lip_synced_clip.clip_settings_of(lesson.settings, means.presenters).identity == clips.presenter
    )


def _painting_as(
    lesson: LessonManifest, entry: PictureEntry, picture_providers: Sequence[IllustrationProvider]
) -> Mapping[str, str]:
    """The identity of the provider that would make the illustration now."""
    if not picture_providers:
        return {}
    return picture_providers[0].identity(section_image.illustration_of("", entry.stage, lesson.settings))


def _kept(
    clips: ClipManifest, speech: SpeechManifest, pictures: PictureManifest
) -> Iterator[tuple[str, tuple[ObjectRef, ...]]]:
    """Every recipe that was used, with its objects."""
    for sound in speech.sections:
        yield sound.recipe, (sound.sound, sound.times)
    for picture in (*pictures.sections, pictures.title_card, pictures.end_card):
        if picture is not None:
            yield picture.recipe, (picture.picture,)
    for clip in (*clips.sections, clips.title_card, clips.end_card):
        if clip is not None:
            yield clip.recipe, tuple(part.part for part in clip.parts)


def _is_shown(key: str, version: str, means: ExplainInputs) -> bool:
    return (
        active_version(means.videos, key) == version
        and is_current(means.videos / key)
        and find_version(means.videos, key, version, thorough=False) is not None
    )


def _items(lesson: LessonManifest, script: dict[str, Any]) -> Iterator[ExplainedItem]:
    titles = {section["id"]: section["title"] for section in script["sections"]}
    slides = {TITLE_CARD: script["title_card"], END_CARD: script["end_card"]}
    cards = {name: slide["title"] for name, slide in slides.items() if slide}
    for stage in STAGES[:-1]:
        for section, title in (titles if stage == "section_audio" else titles | cards).items():
            yield ExplainedItem(stage, section, title, reasons=(AS_IT_WAS,))
    yield ExplainedItem("final_video", FILM, lesson.lesson.title, reasons=(AS_IT_WAS,))
