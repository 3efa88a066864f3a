"""The reasons why a film is joined again, and its new seams: a comparison of a lesson with its last film.

Does not belong here: the decision whether it is joined (`dry_run.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from video_assets.studio.core.settings import SETTING_NAMES
from video_assets.studio.pipeline.manifests import (
    ClipManifest,
    LessonManifest,
    ScriptManifest,
    Sources,
    in_film_order,
    is_card,
)

from .differences import change
from .model import Join, item_label

_OF_THE_FILM = ("loudness_lufs", "audio_kbps")
"""Settings that shape only the film."""
FILE_CHANGED = "the lesson file changed, and the bundle names its digest"
_BUNDLE_FIELDS = ("title", "author", "licence", "credits", "date", "description", "language")
"""Fields of the lesson that files of the bundle contain."""


class Now(NamedTuple):
    """A lesson's state, as far as it is known.

    `clips`: names of the film's parts in its order, with the id of their recipe, or None for parts that will be made.
    """

    lesson: LessonManifest
    script: ScriptManifest
    clips: Mapping[str, str | None]


def seams_to_make(now: Now, before: Sources | None) -> tuple[Join, ...]:
    """The seams whose two parts were not adjacent in the last film. Parts are compared by recipe, not by name."""
    known = set(pairwise(_parts(before.clips).values())) if before else set()
    return tuple(
        Join(earlier, later)
        for (earlier, one), (later, other) in pairwise(now.clips.items())
        if one is None or other is None or (one, other) not in known
    )


def film_reasons(now: Now, before: Sources) -> tuple[str, ...]:
    """The differences between the lesson and its last film, apart from clips that will be made."""
    found = (*_sections(now, before), *_settings(now, before, _OF_THE_FILM), *_texts(now, before))
    if found or None in now.clips.values():
        return found
    if changed := tuple(_settings(now, before, SETTING_NAMES)):
        return changed
    return (FILE_CHANGED,) if now.lesson.source != before.lesson.source else ()


def _parts(clips: ClipManifest) -> dict[str, str]:
    entries = clips.entries
    return {name: entries[name].recipe for name in in_film_order(entries)}


def _sections(now: Now, before: Sources) -> Iterator[str]:
    old, new = _parts(before.clips), now.clips
    gone = {name: recipe for name, recipe in old.items() if name not in new}
    renamed: dict[str, str] = {}
    for name in (name for name in new if name not in old):
        earlier = next((each for each, recipe in gone.items() if recipe == new[name]), "")
        if earlier:
            renamed[earlier] = name
            del gone[earlier]
            yield f"section renamed: {earlier} -> {name}"
        else:
            yield f"{_kind(name)} added: {name}"
    yield from (f"{_kind(name)} left out: {name}" for name in gone)
    other = tuple(name for name, recipe in new.items() if recipe and old.get(name, recipe) != recipe)
    if other:
        yield item_label("clips are other ones than the last time", other)
    stayed: Sequence[str] = [renamed.get(name, name) for name in old if name not in gone]
    if stayed != [name for name in new if name in stayed]:
        yield "sections moved"


def _kind(name: str) -> str:
    return "card" if is_card(name) else "section"


def _settings(now: Now, before: Sources, names: Sequence[str]) -> Iterator[str]:
    new, old = now.lesson.settings, before.lesson.settings
    for name in names:
        if getattr(new, name) != getattr(old, name):
            yield change(name, getattr(old, name), getattr(new, name))


def _texts(now: Now, before: Sources) -> Iterator[str]:
    new, old = now.lesson.lesson, before.lesson.lesson
    for name in _BUNDLE_FIELDS:
        if getattr(new, name) != getattr(old, name):
            yield change(name, getattr(old, name), getattr(new, name))
    earlier = {section.id: section for section in before.script.sections}
    for section in now.script.sections:
        known = earlier.get(section.id)
        if known and known.title != section.title and now.clips[section.id]:
            yield f"chapter title changed: {section.id}"
        if known and known.slide.alt != section.slide.alt:
            yield f"alt text changed: {section.id}"
