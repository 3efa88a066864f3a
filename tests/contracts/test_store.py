"""The contract of every Store: bytes come back whole or not at all, and what was made once is not made again."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from video_assets.studio.core.errors import Cancelled, ObjectCorrupt, StoreError
from video_assets.studio.storage.filesystem import FileSystem
from video_assets.studio.storage.store import Built, LocalStore, Recipe, Store, get_or_build, read_record

RECIPE = Recipe(step="speech", code="1", provider={"name": "espeak"}, parameters={"text": "hello"}, inputs={})


@pytest.fixture(params=["local"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Each implementation in turn."""
    return {"local": lambda: LocalStore(tmp_path / "store")}[request.param]()


def test_bytes_come_back(store: Store) -> None:
    """A film would hold other sound than was made for it."""
    reference = store.put(b"sound")
    assert store.read(reference.id) == b"sound"
    assert reference.size_bytes == 5


def test_equal_bytes_are_one_object(store: Store) -> None:
    """An archive of thousands would keep the same title card thousands of times."""
    assert store.put(b"card") == store.put(b"card")


def test_a_missing_object_is_an_error_with_a_remedy(store: Store) -> None:
    """A user with a half-deleted store would see a traceback instead of what to do."""
    with pytest.raises(StoreError, match="Run the lesson again"):
        store.read("0" * 64)


def test_nothing_is_found_before_it_is_published(store: Store) -> None:
    """A step killed between its objects and its record would be taken for finished."""
    store.put(b"sound")
    assert store.find(RECIPE) is None


def test_what_was_made_is_not_made_again(store: Store) -> None:
    """A course maker would pay twice for the same speech."""
    first = get_or_build(store, RECIPE, lambda: Built({"sound": b"abc"}, {"seconds": 1.5}))
    again = get_or_build(store, RECIPE, _never)
    assert first.made
    assert not again.made
    assert again.record == first.record
    assert store.read(again.record.objects["sound"].id) == b"abc"


def test_any_difference_of_the_recipe_is_another_thing(store: Store) -> None:
    """A changed voice would be answered with the old voice's sound."""
    get_or_build(store, RECIPE, lambda: Built({"sound": b"abc"}))
    for change in ({"code": "2"}, {"provider": {"name": "other"}}, {"parameters": {}}, {"inputs": {"a": "b"}}):
        assert store.find(RECIPE.model_copy(update=change)) is None


def test_a_failed_maker_publishes_nothing(store: Store) -> None:
    """A section whose voice failed would be filled with nothing for ever."""
    with pytest.raises(StoreError):
        get_or_build(store, RECIPE, _fails)
    assert store.find(RECIPE) is None
    assert get_or_build(store, RECIPE, lambda: Built({"sound": b"x"})).made


@pytest.mark.parametrize("damage", [b"", b"abd", b"abcd"], ids=["emptied", "flipped", "longer"])
def test_damage_is_found_before_use_and_mended(tmp_path: Path, damage: bytes) -> None:
    """A viewer would hear noise from a disk's bad sector, in every film that shares the sound."""
    store = LocalStore(tmp_path)
    record = get_or_build(store, RECIPE, lambda: Built({"sound": b"abc"})).record
    path = next(path for path in (tmp_path / "objects").rglob("*") if path.name == record.objects["sound"].id)
    path.chmod(0o644)
    path.write_bytes(damage)
    with pytest.raises(ObjectCorrupt):
        store.read(record.objects["sound"].id)
    assert store.find(RECIPE) is None
    assert get_or_build(store, RECIPE, lambda: Built({"sound": b"abc"})).made
    assert store.read(record.objects["sound"].id) == b"abc"
    assert [path.name for path in (tmp_path / "quarantine").iterdir()] == [record.objects["sound"].id]


def test_a_damaged_record_is_as_good_as_none(tmp_path: Path) -> None:
    """One broken JSON file would stop a lesson until somebody found and deleted it."""
    store = LocalStore(tmp_path)
    get_or_build(store, RECIPE, lambda: Built({"sound": b"abc"}))
    record = next((tmp_path / "records").rglob("*.json"))
    record.write_bytes(record.read_bytes()[:40])
    assert store.find(RECIPE) is None
    assert get_or_build(store, RECIPE, lambda: Built({"sound": b"abc"})).made


def test_who_waits_for_another_that_makes_the_same_is_sent_away_when_the_work_is_stopped(store: Store) -> None:
    """Ctrl-C would end a run only when another run's call to a slow provider does, minutes later."""
    inside, permit, sent_away = threading.Event(), threading.Event(), threading.Event()

    def slow() -> Built:
        inside.set()
        permit.wait(30)
        return Built({"sound": b"abc"})

    def wait() -> None:
        with pytest.raises(Cancelled):
            get_or_build(store, RECIPE, _never)
        sent_away.set()

    maker = threading.Thread(target=get_or_build, args=(store, RECIPE, slow))
    maker.start()
    assert inside.wait(10)
    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.3)
    assert not sent_away.is_set()
    store.cancel()
    waiting.join(10)
    assert sent_away.is_set()
    permit.set()
    maker.join(10)
    assert store.find(RECIPE) is not None, "who was making it finishes"


def test_objects_are_read_only(tmp_path: Path) -> None:
    """A stray editor would change the sound under every film that uses it."""
    reference = LocalStore(tmp_path).put(b"abc")
    path = tmp_path / "objects" / reference.id[:2] / reference.id
    assert path.stat().st_mode & 0o222 == 0


def _files(root: Path) -> list[Path]:
    return [path for name in ("objects", "records") for path in (root / name).rglob("[!.]*") if path.is_file()]


def _used_days_ago(root: Path, days: int) -> None:
    then = time.time() - days * 86_400
    for path in _files(root):
        os.utime(path, (then, then))


def _unused(root: Path) -> set[str]:
    """The names of files that were not used for an hour."""
    return {path.name for path in _files(root) if path.stat().st_mtime < time.time() - 3_600}


@pytest.mark.parametrize("use", ["find", "put", "read"])
def test_whatever_is_given_counts_as_used(tmp_path: Path, use: str) -> None:
    """A sound would be removed, as not used for months, while a run that was just told of it joins its film."""
    store = LocalStore(tmp_path)
    record = get_or_build(store, RECIPE, lambda: Built({"sound": b"abc"})).record
    sound = record.objects["sound"].id
    _used_days_ago(tmp_path, 90)
    assert _unused(tmp_path) == {sound, f"{RECIPE.id}.json"}
    {"find": lambda: store.find(RECIPE), "put": lambda: store.put(b"abc"), "read": lambda: store.read(sound)}[use]()
    assert _unused(tmp_path) == (set() if use == "find" else {f"{RECIPE.id}.json"})


def test_a_use_is_marked_every_now_and_then_only(tmp_path: Path) -> None:
    """A disk would be written to, and a lock be queued for, by everything that is only looked up."""
    store = LocalStore(tmp_path)
    get_or_build(store, RECIPE, lambda: Built({"sound": b"abc"}))
    before = {path: path.stat().st_mtime_ns for path in _files(tmp_path)}
    store.find(RECIPE)
    assert {path: path.stat().st_mtime_ns for path in _files(tmp_path)} == before
    eager = LocalStore(tmp_path, mark_again_seconds=0)
    eager.find(RECIPE)
    assert all(path.stat().st_mtime_ns > before[path] for path in _files(tmp_path))


def test_a_record_without_its_objects_is_not_found(tmp_path: Path) -> None:
    """A section would be taken for finished, and the film fail at its end."""
    store = LocalStore(tmp_path)
    record = get_or_build(store, RECIPE, lambda: Built({"sound": b"abc"})).record
    store.layout.object(record.objects["sound"].id).unlink()
    assert store.find(RECIPE) is None
    assert get_or_build(store, RECIPE, lambda: Built({"sound": b"abc"})).made


def test_a_changed_figure_in_a_record_is_noticed(tmp_path: Path) -> None:
    """A section would be cut short, or run on in silence, by a length that nobody measured."""
    store = LocalStore(tmp_path)
    get_or_build(store, RECIPE, lambda: Built({"sound": b"abc"}, {"seconds": 1.5}))
    path = store.layout.record(RECIPE.id)
    path.write_bytes(path.read_bytes().replace(b"1.5", b"1.7"))
    assert store.find(RECIPE) is None


def test_a_record_of_before_there_were_digests_is_found(tmp_path: Path) -> None:
    """Everything in every archive would be made again after an update."""
    store = LocalStore(tmp_path)
    record = get_or_build(store, RECIPE, lambda: Built({"sound": b"abc"})).record
    path = store.layout.record(RECIPE.id)
    path.write_bytes(path.read_bytes().split(b"\n", 1)[1])
    assert store.find(RECIPE) == record


class _BadSectors(FileSystem):
    """Cannot read what lies in `bad`."""

    def __init__(self, bad: set[int]) -> None:
        self._bad = bad

    def read(self, path: Path) -> bytes:
        """See FileSystem."""
        if path.exists() and path.stat().st_ino in self._bad:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().read(path)


def test_what_lies_on_a_bad_sector_is_made_again(tmp_path: Path) -> None:
    """A lesson could never be made again, as the one file that cannot be read stands in its way."""
    record = get_or_build(LocalStore(tmp_path), RECIPE, lambda: Built({"sound": b"abc", "times": b"1"})).record
    layout = LocalStore(tmp_path).layout
    for path in (layout.record(RECIPE.id), layout.object(record.objects["sound"].id)):
        store = LocalStore(tmp_path, _BadSectors({path.stat().st_ino}))
        assert get_or_build(store, RECIPE, lambda: Built({"sound": b"abc", "times": b"1"})).made
        assert store.find(RECIPE) == record


def test_what_was_mended_meanwhile_is_not_put_aside(tmp_path: Path) -> None:
    """Of two runs that find the same damage, the slower would take away what the quicker has just made."""
    store = LocalStore(tmp_path)
    sound = store.put(b"abc")
    assert not store.quarantine(store.layout.object(sound.id))
    assert store.read(sound.id) == b"abc"


def _make_slowly(root: Path, log: Path) -> None:
    def build() -> Built:
        with log.open("a") as file:
            file.write(f"{os.getpid()}\n")
        time.sleep(0.3)
        return Built({"sound": b"abc"})

    get_or_build(LocalStore(root), RECIPE, build)


def test_eight_processes_make_one_thing_once(tmp_path: Path) -> None:
    """Two runs that want the same speech at the same time would both pay for it."""
    log = tmp_path / "log"
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=_make_slowly, args=(tmp_path / "store", log)) for _ in range(8)]
    for child in children:
        child.start()
    for child in children:
        child.join(20)
        assert child.exitcode == 0
    assert len(log.read_text().splitlines()) == 1
    assert not any((tmp_path / "store" / "locks").iterdir())


def _make_many(root: Path) -> None:
    for number in range(10_000):
        recipe = RECIPE.model_copy(update={"parameters": {"number": number}})
        get_or_build(LocalStore(root), recipe, lambda number=number: Built({"sound": bytes([number % 256]) * 20_000}))


def test_killed_at_any_moment_it_holds_nothing_half(tmp_path: Path) -> None:
    """After a power cut or kill -9 a film would be joined from half-written parts."""
    fork = multiprocessing.get_context("fork")
    for tenths in range(1, 9):
        child = fork.Process(target=_make_many, args=(tmp_path,))
        child.start()
        time.sleep(0.02 * tenths)
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join(10)
    assert list(_unsound(tmp_path)) == []
    assert len(list((tmp_path / "records").rglob("[!.]*.json"))) > 0


def _unsound(root: Path) -> Iterator[str]:
    """Records that cannot be found again."""
    store = LocalStore(root)
    for path in (root / "records").rglob("[!.]*.json"):
        record = read_record(path.read_bytes())
        if record is None or store.find(record.recipe) != record:
            yield path.name


def _never() -> Built:
    raise AssertionError("made again")


def _fails() -> Built:
    raise StoreError("no")
