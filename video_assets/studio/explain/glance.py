"""A store, only looked at: what is there and whole, without a trace.

Belongs here: looking. Nothing is written, put aside or locked, and a look is no use: what is looked at does not count
as needed. Does not belong here: the store (`store.py`), or what follows from what is seen (`dry_run.py`).
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
"""What the objects of a record lack: nothing, one of them, or the right bytes of one of them."""


class PeekedRecord(NamedTuple):
    """The record of a recipe, if there is one, and whether its objects are there."""

    record: Record | None
    lack: Lack

    @property
    def whole(self) -> bool:
        """Whether a stage would reuse it."""
        return self.record is not None and not self.lack


class ReadOnlyStore(LocalStore):
    """The local store in `root`, for those who plan. `thorough`: objects are read and verified, as a run does it; else
    their sizes must do, which is quick.
    """

    def __init__(self, root: Path, *, thorough: bool = True) -> None:
        super().__init__(root)
        self.thorough = thorough

    def peek(self, recipe: Recipe) -> PeekedRecord:
        """What there is of `recipe`."""
        record = self.record(recipe.id)
        if record is None or record.recipe != recipe:
            return PeekedRecord(None, "")
        for reference in record.objects.values():
            if lack := self._lack(reference):
                return PeekedRecord(record, lack)
        return PeekedRecord(record, "")

    def record(self, recipe_id: str) -> Record | None:
        """The record of the recipe with this id, whatever became of its objects; None if it is not there or damaged."""
        try:
            return read_record(self.layout.record(recipe_id).read_bytes())
        except OSError:
            return None

    def holds(self, recipe_id: str, objects: Iterable[ObjectRef]) -> bool:
        """Whether there is a record with this id, and each of `objects`; the record is not opened."""
        return self.layout.record(recipe_id).exists() and not any(self._lack(reference) for reference in objects)

    def find(self, recipe: Recipe) -> Record | None:
        """See Store; without putting anything aside."""
        seen = self.peek(recipe)
        return seen.record if seen.whole else None

    def read(self, object_id: str) -> bytes:
        """See Store; without putting anything aside. Raises StoreError for a missing and for a damaged object."""
        try:
            data = self.layout.object(object_id).read_bytes()
        except OSError as error:
            raise StoreError(
                f"Object {object_id[:12]}… cannot be read from the store: {error.strerror}.",
                remedy="Run the lesson: what is missing is made again.",
            ) from error
        if digest_of(data) != object_id:
            raise StoreError(
                f"Object {object_id[:12]}… is not what its name says.", remedy="Run the lesson: it is made again."
            )
        return data

    def put(self, data: bytes) -> ObjectRef:
        """Refused: a glance changes nothing."""
        return self._refuse()

    def publish(self, record: Record) -> None:
        """Refused: a glance changes nothing."""
        self._refuse()

    @contextmanager
    def lock(self, recipe: Recipe) -> Iterator[None]:
        """Refused: a glance changes nothing."""
        yield self._refuse()

    def _refuse(self) -> NoReturn:
        raise StoreError("The store is only looked at.", remedy="Report this: something wanted to write to it.")

    def _lack(self, reference: ObjectRef) -> Lack:
        path = self.layout.object(reference.id)
        try:
            if not self.thorough:
                return "" if path.stat().st_size == reference.size_bytes else "damaged"
            data = path.read_bytes()
        except OSError:
            return "missing"
        return "" if len(data) == reference.size_bytes and digest_of(data) == reference.id else "damaged"
