"""The store: bytes named by their digest, and recipes that say what each was made from.

    object   bytes; its id is their SHA-256. Written once, read-only, verified whenever it is found or read.
    recipe   what something is made from: step, code version, provider, parameters, ids of the inputs.
    record   recipe -> objects and facts (duration, measurements). Published last, after the objects and their checks.

An object that is put, read or found is marked as used now (the file's mtime), because garbage collection
(`upkeep/gc.py`) removes only files that were not used for a while. One lock excludes marking and removal from each
other.

`get_or_build` is the only way in which results are made. Does not belong here: when an object may be removed.
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
"""A use is marked at most this often. Much shorter than the grace period of garbage collection (`upkeep/gc.py`)."""

Scalar = str | int | float | bool | None


class ObjectRef(FrozenModel):
    """The id of an object and its size."""

    id: str
    size_bytes: int


class Recipe(FrozenModel):
    """Everything that shapes a result, and nothing else: no index, no count, no clock, no path."""

    step: str
    code: str
    """Version of the code of this step; raised by hand whenever its results would change."""
    provider: dict[str, str] = Field(default_factory=dict)
    parameters: dict[str, Any] = Field(default_factory=dict)
    inputs: dict[str, str] = Field(default_factory=dict)
    """Ids of the objects that it is made from, by role."""

    @property
    def id(self) -> str:
        """SHA-256 of the recipe's canonical JSON."""
        return digest_of(canonical_json(self))


class Record(FrozenModel):
    """A recipe and its result."""

    recipe: Recipe
    objects: dict[str, ObjectRef]
    facts: dict[str, Scalar] = Field(default_factory=dict)


class Built(NamedTuple):
    """The result of a build: bytes by role, and facts."""

    objects: Mapping[str, bytes]
    facts: Mapping[str, Scalar] = {}


class BuildResult(NamedTuple):
    """The record, whether it was made now (else reused), and how long that took."""

    record: Record
    made: bool
    seconds: float


class Store(ABC):
    """Objects and records. Every implementation passes tests/contracts/test_store.py."""

    @abstractmethod
    def put(self, data: bytes) -> ObjectRef:
        """Keep `data` and mark it as used now. When this returns, it survives a crash. Raises StoreError."""

    @abstractmethod
    def read(self, object_id: str) -> bytes:
        """The object's bytes, verified. Raises ObjectCorrupt (and quarantines it), or StoreError if it is missing."""

    @abstractmethod
    def find(self, recipe: Recipe) -> Record | None:
        """The record of `recipe` if all its objects exist and are intact, else None. Corrupt ones are quarantined."""

    @abstractmethod
    def publish(self, record: Record) -> None:
        """Make the record visible to `find`. Its objects must have been put before."""

    @abstractmethod
    def lock(self, recipe: Recipe) -> AbstractContextManager[None]:
        """Hold this recipe's lock among all processes that use the store. Raises Cancelled after `cancel`."""

    @abstractmethod
    def cancel(self) -> None:
        """Cancel: every current and later wait for a lock raises Cancelled."""


def get_or_build(store: Store, recipe: Recipe, build: Callable[[], Built]) -> BuildResult:
    """The result of `recipe`: from the store, or built, kept and published.

    Builds are single-flight: of two callers with an equal recipe, in any process, one builds and the other waits.
    """
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
    """The paths of a store in the folder `root`."""

    root: Path

    @property
    def objects(self) -> Path:
        """`objects/ab/abcd…`: read-only. A file's mtime is the time of its last use."""
        return self.root / "objects"

    @property
    def records(self) -> Path:
        """`records/ab/abcd….json`, named by the recipe."""
        return self.root / "records"

    @property
    def quarantine(self) -> Path:
        """Files that do not match their digest, for a person to inspect."""
        return self.root / "quarantine"

    @property
    def locks(self) -> Path:
        """A lock file per recipe that is being built."""
        return self.root / "locks"

    @property
    def gate(self) -> Path:
        """The lock between use and removal: shared by callers that mark files as used, exclusive for removal."""
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
        """See Store. An object that exists and is intact is not written again."""
        reference = ObjectRef(id=digest_of(data), size_bytes=len(data))
        with as_store_error(f"keep an object of {len(data)} bytes in {self.layout.root}"):
            path = self.layout.object(reference.id)
            if not (self._mark_used([path]) and self._is_intact_or_quarantined(path)):
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
            self._mark_used([path])
            data = self._filesystem.read(path)
        except FileNotFoundError as error:
            raise StoreError(
                f"Object {object_id[:12]}… is not in the store {self.layout.root}.",
                remedy="Run the lesson again: it is remade.",
            ) from error
        except OSError as error:
            raise _unreadable(object_id, self.layout.root, error) from error
        if digest_of(data) != object_id:
            self._quarantine(path)
            raise ObjectCorrupt(
                f"Object {object_id[:12]}… in {self.layout.root} does not match its digest. It was moved to "
                "quarantine.",
                remedy="Run the lesson again: it is remade. If this happens often, check the disk.",
            )
        return data

    def find(self, recipe: Recipe) -> Record | None:
        """See Store."""
        record_path = self.layout.record(recipe.id)
        with as_store_error(f"look for what was made in {self.layout.root}"):
            record = self._read_record(record_path)
            # A damaged record counts as missing: its objects are built and published again.
            if record is None or record.recipe != recipe:
                return None
            files = [self.layout.object(reference.id) for reference in record.objects.values()]
            # Marked before they are verified: from here on they are not removed.
            if not self._mark_used([record_path, *files]):
                return None
            return record if all(self._is_intact_or_quarantined(path) for path in files) else None

    def publish(self, record: Record) -> None:
        """See Store."""
        path = self.layout.record(record.recipe.id)
        with as_store_error(f"publish a record in {self.layout.root}"):
            self._mark_used([path])
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
            yield  # outside `as_store_error`: an OSError of the build is not an error of the store

    def cancel(self) -> None:
        """See Store."""
        self._stopped.set()

    def is_intact(self, path: Path) -> bool:
        """Whether a file of the store matches its digest. A missing one does not. This is no use. Raises StoreError."""
        with as_store_error(f"check {path.name} in {self.layout.root}"):
            return self._matches_digest(path)

    def quarantine(self, path: Path) -> bool:
        """Move a file of the store into quarantine unless it is intact. Returns whether it was moved.

        Raises StoreError.
        """
        with as_store_error(f"put a damaged file of {self.layout.root} into quarantine"):
            return self._quarantine(path)

    def _mark_used(self, paths: Collection[Path]) -> bool:
        """Mark as used now. False if any is missing. A marked file is kept for the grace period."""
        due_ns = time.time_ns() - round(self._mark_again_seconds * 1e9)
        try:
            # A file that was marked lately is safe, so most calls need neither the lock nor a write.
            due = [path for path in paths if path.stat().st_mtime_ns <= due_ns]
            if due:
                with shared_lock(self.layout.gate, alone=False, filesystem=self._filesystem):
                    for path in due:
                        os.utime(path)
        except FileNotFoundError:
            return False
        return True

    def _read_record(self, path: Path) -> Record | None:
        try:
            return read_record(self._filesystem.read(path))
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return None  # a bad sector: the record will be published again, to other sectors

    def _is_intact_or_quarantined(self, path: Path) -> bool:
        if self._matches_digest(path):
            return True
        self._quarantine(path)
        return False

    def _matches_digest(self, path: Path) -> bool:
        try:
            data = self._filesystem.read(path)
        except FileNotFoundError:
            return False
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return False  # a bad sector counts as damage
        if path.suffix == ".json":
            record = read_record(data)
            return record is not None and record.recipe.id == path.stem
        return digest_of(data) == path.name

    def _quarantine(self, path: Path) -> bool:
        make_folders(self.layout.quarantine, filesystem=self._filesystem)
        # Verified again under the lock: another process may have replaced it by an intact file in the meantime.
        with shared_lock(self.layout.gate, alone=True, filesystem=self._filesystem):
            if not path.exists() or self._matches_digest(path):
                return False
            self._filesystem.rename(path, self.layout.quarantine / path.name)
        return True


def record_bytes(record: Record) -> bytes:
    """A record as a file: a line with the digest of its canonical JSON, then that JSON."""
    data = canonical_json(record)
    return digest_of(data).encode() + b"\n" + data


def read_record(data: bytes) -> Record | None:
    """The record in a file, or None if it is damaged. A record of an old version has no digest."""
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
    """Turn an OSError inside the block into a StoreError: "Tried to <what>: no space left"."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"Tried to {what}: {error.strerror or error}.",
            remedy="Check free space and permissions, then run again: nothing half-written is visible.",
        ) from error
