"""The plan of any stage, from the manifests of the earlier stages. The order is in `pipeline/order.py`.

Does not belong here: the plan of a particular stage (the module with the stage's name).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from video_assets.studio.pictures.illustration import IllustrationProvider
from video_assets.studio.pictures.provider import PictureProvider
from video_assets.studio.pipeline.manifests import (
    AnyManifest,
    ClipManifest,
    FilmManifest,
    LessonManifest,
    Manifest,
    PictureManifest,
    ScriptManifest,
    Sources,
    SpeechManifest,
    StoredManifest,
)
from video_assets.studio.pipeline.stage_plan import StagePlan, StoredStagePlan
from video_assets.studio.presenter.provider import PresenterProvider
from video_assets.studio.speech.provider import SpeechProvider
from video_assets.studio.storage.store import Store

from . import final_video, lip_synced_clip, section_audio, section_image


class StageProviders(NamedTuple):
    """The providers of the stages, by name."""

    speech: Mapping[str, SpeechProvider]
    pictures: Mapping[str, PictureProvider]
    illustrations: Mapping[str, IllustrationProvider]
    presenters: Mapping[str, PresenterProvider]


class Upstream(NamedTuple):
    """The manifests of the earlier stages, and what a plan needs besides. The manifests may lack entries."""

    manifests: tuple[Manifest, ...]
    providers: StageProviders
    store: Store

    def of(self, kind: type[AnyManifest]) -> AnyManifest:
        """The manifest of this kind. Raises LookupError if its stage is not planned yet."""
        for manifest in self.manifests:
            if isinstance(manifest, kind):
                return manifest
        raise LookupError(kind.__name__)

    def with_manifest(self, manifest: Manifest) -> Upstream:
        """The same with one more manifest, for the plan of the next stage."""
        return self._replace(manifests=(*self.manifests, manifest))


def plan_stage(stage: str, upstream: Upstream) -> StoredStagePlan[Any, StoredManifest]:
    """The plan of one of STORED_STAGES. Makes nothing. Raises SettingInvalid."""
    return PLANS[stage](upstream)


def plan_film(upstream: Upstream) -> StagePlan[Any]:
    """The plan of the film. Makes nothing."""
    return final_video.FilmPlan(
        Sources(
            upstream.of(LessonManifest),
            upstream.of(ScriptManifest),
            upstream.of(SpeechManifest),
            upstream.of(PictureManifest),
            upstream.of(ClipManifest),
        )
    )


def is_first_choice(manifest: Manifest, lesson: LessonManifest, providers: StageProviders) -> bool:
    """Whether the providers that a run would call first made everything in `manifest`. Raises SettingInvalid."""
    match manifest:
        case SpeechManifest():
            return section_audio.is_first_choice(manifest, lesson, providers.speech)
        case PictureManifest():
            return section_image.is_first_choice(manifest, lesson, providers.pictures, providers.illustrations)
        case ClipManifest():
            return lip_synced_clip.is_first_choice(manifest, lesson, providers.presenters)
        case FilmManifest():
            return final_video.is_first_choice(manifest)
        case LessonManifest() | ScriptManifest():
            return True


def _plan_speech(upstream: Upstream) -> section_audio.SpeechPlan:
    return section_audio.plan_speech(
        upstream.of(ScriptManifest), upstream.of(LessonManifest), upstream.providers.speech
    )


def _plan_pictures(upstream: Upstream) -> section_image.PicturePlan:
    providers = upstream.providers
    return section_image.plan_pictures(
        upstream.of(ScriptManifest), upstream.of(LessonManifest), providers.pictures, providers.illustrations
    )


def _plan_clips(upstream: Upstream) -> lip_synced_clip.ClipsPlan:
    return lip_synced_clip.plan_clips(
        upstream.of(ScriptManifest),
        upstream.of(LessonManifest),
        upstream.of(SpeechManifest),
        upstream.of(PictureManifest),
        upstream.providers.presenters,
        upstream.store,
        allow_missing=True,
    )


PLANS: Mapping[str, Callable[[Upstream], StoredStagePlan[Any, StoredManifest]]] = MappingProxyType(
    {
        section_audio.STAGE: _plan_speech,
        section_image.STAGE: _plan_pictures,
        lip_synced_clip.STAGE: _plan_clips,
    }
)
"""Plans by stage. They are run in the order of STORED_STAGES."""
