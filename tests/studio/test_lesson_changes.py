"""The pure part of the sensor: what any order of writing, waiting and deleting may come to."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from jobs.lessons.changes import (
    PATIENCE_TICKS,
    STILL_TICKS,
    KnownFile,
    keys_without_file,
    lesson_changes,
    update_entries,
)
from resources.listing import Listed, Listing

PATHS = ("a.json", "b.json", "c d.json", "c-d.json", "deep/e.json")
"""Two of them have one key."""


def key_of(path: str) -> str:
    return path.removesuffix(".json").replace(" ", "-").replace("/", "-")


class Disk(NamedTuple):
    """A folder: what each file holds, and whether the folder `deep` can be looked into."""

    files: dict[str, str]
    is_open: bool = True

    @property
    def listing(self) -> Listing:
        """What a look at it gives."""
        seen = {path: text for path, text in self.files.items() if self.is_open or not path.startswith("deep/")}
        hidden = () if self.is_open else ("deep",)
        return Listing(tuple(Listed(path, text) for path, text in sorted(seen.items())), hidden)


class Sensor:
    """Ticks over disks. The text "half" is not whole, and waits longer."""

    def __init__(self) -> None:
        self.entries: dict[str, KnownFile] = {}
        self.known: dict[str, str] = {}
        self.requested: list[tuple[str, str]] = []

    def tick(self, filesystem: Disk) -> None:
        """A look, a reading of what may be read, and requests that are all taken."""
        entries = update_entries(self.entries, filesystem.listing, key_of, lambda path, name: "")
        self.entries = {
            path: entry._replace(content=entry.signature, whole=entry.signature != "half")
            if entry.may_be_read
            else entry
            for path, entry in entries.items()
        }
        for wanted in lesson_changes(self.entries, self.known, (), {}).due:
            self.known[wanted.key] = wanted.content
            self.requested.append((wanted.key, wanted.content))


texts = st.sampled_from(["one", "two", "half"])
disks = st.builds(Disk, st.dictionaries(st.sampled_from(PATHS), texts), st.booleans())
histories = st.lists(st.tuples(disks, st.integers(1, PATIENCE_TICKS + 2)), max_size=8)


@given(histories, disks)
def test_whatever_happened_the_last_content_is_requested_once_it_is_still(history: list[tuple[Disk, int]], last: Disk):
    """Some order of saving and deleting would leave a lesson with an old film for ever."""
    sensor = Sensor()
    for filesystem, ticks in history:
        for _ in range(ticks):
            sensor.tick(filesystem)
    last = last._replace(is_open=True)
    for _ in range(PATIENCE_TICKS + STILL_TICKS + 1):
        sensor.tick(last)
    clashing = {"c d.json", "c-d.json"} <= set(last.files)
    for path, text in last.files.items():
        if not (clashing and key_of(path) == "c-d"):
            assert sensor.known[key_of(path)] == text
    before = len(sensor.requested)
    sensor.tick(last)
    assert len(sensor.requested) == before, "nothing changed"


@given(histories)
def test_nothing_is_requested_that_did_not_stand_still(history: list[tuple[Disk, int]]):
    """A film would be made of a file in the middle of being written."""
    sensor = Sensor()
    seen: dict[str, tuple[str, int]] = {}
    for filesystem, ticks in history:
        for _ in range(ticks):
            before = len(sensor.requested)
            sensor.tick(filesystem)
            hidden = {} if filesystem.is_open else {path: was for path, was in seen.items() if path.startswith("deep/")}
            if filesystem.listing.files:
                seen = hidden | {
                    path: (text, seen[path][1] + 1 if path in seen and seen[path][0] == text else 0)
                    for path, text in filesystem.listing.files
                }
            for key, text in sensor.requested[before:]:
                ((_, still),) = [was for path, was in seen.items() if key_of(path) == key]
                assert (text, still) in seen.values()
                assert still >= (PATIENCE_TICKS if text == "half" else STILL_TICKS)


@given(histories)
def test_lessons_with_one_key_are_never_requested_together(history: list[tuple[Disk, int]]):
    """It would be chance which of two files a run reads."""
    sensor = Sensor()
    for filesystem, ticks in history:
        for _ in range(ticks):
            before = len(sensor.requested)
            sensor.tick(filesystem)
            keys = [key for key, _ in sensor.requested[before:]]
            assert len(set(keys)) == len(keys)
            if {"c d.json", "c-d.json"} <= set(filesystem.files):
                assert "c-d" not in keys


@given(histories)
def test_only_what_is_seen_to_be_gone_counts_as_deleted(history: list[tuple[Disk, int]]):
    """Films of a folder that could not be read, or of a disk that was off, would be put away."""
    sensor = Sensor()
    gone: dict[str, int] = {}
    for filesystem, ticks in history:
        for _ in range(ticks):
            sensor.tick(filesystem)
            there = {key_of(path) for path in filesystem.files}
            hidden = set() if filesystem.is_open else {"deep-e"}
            if filesystem.listing.files:
                missed = {key for key in map(key_of, PATHS) if key not in there | hidden}
                gone = {key: gone.get(key, 0) + 1 for key in missed} | {key: gone.get(key, 0) for key in hidden}
            for key in keys_without_file(sensor.entries, sensor.known):
                assert gone.get(key, 0) >= PATIENCE_TICKS, key


def test_half_a_file_waits_longer_than_a_whole_one():
    """A slow writer's file would turn red before it is finished; or a whole one wait a minute for nothing."""
    sensor = Sensor()
    filesystem = Disk({"a.json": "half", "b.json": "one"})
    ticks = {}
    for number in range(PATIENCE_TICKS + 2):
        before = len(sensor.requested)
        sensor.tick(filesystem)
        ticks |= {key: number for key, _ in sensor.requested[before:]}
    assert ticks == {"b": STILL_TICKS, "a": PATIENCE_TICKS}


def test_what_somebody_edits_goes_before_what_is_new_and_what_is_due():
    """An author would wait behind ten thousand lessons that were copied into the folder at night."""
    entries = {
        name: KnownFile(key_of(name), "s", (), "x", whole=True) for name in ("a.json", "b.json", "d.json", "e.json")
    }
    changes = lesson_changes(entries, {"a": "x", "d": "old", "e": "x"}, ("e",), {"a": "code", "e": "code"})
    assert [(each.key, each.reason) for each in changes.due] == [("d", "changed"), ("b", "new"), ("a", "code")]
    assert changes.held == ("e",)
