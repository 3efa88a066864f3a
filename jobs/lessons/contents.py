"""Reads lesson files for the sensor: the digest of their content, and their errors.

Does not belong here: when a file is read (`changes.py`).
"""

from __future__ import annotations

from pathlib import Path

from resources.lesson_check import LessonCheck
from resources.listing import signature_of
from video_assets.studio.core.defects import defect_boundary
from video_assets.studio.core.errors import InternalDefect
from video_assets.studio.core.values import digest_of
from video_assets.studio.lesson.content import content_digest, named_files
from video_assets.studio.lesson.files import FileProblem, named_path, read_inside
from video_assets.studio.lesson.reader import MAX_LESSON_BYTES
from video_assets.studio.lesson.recording_files import read_named_file

from .changes import KnownFile

_PLACES = 5
"""How many locations of further errors a message lists."""


def read_entry(folder: Path, path: str, entry: KnownFile) -> KnownFile:
    """The entry with the digest of its content.

    At the first reading of a lesson with pictures or recordings, the result has their signatures but no content yet:
    it is read again when they have not changed either. The entry stays as it is if the file changes during the
    reading. No content of a file causes an exception. After an internal error the digest depends on the signature, so
    that a run is requested, which reports the error.
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
        signed = tuple((name, signature_of(named_path(file.parent, name))) for name in names)
        return entry._replace(named=signed, still_ticks=0)
    files = {name: read_named_file(file.parent, file.parent, name, kind) for name, kind in (names or {}).items()}
    digests = {name: each.code if isinstance(each, FileProblem) else digest_of(each) for name, each in files.items()}
    whole = names is not None and not any(isinstance(each, FileProblem) for each in files.values())
    return entry._replace(content=content_digest(digest_of(data), digests.items()), whole=whole)


def faults_in_words(checks: LessonCheck, folder: Path, path: str, key: str) -> str:
    """The errors of the lesson at `path` in the folder: their number, the first error as `lessonreel check` prints it,
    and the locations of the others. Empty when there is no error.

    The check does not rehearse the text, because that takes long. The run reports those errors.
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
