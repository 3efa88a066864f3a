"""The plan of a stage: its items in order, the recipe of each item, and the manifest of the results.

A run and a dry run use the same plan. In a dry run, manifests of earlier stages may lack entries, because some results
are not made yet. The recipes that depend on them are then incomplete.

Does not belong here: the plan of a particular stage (`stages`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from video_assets.studio.calls.paid_responses import PaidRequest
from video_assets.studio.storage.store import BuildResult, Recipe, Record

from .fan_out import HasId, map_sections
from .manifests import Manifest
from .stage_context import StageContext


class PlannedItem(HasId, Protocol):
    """A result to make. Its id is that of a section, or the name of a card or of the film."""

    @property
    def title(self) -> str:
        """The title to display."""
        ...


Item = TypeVar("Item", bound=PlannedItem)
ManifestOut = TypeVar("ManifestOut", bound=Manifest, covariant=True)


class ItemRef(NamedTuple):
    """An item of a stage."""

    stage: str
    id: str


class PlannedRecipe(NamedTuple):
    """The recipe of an item, as far as it is known."""

    recipe: Recipe
    inputs: tuple[ItemRef, ...] = ()
    """The items of earlier stages that the result is made from."""
    unknown: tuple[str, ...] = ()
    """Paths in the recipe, such as `inputs.sound`, whose values are not known yet. Empty: the recipe is complete."""
    then: Callable[[Record], Any] | None = None
    """None, or this is the recipe of a preceding result, such as the illustration in a slide. `then` returns the item
    that shows the result with the given record."""

    def complete(self) -> Recipe:
        """The recipe. Raises ValueError if it is incomplete, which never happens in a run."""
        if self.unknown:
            raise ValueError(f"the recipe lacks {', '.join(self.unknown)}")
        return self.recipe


class ItemRecord(NamedTuple, Generic[Item]):
    """An item and the record of its result."""

    item: Item
    record: Record


class BuiltItem(NamedTuple, Generic[Item]):
    """An item and the outcome of its build."""

    item: Item
    outcome: BuildResult

    @property
    def as_record(self) -> ItemRecord[Item]:
        """The item and its record."""
        return ItemRecord(self.item, self.outcome.record)


class StagePlan(Protocol[Item]):
    """The plan of one stage for one lesson. Making a plan makes no result."""

    @property
    def stage(self) -> str:
        """The name of the stage's asset."""
        ...

    @property
    def items(self) -> Sequence[Item]:
        """The items in the order of the work."""
        ...

    def recipe(self, item: Item, /) -> PlannedRecipe:
        """The recipe of `item` with the first provider of a chain. Raises ContentError."""
        ...


IsMade = Callable[[Recipe], bool]
"""Whether the store has the result of a recipe."""


class StoredStagePlan(StagePlan[Item], Protocol[Item, ManifestOut]):
    """The plan of a stage whose results are in the store."""

    def paid_requests(self, item: Item, is_made: IsMade, /) -> Sequence[PaidRequest]:
        """The paid requests to the first provider of a chain that the build of `item` would send, including those with
        a stored response. Empty if `is_made` says that their result is in the store.
        """
        ...

    def manifest(self, results: Iterable[ItemRecord[Item]], /) -> ManifestOut:
        """The manifest of `results`. It has no entry for an item that `results` lacks."""
        ...


def build_items(
    plan: StagePlan[Item],
    build: Callable[[Item], BuiltItem[Item]],
    context: StageContext,
    workers: int | None = None,
) -> list[BuiltItem[Item]]:
    """Build every item of `plan`, in parallel. `workers` is the default of the stage. Raises as `map_sections` does."""

    def build_one(item: Item) -> tuple[BuiltItem[Item], bool]:
        built = build(item)
        return built, built.outcome.made

    done = map_sections(
        plan.stage,
        plan.items,
        build_one,
        event_log=context.event_log,
        workers=context.workers or workers,
        stop=context.cancel,
    )
    return [built for built, _ in done]
