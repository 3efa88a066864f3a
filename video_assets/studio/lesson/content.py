"""The digest of a lesson's content: its file, and the pictures and recordings that it names.

A changed picture changes the film, although the lesson's file is the same. Does not belong here: checking a lesson
(`reader`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from video_assets.studio.core.values import canonical_json, digest_of

from .model import Lesson
from .reader import named_files_in


def named_files(data: bytes) -> Mapping[str, str] | None:
    """The files that the lesson in `data` names, as written, sorted, and the key that names each; None if `data` is
    not JSON.

    Fast, and without a check of the lesson, because it is called for ten thousand lessons at a time.
    """
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return dict(sorted((name, str(path[-1])) for path, name in named_files_in(plain)))


def content_digest(source: str, files: Iterable[tuple[str, str]]) -> str:
    """The digest of a lesson. `source` is the digest of its file; `files` are the names in it and their digests."""
    return digest_of(canonical_json({"source": source, "files": sorted(set(files))}))


def content_of(source: str, lesson: Lesson) -> str:
    """The same digest for a lesson that was read, for example by an earlier run."""
    pictures = [section.show.picture for section in lesson.sections]
    recordings = [section.recording for section in lesson.sections]
    named = [file for file in (*pictures, lesson.logo, *recordings) if file is not None]
    return content_digest(source, ((file.path, file.digest) for file in named))
