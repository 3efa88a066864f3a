"""Reading lesson files for their content's digest: the sensor's only look inside them.

Belongs here: bytes to a digest, and naming a file's faults. Does not belong here: when a file is read.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from resources.lesson_check import LessonCheck
from resources.listing import signature_of
from video_assets.studio.core.defects import defect_boundary
from video_assets.studio.core.errors import InternalDefect
from video_assets.studio.core.values import digest_of
from video_assets.studio.lesson.content import content_digest, named_files
from video_assets.studio.lesson.files import FileProblem, read_inside, read_picture
from video_assets.studio.lesson.reader import MAX_LESSON_BYTES

from .changes import KnownFile

_PLACES = 5
"""How many places of further errors a message lists."""


class Content(NamedTuple):
    """A lesson's content; `whole` as in Entry."""

    digest: str
    whole: bool


def read_entry(folder: Path, path: str, entry: KnownFile) -> KnownFile:
    """The entry with its content. When its pictures are met for the first time, with them, to be read once they, too,
    were still; unchanged when the file changed under the reading. Never raises for what a file contains: where that
    meets an internal error, the lesson counts as changed with its file, so that its run says what is wrong.
    """
    try:
        with defect_boundary(path):
            return _read_entry(folder, path, entry)
    except InternalDefect:
        return entry._replace(content=digest_of(f"defect: {entry.signature}".encode()))


def _read_entry(folder: Path, path: str, entry: KnownFile) -> KnownFile:
    file = folder / path
    data = read_inside(file.parent, file, MAX_LESSON_BYTES)
    if isinstance(data, FileProblem):
        return entry._replace(content=digest_of(f"refused: {data.code}".encode()))
    if signature_of(file) != entry.signature:
        return entry
    names = named_files(data)
    if names and not entry.named:
        signed = tuple((name, signature_of(file.parent / name)) for name in names)
        return entry._replace(named=signed, still_ticks=0)
    pictures = {name: read_picture(file.parent, file.parent, name) for name in names or ()}
    told = {name: told.code if isinstance(told, FileProblem) else digest_of(told) for name, told in pictures.items()}
    whole = names is not None and not any(isinstance(each, FileProblem) for each in pictures.values())
    return entry._replace(content=content_digest(digest_of(data), told.items()), whole=whole)


def faults_in_words(checks: LessonCheck, folder: Path, path: str, key: str) -> str:
    """The errors of a lesson, by its path in the folder: how many, the first as `lessonreel check` words it, and the
    places of the others. Empty when there is none. What its text would be refused for is left to the run: finding it
    takes long.
    """
    errors = [each for each in checks.problems(folder / path, key, rehearse=False) if each.severity == "error"]
    if not errors:
        return ""
    first = str(errors[0].model_copy(update={"file": path}))
    if len(errors) == 1:
        return first
    places = [f"{each.line}:{each.column}" if each.line else each.pointer or "no place" for each in errors[1:]]
    more = f" and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
    return f"{len(errors)} errors, the first: {first} The others are at {', '.join(places[:_PLACES])}{more}."
