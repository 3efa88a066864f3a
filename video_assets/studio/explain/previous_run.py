"""The manifests of a lesson's previous runs, as far as they can still be read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Generic, NamedTuple

from video_assets.studio.core.errors import StoreError
from video_assets.studio.pipeline.manifests import (
    END_CARD,
    TITLE_CARD,
    AnyManifest,
    ClipManifest,
    FilmManifest,
    PictureManifest,
    Sources,
    SpeechManifest,
    read_manifest,
    read_sources,
)
from video_assets.studio.pipeline.refs import manifest_of

from .read_only_store import ReadOnlyStore


class _ReadManifest(NamedTuple, Generic[AnyManifest]):
    """A manifest, or the reason why there is none."""

    manifest: AnyManifest | None
    absence: str


class PreviousRun:
    """The newest manifests of the lesson `key`, from the folder of references. They are read at first use."""

    def __init__(self, key: str, pointers: Path, store: ReadOnlyStore) -> None:
        self._key = key
        self._pointers = pointers
        self._store = store

    def recipes(self, stage: str) -> Mapping[str, str]:
        """The recipe ids of a stage by section (or card); empty if it made nothing."""
        return self._recipes[stage]

    def absence(self, stage: str) -> str:
        """The reason why nothing is known of a stage; empty if something is known."""
        return self._absences[stage]

    @cached_property
    def film(self) -> FilmManifest | None:
        """The newest film."""
        return self._film.manifest

    @cached_property
    def sources(self) -> Sources | None:
        """All manifests that the newest film was made from; None if any of them is missing."""
        if self.film is None:
            return None
        try:
            return read_sources(read_manifest(self._store, ClipManifest, self.film.clips), self._store)
        except StoreError:
            return None

    @property
    def speech(self) -> SpeechManifest | None:
        """The newest speech."""
        return self._speech.manifest

    @property
    def pictures(self) -> PictureManifest | None:
        """The newest pictures."""
        return self._pictures.manifest

    @property
    def clips(self) -> ClipManifest | None:
        """The newest clips."""
        return self._clips.manifest

    @cached_property
    def _film(self) -> _ReadManifest[FilmManifest]:
        return self._read("final_video", FilmManifest)

    @cached_property
    def _speech(self) -> _ReadManifest[SpeechManifest]:
        return self._read("section_audio", SpeechManifest)

    @cached_property
    def _pictures(self) -> _ReadManifest[PictureManifest]:
        return self._read("section_image", PictureManifest)

    @cached_property
    def _clips(self) -> _ReadManifest[ClipManifest]:
        return self._read("lip_synced_clip", ClipManifest)

    @cached_property
    def _recipes(self) -> Mapping[str, Mapping[str, str]]:
        return {
            "section_audio": _of_sections(self._speech.manifest),
            "section_image": _of_sections(self._pictures.manifest) | _of_cards(self._pictures.manifest),
            "lip_synced_clip": _of_sections(self._clips.manifest) | _of_cards(self._clips.manifest),
        }

    @cached_property
    def _absences(self) -> Mapping[str, str]:
        return {
            "section_audio": self._speech.absence,
            "section_image": self._pictures.absence,
            "lip_synced_clip": self._clips.absence,
            "final_video": self._film.absence,
        }

    def _read(self, stage: str, kind: type[AnyManifest]) -> _ReadManifest[AnyManifest]:
        try:
            manifest = manifest_of(self._store, self._pointers, self._key, stage, kind)
        except (StoreError, ValueError, KeyError):
            # Of an older version, deleted, or with a damaged reference: a run makes it again.
            return _ReadManifest(None, "what was made the last time is not known")
        return _ReadManifest(manifest, "" if manifest else "never made")


def _of_sections(manifest: SpeechManifest | PictureManifest | ClipManifest | None) -> dict[str, str]:
    return {entry.id: entry.recipe for entry in manifest.sections} if manifest else {}


def _of_cards(manifest: PictureManifest | ClipManifest | None) -> dict[str, str]:
    if manifest is None:
        return {}
    cards = {TITLE_CARD: manifest.title_card, END_CARD: manifest.end_card}
    return {id_: card.recipe for id_, card in cards.items() if card}
