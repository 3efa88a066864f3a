"""The stage `lip_synced_clip`: every section composed and encoded once, as parts that the film joins by copying."""

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
"""Every clip that is made holds a slot of this pool, over all runs of the instance."""


class ClipInputs(NamedTuple):
    """A section ready to be performed."""

    id: str
    title: str
    sound: SoundEntry
    picture: PictureEntry
    times: SpeechTimes
    plan: ClipPlan


class Card(NamedTuple):
    """A card ready to be filmed."""

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
    """The clip of every section and card. What the store has is not made again. Raises SectionsFailed, StoreError."""
    script, lesson = _common_source(speech, pictures, context.store)
    direction = clip_settings_of(lesson.settings, providers)
    titles = {section.id: section.title for section in script.sections}
    scenes = tuple(
        clip_inputs_of(titles[sound.id], sound, picture, direction, context.store)
        for sound, picture in zip(speech.sections, pictures.sections, strict=True)
    )
    cards = cards_of(pictures, lesson.settings)

    items = (*scenes, *cards)
    with _lip_session(direction, context) as speak:

        def work(item: ClipInputs | Card) -> tuple[BuildResult, bool]:
            if isinstance(item, Card):
                outcome = get_or_build(
                    context.store, card_recipe(item, direction), lambda: _card(item, direction, context)
                )
            else:
                asked = partial(speak, call_context=context.call_context(STAGE, lesson.key, item.id)) if speak else None
                outcome = get_or_build(
                    context.store, recipe(item, direction), lambda: _clip(item, direction, context, asked)
                )
            return outcome, outcome.made

        journal, workers = context.event_log, context.workers
        done = map_sections(STAGE, items, work, journal=journal, workers=workers, stop=context.cancel)
    outcomes = {item.id: outcome for item, (outcome, _) in zip(items, done, strict=True)}
    records = {id_: outcome.record for id_, outcome in outcomes.items()}
    manifest = clip_manifest(speech, pictures, direction, items, records)
    rows = tuple(clip_row(item.id, item.title, outcomes[item.id], direction.rate) for item in items)
    return StageResult(manifest, keep_manifest(context.store, manifest), rows, run_figures(rows))


def clip_settings_of(settings: Settings, providers: Mapping[str, PresenterProvider]) -> ClipSettings:
    """How the settings want clips to be made. Raises SettingInvalid for a presenter that does not exist."""
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
    options = _lip_options(settings)
    return ClipSettings(
        settings.presenter,
        provider,
        provider.identity(settings.presenter, options),
        encoding,
        settings.breath_ms,
        provider.lip_syncer(settings.presenter, options),
        options,
    )


def _lip_options(settings: Settings) -> LipOptions:
    return LipOptions(
        resize_factor=settings.resize_factor,
        smooth_face=settings.smooth_face,
        lead=settings.lips_lead,
        parallel=settings.enable_parallel,
        chunk_seconds=settings.chunk_duration_seconds,
        batch=settings.lips_batch,
    )


def clip_manifest(
    speech: SpeechManifest,
    pictures: PictureManifest,
    direction: ClipSettings,
    items: Iterable[ClipInputs | Card],
    records: Mapping[str, Record],
) -> ClipManifest:
    """The manifest of the clips that `records`, by the items' ids, tell of."""
    items = tuple(items)
    cards = {item.id: _card_clip(item, records[item.id]) for item in items if isinstance(item, Card)}
    return ClipManifest(
        speech=digest_of(canonical_json(speech)),
        pictures=digest_of(canonical_json(pictures)),
        presenter=direction.identity,
        sections=tuple(_entry(item, records[item.id]) for item in items if isinstance(item, ClipInputs)),
        title_card=cards.get(TITLE_CARD),
        end_card=cards.get(END_CARD),
    )


def recipe(scene: ClipInputs, direction: ClipSettings) -> Recipe:
    """What a clip is made from: picture, sound, times, presenter, encoding; not its place in the film."""
    sound = scene.sound
    inputs = {"picture": scene.picture.picture.id, "sound": sound.sound.id, "times": sound.times.id}
    return recipe_from(inputs, scene.plan, scene.picture.stage.presenter, direction)


def recipe_from(inputs: Mapping[str, str], plan: ClipPlan | None, box: Box | None, direction: ClipSettings) -> Recipe:
    """The recipe of a clip from its parts. Of a clip whose sound is not there yet some parts are not known."""
    return Recipe(
        step=STEP,
        code=CODE,
        provider={**direction.identity, **encoder_identity()},
        parameters={
            "encoding": direction.encoding.model_dump(mode="json"),
            "plan": plan.model_dump(mode="json") if plan else None,
            "box": box.model_dump(mode="json") if box else None,
        },
        inputs=dict(inputs),
    )


def lips_recipe(sound: SoundEntry, plan: ClipPlan, direction: ClipSettings, maker: LipSyncer) -> Recipe:
    """What lips are made from: sound, times, face, engine, and the frames they fall into; no picture, no place."""
    return Recipe(
        step=LIPS_STEP,
        code=CODE,
        provider=maker.identity(),
        parameters={"rate": direction.encoding.rate, "frames": plan.frames, "lead_frames": plan.lead_frames},
        inputs={"sound": sound.sound.id, "times": sound.times.id},
    )


def card_recipe(card: Card, direction: ClipSettings) -> Recipe:
    """What a card's video is made from."""
    return card_recipe_from({"picture": card.picture.id}, card.frames, direction)


def card_recipe_from(inputs: Mapping[str, str], frames: int, direction: ClipSettings) -> Recipe:
    """The recipe of a card's video from its parts."""
    return Recipe(
        step=CARD_STEP,
        code=CODE,
        provider=encoder_identity(),
        parameters={"encoding": direction.encoding.model_dump(mode="json"), "frames": frames},
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
    title: str, sound: SoundEntry, picture: PictureEntry, direction: ClipSettings, store: Store
) -> ClipInputs:
    """A section's scene. Raises StoreError when its times are not in the store."""
    times = SpeechTimes.model_validate_json(store.read(sound.times.id))
    return ClipInputs(sound.id, title, sound, picture, times, plan_clip(times, direction.rate, direction.breath_ms))


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


_Speak = Callable[[PerformanceRequest, SoundSource], LipTrack]
"""Make the lips of the section at hand."""


def _lip_session(direction: ClipSettings, context: StageContext) -> AbstractContextManager[LipSync | None]:
    if direction.lip_maker is None:
        return nullcontext()

    def tell(message: str) -> None:
        context.event_log.write(Event(kind="note", stage=STAGE, message=message))

    return direction.lip_maker.session(context.slots, tell)


def _clip(scene: ClipInputs, direction: ClipSettings, context: StageContext, speak: _Speak | None) -> Built:
    asked = _request(scene, direction)
    lips = _lips_of(scene, asked, direction, context, speak) if asked else None
    data = context.store.read(lips.record.objects["lips"].id) if lips else None
    with context.slots.slot(POOL, scene.id):
        slide = decode_picture(context.store.read(scene.picture.picture.id))
        performance = direction.provider.animate(asked, data) if direction.provider and asked else None
        shot = _shot(slide, scene, performance)
        parts = encode_parts(shot, part_spans(scene.plan.frames), direction.encoding)
        facts: dict[str, Scalar] = {"frames": scene.plan.frames, "poses": len(set(shot.keys))}
        if performance:
            facts |= performance.facts
            sound = partial(_decoded_sound, scene, context.store)
            facts |= lip_facts(performance, scene.times, direction.rate, sound, scene.plan.lead_frames)
    objects = {f"part_{number}": part for number, part in enumerate(parts)}
    if lips and data:
        # The same bytes under the clip's own record: nobody may throw them away while the clip is needed.
        objects["lips"] = data
        facts |= {"lips_made": lips.made, **{f"lips_{name}": value for name, value in lips.record.facts.items()}}
    return Built(objects, facts)


def _lips_of(
    scene: ClipInputs, asked: PerformanceRequest, direction: ClipSettings, context: StageContext, speak: _Speak | None
) -> BuildResult | None:
    if direction.lip_maker is None or speak is None:
        return None

    def build() -> Built:
        lips = speak(asked, partial(_decoded_sound, scene, context.store))
        return Built({"lips": lips.data}, dict(lips.facts))

    return get_or_build(context.store, lips_recipe(scene.sound, scene.plan, direction, direction.lip_maker), build)


def _decoded_sound(scene: ClipInputs, store: Store) -> tuple[Sound, int]:
    return decode_sound(store.read(scene.sound.sound.id))


def _shot(slide: NDArray[np.uint8], scene: ClipInputs, performance: Performance | None) -> Shot:
    box = scene.picture.stage.presenter
    if performance is None or box is None:
        return still_shot(slide, scene.plan.frames)
    laid = slide if performance.still is None else with_still(slide, box, performance.still)
    return Shot(laid, performance.area or box, performance.keys, performance.patch)


def _request(scene: ClipInputs, direction: ClipSettings) -> PerformanceRequest | None:
    box = scene.picture.stage.presenter
    if direction.provider is None or box is None:
        return None
    return PerformanceRequest(
        presenter=direction.presenter,
        box=box,
        rate=direction.encoding.rate,
        frames=scene.plan.frames,
        lead_frames=scene.plan.lead_frames,
        times=scene.times,
        seed=scene.sound.sound.id,
        options=direction.options,
    )


def _card(card: Card, direction: ClipSettings, context: StageContext) -> Built:
    with context.slots.slot(POOL, card.id):
        parts = encode_still(decode_picture(context.store.read(card.picture.id)), card.frames, direction.encoding)
    return Built({f"part_{number}": part for number, part in enumerate(parts)}, {"frames": card.frames})


def _entry(scene: ClipInputs, record: Record) -> ClipEntry:
    return ClipEntry(
        id=scene.id,
        plan=scene.plan,
        parts=_parts(scene.plan.frames, record),
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
