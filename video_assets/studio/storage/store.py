"""The store: bytes named by their digest, and recipes that say what each was made from.

    object   bytes; its id is their SHA-256. Written once, read-only, verified whenever it is found or read.
    recipe   what something is made from: step, code version, provider, parameters, ids of the inputs.
    record   recipe -> objects and facts (duration, measurements). Published last, after the objects and their checks.

Whatever is put, read or found is marked as used now (the file's time), as care for the store (`storekeeping.py`)
removes only what nobody has used for a while. Marking and removing exclude each other through one lock.

Belongs here: the interface, the local implementation, and `make`, the only way anything is made. Does not belong here:
what is made, when it may be thrown away, or anything of Dagster.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field, ValidationError

from video_assets.studio.core.errors import ObjectCorrupt, StoreError
from video_assets.studio.core.values import FrozenModel, canonical_json, digest_of

from .filesystem import FileSystem, atomic_write, make_folders
from .locks import file_lock, shared_lock

MARK_AGAIN_SECONDS = 900
"""A use is marked at most this often; much shorter than what is used is left in peace (`storekeeping.py`)."""

Scalar = str | int | float | bool | None


class ObjectRef(FrozenModel):
    """The name of an object and its size."""

    id: str
    size_bytes: int


class Recipe(FrozenModel):
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


class Record(FrozenModel):
    """A recipe and what it gave."""

    recipe: Recipe
    objects: dict[str, ObjectRef]
    facts: dict[str, Scalar] = Field(default_factory=dict)


class Built(NamedTuple):
    """What a maker hands back: bytes by role, and facts worth keeping."""

    objects: Mapping[str, bytes]
    facts: Mapping[str, Scalar] = {}


class BuildResult(NamedTuple):
    """The record, whether it was made just now (else reused), and how long that took."""

    record: Record
    made: bool
    seconds: float


class Store(ABC):
    """Where objects and records are kept. Every implementation passes tests/contracts/test_store.py."""

    @abstractmethod
    def put(self, data: bytes) -> ObjectRef:
        """Keep `data`, used now; when this returns it survives a crash. Raises StoreError."""

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
        """Hold this recipe's lock among all processes that use the store. Raises Cancelled after `stop`."""

    @abstractmethod
    def cancel(self) -> None:
        """Nobody waits any more: who waits for a lock that another holds, or will, gets Stopped instead."""


def get_or_build(store: Store, recipe: Recipe, build: Callable[[], Built]) -> BuildResult:
    """Find what `recipe` gives, or build, keep and publish it. Two that want the same: one makes, the other waits."""
    started = time.monotonic()
    found = store.find(recipe)
    if found is not None:
        return BuildResult(found, made=False, seconds=time.monotonic() - started)
    with store.lock(recipe):
        found = store.find(recipe)
        if found is not None:
            return BuildResult(found, made=False, seconds=time.monotonic() - started)
        made = build()
        objects = {role: store.put(data) for role, data in sorted(made.objects.items())}
        record = Record(recipe=recipe, objects=objects, facts=dict(made.facts))
        store.publish(record)
    return BuildResult(record, made=True, seconds=time.monotonic() - started)


class Layout(NamedTuple):
    """Where a store in the folder `root` keeps what."""

    root: Path

    @property
    def objects(self) -> Path:
        """`objects/ab/abcd…`: read-only; a file's time is when it was used last."""
        return self.root / "objects"

    @property
    def records(self) -> Path:
        """`records/ab/abcd….json`, named by the recipe."""
        return self.root / "records"

    @property
    def quarantine(self) -> Path:
        """What was not what its name says, for a person to look at."""
        return self.root / "quarantine"

    @property
    def locks(self) -> Path:
        """A file per recipe that is being made just now."""
        return self.root / "locks"

    @property
    def gate(self) -> Path:
        """Passed together by those who mark something as used, alone by whoever removes."""
        return self.root / "gate"

    def object(self, object_id: str) -> Path:
        """The file of an object."""
        return Path(f"{self.root}/objects/{object_id[:2]}/{object_id}")

    def record(self, recipe_id: str) -> Path:
        """The file of a record."""
        return Path(f"{self.root}/records/{recipe_id[:2]}/{recipe_id}.json")


class LocalStore(Store):
    """A store in a folder of this machine; see Layout."""

    def __init__(
        self, root: Path, filesystem: FileSystem | None = None, *, mark_again_seconds: float = MARK_AGAIN_SECONDS
    ) -> None:
        self.layout = Layout(root)
        self._filesystem = filesystem or FileSystem()
        self._mark_again_seconds = mark_again_seconds
        self._stopped = threading.Event()

    def put(self, data: bytes) -> ObjectRef:
        """See Store. An object that is there and whole is not written again."""
        reference = ObjectRef(id=digest_of(data), size_bytes=len(data))
        with as_store_error(f"keep an object of {len(data)} bytes in {self.layout.root}"):
            path = self.layout.object(reference.id)
            if not (self._mark([path]) and self._is_whole(path)):
                atomic_write(
                    path,
                    data,
                    filesystem=self._filesystem,
                    mode=0o444,
                    swap=shared_lock(self.layout.gate, alone=False, filesystem=self._filesystem),
                )
        return reference

    def read(self, object_id: str) -> bytes:
        """See Store."""
        path = self.layout.object(object_id)
        try:
            self._mark([path])
            data = self._filesystem.read(path)
        except FileNotFoundError as error:
            raise StoreError(
                f"Object {object_id[:12]}… is not in the store {self.layout.root}.",
                remedy="Run the lesson again: it is remade.",
            ) from error
        except OSError as error:
            raise _unreadable(object_id, self.layout.root, error) from error
        if digest_of(data) != object_id:
            self._put_aside(path)
            raise ObjectCorrupt(
                f"Object {object_id[:12]}… in {self.layout.root} is not what its name says; it was put into "
                "quarantine.",
                remedy="Run the lesson again: it is remade. If this happens often, check the disk.",
            )
        return data

    def find(self, recipe: Recipe) -> Record | None:
        """See Store."""
        place = self.layout.record(recipe.id)
        with as_store_error(f"look for what was made in {self.layout.root}"):
            record = self._record(place)
            # A damaged record is as good as none: what it named is made and published again.
            if record is None or record.recipe != recipe:
                return None
            files = [self.layout.object(reference.id) for reference in record.objects.values()]
            # Marked before they are looked at: from here on nobody removes them.
            if not self._mark([place, *files]):
                return None
            return record if all(self._is_whole(path) for path in files) else None

    def publish(self, record: Record) -> None:
        """See Store."""
        path = self.layout.record(record.recipe.id)
        with as_store_error(f"publish a record in {self.layout.root}"):
            self._mark([path])
            atomic_write(
                path,
                record_bytes(record),
                filesystem=self._filesystem,
                swap=shared_lock(self.layout.gate, alone=False, filesystem=self._filesystem),
            )

    @contextmanager
    def lock(self, recipe: Recipe) -> Iterator[None]:
        """See Store."""
        with ExitStack() as held:
            with as_store_error(f"lock a recipe in {self.layout.root}"):
                lock = file_lock(self.layout.locks / recipe.id, filesystem=self._filesystem, stopped=self._stopped)
                held.enter_context(lock)
            yield  # what the maker raises is not ours

    def cancel(self) -> None:
        """See Store."""
        self._stopped.set()

    def is_intact(self, path: Path) -> bool:
        """Whether a file of the store is what its name says; a missing one is not. Not a use. Raises StoreError."""
        with as_store_error(f"check {path.name} in {self.layout.root}"):
            return self._is_sound(path)

    def quarantine(self, path: Path) -> bool:
        """Put a file of the store into quarantine unless it is sound; whether it was. Raises StoreError."""
        with as_store_error(f"put a damaged file of {self.layout.root} into quarantine"):
            return self._put_aside(path)

    def _mark(self, paths: Collection[Path]) -> bool:
        """Mark as used now; False if any is missing. What is marked stays for as long as care lets it rest."""
        due_ns = time.time_ns() - round(self._mark_again_seconds * 1e9)
        try:
            # What was marked lately is in no danger: most calls need neither the gate nor a write.
            due = [path for path in paths if path.stat().st_mtime_ns <= due_ns]
            if due:
                with shared_lock(self.layout.gate, alone=False, filesystem=self._filesystem):
                    for path in due:
                        os.utime(path)
        except FileNotFoundError:
            return False
        return True

    def _record(self, path: Path) -> Record | None:
        try:
            return read_record(self._filesystem.read(path))
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return None  # a bad sector: published again, it comes to lie elsewhere

    def _is_whole(self, path: Path) -> bool:
        if self._is_sound(path):
            return True
        self._put_aside(path)
        return False

    def _is_sound(self, path: Path) -> bool:
        try:
            data = self._filesystem.read(path)
        except FileNotFoundError:
            return False
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return False  # a bad sector is as good as any other damage
        if path.suffix == ".json":
            record = read_record(data)
            return record is not None and record.recipe.id == path.stem
        return digest_of(data) == path.name

    def _put_aside(self, path: Path) -> bool:
        make_folders(self.layout.quarantine, filesystem=self._filesystem)
        # Alone, and looked at once more: somebody else may have found it, too, and have put a whole one in its place.
        with shared_lock(self.layout.gate, alone=True, filesystem=self._filesystem):
            if not path.exists() or self._is_sound(path):
                return False
            self._filesystem.rename(path, self.layout.quarantine / path.name)
        return True


def record_bytes(record: Record) -> bytes:
    """A record as a file: the digest of its canonical JSON in a line of its own, then that JSON."""
    data = canonical_json(record)
    return digest_of(data).encode() + b"\n" + data


def read_record(data: bytes) -> Record | None:
    """The record in a file, or None if it is damaged. One without a digest is of before there were digests."""
    digest, body = (b"", data) if data.startswith(b"{") else data.partition(b"\n")[::2]
    if digest and digest.decode("ascii", "replace") != digest_of(body):
        return None
    try:
        return Record.model_validate_json(body)
    except ValidationError:
        return None


def _unreadable(object_id: str, root: Path, error: OSError) -> StoreError:
    return StoreError(
        f"Tried to read object {object_id[:12]}… of {root}: {error.strerror or error}.",
        remedy="Check permissions and the disk, then run again.",
    )


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
