"""G8: bits flipped, files cut and swapped in a store: all found before use, and only what was hit is made again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pytest

from video_assets.studio.core.errors import ObjectCorrupt, StoreError
from video_assets.studio.core.values import digest_of
from video_assets.studio.storage.filesystem import FileSystem
from video_assets.studio.storage.store import Built, LocalStore, Recipe, Record, get_or_build

DAMAGES = 1_000
_ROUNDS = 20
_RECIPES = 60


class Thing(NamedTuple):
    """Something that a store holds: its recipe and the bytes that it gives."""

    recipe: Recipe
    objects: dict[str, bytes]

    def make(self, store: LocalStore) -> tuple[Record, bool]:
        """Its record, and whether it was made just now."""
        outcome = get_or_build(
            store, self.recipe, lambda: Built(self.objects, {"seconds": len(self.objects["sound"]) / 7})
        )
        return outcome.record, outcome.made


class Unflushed(FileSystem):
    """Does not wait for the disk itself: this is about damage, not about power cuts."""

    def flush(self, file: BinaryIO) -> None:
        """See FileSystem."""

    def flush_folder(self, folder: Path) -> None:
        """See FileSystem."""


def _things(rng: random.Random) -> list[Thing]:
    return [
        Thing(
            Recipe(step="speech", code="1", parameters={"number": number}),
            {"sound": rng.randbytes(rng.randrange(1, 4_000)), "times": rng.randbytes(rng.randrange(1, 200))},
        )
        for number in range(_RECIPES)
    ]


def _files(store: LocalStore, thing: Thing) -> Iterator[Path]:
    yield store.layout.record(thing.recipe.id)
    for data in thing.objects.values():
        yield store.layout.object(digest_of(data))


def _overwrite(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)


def _damage(rng: random.Random, path: Path, other: Path) -> None:
    """Flip a bit, cut the end off, or swap the file's content with that of another of its kind."""
    data = path.read_bytes()
    kind = rng.choice(("flip", "cut", "swap"))
    if kind == "flip":
        place = rng.randrange(len(data))
        _overwrite(path, data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :])
    elif kind == "cut":
        _overwrite(path, data[: rng.randrange(len(data))])
    else:
        theirs = other.read_bytes()
        _overwrite(path, theirs)
        _overwrite(other, data)


def test_every_damage_is_found_before_use(tmp_path: Path):
    """A viewer would hear another lesson's sentence, or noise; or one bad bit would cost a whole archive."""
    store, rng = LocalStore(tmp_path, Unflushed()), random.Random(8)
    things = _things(rng)
    records = [thing.make(store)[0] for thing in things]
    files = [(number, path) for number, thing in enumerate(things) for path in _files(store, thing)]
    found = 0
    for _ in range(_ROUNDS):
        before = {path: path.read_bytes() for _, path in files}
        for number, path in rng.sample(files, DAMAGES // _ROUNDS):
            kind = path.suffix
            others = [each for owner, each in files if owner != number and each.suffix == kind]
            _damage(rng, path, rng.choice(others))
        # A flip of what was swapped before, or a swap back, may leave a file as it was.
        hit = {number for number, path in files if path.read_bytes() != before[path]}
        damaged = [path for _, path in files if path.read_bytes() != before[path]]
        found += len(damaged)
        _nobody_reads(store, damaged)
        made = {number for number, thing in enumerate(things) if thing.make(store)[1]}
        assert made == hit
        assert {path: path.read_bytes() for _, path in files} == before, "what was remade is what it was"
    assert found >= DAMAGES
    assert [thing.make(store) for thing in things] == [(record, False) for record in records]


def _nobody_reads(store: LocalStore, damaged: list[Path]) -> None:
    for path in damaged:
        if not path.suffix:
            with pytest.raises(StoreError) as refused:
                store.read(path.name)
            # The bytes of another object were put aside, then this name is free: both are refusals with a remedy.
            assert isinstance(refused.value, ObjectCorrupt)
            assert "Run the lesson again" in str(refused.value)
