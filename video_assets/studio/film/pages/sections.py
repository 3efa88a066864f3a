"""The page of a lesson's sections: each finished picture in full size, and a player for each finished sound.

Does not belong here: serving the page and the objects that it shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from video_assets.studio.pipeline.refs import get_ref

from .templating import PageDesign, fill

DESIGN = PageDesign("sections.html", ("base.css", "sections.css"))


class MadeSection(NamedTuple):
    """A section. `sound` and `picture` are object ids, empty until they are made."""

    title: str
    text: str
    alt: str
    sound: str
    picture: str


class MadeLesson(NamedTuple):
    """The newest script of a lesson, with the sounds and pictures made from it so far."""

    title: str
    language: str
    sections: tuple[MadeSection, ...]

    @property
    def sounds(self) -> frozenset[str]:
        """Object ids of the sounds."""
        return frozenset(section.sound for section in self.sections if section.sound)

    @property
    def pictures(self) -> frozenset[str]:
        """Object ids of the pictures."""
        return frozenset(section.picture for section in self.sections if section.picture)


def made_lesson(pointers: Path, object_path: Callable[[str], Path], lesson: str) -> MadeLesson | None:
    """The lesson's sections so far, read as plain JSON; None if there is no script, or its object is missing."""
    try:
        script = _manifest(pointers, object_path, lesson, "script")
        if script is None:
            return None
        about = json.loads(object_path(script["lesson"]).read_bytes())["lesson"]
        sounds = _by_section(pointers, object_path, lesson, "section_audio", "sound")
        pictures = _by_section(pointers, object_path, lesson, "section_image", "picture")
        sections = tuple(_section(section, sounds, pictures) for section in script["sections"])
        return MadeLesson(about["title"], about["language"], sections)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def sections_page(lesson: str, made: MadeLesson, *, has_film: bool) -> str:
    """The page, with a link to the film if there is one. Sounds and pictures have the addresses `sounds/<id>.flac`
    and `pictures/<id>.png` beside it.
    """
    return fill(DESIGN, {"lesson": lesson, "made": made, "has_film": has_film})


def _section(section: dict[str, Any], sounds: dict[str, str], pictures: dict[str, str]) -> MadeSection:
    id_ = section["id"]
    return MadeSection(
        section["title"], "".join(_words(section)), section["slide"]["alt"], sounds.get(id_, ""), pictures.get(id_, "")
    )


def _words(section: dict[str, Any]) -> Iterator[str]:
    for token in section["tokens"]:
        yield f" {token['shown']}" if token["space_before"] else token["shown"]


def _by_section(
    pointers: Path, object_path: Callable[[str], Path], lesson: str, asset: str, role: str
) -> dict[str, str]:
    manifest = _manifest(pointers, object_path, lesson, asset)
    return {entry["id"]: entry[role]["id"] for entry in manifest["sections"]} if manifest else {}


def _manifest(pointers: Path, object_path: Callable[[str], Path], lesson: str, asset: str) -> dict[str, Any] | None:
    digest = get_ref(pointers, lesson, asset)
    return json.loads(object_path(digest).read_bytes()) if digest else None
