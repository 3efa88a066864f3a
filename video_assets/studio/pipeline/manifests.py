"""What each asset passes on: small frozen values that name objects of the store.

Every manifest names the manifest it was made from by its digest, so that a step can read all that lies upstream and
a film can never be mixed from two states of a lesson. Belongs here: the manifests and their reading and writing.
Does not belong here: how they are made (`stages/`), or cost, seconds and counts, which are not part of any digest.
The shapes are frozen in tests/studio/golden/recipes.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, NamedTuple, TypeVar

from pydantic import Field, ValidationError

from video_assets.studio.core.errors import StoreError
from video_assets.studio.core.frame_layout import FrameLayout
from video_assets.studio.core.settings import Settings
from video_assets.studio.core.values import FrozenModel, canonical_json
from video_assets.studio.lesson.model import Lesson
from video_assets.studio.lesson.script import SectionScript, Slide
from video_assets.studio.storage.store import ObjectRef, Recipe, Store
from video_assets.studio.timeline import ClipPlan


def _is_empty(value: object) -> bool:
    return not value


class LessonManifest(FrozenModel):
    """A lesson as it was when the run began, with the settings it will be made with."""

    kind: Literal["lesson/1"] = "lesson/1"
    key: str
    """Partition key of the lesson; names the bundle's folder and files."""
    source: str
    """SHA-256 of the lesson file's bytes."""
    lesson: Lesson
    settings: Settings
    pronunciations: dict[str, str] = Field(default_factory=dict)
    """The project's and the lesson's dictionary, merged."""
    logo: str = ""
    """Object id of the logo's bytes; empty for none."""
    chosen: dict[str, str | bool | int | float] = Field(default_factory=dict, exclude_if=_is_empty)
    """The settings that a person chose for the film, in this run or an earlier one; `settings` holds them as well."""


class ScriptManifest(FrozenModel):
    """What is said and what is shown, section by section."""

    kind: Literal["script/1"] = "script/1"
    lesson: str
    """Digest of the LessonManifest."""
    sections: tuple[SectionScript, ...]
    title_card: Slide | None
    end_card: Slide | None


class SoundEntry(FrozenModel):
    """A section's speech."""

    id: str
    sound: ObjectRef
    """FLAC, mono, at the manifest's rate."""
    times: ObjectRef
    """SpeechTimes as canonical JSON."""
    samples: int
    words: int
    recipe: str
    """Id of the recipe it was made by, whose record says what from."""
    provider: dict[str, str] = Field(default_factory=dict, exclude_if=_is_empty)
    """Who spoke it, where that was not the manifest's provider."""
    answers: tuple[str, ...] = Field(default=(), exclude_if=_is_empty)
    """Objects that were paid for and that it was made from: as long as they are there, it can be made again."""


class SpeechManifest(FrozenModel):
    """The speech of every section."""

    kind: Literal["section_audio/2"] = "section_audio/2"
    script: str
    """Digest of the ScriptManifest."""
    provider: dict[str, str]
    rate_hz: int
    sections: tuple[SoundEntry, ...]


class PictureEntry(FrozenModel):
    """A section's picture and where things stand in its frame."""

    id: str
    picture: ObjectRef
    """PNG of the frame's size."""
    stage: FrameLayout
    recipe: str
    painted_by: dict[str, str] = Field(default_factory=dict, exclude_if=_is_empty)
    """Who painted the illustration in it, and as what; empty for a slide that is typeset alone."""
    illustration: str = Field(default="", exclude_if=_is_empty)
    """The object that was painted."""
    instead_of: str = Field(default="", exclude_if=_is_empty)
    """Name of the first choice, where that failed."""


class CardPicture(FrozenModel):
    """A card's picture."""

    picture: ObjectRef
    recipe: str


class PictureManifest(FrozenModel):
    """The picture of every section and of the cards."""

    kind: Literal["section_image/2"] = "section_image/2"
    script: str
    provider: dict[str, str]
    sections: tuple[PictureEntry, ...]
    title_card: CardPicture | None
    end_card: CardPicture | None


class PartEntry(FrozenModel):
    """A closed-GOP piece of video that can be joined by copying."""

    part: ObjectRef
    frames: int


class ClipEntry(FrozenModel):
    """A section's video, without sound."""

    id: str
    plan: ClipPlan
    parts: tuple[PartEntry, ...]
    lips: dict[str, float]
    """closed_lips_recall, movement_in_silence_frames and lip_offset_ms, measured; empty without a mouth."""
    recipe: str
    lip_pictures: ObjectRef | None = None
    """What the clip was composed from besides the slide, where lips were made beforehand."""
    answers: tuple[str, ...] = Field(default=(), exclude_if=_is_empty)
    """What was bought for them, as it came."""


class CardClip(FrozenModel):
    """A card's video."""

    parts: tuple[PartEntry, ...]
    recipe: str


class ClipManifest(FrozenModel):
    """The video of every section and of the cards."""

    kind: Literal["lip_synced_clip/3"] = "lip_synced_clip/3"
    speech: str
    """Digest of the SpeechManifest."""
    pictures: str
    """Digest of the PictureManifest."""
    presenter: dict[str, str]
    sections: tuple[ClipEntry, ...]
    title_card: CardClip | None
    end_card: CardClip | None


class FilmManifest(FrozenModel):
    """The finished film: its bundle and what was measured of it."""

    kind: Literal["final_video/2"] = "final_video/2"
    clips: str
    """Digest of the ClipManifest."""
    recipe: Recipe
    """What the bundle is made from; no record holds it, as the film is not in the store."""
    bundle: str
    """Digest of the bundle's manifest.json."""
    files: dict[str, ObjectRef]
    """Name in the bundle -> digest and size. The bytes lie in the bundle, not in the store."""
    frames: int
    frame_rate: str

    @property
    def seconds(self) -> float:
        """Length of the film, to look at."""
        return float(self.frames / Fraction(self.frame_rate))


TITLE_CARD, END_CARD = "title card", "end card"
"""How rows and journals name the cards; no section id can hold a space."""

Manifest = LessonManifest | ScriptManifest | SpeechManifest | PictureManifest | ClipManifest | FilmManifest
AnyManifest = TypeVar(
    "AnyManifest", LessonManifest, ScriptManifest, SpeechManifest, PictureManifest, ClipManifest, FilmManifest
)


class Sources(NamedTuple):
    """Everything upstream of a film, as one state of the lesson."""

    lesson: LessonManifest
    script: ScriptManifest
    speech: SpeechManifest
    pictures: PictureManifest
    clips: ClipManifest


def keep_manifest(store: Store, manifest: Manifest) -> str:
    """Put the manifest into the store; its digest, which is its id there."""
    return store.put(canonical_json(manifest)).id


def read_manifest(store: Store, kind: type[AnyManifest], digest: str) -> AnyManifest:
    """The manifest `digest` names. Raises StoreError if it is missing, corrupt or of an older version."""
    data = store.read(digest)
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        raise StoreError(
            f"The manifest {digest[:12]}… is not a {kind.__name__} of this version.",
            remedy="Materialize the whole lesson again: what is still valid is reused.",
        ) from error


def read_sources(clips: ClipManifest, store: Store) -> Sources:
    """All that lies upstream of `clips`. Raises StoreError."""
    speech = read_manifest(store, SpeechManifest, clips.speech)
    pictures = read_manifest(store, PictureManifest, clips.pictures)
    script = read_manifest(store, ScriptManifest, speech.script)
    lesson = read_manifest(store, LessonManifest, script.lesson)
    return Sources(lesson, script, speech, pictures, clips)
