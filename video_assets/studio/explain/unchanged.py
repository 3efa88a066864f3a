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
from video_assets.studio.film.bundle import active_version, find_version, version_of
from video_assets.studio.film.pages.watch import is_current
from video_assets.studio.pipeline.manifests import (
    FilmManifest,
    LessonManifest,
    StoredManifest,
    titles_of,
    upstream_digests,
)
from video_assets.studio.pipeline.order import ASSETS, FILM, FILM_STAGE, STORED_STAGES
from video_assets.studio.pipeline.refs import get_ref, program_of
from video_assets.studio.stages.plans import is_first_choice

from .inputs import ExplainInputs
from .model import AS_IT_WAS, ExplainedItem, Explanation, by_derivation
from .previous_run import PreviousRun


def unchanged(lesson: LessonManifest, inputs: ExplainInputs) -> Explanation | None:
    """The explanation of an unchanged lesson; None if it may have changed.

    Raises SettingInvalid for a voice, a picture provider or a presenter that does not exist.
    """
    last = PreviousRun(lesson.key, inputs.pointers, inputs.store)
    film = last.film
    if not _by_this_program(lesson.key, inputs) or film is None:
        return None
    manifests = [manifest for stage in STORED_STAGES if (manifest := last.manifest(stage)) is not None]
    if len(manifests) < len(STORED_STAGES):
        return None
    script_digest = get_ref(inputs.pointers, lesson.key, "script")
    script = _script(lesson, script_digest, inputs)
    same = (
        script is not None
        and _is_one_state(film, manifests, script_digest)
        and all(is_first_choice(manifest, lesson, inputs.stage_providers) for manifest in (*manifests, film))
        and all(
            inputs.store.holds(entry.recipe, entry.objects)
            for manifest in manifests
            for entry in manifest.entries.values()
        )
        and _is_shown(lesson.key, version_of(film.recipe), inputs)
    )
    if not same or script is None:
        return None
    derived = by_derivation((section.get("derived", ""), section["id"]) for section in script["sections"])
    return Explanation(lesson.key, tuple(_items(lesson, titles_of(script), manifests)), (), derived)


def _by_this_program(key: str, inputs: ExplainInputs) -> bool:
    """Whether this program made the lesson's assets. The asset `lesson` is left out: it is read anew."""
    return all(program_of(inputs.pointers, key, asset) == code_digest() for asset in ASSETS[1:])


def _script(lesson: LessonManifest, digest: str | None, inputs: ExplainInputs) -> dict[str, Any] | None:
    """The script as plain data, if it belongs to this lesson. Validation of its thousands of words would be slow."""
    if digest is None:
        return None
    try:
        script: dict[str, Any] = json.loads(inputs.store.read(digest))
    except StoreError:
        return None
    return script if script["lesson"] == digest_of(canonical_json(lesson)) else None


def _is_one_state(film: FilmManifest, manifests: Sequence[StoredManifest], script: str | None) -> bool:
    """Whether each manifest was made from others of these, and all from this script."""
    known = {script, *(digest_of(canonical_json(manifest)) for manifest in manifests)}
    return all(known.issuperset(upstream_digests(manifest)) for manifest in (*manifests, film))


def _is_shown(key: str, version: str, inputs: ExplainInputs) -> bool:
    return (
        active_version(inputs.videos, key) == version
        and is_current(inputs.videos / key)
        and find_version(inputs.videos, key, version, thorough=False) is not None
    )


def _items(
    lesson: LessonManifest, titles: Mapping[str, str], manifests: Sequence[StoredManifest]
) -> Iterator[ExplainedItem]:
    for stage, manifest in zip(STORED_STAGES, manifests, strict=True):
        for section in manifest.entries:
            yield ExplainedItem(stage, section, titles[section], reasons=(AS_IT_WAS,))
    yield ExplainedItem(FILM_STAGE, FILM, lesson.lesson.title, reasons=(AS_IT_WAS,))
