"""A folder into which slow, renaming, truncating and interrupted writers write: one run per final content, none on
partial files. The writers are real, and write between the sensor's ticks; time passes by ticks, not by the clock.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.watch import Watch
from video_assets.studio.core.values import digest_of
from video_assets.studio.lesson.content import content_digest

Writer = Callable[[Path, bytes, random.Random], Iterator[None]]
"""Writes `data` at the path; each `yield` lets a tick pass."""


def slow(path: Path, data: bytes, chance: random.Random) -> Iterator[None]:
    """In place, piece by piece, pausing for up to four ticks."""
    with path.open("wb") as file:
        for start in range(0, len(data), 50):
            file.write(data[start : start + 50])
            file.flush()
            for _ in range(chance.randint(1, 4)):
                yield


def renaming(path: Path, data: bytes, chance: random.Random) -> Iterator[None]:
    """Beside it, under a name of its own, then in its place, as editors do."""
    beside = path.with_name(f"{path.name}.tmp-{chance.randint(0, 999)}")
    beside.write_bytes(data[:40])
    yield
    beside.write_bytes(data)
    yield
    beside.replace(path)
    yield


def truncating(path: Path, data: bytes, chance: random.Random) -> Iterator[None]:
    """Emptied first, and filled some ticks later."""
    path.write_bytes(b"")
    for _ in range(chance.randint(1, 4)):
        yield
    path.write_bytes(data)
    yield


def deleting(path: Path, data: bytes, chance: random.Random) -> Iterator[None]:
    """Deleted, and written anew some ticks later, as some synchronising tools do."""
    path.unlink(missing_ok=True)
    for _ in range(chance.randint(1, 3)):
        yield
    path.write_bytes(data)
    yield


def hesitant(path: Path, data: bytes, chance: random.Random) -> Iterator[None]:
    """Saved three times in quick succession, each time whole: only the last stays."""
    for version in (data.replace(b"lamp", b"LAMP"), data.replace(b"lamp", b"light"), data):
        path.write_bytes(version)
    yield


def growing(path: Path, data: bytes, chance: random.Random) -> Iterator[None]:
    """To its full size first, filled with zeros, then with content from the front, as downloads do."""
    path.write_bytes(bytes(len(data)))
    yield
    for end in range(0, len(data), 80):
        path.write_bytes(data[:end] + bytes(len(data) - end))
        for _ in range(chance.randint(1, 4)):
            yield
    path.write_bytes(data)
    yield


WRITERS: tuple[Writer, ...] = (slow, renaming, truncating, deleting, hesitant, growing)


def _final(watch: Watch, word: str) -> bytes:
    return watch.lesson(f"A closed switch makes the lamp bright, {word}. " * 3).encode()


def _content(data: bytes) -> str:
    return content_digest(digest_of(data), ())[:16]


def _ended(watch: Watch) -> list[tuple[str, str]]:
    """Key and content of every run, in order; all are ended."""
    watch.end_all()
    keys = [run.tags["dagster/run_key"].split(":") for run in reversed(watch.instance.get_runs())]
    return [(key, content) for key, content, _ in keys]


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.__name__)
def test_one_run_for_each_final_content(watch: Watch, writer: Writer) -> None:
    """A film would be made, and paid for, of half a lesson; or the finished one be missed."""
    chance = random.Random(writer.__name__)
    finals = [_final(watch, word) for word in ("first", "second", "third")]
    for data in finals:
        for _ in writer(watch.lessons / "a.json", data, chance):
            watch.ticks()
            watch.end_all()
        watch.settle()
    assert _ended(watch) == [("a", _content(data)) for data in finals]


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
def test_many_writers_at_once(watch: Watch, seed: int) -> None:
    """What holds for one file would fail when a whole department works in the folder."""
    chance = random.Random(seed)
    wanted: dict[str, list[str]] = {}
    for number in range(3):
        finals = {f"{name}{index}": _final(watch, f"{name} {number}") for name in "abc" for index in range(4)}
        at_work = [chance.choice(WRITERS)(watch.lessons / f"{key}.json", data, chance) for key, data in finals.items()]
        while at_work:
            at_work = [writer for writer in at_work if next(writer, "ended") is None]
            watch.ticks()
            watch.end_all()
        watch.settle()
        for key, data in finals.items():
            wanted.setdefault(key, []).append(_content(data))
    made: dict[str, list[str]] = {}
    for key, content in _ended(watch):
        made.setdefault(key, []).append(content)
    assert made == wanted
