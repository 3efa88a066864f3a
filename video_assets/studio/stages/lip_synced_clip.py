"""The stage `lip_synced_clip`: composes and encodes every section once, in parts that the film joins by copying."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from fractions import Fraction
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from video_assets.studio.core.errors import MixedStates
from video_assets.studio.core.frame_layout import Box
from video_assets.studio.core.settings import Settings
from video_assets.studio.core.values import canonical_json, digest_of
from video_assets.studio.film.clip_figures import clip_row, lip_facts, lip_figures, run_figures
from video_assets.studio.media.compose import Shot, still_shot, with_still
from video_assets.studio.media.encode import VideoEncoding, encode_parts, encode_still, encoder_identity, part_spans
from video_assets.studio.media.sound import Sound, decode_sound
from video_assets.studio.pictures.decode import decode_picture
from video_assets.studio.pipeline.fan_out import map_sections
from video_assets.studio.pipeline.manifests import (
    END_CARD,
    TITLE_CARD,
    CardClip,
    ClipEntry,
    ClipManifest,
    LessonManifest,
    PartEntry,
    PictureEntry,
    PictureManifest,
    ScriptManifest,
    SoundEntry,
    SpeechManifest,
    keep_manifest,
    read_manifest,
)
from video_assets.studio.pipeline.stage_context import StageContext, StageResult
from video_assets.studio.presenter.provider import (
    DEFAULT_LIP_OPTIONS,
    LipOptions,
    LipSync,
    LipSyncer,
    LipTrack,
    Performance,
    PerformanceRequest,
    PresenterProvider,
    SoundSource,
    lip_options_of,
    provider_of,
)
from video_assets.studio.speech.provider import SpeechTimes
from video_assets.studio.storage.store import BuildResult, Built, ObjectRef, Recipe, Record, Scalar, Store, get_or_build
from video_assets.studio.telemetry.events import Event
from video_assets.studio.timeline import ClipPlan, card_frames, plan_clip

STAGE = "lip_synced_clip"
STEP = "clip"
CARD_STEP = "card"
LIPS_STEP = "lips"
CODE = "1"
POOL = "rendering"
"""Each clip holds a slot of this pool while it is made. The pool is shared by all runs of the instance."""


class ClipInputs(NamedTuple):
    """What the clip of a section is made from."""

    id: str
    title: str
    sound: SoundEntry
    picture: PictureEntry
    times: SpeechTimes
    plan: ClipPlan


class Card(NamedTuple):
    """What the clip of a title card or end card is made from."""

    id: str
    title: str
    picture: ObjectRef
    frames: int


class ClipSettings(NamedTuple):
    """How the clips of one lesson are made."""

    presenter: str
    provider: PresenterProvider | None
    """None when the presenter is absent."""
    identity: dict[str, str]
    encoding: VideoEncoding
    breath_ms: int
    lip_maker: LipSyncer | None = None
    options: LipOptions = DEFAULT_LIP_OPTIONS

    @property
    def rate(self) -> Fraction:
        """Frames per second."""
        return Fraction(self.encoding.rate)


def make_clips(
    speech: SpeechManifest,
    pictures: PictureManifest,
    providers: Mapping[str, PresenterProvider],
    context: StageContext,
) -> StageResult[ClipManifest]:
    """Make the clip of every section and card. Clips in the store are reused.

    Raises SectionsFailed, MixedStates, SettingInvalid, StoreError.
    """
    script, lesson = _common_source(speech, pictures, context.store)
    settings = clip_settings_of(lesson.settings, providers)
    titles = {section.id: section.title for section in script.sections}
    clips = tuple(
        clip_inputs_of(titles[sound.id], sound, picture, settings, context.store)
        for sound, picture in zip(speech.sections, pictures.sections, strict=True)
    )
    cards = cards_of(pictures, lesson.settings)

    items = (*clips, *cards)
    with _lip_session(settings, context) as lip_sync:

        def work(item: ClipInputs | Card) -> tuple[BuildResult, bool]:
            if isinstance(item, Card):
                outcome = get_or_build(
                    context.store, card_recipe(item, settings), lambda: _card(item, settings, context)
                )
            else:
                bound = (
                    partial(lip_sync, call_context=context.call_context(STAGE, lesson.key, item.id))
                    if lip_sync
                    else None
                )
                outcome = get_or_build(
                    context.store, recipe(item, settings), lambda: _clip(item, settings, context, bound)
                )
            return outcome, outcome.made

        done = map_sections(STAGE, items, work, journal=context.event_log, workers=context.workers, stop=context.cancel)
    outcomes = {item.id: outcome for item, (outcome, _) in zip(items, done, strict=True)}
    records = {id_: outcome.record for id_, outcome in outcomes.items()}
    manifest = clip_manifest(speech, pictures, settings, items, records)
    rows = tuple(clip_row(item.id, item.title, outcomes[item.id], settings.rate) for item in items)
    return StageResult(manifest, keep_manifest(context.store, manifest), rows, run_figures(rows))


def clip_settings_of(settings: Settings, providers: Mapping[str, PresenterProvider]) -> ClipSettings:
    """The clip settings of a lesson. Raises SettingInvalid for a presenter that does not exist."""
    encoding = VideoEncoding(
        width_px=settings.width_px,
        height_px=settings.height_px,
        rate=settings.frame_rate,
        preset=settings.preset,
        crf=settings.crf,
        keyframe_seconds=settings.keyframe_seconds,
    )
    if settings.presenter_place == "absent":
        return ClipSettings("", None, {}, encoding, settings.breath_ms)
    provider = provider_of(settings.presenter, providers)
    options = lip_options_of(settings)
    return ClipSettings(
        settings.presenter,
        provider,
        provider.identity(settings.presenter, options),
        encoding,
        settings.breath_ms,
        provider.lip_syncer(settings.presenter, options),
        options,
    )


def clip_manifest(
    speech: SpeechManifest,
    pictures: PictureManifest,
    settings: ClipSettings,
    items: Iterable[ClipInputs | Card],
    records: Mapping[str, Record],
) -> ClipManifest:
    """The manifest of the clips. `records` holds the record of each item by its id."""
    items = tuple(items)
    cards = {item.id: _card_clip(item, records[item.id]) for item in items if isinstance(item, Card)}
    return ClipManifest(
        speech=digest_of(canonical_json(speech)),
        pictures=digest_of(canonical_json(pictures)),
        presenter=settings.identity,
        sections=tuple(_entry(item, records[item.id]) for item in items if isinstance(item, ClipInputs)),
        title_card=cards.get(TITLE_CARD),
        end_card=cards.get(END_CARD),
    )


def recipe(clip: ClipInputs, settings: ClipSettings) -> Recipe:
    """The recipe of a clip: picture, sound, times, presenter, encoding; not the place of the section in the film."""
    sound = clip.sound
    inputs = {"picture": clip.picture.picture.id, "sound": sound.sound.id, "times": sound.times.id}
    return recipe_from(inputs, clip.plan, clip.picture.stage.presenter, settings)


def recipe_from(inputs: Mapping[str, str], plan: ClipPlan | None, box: Box | None, settings: ClipSettings) -> Recipe:
    """The recipe of a clip from its parts. Before the sound exists, `inputs` and `plan` are incomplete."""
    return Recipe(
        step=STEP,
        code=CODE,
        provider={**settings.identity, **encoder_identity()},
        parameters={
            "encoding": settings.encoding.model_dump(mode="json"),
            "plan": plan.model_dump(mode="json") if plan else None,
            "box": box.model_dump(mode="json") if box else None,
        },
        inputs=dict(inputs),
    )


def lips_recipe(sound: SoundEntry, plan: ClipPlan, settings: ClipSettings, lip_syncer: LipSyncer) -> Recipe:
    """The recipe of lips: sound, times, face, engine and frame count; not the picture, not the place in the film."""
    return Recipe(
        step=LIPS_STEP,
        code=CODE,
        provider=lip_syncer.identity(),
        parameters={"rate": settings.encoding.rate, "frames": plan.frames, "lead_frames": plan.lead_frames},
        inputs={"sound": sound.sound.id, "times": sound.times.id},
    )


def card_recipe(card: Card, settings: ClipSettings) -> Recipe:
    """The recipe of a card's video."""
    return card_recipe_from({"picture": card.picture.id}, card.frames, settings)


def card_recipe_from(inputs: Mapping[str, str], frames: int, settings: ClipSettings) -> Recipe:
    """The recipe of a card's video from its parts."""
    return Recipe(
        step=CARD_STEP,
        code=CODE,
        provider=encoder_identity(),
        parameters={"encoding": settings.encoding.model_dump(mode="json"), "frames": frames},
        inputs=dict(inputs),
    )


def _common_source(
    speech: SpeechManifest, pictures: PictureManifest, store: Store
) -> tuple[ScriptManifest, LessonManifest]:
    if speech.script != pictures.script:
        raise MixedStates(
            "The newest sounds and the newest pictures were made from different states of the lesson.",
            remedy="Materialize all six assets of the lesson in one run: what is still valid is reused.",
        )
    script = read_manifest(store, ScriptManifest, speech.script)
    return script, read_manifest(store, LessonManifest, script.lesson)


def clip_inputs_of(
    title: str, sound: SoundEntry, picture: PictureEntry, settings: ClipSettings, store: Store
) -> ClipInputs:
    """The inputs of a section's clip. Raises StoreError when its times are not in the store."""
    times = SpeechTimes.model_validate_json(store.read(sound.times.id))
    return ClipInputs(sound.id, title, sound, picture, times, plan_clip(times, settings.rate, settings.breath_ms))


def cards_of(pictures: PictureManifest, settings: Settings) -> tuple[Card, ...]:
    """The cards that the lesson has."""
    entries = {TITLE_CARD: pictures.title_card, END_CARD: pictures.end_card}
    return tuple(card_of(id_, entry.picture, settings) for id_, entry in entries.items() if entry)


def card_of(id_: str, picture: ObjectRef, settings: Settings) -> Card:
    """The title card or the end card."""
    return Card(id_, "Title" if id_ == TITLE_CARD else "End", picture, card_length(id_, settings))


def card_length(id_: str, settings: Settings) -> int:
    """Frames of the title card or the end card."""
    return card_frames(settings.title_card_ms if id_ == TITLE_CARD else settings.end_card_ms, settings.rate)


_SectionLipSync = Callable[[PerformanceRequest, SoundSource], LipTrack]
"""Makes the lips of one section: a LipSync that is bound to its call context."""


def _lip_session(settings: ClipSettings, context: StageContext) -> AbstractContextManager[LipSync | None]:
    if settings.lip_maker is None:
        return nullcontext()

    def tell(message: str) -> None:
        context.event_log.write(Event(kind="note", stage=STAGE, message=message))

    return settings.lip_maker.session(context.slots, tell)


def _clip(clip: ClipInputs, settings: ClipSettings, context: StageContext, lip_sync: _SectionLipSync | None) -> Built:
    request = _request(clip, settings)
    lips = _lips_of(clip, request, settings, context, lip_sync) if request else None
    data = context.store.read(lips.record.objects["lips"].id) if lips else None
    with context.slots.slot(POOL, clip.id):
        slide = decode_picture(context.store.read(clip.picture.picture.id))
        performance = settings.provider.animate(request, data) if settings.provider and request else None
        shot = _shot(slide, clip, performance)
        parts = encode_parts(shot, part_spans(clip.plan.frames), settings.encoding)
        facts: dict[str, Scalar] = {"frames": clip.plan.frames, "poses": len(set(shot.keys))}
        if performance:
            facts |= performance.facts
            sound = partial(_decoded_sound, clip, context.store)
            facts |= lip_facts(performance, clip.times, settings.rate, sound, clip.plan.lead_frames)
    objects = {f"part_{number}": part for number, part in enumerate(parts)}
    if lips and data:
        # The same bytes under the record of the clip, so that the store keeps them as long as the clip is needed.
        objects["lips"] = data
        facts |= {"lips_made": lips.made, **{f"lips_{name}": value for name, value in lips.record.facts.items()}}
    return Built(objects, facts)


def _lips_of(
    clip: ClipInputs,
    request: PerformanceRequest,
    settings: ClipSettings,
    context: StageContext,
    lip_sync: _SectionLipSync | None,
) -> BuildResult | None:
    if settings.lip_maker is None or lip_sync is None:
        return None

    def build() -> Built:
        lips = lip_sync(request, partial(_decoded_sound, clip, context.store))
        return Built({"lips": lips.data}, dict(lips.facts))

    return get_or_build(context.store, lips_recipe(clip.sound, clip.plan, settings, settings.lip_maker), build)


def _decoded_sound(clip: ClipInputs, store: Store) -> tuple[Sound, int]:
    return decode_sound(store.read(clip.sound.sound.id))


def _shot(slide: NDArray[np.uint8], clip: ClipInputs, performance: Performance | None) -> Shot:
    box = clip.picture.stage.presenter
    if performance is None or box is None:
        return still_shot(slide, clip.plan.frames)
    background = slide if performance.still is None else with_still(slide, box, performance.still)
    return Shot(background, performance.area or box, performance.keys, performance.patch)


def _request(clip: ClipInputs, settings: ClipSettings) -> PerformanceRequest | None:
    box = clip.picture.stage.presenter
    if settings.provider is None or box is None:
        return None
    return PerformanceRequest(
        presenter=settings.presenter,
        box=box,
        rate=settings.encoding.rate,
        frames=clip.plan.frames,
        lead_frames=clip.plan.lead_frames,
        times=clip.times,
        seed=clip.sound.sound.id,
        options=settings.options,
    )


def _card(card: Card, settings: ClipSettings, context: StageContext) -> Built:
    with context.slots.slot(POOL, card.id):
        parts = encode_still(decode_picture(context.store.read(card.picture.id)), card.frames, settings.encoding)
    return Built({f"part_{number}": part for number, part in enumerate(parts)}, {"frames": card.frames})


def _entry(clip: ClipInputs, record: Record) -> ClipEntry:
    return ClipEntry(
        id=clip.id,
        plan=clip.plan,
        parts=_parts(clip.plan.frames, record),
        lips=lip_figures(record),
        recipe=record.recipe.id,
        lip_pictures=record.objects.get("lips"),
        answers=tuple(str(record.facts.get("lips_answers", "")).split()),
    )


def _card_clip(card: Card, record: Record) -> CardClip:
    return CardClip(parts=_parts(card.frames, record), recipe=record.recipe.id)


def _parts(frames: int, record: Record) -> tuple[PartEntry, ...]:
    return tuple(
        PartEntry(part=record.objects[f"part_{number}"], frames=span.stop - span.start)
        for number, span in enumerate(part_spans(frames))
    )
