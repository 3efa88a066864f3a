"""What a lesson's content is, by one digest: its file, and the pictures that the file names.

A changed picture changes the film as a changed word does; the lesson's file alone does not tell. Belongs here: the
digest, from files and from a manifest alike, and which files a lesson names. Does not belong here: judging a lesson
(`lesson.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from video_assets.studio.core.values import canonical_json, digest_of

from .model import Lesson
from .reader import named_pictures


def named_files(data: bytes) -> tuple[str, ...] | None:
    """The files that the lesson in `data` names, as written, sorted; None when it is no JSON.

    Fast and without a judgement: ten thousand lessons are looked at this way, and only a run reads one closely.
    """
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return tuple(sorted({name for _, name in named_pictures(plain)}))


def content_digest(source: str, files: Iterable[tuple[str, str]]) -> str:
    """The digest of a lesson whose file has the digest `source`; `files` are the names it writes and their digests."""
    return digest_of(canonical_json({"source": source, "files": sorted(set(files))}))


def content_of(source: str, lesson: Lesson) -> str:
    """The same digest, of a lesson that was read, e.g. by an earlier run."""
    pictures = [section.show.picture for section in lesson.sections]
    named = [picture for picture in (*pictures, lesson.logo) if picture is not None]
    return content_digest(source, ((picture.path, picture.digest) for picture in named))
