"""Composes and encodes the clip of a section, and the video of a card, in parts that the film joins by copying.

Does not belong here: recipes, and which clips are made (`stages/lip_synced_clip.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from video_assets.studio.core.frame_layout import Box
from video_assets.studio.core.settings import Motion, Settings
from video_assets.studio.media.compose import Shot, still_shot, with_still
from video_assets.studio.media.encode import VideoEncoding, encode_parts, encode_still, part_spans
from video_assets.studio.media.sound import Sound, decode_sound
from video_assets.studio.pictures.decode import decode_picture
from video_assets.studio.pipeline.manifests import PictureEntry, SoundEntry
from video_assets.studio.pipeline.stage_context import StageContext
from video_assets.studio.presenter.provider import (
    DEFAULT_LIP_OPTIONS,
    LipOptions,
    LipSyncer,
    Performance,
    PerformanceRequest,
    PresenterProvider,
    lip_options_of,
    provider_of,
)
from video_assets.studio.speech.provider import SpeechTimes
from video_assets.studio.storage.store import BuildResult, Built, ObjectRef, Scalar, Store
from video_assets.studio.timeline import ClipPlan

from .camera_moves import camera_move
from .clip_figures import lip_facts
from .slide_changes import StateSlides, TimedState, entrance_frames, state_slides

POOL = "rendering"
"""Each clip holds a slot of this pool while it is made. The pool is shared by all runs of the instance."""


class ClipInputs(NamedTuple):
    """What the clip of a section is made from."""

    id: str
    sound: SoundEntry
    times: SpeechTimes
    plan: ClipPlan
    picture: PictureEntry
    states: tuple[TimedState, ...] = ()
    """The states of the slide; none if it is whole from the first frame."""


class ClipSettings(NamedTuple):
    """How the clips of one lesson are made."""

    presenter: str
    provider: PresenterProvider | None
    """None when the presenter is absent."""
    identity: dict[str, str]
    encoding: VideoEncoding
    breath_ms: int
    lip_syncer: LipSyncer | None = None
    options: LipOptions = DEFAULT_LIP_OPTIONS
    motion: Motion = "calm"

    @property
    def rate(self) -> Fraction:
        """Frames per second."""
        return Fraction(self.encoding.rate)


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
        return ClipSettings("", None, {}, encoding, settings.breath_ms, motion=settings.motion)
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
        settings.motion,
    )


def compose_clip(clip: ClipInputs, settings: ClipSettings, context: StageContext, lips: BuildResult | None) -> Built:
    """The encoded parts of a section's clip, and its facts. `lips` are the lips, if a lip-sync engine makes them.

    The work holds a slot of POOL.
    """
    request = performance_request(clip, settings)
    data = context.store.read(lips.record.objects["lips"].id) if lips else None
    with context.slots.slot(POOL, clip.id):
        whole = decode_picture(context.store.read(clip.picture.picture.id))
        performance = settings.provider.animate(request, data) if settings.provider and request else None
        slides = state_slides(whole, clip.states, context.store)
        shot = _shot(slides, clip, performance, entrance_frames(settings.motion, settings.rate))
        move = camera_move(clip.picture.moving, clip.plan.frames, settings.rate, context.store)
        parts = encode_parts(shot, part_spans(clip.plan.frames), settings.encoding, move)
        facts: dict[str, Scalar] = {"frames": clip.plan.frames, "poses": len(set(shot.keys))}
        if performance:
            facts |= performance.facts
            sound = partial(section_sound, clip, context.store)
            facts |= lip_facts(performance, clip.times, settings.rate, sound, clip.plan.lead_frames)
    objects = {f"part_{number}": part for number, part in enumerate(parts)}
    if lips and data:
        # The same bytes under the record of the clip, so that the store keeps them as long as the clip is needed.
        objects["lips"] = data
        facts |= {"lips_made": lips.made, **{f"lips_{name}": value for name, value in lips.record.facts.items()}}
    return Built(objects, facts)


def section_sound(clip: ClipInputs, store: Store) -> tuple[Sound, int]:
    """The samples of the section's sound, and their rate."""
    return decode_sound(store.read(clip.sound.sound.id))


def _shot(slides: StateSlides, clip: ClipInputs, performance: Performance | None, entrance: int) -> Shot:
    box = clip.picture.stage.presenter
    if performance is None or box is None:
        return still_shot(slides.first, clip.plan.frames)._replace(changes=slides.changes(entrance))
    if performance.still is not None:
        slides = slides.under(partial(with_still, box=box, still=performance.still))
    area = performance.area or box
    return Shot(slides.first, area, performance.keys, performance.patch, slides.changes(entrance))


def performance_request(clip: ClipInputs, settings: ClipSettings) -> PerformanceRequest | None:
    """The request to the presenter's provider; None if the presenter is absent from the frame."""
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
        news=_news(clip, box),
    )


def _news(clip: ClipInputs, box: Box) -> tuple[int, ...]:
    """The frames in which the slide changes, if the slide is at the left of the presenter's box.

    They follow from the clip's states, which its recipe names.
    """
    content = clip.picture.stage.content
    at_the_left = content.x + content.width // 2 < box.x
    return tuple(state.frame for state in clip.states[1:]) if at_the_left else ()


def compose_card(id_: str, frames: int, picture: ObjectRef, settings: ClipSettings, context: StageContext) -> Built:
    """The encoded parts of a card's video: `picture` for that many frames. The work holds a slot of POOL."""
    with context.slots.slot(POOL, id_):
        parts = encode_still(decode_picture(context.store.read(picture.id)), frames, settings.encoding)
    return Built({f"part_{number}": part for number, part in enumerate(parts)}, {"frames": frames})
