"""The store: bytes named by their digest, and recipes that say what each was made from.

    object   bytes; its id is their SHA-256. Written once, read-only, verified whenever it is found or read.
    recipe   what something is made from: step, code version, provider, parameters, ids of the inputs.
    record   recipe -> objects and facts (duration, measurements). Published last, after the objects and their checks.

Belongs here: the interface, the local implementation, and `make`, the only way anything is made. Does not belong here:
what is made, when it may be thrown away, or anything of Dagster.
"""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field, ValidationError

from .disk import Disk, exclusive, write_whole
from .errors import ObjectCorrupt, StoreError
from .records import Frozen, canonical_json, digest_of

Fact = str | int | float | bool | None


class ObjectRef(Frozen):
    """The name of an object and its size."""

    id: str
    size_bytes: int


class Recipe(Frozen):
    """What shapes a result, all of it and nothing else: no index, no count, no clock, no path."""

    step: str
    code: str
    """Version of the code of this step; raised by hand whenever its results would change."""
    provider: dict[str, str] = Field(default_factory=dict)
    parameters: dict[str, Any] = Field(default_factory=dict)
    inputs: dict[str, str] = Field(default_factory=dict)
    """Ids of the objects it is made from, by role."""

    @property
    def id(self) -> str:
        """SHA-256 of the recipe's canonical JSON."""
        return digest_of(canonical_json(self))


class Record(Frozen):
    """A recipe and what it gave."""

    recipe: Recipe
    objects: dict[str, ObjectRef]
    facts: dict[str, Fact] = Field(default_factory=dict)


class Made(NamedTuple):
    """What a maker hands back: bytes by role, and facts worth keeping."""

    objects: Mapping[str, bytes]
    facts: Mapping[str, Fact] = {}


class Outcome(NamedTuple):
    """The record, whether it was made just now (else reused), and how long that took."""

    record: Record
    made: bool
    seconds: float


class Store(ABC):
    """Where objects and records are kept. Every implementation passes tests/contracts/test_store.py."""

    @abstractmethod
    def put(self, data: bytes) -> ObjectRef:
        """Keep `data`; when this returns it survives a crash. Raises StoreError."""

    @abstractmethod
    def read(self, object_id: str) -> bytes:
        """The object's bytes, verified. Raises ObjectCorrupt (and puts it aside), or StoreError if there is none."""

    @abstractmethod
    def find(self, recipe: Recipe) -> Record | None:
        """The record of `recipe` if all its objects are there and whole, else None. Corrupt ones are put aside."""

    @abstractmethod
    def publish(self, record: Record) -> None:
        """Make the record findable. Its objects must have been put before."""

    @abstractmethod
    def lock(self, recipe: Recipe) -> AbstractContextManager[None]:
        """Hold this recipe's lock among all processes that use the store."""


def make(store: Store, recipe: Recipe, build: Callable[[], Made]) -> Outcome:
    """Find what `recipe` gives, or build, keep and publish it. Two that want the same: one makes, the other waits."""
    started = time.monotonic()
    found = store.find(recipe)
    if found is not None:
        return Outcome(found, made=False, seconds=time.monotonic() - started)
    with store.lock(recipe):
        found = store.find(recipe)
        if found is not None:
            return Outcome(found, made=False, seconds=time.monotonic() - started)
        made = build()
        objects = {role: store.put(data) for role, data in sorted(made.objects.items())}
        record = Record(recipe=recipe, objects=objects, facts=dict(made.facts))
        store.publish(record)
    return Outcome(record, made=True, seconds=time.monotonic() - started)


class LocalStore(Store):
    """A store in a folder of this machine: `objects/ab/abcd…`, `records/ab/abcd….json`, `quarantine/`, `locks/`."""

    def __init__(self, root: Path, disk: Disk | None = None) -> None:
        self._root = root
        self._disk = disk or Disk()

    def put(self, data: bytes) -> ObjectRef:
        """See Store. An object that is there and whole is not written again."""
        reference = ObjectRef(id=digest_of(data), size_bytes=len(data))
        if self._is_whole(reference):
            return reference
        with as_store_error(f"keep an object of {len(data)} bytes in {self._root}"):
            write_whole(self._object_path(reference.id), data, disk=self._disk, mode=0o444)
        return reference

    def read(self, object_id: str) -> bytes:
        """See Store."""
        path = self._object_path(object_id)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise StoreError(
                f"Object {object_id[:12]}… is not in the store {self._root}.",
                remedy="Run the lesson again: it is remade.",
            ) from error
        if digest_of(data) != object_id:
            self._quarantine(object_id)
            raise ObjectCorrupt(
                f"Object {object_id[:12]}… in {self._root} is not what its name says; it was put into quarantine.",
                remedy="Run the lesson again: it is remade. If this happens often, check the disk.",
            )
        return data

    def find(self, recipe: Recipe) -> Record | None:
        """See Store."""
        record = self._record(recipe)
        if record is None or record.recipe != recipe:
            return None
        return record if all(self._is_whole(reference) for reference in record.objects.values()) else None

    def publish(self, record: Record) -> None:
        """See Store."""
        with as_store_error(f"publish a record in {self._root}"):
            write_whole(self._record_path(record.recipe.id), canonical_json(record), disk=self._disk)

    @contextmanager
    def lock(self, recipe: Recipe) -> Iterator[None]:
        """See Store."""
        with exclusive(self._root / "locks" / recipe.id):
            yield

    def _record(self, recipe: Recipe) -> Record | None:
        try:
            data = self._record_path(recipe.id).read_bytes()
        except FileNotFoundError:
            return None
        try:
            return Record.model_validate(json.loads(data))
        except (ValueError, ValidationError):
            return None  # a damaged record is as good as none: what it named is made and published again

    def _is_whole(self, reference: ObjectRef) -> bool:
        path = self._object_path(reference.id)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return False
        if len(data) == reference.size_bytes and digest_of(data) == reference.id:
            return True
        self._quarantine(reference.id)
        return False

    def _quarantine(self, object_id: str) -> None:
        folder = self._root / "quarantine"
        folder.mkdir(parents=True, exist_ok=True)
        self._object_path(object_id).replace(folder / object_id)

    def _object_path(self, object_id: str) -> Path:
        return self._root / "objects" / object_id[:2] / object_id

    def _record_path(self, recipe_id: str) -> Path:
        return self._root / "records" / recipe_id[:2] / f"{recipe_id}.json"


@contextmanager
def as_store_error(what: str) -> Iterator[None]:
    """Turn what the file system refuses inside the block into a StoreError: "Tried to <what>: no space left"."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"Tried to {what}: {error.strerror or error}.",
            remedy="Check free space and permissions, then run again: nothing half-written is visible.",
        ) from error
