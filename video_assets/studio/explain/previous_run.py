"""The manifests of a lesson's previous runs, as far as they can still be read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, NamedTuple

from video_assets.studio.core.errors import StoreError
from video_assets.studio.pipeline.manifests import (
    AnyManifest,
    ClipManifest,
    FilmManifest,
    PictureManifest,
    Sources,
    SpeechManifest,
    StoredManifest,
    read_manifest,
    read_sources,
)
from video_assets.studio.pipeline.order import FILM_STAGE
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

    def manifest(self, stage: str) -> StoredManifest | None:
        """The newest manifest of a stage whose results are in the store; None if it is not known."""
        return self._stored[stage].manifest

    def recipes(self, stage: str) -> Mapping[str, str]:
        """The recipe ids of a stage by section (or card); empty if it made nothing."""
        return self._recipes[stage]

    def absence(self, stage: str) -> str:
        """The reason why nothing is known of a stage; empty if something is known."""
        return (self._film if stage == FILM_STAGE else self._stored[stage]).absence

    @property
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

    @cached_property
    def _film(self) -> _ReadManifest[FilmManifest]:
        return self._read(FILM_STAGE, FilmManifest)

    @cached_property
    def _stored(self) -> Mapping[str, _ReadManifest[Any]]:
        return {
            "section_audio": self._read("section_audio", SpeechManifest),
            "section_image": self._read("section_image", PictureManifest),
            "lip_synced_clip": self._read("lip_synced_clip", ClipManifest),
        }

    @cached_property
    def _recipes(self) -> Mapping[str, Mapping[str, str]]:
        return {
            stage: {id_: entry.recipe for id_, entry in read.manifest.entries.items()} if read.manifest else {}
            for stage, read in self._stored.items()
        }

    def _read(self, stage: str, kind: type[AnyManifest]) -> _ReadManifest[AnyManifest]:
        try:
            manifest = manifest_of(self._store, self._pointers, self._key, stage, kind)
        except (StoreError, ValueError, KeyError):
            # Of an older version, deleted, or with a damaged reference: a run makes it again.
            return _ReadManifest(None, "what was made the last time is not known")
        return _ReadManifest(manifest, "" if manifest else "never made")
