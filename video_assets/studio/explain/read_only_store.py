"""A read-only view of the local store, for dry runs.

Nothing is written, quarantined or locked, and a look-up does not mark an object as used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple, NoReturn

from video_assets.studio.core.errors import StoreError
from video_assets.studio.core.values import digest_of
from video_assets.studio.storage.store import LocalStore, ObjectRef, Recipe, Record, read_record

Lack = Literal["", "missing", "damaged"]
"""The state of a record's objects: all intact, one missing, or one damaged."""


class PeekedRecord(NamedTuple):
    """The record of a recipe, if there is one, and the state of its objects."""

    record: Record | None
    lack: Lack

    @property
    def whole(self) -> bool:
        """Whether a stage would reuse it."""
        return self.record is not None and not self.lack


class ReadOnlyStore(LocalStore):
    """The local store in `root`, read only.

    `thorough`: objects are read and verified, as in a run. Else only their sizes are compared, which is fast.
    """

    def __init__(self, root: Path, *, thorough: bool = True) -> None:
        super().__init__(root)
        self.thorough = thorough

    def peek(self, recipe: Recipe) -> PeekedRecord:
        """The record of `recipe` and the state of its objects."""
        record = self.record(recipe.id)
        if record is None or record.recipe != recipe:
            return PeekedRecord(None, "")
        for reference in record.objects.values():
            if lack := self._lack(reference):
                return PeekedRecord(record, lack)
        return PeekedRecord(record, "")

    def record(self, recipe_id: str) -> Record | None:
        """The record of the recipe with this id, with or without its objects; None if it is missing or damaged."""
        try:
            return read_record(self.layout.record(recipe_id).read_bytes())
        except OSError:
            return None

    def holds(self, recipe_id: str, objects: Iterable[ObjectRef]) -> bool:
        """Whether there is a record with this id, and each of `objects`. The record is not read."""
        return self.layout.record(recipe_id).exists() and not any(self._lack(reference) for reference in objects)

    def find(self, recipe: Recipe) -> Record | None:
        """See Store. Quarantines nothing."""
        found = self.peek(recipe)
        return found.record if found.whole else None

    def read(self, object_id: str) -> bytes:
        """See Store. Quarantines nothing. Raises StoreError for a missing and for a damaged object."""
        try:
            data = self.layout.object(object_id).read_bytes()
        except OSError as error:
            raise StoreError(
                f"Object {object_id[:12]}… cannot be read from the store: {error.strerror}.",
                remedy="Run the lesson: what is missing is made again.",
            ) from error
        if digest_of(data) != object_id:
            raise StoreError(
                f"Object {object_id[:12]}… does not match its digest.", remedy="Run the lesson: it is made again."
            )
        return data

    def put(self, data: bytes) -> ObjectRef:
        """Not supported. Raises StoreError."""
        return self._refuse()

    def publish(self, record: Record) -> None:
        """Not supported. Raises StoreError."""
        self._refuse()

    @contextmanager
    def lock(self, recipe: Recipe) -> Iterator[None]:
        """Not supported. Raises StoreError."""
        yield self._refuse()

    def _refuse(self) -> NoReturn:
        raise StoreError(
            "The store is read-only here.", remedy="Please report this: a dry run tried to write to the store."
        )

    def _lack(self, reference: ObjectRef) -> Lack:
        path = self.layout.object(reference.id)
        try:
            if not self.thorough:
                return "" if path.stat().st_size == reference.size_bytes else "damaged"
            data = path.read_bytes()
        except OSError:
            return "missing"
        return "" if len(data) == reference.size_bytes and digest_of(data) == reference.id else "damaged"
