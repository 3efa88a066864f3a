"""The stage `lip_synced_clip`: composes and encodes every section once, in parts that the film joins by copying."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from video_assets.studio.calls.paid_responses import PaidRequest
from video_assets.studio.core.errors import MixedStates, StoreError
from video_assets.studio.core.frame_layout import Box
from video_assets.studio.core.settings import Settings
from video_assets.studio.core.values import canonical_json, digest_of
from video_assets.studio.film.camera_moves import camera_in_recipe, camera_inputs
from video_assets.studio.film.clip_composition import (
    ClipInputs,
    ClipSettings,
    clip_settings_of,
    compose_card,
    compose_clip,
    performance_request,
    section_sound,
)
from video_assets.studio.film.clip_figures import clip_entry, clip_row, parts_in, run_figures
from video_assets.studio.film.slide_changes import TimedState, slide_states, states_in_recipe
from video_assets.studio.lesson.script import SectionScript, expected_seconds
from video_assets.studio.media.encode import encoder_identity
from video_assets.studio.pictures.provider import frame_layout_of, opening_sections
from video_assets.studio.pipeline.manifests import (
    END_CARD,
    TITLE_CARD,
    CardClip,
    ClipEntry,
    ClipManifest,
    LessonManifest,
    PictureEntry,
    PictureManifest,
    ScriptManifest,
    SoundEntry,
    SpeechManifest,
    keep_manifest,
    read_manifest,
)
from video_assets.studio.pipeline.stage_context import StageContext, StageResult
from video_assets.studio.pipeline.stage_plan import BuiltItem, IsMade, ItemRecord, ItemRef, PlannedRecipe, build_items
from video_assets.studio.presenter.provider import (
    LipSync,
    LipSyncer,
    LipTrack,
    PerformanceRequest,
    PresenterProvider,
    SoundSource,
)
from video_assets.studio.speech.provider import SpeechTimes
from video_assets.studio.storage.store import BuildResult, Built, ObjectRef, Recipe, Store, get_or_build
from video_assets.studio.telemetry.events import Event
from video_assets.studio.timeline import ClipPlan, card_frames, ceil_div, plan_clip

STAGE = "lip_synced_clip"
STEP = "clip"
CARD_STEP = "card"
LIPS_STEP = "lips"
CODE = "1"
_UNKNOWN_STATES = ("parameters.states", "parameters.entrance_frames")
_UNKNOWN_SOUND = ("inputs.sound", "inputs.times", "parameters.plan", *_UNKNOWN_STATES)
_UNKNOWN_PICTURE = ("inputs.picture", "inputs.moving", "inputs.moving_coverage", "parameters.camera")
"""Paths of a recipe that are unknown while the sound, or the picture, is not made yet."""


class TimedSound(NamedTuple):
    """The sound of a section, its times, and the frames that follow from them."""

    entry: SoundEntry
    times: SpeechTimes
    plan: ClipPlan


class ClipTask(NamedTuple):
    """The clip of a section to make. In a dry run, its sound or its picture may not be made yet."""

    section: SectionScript
    box: Box | None
    """The presenter's box."""
    sound: TimedSound | None
    picture: PictureEntry | None
    rate: Fraction
    """Frames per second."""

    @property
    def id(self) -> str:
        """The section's id."""
        return self.section.id

    @property
    def title(self) -> str:
        """The section's title."""
        return self.section.title

    @property
    def inputs(self) -> ClipInputs | None:
        """What the clip is made from; None if any of it is not made yet."""
        if self.sound is None or self.picture is None:
            return None
        return ClipInputs(
            self.id,
            self.sound.entry,
            self.sound.times,
            self.sound.plan,
            self.picture,
            slide_states(self.section, self.picture, self.sound.times, self.sound.plan, self.rate),
        )


class CardTask(NamedTuple):
    """The video of a title card or end card to make. In a dry run, its picture may not be made yet."""

    id: str
    title: str
    frames: int
    picture: ObjectRef | None


class ClipsPlan(NamedTuple):
    """The plan of the clips of sections and cards."""

    speech: str
    """Digest of the SpeechManifest."""
    pictures: str
    """Digest of the PictureManifest."""
    lesson: LessonManifest
    settings: ClipSettings
    items: tuple[ClipTask | CardTask, ...]
    stage: str = STAGE

    def recipe(self, task: ClipTask | CardTask) -> PlannedRecipe:
        """The recipe of a clip."""
        picture = ItemRef("section_image", task.id)
        if isinstance(task, CardTask):
            unknown = () if task.picture else _UNKNOWN_PICTURE
            return PlannedRecipe(card_recipe(task, self.settings), (picture,), unknown)
        unknown = () if task.inputs else _UNKNOWN_SOUND if task.picture else (*_UNKNOWN_PICTURE, *_UNKNOWN_SOUND)
        return PlannedRecipe(clip_recipe(task, self.settings), (ItemRef("section_audio", task.id), picture), unknown)

    def paid_requests(self, task: ClipTask | CardTask, is_made: IsMade) -> Sequence[PaidRequest]:
        """The request for the lips. Before the sound is made, it is for twice the expected length of the sound."""
        syncer = self.settings.lip_syncer
        if syncer is None or isinstance(task, CardTask):
            return ()
        if task.sound is not None:
            if is_made(lips_recipe(task.sound.entry, task.sound.plan, self.settings, syncer)):
                return ()
            milliseconds = ceil_div(task.sound.plan.frames * 1000, self.settings.rate)
        else:
            lesson = self.lesson.lesson
            rate_percent = self.lesson.settings.rate_percent
            expected = expected_seconds(task.section.speech, rate_percent, language=lesson.language)
            milliseconds = int(expected * 2000) + self.settings.breath_ms
        request = syncer.expects(milliseconds)
        return () if request is None else (request,)

    def manifest(self, results: Iterable[ItemRecord[ClipTask | CardTask]]) -> ClipManifest:
        """See StoredStagePlan."""
        sections: list[ClipEntry] = []
        cards: dict[str, CardClip] = {}
        for task, record in results:
            if isinstance(task, CardTask):
                cards[task.id] = CardClip(parts=parts_in(task.frames, record), recipe=record.recipe.id)
            elif task.sound is not None:
                sections.append(clip_entry(task.id, task.sound.plan, record))
        return ClipManifest(
            speech=self.speech,
            pictures=self.pictures,
            presenter=self.settings.identity,
            sections=tuple(sections),
            title_card=cards.get(TITLE_CARD),
            end_card=cards.get(END_CARD),
        )


def plan_clips(
    script: ScriptManifest,
    lesson: LessonManifest,
    speech: SpeechManifest,
    pictures: PictureManifest,
    providers: Mapping[str, PresenterProvider],
    store: Store,
    *,
    allow_missing: bool = False,
) -> ClipsPlan:
    """The plan of the clips of `script`. Makes nothing. Raises SettingInvalid.

    `speech` and `pictures` may lack entries. If the times of a sound are not in the store, this raises StoreError. With
    `allow_missing` it counts the sound as not made yet.
    """
    settings = clip_settings_of(lesson.settings, providers)
    sounds = speech.entries
    sections = {entry.id: entry for entry in pictures.sections}
    cards = pictures.entries

    def timed_sound(id_: str) -> TimedSound | None:
        try:
            return _timed_sound(sounds[id_], settings, store) if id_ in sounds else None
        except StoreError:
            if not allow_missing:
                raise
            return None

    opening = opening_sections([section.id for section in script.sections], lesson.settings)
    clips = tuple(
        ClipTask(
            section,
            frame_layout_of(
                section.slide, lesson.settings, opens=section.id in opening and not section.scene
            ).presenter,
            timed_sound(section.id),
            sections.get(section.id),
            settings.rate,
        )
        for section in script.sections
    )
    return ClipsPlan(
        digest_of(canonical_json(speech)),
        digest_of(canonical_json(pictures)),
        lesson,
        settings,
        (
            *clips,
            *(
                CardTask(
                    name,
                    slide.title,
                    _card_frames(name, lesson.settings),
                    cards[name].picture if name in cards else None,
                )
                for name, slide in script.cards.items()
            ),
        ),
    )


def is_first_choice(clips: ClipManifest, lesson: LessonManifest, providers: Mapping[str, PresenterProvider]) -> bool:
    """Whether the presenter that a run would film made all of `clips`. Raises SettingInvalid."""
    return clip_settings_of(lesson.settings, providers).identity == clips.presenter


def _timed_sound(entry: SoundEntry, settings: ClipSettings, store: Store) -> TimedSound:
    times = SpeechTimes.model_validate_json(store.read(entry.times.id))
    return TimedSound(entry, times, plan_clip(times, settings.rate, settings.breath_ms))


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
    plan = plan_clips(script, lesson, speech, pictures, providers, context.store)
    with _lip_session(plan.settings, context) as lip_sync:

        def build(task: ClipTask | CardTask) -> BuiltItem[ClipTask | CardTask]:
            bound = None
            if lip_sync:
                bound = partial(lip_sync, call_context=context.call_context(STAGE, lesson.key, task.id))
            made_from = plan.recipe(task).complete()
            return BuiltItem(
                task, get_or_build(context.store, made_from, lambda: _make(task, plan.settings, context, bound))
            )

        built = build_items(plan, build, context)
    manifest = plan.manifest(each.as_record for each in built)
    rows = tuple(clip_row(task.id, _row_title(task), outcome, plan.settings.rate) for task, outcome in built)
    return StageResult(manifest, keep_manifest(context.store, manifest), rows, run_figures(rows))


def clip_recipe(task: ClipTask, settings: ClipSettings) -> Recipe:
    """The recipe of a clip: picture, sound, times, presenter, encoding; not the place of the section in the film.

    It is incomplete while the sound or the picture is not made yet.
    """
    inputs, plan, box = {}, None, task.box
    states: tuple[TimedState, ...] = ()
    camera: dict[str, Any] = {}
    if task.picture is not None:
        inputs["picture"] = task.picture.picture.id
        inputs |= camera_inputs(task.picture.moving)
        camera = camera_in_recipe(task.picture.moving)
    if task.inputs is not None:
        sound, plan, box = task.inputs.sound, task.inputs.plan, task.inputs.picture.stage.presenter
        states = task.inputs.states
        inputs |= {"sound": sound.sound.id, "times": sound.times.id}
    return Recipe(
        step=STEP,
        code=CODE,
        provider={**settings.identity, **encoder_identity()},
        parameters={
            "encoding": settings.encoding.model_dump(mode="json"),
            "plan": plan.model_dump(mode="json") if plan else None,
            "box": box.model_dump(mode="json") if box else None,
            **states_in_recipe(states, settings.motion, settings.rate),
            **camera,
        },
        inputs=inputs,
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


def card_recipe(card: CardTask, settings: ClipSettings) -> Recipe:
    """The recipe of a card's video. It is incomplete while the picture is not made yet."""
    return Recipe(
        step=CARD_STEP,
        code=CODE,
        provider=encoder_identity(),
        parameters={"encoding": settings.encoding.model_dump(mode="json"), "frames": card.frames},
        inputs={"picture": card.picture.id} if card.picture else {},
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


def _card_frames(card: str, settings: Settings) -> int:
    return card_frames(settings.title_card_ms if card == TITLE_CARD else settings.end_card_ms, settings.rate)


def _row_title(task: ClipTask | CardTask) -> str:
    if isinstance(task, CardTask):
        return "Title" if task.id == TITLE_CARD else "End"
    return task.title


_SectionLipSync = Callable[[PerformanceRequest, SoundSource], LipTrack]
"""Makes the lips of one section: a LipSync that is bound to its call context."""


def _lip_session(settings: ClipSettings, context: StageContext) -> AbstractContextManager[LipSync | None]:
    if settings.lip_syncer is None:
        return nullcontext()

    def tell(message: str) -> None:
        context.event_log.write(Event(kind="note", stage=STAGE, message=message))

    return settings.lip_syncer.session(context.slots, tell)


def _make(
    task: ClipTask | CardTask, settings: ClipSettings, context: StageContext, lip_sync: _SectionLipSync | None
) -> Built:
    if isinstance(task, CardTask):
        assert task.picture is not None  # its recipe is complete
        return compose_card(task.id, task.frames, task.picture, settings, context)
    assert task.inputs is not None
    return compose_clip(task.inputs, settings, context, _lips_of(task.inputs, settings, context, lip_sync))


def _lips_of(
    clip: ClipInputs, settings: ClipSettings, context: StageContext, lip_sync: _SectionLipSync | None
) -> BuildResult | None:
    """The lips of a section; None if no lip-sync engine makes them."""
    request = performance_request(clip, settings)
    if request is None or settings.lip_syncer is None or lip_sync is None:
        return None

    def build() -> Built:
        lips = lip_sync(request, partial(section_sound, clip, context.store))
        return Built({"lips": lips.data}, dict(lips.facts))

    return get_or_build(context.store, lips_recipe(clip.sound, clip.plan, settings, settings.lip_syncer), build)
