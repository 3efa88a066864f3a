"""Care for the store: what is needed stays, what is corrupt is found, and nobody at work loses what he was given."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from video_assets.studio.core.errors import SettingInvalid, StoreError
from video_assets.studio.core.values import canonical_json
from video_assets.studio.film import bundle
from video_assets.studio.pipeline.refs import set_ref
from video_assets.studio.storage.filesystem import FileSystem
from video_assets.studio.storage.locks import file_lock
from video_assets.studio.storage.store import Built, LocalStore, Recipe, Record, get_or_build
from video_assets.studio.upkeep.gc import GcResult, Limits, collect, limits_from, plan_removal, preview, verify_store
from video_assets.studio.upkeep.inventory import (
    LiveSet,
    Reference,
    StoreListing,
    current_lessons,
    kind_of,
    live_set_of,
    scan_store,
)

DAY = 86_400
NS = 1_000_000_000
NOBODY = LiveSet({}, frozenset(), {})


def _make(store: LocalStore, name: str, *objects: bytes, step: str = "speech") -> Record:
    recipe = Recipe(step=step, code="1", parameters={"name": name})
    return get_or_build(store, recipe, lambda: Built({str(number): data for number, data in enumerate(objects)})).record


def _aged(store: LocalStore, record: Record, days: float) -> None:
    """As if nobody had used it for so long."""
    then = time.time() - days * DAY
    for path in _files(store, record):
        os.utime(path, (then, then))


def _files(store: LocalStore, record: Record) -> list[Path]:
    objects = [store.layout.object(reference.id) for reference in record.objects.values()]
    return [store.layout.record(record.recipe.id), *objects]


def _is_there(store: LocalStore, record: Record) -> bool:
    return all(path.exists() for path in _files(store, record))


def _collect(store: LocalStore, limits: Limits, needs: LiveSet = NOBODY, grace_seconds: float = 6 * 3600) -> GcResult:
    stock = scan_store(store)
    plan = plan_removal(stock, needs, limits, now_ns=time.time_ns(), grace_seconds=grace_seconds)
    return collect(store, stock, plan, grace_seconds=grace_seconds)


class Archive:
    """A store and the lessons whose manifests name what lies in it."""

    def __init__(self, root: Path) -> None:
        self.store = LocalStore(root / "store")
        self.pointers = root / "manifests"
        self.lessons = root / "lessons"
        self.register = root / "elsewhere"
        self.lessons.mkdir(parents=True)

    def lesson(self, key: str, sounds: Mapping[str, Record], *, file: bool = True) -> tuple[str, str]:
        """The manifests of a lesson with a sound a section: of its script, and of its sounds."""
        if file:
            (self.lessons / f"{key.partition('--')[0]}.json").write_text("{}")
        script = self.store.put(canonical_json({"kind": "script/1", "key": key})).id
        entries = [
            {"id": section, "sound": reference.model_dump()}
            for section, record in sounds.items()
            for reference in record.objects.values()
        ]
        manifest = {"kind": "section_audio/9", "script": script, "new_in_9": True, "sections": entries}
        digest = self.store.put(canonical_json(manifest)).id
        set_ref(self.pointers, key, "section_audio", "run-1", digest, filesystem=FileSystem())
        return script, digest

    def needs(self) -> LiveSet:
        """What the lessons whose files are there need."""
        return live_set_of(self.store, self.pointers, current_lessons(self.lessons, self.register))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def test_what_a_current_lesson_needs_stays_and_the_rest_goes(archive: Archive):
    """A teacher would pay for every sound of a lesson again because it was not rendered for a month."""
    kept, preview, gone = (_make(archive.store, name, name.encode()) for name in ("kept", "preview", "gone"))
    manifests = archive.lesson("tides", {"moon": kept})
    archive.lesson("tides--draft", {"moon": preview})
    archive.lesson("deleted", {"moon": gone}, file=False)
    for record in (kept, preview, gone):
        _aged(archive.store, record, 90)
    for digest in manifests:
        os.utime(archive.store.layout.object(digest), (0, 0))
    needs = archive.needs()
    assert needs.uses[kept.objects["0"].id] == (Reference("tides", "moon"),)
    assert set(manifests) < needs.manifests, "what a manifest was made from is needed as well"
    _collect(archive.store, Limits(max_bytes=0, max_age_seconds=0), needs)
    assert _is_there(archive.store, kept)
    assert _is_there(archive.store, preview)
    assert not any(path.exists() for path in _files(archive.store, gone))
    assert all(archive.store.layout.object(digest).exists() for digest in manifests)


def test_a_lesson_elsewhere_is_current_while_its_file_is(archive: Archive, tmp_path: Path):
    """Whoever renders lessons from his own folder would find their sounds gone after each night."""
    file = tmp_path / "mine.json"
    file.write_text("{}")
    archive.register.mkdir()
    (archive.register / "mine.json").write_text(f'{{"path": "{file}"}}')
    assert current_lessons(archive.lessons, archive.register) == {"mine"}
    file.unlink()
    assert current_lessons(archive.lessons, archive.register) == set()


def test_without_the_folder_of_lessons_nothing_is_judged(archive: Archive):
    """A disk that is not mounted would be read as "all lessons deleted", and the archive be thrown away."""
    archive.lessons.rmdir()
    with pytest.raises(StoreError, match="mount it"):
        archive.needs()


@pytest.mark.parametrize("damage", ["pointer", "manifest", "gone"])
def test_nothing_goes_while_needs_are_unknown(archive: Archive, damage: str):
    """One damaged pointer would cost a lesson everything that was ever made of it."""
    sound = _make(archive.store, "sound", b"sound")
    _, digest = archive.lesson("tides", {"moon": sound})
    _aged(archive.store, sound, 90)
    manifest = archive.store.layout.object(digest)
    if damage == "pointer":
        (archive.pointers / "tides" / "section_audio" / "latest.json").write_bytes(b'{"mani')
    elif damage == "manifest":
        manifest.chmod(0o644)
        manifest.write_bytes(manifest.read_bytes().replace(b"moon", b"noon"))
    else:
        manifest.unlink()
    needs = archive.needs()
    assert list(needs.unknown) == ["tides"]
    assert "tides" in next(iter(needs.complaints()))
    _collect(archive.store, Limits(max_bytes=0, max_age_seconds=0), needs)
    assert _is_there(archive.store, sound)


def test_age_goes_first_then_the_least_recently_used(tmp_path: Path):
    """What was made this week would be thrown away to keep what nobody asked for in a year."""
    store = LocalStore(tmp_path)
    records = {days: _make(store, str(days), bytes([days]) * 10_000) for days in (100, 20, 10, 5, 0)}
    for days, record in records.items():
        _aged(store, record, days)
    room = scan_store(store).size_bytes // 5 * 2 + 100
    collected = _collect(store, Limits(max_bytes=room, max_age_seconds=30 * DAY))
    assert {days for days, record in records.items() if _is_there(store, record)} == {5, 0}
    assert (collected.objects, collected.records) == (3, 3)
    assert collected.left_bytes == scan_store(store).size_bytes <= room


def test_what_was_used_just_now_stays_and_the_excess_is_told(tmp_path: Path):
    """A run would lose its sounds between two of its steps; and nobody would learn why the disk stays full."""
    store = LocalStore(tmp_path)
    record = _make(store, "new", b"x" * 1000)
    plan = plan_removal(scan_store(store), NOBODY, Limits(0, 0), now_ns=time.time_ns())
    assert (plan.by_age, plan.by_size) == ((), ())
    assert plan.over_bytes == scan_store(store).size_bytes
    _collect(store, Limits(0, 0))
    assert _is_there(store, record)


@pytest.mark.parametrize("use", ["find", "read", "put", "make"])
def test_using_keeps(tmp_path: Path, use: str):
    """The sounds that every lesson shares would be thrown away for being old, and be paid for again the same night."""
    store = LocalStore(tmp_path)
    record = _make(store, "a", b"abc")
    _aged(store, record, 90)
    plan = plan_removal(scan_store(store), NOBODY, Limits(0, 0), now_ns=time.time_ns())
    assert len(plan.by_age) == 1
    {
        "find": lambda: store.find(record.recipe),
        "read": lambda: store.read(record.objects["0"].id),
        "put": lambda: store.put(b"abc"),
        "make": lambda: _make(store, "a", b"abc"),
    }[use]()
    assert collect(store, scan_store(store), plan).objects == 0, "it was used after that was decided"
    assert _collect(store, Limits(0, 0)).objects == 0
    assert store.read(record.objects["0"].id) == b"abc"


def test_a_shared_object_goes_with_nobody(archive: Archive):
    """A card that two lessons share would go with the one that is deleted, and the other one's record with it."""
    needed, other = _make(archive.store, "a", b"shared", b"a"), _make(archive.store, "b", b"shared", b"b")
    archive.lesson("tides", {"moon": needed})
    for record in (needed, other):
        _aged(archive.store, record, 90)
    _collect(archive.store, Limits(max_age_seconds=DAY), archive.needs())
    assert _is_there(archive.store, needed)
    assert archive.store.find(needed.recipe) == needed
    assert archive.store.find(other.recipe) is None
    assert not archive.store.layout.record(other.recipe.id).exists(), "a record without its objects is of no use"


def test_litter_is_swept(tmp_path: Path):
    """Every killed run would leave another half file, where nobody looks, until the disk is full."""
    store = LocalStore(tmp_path)
    record, orphan = _make(store, "a", b"abc"), _make(store, "b", b"xyz")
    store.layout.object(orphan.objects["0"].id).unlink()
    old, new = (
        store.layout.object(record.objects["0"].id).with_name(f".{age}.0a1b2c3d4e5f.part") for age in ("old", "new")
    )
    for path in (old, new, store.layout.locks / ("f" * 64)):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"half")
    for path in (old, store.layout.record(orphan.recipe.id)):
        os.utime(path, (0, 0))
    with file_lock(store.layout.locks / "held"):
        collected = _collect(store, Limits())
        assert (store.layout.locks / "held").exists(), "somebody is making that just now"
    assert (collected.objects, collected.records, collected.leftovers, collected.locks) == (0, 1, 1, 1)
    assert (old.exists(), new.exists()) == (False, True), "somebody may still be writing the new one"
    assert store.find(record.recipe) == record


def test_a_dry_run_tells_what_would_go(tmp_path: Path):
    """Whoever looks before he throws away would be told something else than what then happens."""
    store = LocalStore(tmp_path)
    _aged(store, _make(store, "a", b"abc", b"def"), 90)
    _make(store, "b", b"xyz")
    stock = scan_store(store)
    plan = plan_removal(stock, NOBODY, Limits(max_age_seconds=DAY), now_ns=time.time_ns())
    told = preview(stock, plan)
    assert told.objects == 2
    assert scan_store(store).objects == stock.objects
    assert collect(store, stock, plan) == told


def test_every_corrupt_file_is_found_and_its_users_named(archive: Archive, tmp_path: Path):
    """A viewer would hear noise from a bad sector, and nobody would learn which of a thousand lessons to render."""
    sounds = {name: _make(archive.store, name, name.encode()) for name in ("moon", "sun", "earth")}
    archive.lesson("tides", sounds)
    for name, damage in (("moon", b"noon"), ("sun", b"su")):
        path = archive.store.layout.object(sounds[name].objects["0"].id)
        path.chmod(0o644)
        path.write_bytes(damage)
    record = archive.store.layout.record(sounds["earth"].recipe.id)
    record.write_bytes(record.read_bytes().replace(b'"size_bytes":5', b'"size_bytes":6'))
    found = verify_store(archive.store, scan_store(archive.store), archive.needs(), tmp_path / "videos")
    assert not found.sound
    assert {(each.kind, each.step, each.uses) for each in found.corrupt} == {
        ("object", "speech", (Reference("tides", "moon"),)),
        ("object", "speech", (Reference("tides", "sun"),)),
        ("record", "", ()),
    }
    assert "tides: moon" in "\n".join(found.complaints())
    assert len(scan_store(archive.store).quarantine) == 3
    for name in sounds:
        assert _make(archive.store, name, name.encode()) == sounds[name]
    assert verify_store(archive.store, scan_store(archive.store), archive.needs(), tmp_path / "videos").sound


def test_a_film_that_is_not_whole_is_told(tmp_path: Path):
    """A site would go on to offer a film with a hole in it."""

    def fill(folder: Path) -> None:
        (folder / "x.mp4").write_text("film")
        files = {"x.mp4": bundle.reference(folder / "x.mp4").model_dump()}
        bundle.write_files(folder, {bundle.MANIFEST: canonical_json({"files": files})})

    store = LocalStore(tmp_path / "store")
    link = bundle.publish(tmp_path / "videos", "tides", "v1", fill)
    assert verify_store(store, scan_store(store), NOBODY, tmp_path / "videos").sound
    (link / "x.mp4").write_text("fiLm")
    assert verify_store(store, scan_store(store), NOBODY, tmp_path / "videos").films == ("tides",)


def test_objects_are_told_apart(archive: Archive):
    """Whoever wonders what fills the disk would be told "other"."""
    sound = _make(archive.store, "a", b"abc")
    archive.lesson("tides", {"moon": sound}, file=False)
    logo = archive.store.put(b"logo")
    stock, needs = scan_store(archive.store), archive.needs()
    kinds = {item.id: kind_of(item, stock.steps(), needs) for item in stock.objects}
    assert (kinds[sound.objects["0"].id], kinds[logo.id]) == ("speech", "other")
    assert sorted(kinds.values()) == ["manifests", "manifests", "other", "speech"]


def test_limits_are_read_as_people_write_them():
    """A limit of 20 GB that is read as 20 bytes would empty the store."""
    assert limits_from({"max_size": "20GB", "max_age": "30d"}) == Limits(20 * 10**9, 30 * DAY)
    assert limits_from({"max_size": "20GB"}, "1.5 GiB", "12h") == Limits(3 * 2**29, 12 * 3600)
    assert limits_from({}) == Limits()
    for table in ({"max_size": "20"}, {"max_size": 20}, {"max_age": "30 GB"}, {"max_age": "-1d"}, {"size": "1GB"}):
        with pytest.raises(SettingInvalid):
            limits_from(table)


GRACE_SECONDS = 0.25
RECIPES = 60


def _work(root: Path, seed: int, until: float, faults: multiprocessing.SimpleQueue) -> None:  # type: ignore[type-arg]
    """Make and find recipes at random; every object that was given must be there for as long as was promised."""
    store, dice, made = LocalStore(root, mark_again_seconds=0), random.Random(seed), 0
    while time.time() < until:
        number = dice.randrange(RECIPES)
        recipe = Recipe(step="speech", code="1", parameters={"number": number})
        data = {"a": b"%d" % number * 500, "b": b"shared by all of %d" % (number % 5)}
        given = time.time()
        outcome = get_or_build(store, recipe, lambda data=data: Built(data))
        made += outcome.made
        time.sleep(dice.random() * 0.02)
        for role, reference in outcome.record.objects.items():
            path = store.layout.object(reference.id)
            there = path.exists() and path.read_bytes() == data[role]
            if not there and time.time() - given < GRACE_SECONDS:
                faults.put(f"{number} {role} was gone {time.time() - given:.3f} s after it was given")
    faults.put(made)


def test_nobody_at_work_loses_what_he_was_given(tmp_path: Path):
    """A nightly clean-up beside a running render would take a sound from under its feet, and the film would fail."""
    fork = multiprocessing.get_context("fork")
    told = fork.SimpleQueue()
    needed = _make(LocalStore(tmp_path), "needed", b"needed")
    needs = LiveSet({needed.objects["0"].id: (Reference("tides"),)}, frozenset(), {})
    until = time.time() + 4
    workers = [fork.Process(target=_work, args=(tmp_path, seed, until, told)) for seed in range(4)]
    for worker in workers:
        worker.start()
    store, removed, freed = LocalStore(tmp_path), 0, 0
    while time.time() < until:
        collected = _collect(store, Limits(max_bytes=0), needs, GRACE_SECONDS)
        removed, freed = removed + collected.objects, freed + collected.freed_bytes
    for worker in workers:
        worker.join(30)
        assert worker.exitcode == 0
    answers = [told.get() for _ in workers]
    while not told.empty():
        answers.append(told.get())
    assert [answer for answer in answers if isinstance(answer, str)] == []
    assert removed > RECIPES, "it collected while they worked"
    assert sum(answers) > RECIPES, "and they made again what was gone"
    assert store.find(needed.recipe) == needed
    assert verify_store(store, scan_store(store), needs, tmp_path / "videos").sound


def test_an_empty_store_needs_no_care(tmp_path: Path):
    """The first thing a new user tries would end in a traceback."""
    store = LocalStore(tmp_path / "store")
    assert scan_store(store) == StoreListing((), {}, (), ())
    assert _collect(store, Limits(0, 0)) == GcResult(0, 0, 0, 0, 0, 0, 0)
