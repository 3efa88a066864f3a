"""Manifests: the output of each asset, as small frozen values that name objects of the store.

Every manifest names the manifest that it was made from by its digest. So a step can read everything upstream, and a
film is never mixed from two states of a lesson. The fields are frozen in tests/studio/golden/recipes.

Does not belong here: cost, seconds and counts, which are not part of any digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeVar

from pydantic import Field, SerializerFunctionWrapHandler, ValidationError, field_serializer

from video_assets.studio.core.errors import StoreError
from video_assets.studio.core.frame_layout import FrameLayout
from video_assets.studio.core.settings import Settings
from video_assets.studio.core.values import FrozenModel, canonical_json
from video_assets.studio.lesson.model import Lesson
from video_assets.studio.lesson.script import SectionScript, Slide, SlideLook
from video_assets.studio.storage.store import ObjectRef, Recipe, Store
from video_assets.studio.timeline import ClipPlan

TITLE_CARD, END_CARD = "title card", "end card"
"""The names of the cards in rows and event logs. No section id contains a space."""

_Card = TypeVar("_Card")


def is_card(id_: str) -> bool:
    """Whether the item with this id is the title card or the end card."""
    return id_ in (TITLE_CARD, END_CARD)


def in_film_order(ids: Iterable[str]) -> tuple[str, ...]:
    """The ids of sections and cards in the order of the film: the title card first, the end card last."""
    return tuple(sorted(ids, key=lambda id_: (id_ == END_CARD) - (id_ == TITLE_CARD)))


def _cards(title_card: _Card | None, end_card: _Card | None) -> dict[str, _Card]:
    return {id_: card for id_, card in ((TITLE_CARD, title_card), (END_CARD, end_card)) if card is not None}


def _is_empty(value: object) -> bool:
    return not value


_LATER_SETTINGS: Mapping[str, object] = MappingProxyType({"spoken_transcript": False})
"""Settings that came after films had been made, with the values that leave a film as it was.

A manifest does not contain these values, so that its digest, and with it every earlier film, stays valid.
"""


class LessonManifest(FrozenModel):
    """A snapshot of a lesson at the start of the run, with the resolved settings."""

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
    """The settings that a person chose for the film, in this run or an earlier one. `settings` includes them."""

    @field_serializer("settings", mode="wrap")
    def _without_later_defaults(self, settings: Settings, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {
            name: value
            for name, value in dump(settings).items()
            if name not in _LATER_SETTINGS or value != _LATER_SETTINGS[name]
        }


class ScriptManifest(FrozenModel):
    """The spoken text and the slide of each section."""

    kind: Literal["script/1"] = "script/1"
    lesson: str
    """Digest of the LessonManifest."""
    sections: tuple[SectionScript, ...]
    title_card: Slide | None
    end_card: Slide | None

    @property
    def recorded(self) -> frozenset[str]:
        """The ids of the sections that their author speaks."""
        return frozenset(section.id for section in self.sections if section.recording is not None)

    @property
    def cards(self) -> Mapping[str, Slide]:
        """The slides of the cards that the lesson has, by the name of the card."""
        return _cards(self.title_card, self.end_card)


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
    """Id of its recipe."""
    provider: dict[str, str] = Field(default_factory=dict, exclude_if=_is_empty)
    """The provider that spoke it, if that is not the manifest's provider."""
    answers: tuple[str, ...] = Field(default=(), exclude_if=_is_empty)
    """Object ids of the paid responses that it was made from. While they exist, it can be made again for nothing."""

    @property
    def objects(self) -> tuple[ObjectRef, ...]:
        """The objects that the entry needs."""
        return (self.sound, self.times)


class SpeechManifest(FrozenModel):
    """The speech of every section."""

    kind: Literal["section_audio/2"] = "section_audio/2"
    script: str
    """Digest of the ScriptManifest."""
    provider: dict[str, str]
    rate_hz: int
    sections: tuple[SoundEntry, ...]

    @property
    def entries(self) -> Mapping[str, SoundEntry]:
        """The entries by the id of the section."""
        return {entry.id: entry for entry in self.sections}


class SlideStateEntry(FrozenModel):
    """A state of a slide: the rectangle in which it differs from the whole picture."""

    look: SlideLook
    patch: ObjectRef
    """PNG of the rectangle."""
    x_px: int
    y_px: int


class MovingEntry(FrozenModel):
    """The picture of a slide alone, for a camera that moves over it, and its place in the frame."""

    picture: ObjectRef
    """PNG of the picture, of an even size."""
    coverage: ObjectRef
    """Grey PNG of the same size: how much of each pixel shows the picture."""
    x_px: int
    y_px: int
    focus_px: tuple[int, int]
    """The point that keeps its place, from the picture's top left corner."""


class PictureEntry(FrozenModel):
    """A section's picture and the layout of its frame."""

    id: str
    picture: ObjectRef
    """PNG of the frame's size."""
    stage: FrameLayout
    recipe: str
    painted_by: dict[str, str] = Field(default_factory=dict, exclude_if=_is_empty)
    """Identity of the provider of its illustration; empty for a slide that is only typeset."""
    illustration: str = Field(default="", exclude_if=_is_empty)
    """Object id of the illustration."""
    instead_of: str = Field(default="", exclude_if=_is_empty)
    """Name of the first provider of the chain, if that failed."""
    states: tuple[SlideStateEntry, ...] = Field(default=(), exclude_if=_is_empty)
    """The states that the slide goes through; none if it is whole from the first frame."""
    listed: bool = Field(default=False, exclude_if=_is_empty)
    """Whether a derived diagram is shown as a list of its parts, because it had no room."""
    moving: MovingEntry | None = Field(default=None, exclude_if=_is_empty)
    """What a camera moves over; None if the picture is still."""

    @property
    def objects(self) -> tuple[ObjectRef, ...]:
        """The objects that the entry needs."""
        moving = (self.moving.picture, self.moving.coverage) if self.moving else ()
        return (self.picture, *(state.patch for state in self.states), *moving)


class CardPicture(FrozenModel):
    """A card's picture."""

    picture: ObjectRef
    recipe: str

    @property
    def objects(self) -> tuple[ObjectRef, ...]:
        """The objects that the entry needs."""
        return (self.picture,)


class PictureManifest(FrozenModel):
    """The picture of every section and of the cards."""

    kind: Literal["section_image/2"] = "section_image/2"
    script: str
    provider: dict[str, str]
    sections: tuple[PictureEntry, ...]
    title_card: CardPicture | None
    end_card: CardPicture | None

    @property
    def entries(self) -> Mapping[str, PictureEntry | CardPicture]:
        """The entries by the id of the section or the name of the card, cards last."""
        return {**{entry.id: entry for entry in self.sections}, **_cards(self.title_card, self.end_card)}


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
    """The lips that the clip was composed from, if they were made separately."""
    answers: tuple[str, ...] = Field(default=(), exclude_if=_is_empty)
    """Object ids of the paid responses that the lips were made from."""

    @property
    def objects(self) -> tuple[ObjectRef, ...]:
        """The objects that the entry needs."""
        return tuple(part.part for part in self.parts)


class CardClip(FrozenModel):
    """A card's video."""

    parts: tuple[PartEntry, ...]
    recipe: str

    @property
    def objects(self) -> tuple[ObjectRef, ...]:
        """The objects that the entry needs."""
        return tuple(part.part for part in self.parts)


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

    @property
    def entries(self) -> Mapping[str, ClipEntry | CardClip]:
        """The entries by the id of the section or the name of the card, cards last."""
        return {**{entry.id: entry for entry in self.sections}, **_cards(self.title_card, self.end_card)}


class FilmManifest(FrozenModel):
    """The finished film: its bundle and its measurements."""

    kind: Literal["final_video/2"] = "final_video/2"
    clips: str
    """Digest of the ClipManifest."""
    recipe: Recipe
    """The recipe of the bundle. No record has it, because the film is not in the store."""
    bundle: str
    """Digest of the bundle's manifest.json."""
    files: dict[str, ObjectRef]
    """Name in the bundle -> digest and size. The bytes are in the bundle, not in the store."""
    frames: int
    frame_rate: str

    @property
    def seconds(self) -> float:
        """Length of the film, rounded to a float for display."""
        return float(self.frames / Fraction(self.frame_rate))


Manifest = LessonManifest | ScriptManifest | SpeechManifest | PictureManifest | ClipManifest | FilmManifest
AnyManifest = TypeVar(
    "AnyManifest", LessonManifest, ScriptManifest, SpeechManifest, PictureManifest, ClipManifest, FilmManifest
)
StoredManifest = SpeechManifest | PictureManifest | ClipManifest
"""A manifest of results in the store."""


class Sources(NamedTuple):
    """Everything upstream of a film, as one state of the lesson."""

    lesson: LessonManifest
    script: ScriptManifest
    speech: SpeechManifest
    pictures: PictureManifest
    clips: ClipManifest


def upstream_digests(manifest: Manifest) -> tuple[str, ...]:
    """The digests of the manifests that `manifest` was made from."""
    match manifest:
        case LessonManifest():
            return ()
        case ScriptManifest():
            return (manifest.lesson,)
        case SpeechManifest() | PictureManifest():
            return (manifest.script,)
        case ClipManifest():
            return (manifest.speech, manifest.pictures)
        case FilmManifest():
            return (manifest.clips,)


def is_complete(sources: Sources) -> bool:
    """Whether there is a sound, a picture and a clip of every section, and a picture and a clip of every card."""
    sections = {section.id for section in sources.script.sections}
    shown = sections | set(sources.script.cards)
    found = (set(sources.speech.entries), set(sources.pictures.entries), set(sources.clips.entries))
    return found == (sections, shown, shown)


def titles_of(script: Mapping[str, Any]) -> Mapping[str, str]:
    """The titles of sections and cards by id, from a ScriptManifest as plain data."""
    slides = _cards(script["title_card"], script["end_card"])
    return {
        **{section["id"]: section["title"] for section in script["sections"]},
        **{name: slide["title"] for name, slide in slides.items()},
    }


def keep_manifest(store: Store, manifest: Manifest) -> str:
    """Put the manifest into the store. Returns its digest, which is its object id."""
    return store.put(canonical_json(manifest)).id


def read_manifest(store: Store, kind: type[AnyManifest], digest: str) -> AnyManifest:
    """The manifest with this digest. Raises StoreError if it is missing, corrupt or of an older version."""
    data = store.read(digest)
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        raise StoreError(
            f"The manifest {digest[:12]}… is not a {kind.__name__} of this version.",
            remedy="Materialize the whole lesson again: what is still valid is reused.",
        ) from error


def read_sources(clips: ClipManifest, store: Store) -> Sources:
    """All manifests upstream of `clips`. Raises StoreError."""
    speech = read_manifest(store, SpeechManifest, clips.speech)
    pictures = read_manifest(store, PictureManifest, clips.pictures)
    script = read_manifest(store, ScriptManifest, speech.script)
    lesson = read_manifest(store, LessonManifest, script.lesson)
    return Sources(lesson, script, speech, pictures, clips)
