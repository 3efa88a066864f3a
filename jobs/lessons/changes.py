"""Decides which lessons need a run, from a listing of the folder and the known content of each lesson.

These are pure functions: they read no file and do not query Dagster. They define when a file counts as complete, new,
changed, in conflict with another file, or deleted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from resources.listing import Listed, Listing

STILL_TICKS = 1
"""A file is read once it has not changed for this many ticks, because then its writer has finished."""
PATIENCE_TICKS = 6
"""A file that is no JSON, or names a missing or damaged picture, may still be being written or copied. After this many
ticks without a change it counts as invalid. A file that is missing for this many ticks counts as deleted.
"""


class KnownFile(NamedTuple):
    """The state of a lesson file, as the index keeps it."""

    key: str
    signature: str
    named: tuple[tuple[str, str], ...] = ()
    """The pictures and recordings that the lesson names, each with its signature."""
    content: str = ""
    """Digest of its content; empty until the file has been read (see STILL_TICKS)."""
    whole: bool = False
    """Whether the file is valid JSON and every picture that it names exists and can be read."""
    still_ticks: int = 0
    gone_ticks: int = 0

    @property
    def may_be_read(self) -> bool:
        """Whether the file is unread and has not changed for long enough to be read."""
        return not self.content and not self.gone_ticks and self.still_ticks >= STILL_TICKS

    @property
    def is_settled(self) -> bool:
        """Whether the content is final: it is whole, or it has not changed for PATIENCE_TICKS."""
        return bool(self.content) and (self.whole or self.still_ticks >= PATIENCE_TICKS)


Entries = Mapping[str, KnownFile]
"""The files by their path relative to the folder."""


class DueLesson(NamedTuple):
    """A lesson that needs a run."""

    key: str
    path: str
    content: str
    reason: str
    is_requested: bool = False
    """Whether the run was requested although the content has not changed."""


class Changes(NamedTuple):
    """The result of comparing the folder with the known lessons."""

    due: tuple[DueLesson, ...]
    """In the order in which they should run: changed lessons, then new ones, then requested ones."""
    held: tuple[str, ...]
    """Keys that need a run but have an unfinished one, which may or may not have read the newest content."""
    waiting: tuple[str, ...]
    """Paths of files that may not be completely written yet."""
    clashes: tuple[tuple[str, ...], ...]
    """Groups of paths that share a key."""


def update_entries(
    entries: Entries, listing: Listing, key_of: Callable[[str], str], sign: Callable[[str, str], str]
) -> dict[str, KnownFile]:
    """The entries after one tick. `sign(path, name)` is the signature of a file that the lesson at `path` names.

    A file in an unreadable folder keeps its entry. If all files are missing at once, the disk is probably not mounted.
    Then no file counts as deleted.
    """
    seen = {listed.path: _seen_entry(entries.get(listed.path), listed, key_of, sign) for listed in listing.files}
    if not seen:
        return dict(entries)
    for path, entry in entries.items():
        if path not in seen:
            seen[path] = entry if listing.hides(path) else _missing_entry(entry)
    return {path: entry for path, entry in seen.items() if entry.gone_ticks < PATIENCE_TICKS}


def _seen_entry(
    entry: KnownFile | None, listed: Listed, key_of: Callable[[str], str], sign: Callable[[str, str], str]
) -> KnownFile:
    if entry is None or entry.signature != listed.signature or entry.gone_ticks:
        return KnownFile(entry.key if entry else key_of(listed.path), listed.signature)
    if entry.named:
        named = tuple((name, sign(listed.path, name)) for name, _ in entry.named)
        if named != entry.named:
            return KnownFile(entry.key, entry.signature, named)
    # The count stops where it no longer matters, so that an unchanged folder causes no write of the index.
    enough = STILL_TICKS if entry.whole else PATIENCE_TICKS
    return entry._replace(still_ticks=entry.still_ticks + 1) if entry.still_ticks < enough else entry


def _missing_entry(entry: KnownFile) -> KnownFile:
    return KnownFile(entry.key, "", gone_ticks=entry.gone_ticks + 1)


def lesson_changes(
    entries: Entries, known: Mapping[str, str], in_flight: Collection[str], due: Mapping[str, str]
) -> Changes:
    """The lessons that need a run.

    `known` maps a key to the content that was last requested or found already made. `in_flight` holds the keys with an
    unfinished run. `due` maps a key to the reason of a request.
    """
    clashes = _clashes(entries)
    unique = [each for each in entries.items() if not each[1].gone_ticks and each[1].key not in clashes]
    needed = list(_due_lessons(unique, known, due))
    return Changes(
        due=tuple(sorted((each for each in needed if each.key not in in_flight), key=_run_order)),
        held=tuple(sorted(each.key for each in needed if each.key in in_flight)),
        waiting=tuple(sorted(path for path, entry in unique if not entry.is_settled)),
        clashes=tuple(sorted(tuple(sorted(paths)) for paths in clashes.values())),
    )


def _clashes(entries: Entries) -> dict[str, set[str]]:
    """The paths of every key that several files share."""
    first: dict[str, str] = {}
    clashes: defaultdict[str, set[str]] = defaultdict(set)
    for path, entry in entries.items():
        if not entry.gone_ticks and first.setdefault(entry.key, path) is not path:
            clashes[entry.key] |= {first[entry.key], path}
    return clashes


def _due_lessons(
    unique: Iterable[tuple[str, KnownFile]], known: Mapping[str, str], due: Mapping[str, str]
) -> Iterable[DueLesson]:
    for path, entry in unique:
        if not entry.is_settled:
            continue
        if known.get(entry.key) != entry.content:
            reason = "changed" if known.get(entry.key) else "new"
            yield DueLesson(entry.key, path, entry.content, reason)
        elif entry.key in due:
            yield DueLesson(entry.key, path, entry.content, due[entry.key], is_requested=True)


def _run_order(lesson: DueLesson) -> tuple[bool, bool, str]:
    return lesson.is_requested, lesson.reason == "new", lesson.path


def keys_without_file(entries: Entries, known: Iterable[str]) -> tuple[str, ...]:
    """The known keys whose files were deleted."""
    return tuple(sorted(set(known) - {entry.key for entry in entries.values()}))
