"""Which lessons need a run, decided from what lies in the folder and what is known: values in, values out.

Belongs here: when a file counts as finished, new, changed, in the way of another, or gone. Does not belong here:
looking at the folder, reading files, asking Dagster.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from resources.listing import Listed, Listing

STILL_TICKS = 1
"""A file is read when it was the same for so many ticks: whoever writes it has stopped."""
PATIENCE_TICKS = 6
"""What is no JSON, or names a picture that is missing or damaged, may be in the middle of being written or copied by
somebody slow. It is taken for bad after so many ticks; and a file that is not there for so many counts as deleted.
"""


class KnownFile(NamedTuple):
    """What is known of a lesson file."""

    key: str
    signature: str
    named: tuple[tuple[str, str], ...] = ()
    """The files it names, and their signatures."""
    content: str = ""
    """Digest of its content; empty until it was still for long enough to be read."""
    whole: bool = False
    """Whether it is JSON, and all pictures it names are there and whole."""
    still_ticks: int = 0
    gone_ticks: int = 0

    @property
    def may_be_read(self) -> bool:
        """Whether it is time to read it."""
        return not self.content and not self.gone_ticks and self.still_ticks >= STILL_TICKS

    @property
    def is_settled(self) -> bool:
        """Whether its content is final, as far as one can tell by waiting."""
        return bool(self.content) and (self.whole or self.still_ticks >= PATIENCE_TICKS)


Entries = Mapping[str, KnownFile]
"""By path, relative to the folder."""


class DueLesson(NamedTuple):
    """A lesson that needs a run."""

    key: str
    path: str
    content: str
    reason: str
    due: bool = False
    """Whether somebody asked for it, though its content is known."""


class Changes(NamedTuple):
    """What follows from a look at the folder."""

    wanted: tuple[DueLesson, ...]
    """In the order in which they should run: what somebody edits first, then what is new, then what is due."""
    held: tuple[str, ...]
    """Keys that need a run, and have one under way that may or may not see the newest content."""
    waiting: tuple[str, ...]
    """Paths of files that may still be being written."""
    clashes: tuple[tuple[str, ...], ...]
    """Paths that have one key."""


def followed(
    entries: Entries, listing: Listing, key_of: Callable[[str], str], sign: Callable[[str, str], str]
) -> dict[str, KnownFile]:
    """The entries after a tick's look. `sign(path, name)` is the signature of a file that the lesson at `path` names.

    What cannot be seen keeps its entry. If all files are gone at once, the folder is (a disk that is not mounted),
    and nothing is taken for deleted.
    """
    met = {listed.path: _met(entries.get(listed.path), listed, key_of, sign) for listed in listing.files}
    if not met:
        return dict(entries)
    for path, entry in entries.items():
        if path not in met:
            met[path] = entry if listing.hides(path) else _missed(entry)
    return {path: entry for path, entry in met.items() if entry.gone_ticks < PATIENCE_TICKS}


def _met(
    entry: KnownFile | None, listed: Listed, key_of: Callable[[str], str], sign: Callable[[str, str], str]
) -> KnownFile:
    if entry is None or entry.signature != listed.signature or entry.gone_ticks:
        return KnownFile(entry.key if entry else key_of(listed.path), listed.signature)
    if entry.named:
        named = tuple((name, sign(listed.path, name)) for name, _ in entry.named)
        if named != entry.named:
            return KnownFile(entry.key, entry.signature, named)
    # No longer counted than it matters, so that a folder in which nothing happens leaves nothing to be written.
    enough = STILL_TICKS if entry.whole else PATIENCE_TICKS
    return entry._replace(still_ticks=entry.still_ticks + 1) if entry.still_ticks < enough else entry


def _missed(entry: KnownFile) -> KnownFile:
    return KnownFile(entry.key, "", gone_ticks=entry.gone_ticks + 1)


def lesson_changes(
    entries: Entries, known: Mapping[str, str], in_flight: Collection[str], due: Mapping[str, str]
) -> Changes:
    """What needs a run. `known` is the content by key that was last asked for or found made; `in_flight` are keys with
    a run that has not ended; `due` are reasons by key.
    """
    clashes = _clashes(entries)
    alone = [each for each in entries.items() if not each[1].gone_ticks and each[1].key not in clashes]
    needed = list(_needed(alone, known, due))
    return Changes(
        wanted=tuple(sorted((each for each in needed if each.key not in in_flight), key=_turn)),
        held=tuple(sorted(each.key for each in needed if each.key in in_flight)),
        waiting=tuple(sorted(path for path, entry in alone if not entry.is_settled)),
        clashes=tuple(sorted(tuple(sorted(paths)) for paths in clashes.values())),
    )


def _clashes(entries: Entries) -> dict[str, set[str]]:
    """Paths by key, of keys that have several."""
    first: dict[str, str] = {}
    clashes: defaultdict[str, set[str]] = defaultdict(set)
    for path, entry in entries.items():
        if not entry.gone_ticks and first.setdefault(entry.key, path) is not path:
            clashes[entry.key] |= {first[entry.key], path}
    return clashes


def _needed(
    alone: Iterable[tuple[str, KnownFile]], known: Mapping[str, str], due: Mapping[str, str]
) -> Iterable[DueLesson]:
    for path, entry in alone:
        if not entry.is_settled:
            continue
        if known.get(entry.key) != entry.content:
            reason = "changed" if known.get(entry.key) else "new"
            yield DueLesson(entry.key, path, entry.content, reason)
        elif entry.key in due:
            yield DueLesson(entry.key, path, entry.content, due[entry.key], due=True)


def _turn(wanted: DueLesson) -> tuple[bool, bool, str]:
    return wanted.due, wanted.reason == "new", wanted.path


def without_file(entries: Entries, known: Iterable[str]) -> tuple[str, ...]:
    """Keys that are known, and whose files were deleted."""
    return tuple(sorted(set(known) - {entry.key for entry in entries.values()}))
